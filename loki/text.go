package loki

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// oneLine makes a text fit for a line of the log: at most maxQuoted bytes,
// valid UTF-8, white space and control characters as single blanks.
func oneLine(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) {
			blank = b.Len() > 0
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		if b.Len()+utf8.RuneLen(r) > maxQuoted {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
