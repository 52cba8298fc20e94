// Package terminal writes what others wrote, logs and servers, to people: no
// sign of it steers the terminal or changes the order in which text is shown.
package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// steers reports whether a terminal acts on r instead of showing it: the control
// characters of ECMA-48 but line break and tab, and the marks of the Unicode
// bidirectional algorithm (UAX #9 section 2), which reorder what stands around.
func steers(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// Safe returns s with each rune that steers as \uXXXX, in JSON the same rune.
// Bytes that are not UTF-8 become U+FFFD.
func Safe(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if steers(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports whether Safe would leave s as it is, as far as ASCII tells.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// Writer passes text on as Safe makes it. A rune may come in two writes.
type Writer struct {
	w    io.Writer
	rest []byte // the beginning of a rune

	colours bool // w shows them
}

// NewWriter makes a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, colours: colourful(w)} }

// Raw is the writer below, for what is no text: a picture.
func (t *Writer) Raw() io.Writer { return t.w }

// Write implements io.Writer.
func (t *Writer) Write(p []byte) (int, error) {
	text := p
	if len(t.rest) > 0 {
		text = append(t.rest, p...)
	}
	whole := len(text)
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-n:]) {
				whole -= n
			}
			break
		}
	}
	_, err := io.WriteString(t.w, Safe(string(text[:whole])))
	t.rest = append([]byte(nil), text[whole:]...)
	return len(p), err
}
