package scan

import "unicode/utf8"

// ValidUTF8 returns s with every byte that belongs to no UTF-8 character
// replaced by U+FFFD, one for one, so that nothing else of the line changes
// and no byte goes without a trace. Loki's JSON answers need valid UTF-8.
func ValidUTF8(a *Arena, s string) string {
	if s == "" || isASCII(s) || utf8.ValidString(s) {
		return s
	}
	b := a.Alloc(3 * len(s))
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		if n == 1 && s[i] >= utf8.RuneSelf {
			b = append(b, "\uFFFD"...)
		} else {
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return a.Commit(b)
}

// CutRunes returns the length of the longest prefix of s that has at most n
// bytes and ends on a rune boundary. s is valid UTF-8.
func CutRunes(s string, n int) int {
	if len(s) <= n {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
