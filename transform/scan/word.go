package scan

import "strings"

// AttributeLen is the length of the name that s starts with and behind which
// "=" stands, else 0: LDAP's letters, digits, '-', '.' and ';' (options of an
// attribute), and the '+' or '-' before the name with which an administrator
// adds or removes one value of several.
func AttributeLen(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if KeyByte[c] {
			continue
		}
		switch {
		case c == '=':
			return i
		case c == '-', c == '.', c == ';' && i > 0, c == '+' && i == 0:
		default:
			return 0
		}
	}
	return 0
}

// CutLast is strings.Cut at the last sep; without one before is empty.
func CutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// Digit is the value of a decimal digit.
func Digit(c byte) int { return int(c - '0') }

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return c-'0' < 10 }

// Two reads the two digits at s[i].
func Two(s string, i int) int { return Digit(s[i])*10 + Digit(s[i+1]) }

// OrElse is a, or b if a is empty.
func OrElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Unhex is the value of a hexadecimal digit of either case, 16 for what is none.
func Unhex(c byte) byte {
	switch {
	case IsDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// IsHex reports whether s holds nothing but hexadecimal digits in lower case.
func IsHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !IsDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Integer reads a decimal number without sign, of at most 18 digits.
func Integer(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 || len(Number(s)) != len(s) {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		n = n*10 + int64(Digit(s[i]))
	}
	return n, true
}

// IsNumber reports whether s is a decimal number.
func IsNumber(s string) bool {
	i := len(Number(s))
	if i > 0 && i+1 < len(s) && s[i] == '.' {
		i += 1 + len(Number(s[i+1:]))
	}
	return i > 0 && i == len(s)
}

// KeyLen is the length of the key that s starts with: letters, digits, '_'.
func KeyLen(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !KeyByte[c] {
			return i
		}
	}
	return len(s)
}

// KeyByte are the bytes of a key: ASCII letters, digits, '_'.
var KeyByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return t
}()

// TrimSpaces cuts leading spaces: the level is padded, and copies of a line
// often lose the padding.
func TrimSpaces(s string) string {
	i := 0
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return s[i:]
}

// maxError bounds the metadata error, in bytes; the line has the whole text.
const maxError = 512

// SkipBlanks returns the index of the first byte of s from i on that is no white
// space of JSON.
func SkipBlanks(s string, i int) int {
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i < len(s) && s[i] > ' ' {
		return i
	}
	return skipBlanks(s, i)
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// FirstLine is the first line of s, no longer than the metadata error may be.
func FirstLine(s string) string {
	return before(s[:CutRunes(s, maxError)], "\n\r")
}

// Number returns the decimal digits that s starts with.
func Number(s string) string {
	i := 0
	for i < len(s) && IsDigit(s[i]) {
		i++
	}
	return s[:i]
}

// ValueOf returns what follows key in s up to the first byte of stop, or to
// the end; key holds its "=".
func ValueOf(s, key, stop string) string {
	i := Index(s, key)
	if i < 0 {
		return ""
	}
	return before(s[i+len(key):], stop)
}

// before is what stands in s before the first byte of stop, which are few.
func before(s, stop string) string {
	for k := range len(stop) {
		if i := strings.IndexByte(s, stop[k]); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

// Index is strings.Index for a key that ends with a rarer byte than it begins
// with, "=" say: it looks for that.
func Index(s, key string) int {
	n := len(key)
	if n == 0 {
		return 0 // as the library has it
	}
	for end := n - 1; end < len(s); end++ {
		i := strings.IndexByte(s[end:], key[n-1])
		if i < 0 {
			break
		}
		if end += i; s[end+1-n] == key[0] && s[end+1-n:end+1] == key {
			return end + 1 - n
		}
	}
	return -1
}

// LastIndex is strings.LastIndex for such a key.
func LastIndex(s, key string) int {
	n := len(key)
	for {
		end := strings.LastIndexByte(s, key[n-1])
		if end < n-1 {
			return -1
		}
		if s[end+1-n:end+1] == key {
			return end + 1 - n
		}
		s = s[:end]
	}
}

// IsWord reports whether s is one word of letters, as a SOAP request's name is.
func IsWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// IsNameByte reports whether c may stand in a name of a person or host: a byte of
// a key, '-', '.', or a part of a letter outside of ASCII.
func IsNameByte(c byte) bool { return KeyByte[c] || c == '-' || c == '.' || c >= 0x80 }

// WordLen is the length of the word of ASCII letters that s starts with.
func WordLen(s string) int {
	i := 0
	for i < len(s) && IsWord(s[i:i+1]) {
		i++
	}
	return i
}

// IsHexDigit reports whether c is a hexadecimal digit of either case.
func IsHexDigit(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// LowerByte gives each byte in lower case; all but 'A' to 'Z' stay.
var LowerByte = func() (t [256]byte) {
	for c := range t {
		t[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			t[c] += 'a' - 'A'
		}
	}
	return t
}()

// FoldPrefix reports whether s starts with w, which is lower case, in any
// letter case.
func FoldPrefix(s, w string) bool {
	if len(s) < len(w) {
		return false
	}
	for i := 0; i < len(w); i++ {
		if LowerByte[s[i]] != w[i] {
			return false
		}
	}
	return true
}

// FoldEqual reports whether s is w, which is lower case, in any letter case.
func FoldEqual(s, w string) bool { return len(s) == len(w) && FoldPrefix(s, w) }

// DigitsAt reports whether s has a decimal digit at each '0' of pattern and
// pattern's own byte elsewhere; a '_' of pattern is a digit or a blank.
func DigitsAt(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := 0; i < len(pattern); i++ {
		switch c := s[i]; pattern[i] {
		case '0':
			if !IsDigit(c) {
				return false
			}
		case '_':
			if !IsDigit(c) && c != ' ' {
				return false
			}
		default:
			if c != pattern[i] {
				return false
			}
		}
	}
	return true
}

// TwoPadded reads two digits of which the first may be a blank.
func TwoPadded(s string, i int) int {
	if s[i] == ' ' {
		return Digit(s[i+1])
	}
	return Two(s, i)
}

// Atoi reads decimal digits; the caller has looked that there is nothing else and
// that they are few.
func Atoi(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + Digit(s[i])
	}
	return n
}

// ShortText is s, no longer than an error may be.
func ShortText(s string) string { return s[:CutRunes(s, maxError)] }

// IsUpper reports whether s is one word of ASCII letters in upper case.
func IsUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}
