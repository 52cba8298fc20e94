// Package escape undoes the escapes of a text, a layer at a time, and keeps where
// each byte came from. A View keeps its memory.
package escape

import (
	"strings"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// View is a text as its reader will see it: one layer of escapes undone, and
// what nobody sees left out. At[i] is where the byte i comes from in the text
// that is sent, At[len(Text)] where that ends. What a rule finds in a view is
// cut from the text that is sent, which stays as it was written.
type View struct {
	Text []byte
	At   []int32
}

// Max is how many layers of escapes are undone: a URL in a URL in JSON.
const Max = 4

// MayEscape reports whether s can have anything to undo.
func MayEscape(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '&') >= 0 || strings.Contains(s, `\u0`) || strings.Contains(s, `\x`) || strings.Contains(s, `\t`) ||
		strings.IndexByte(s, 0x1b) >= 0 || strings.Contains(s, "\u200b"[:2]) || strings.Contains(s, "\ufeff"[:2])
}

// Undo makes v the view of s, whose bytes come from where at says; at is nil for
// the text itself. It reports whether there was anything to undo.
func (v *View) Undo(s string, at []int32) bool {
	v.Text, v.At = v.Text[:0], v.At[:0]
	changed := false
	for i := 0; i < len(s); {
		c, n := rune(0), 0
		switch s[i] {
		case '%':
			c, n = percent(s[i:])
		case '&':
			c, n = entity(s[i:])
		case '\\':
			c, n = backslashed(s[i:])
		case 0x1b, 0xe2, 0xef:
			n = unseen(s[i:])
		}
		origin := int32(i)
		if at != nil {
			origin = at[i]
		}
		switch {
		case n == 0:
			v.Text, v.At = append(v.Text, s[i]), append(v.At, origin)
			i++
			continue
		case c < 0: // a byte of UTF-8
			v.Text, v.At = append(v.Text, byte(-c)), append(v.At, origin)
		case c != 0:
			v.Text = utf8.AppendRune(v.Text, c)
			for len(v.At) < len(v.Text) {
				v.At = append(v.At, origin)
			}
		}
		changed = true
		i += n
	}
	end := int32(len(s))
	if at != nil {
		end = at[len(s)]
	}
	v.At = append(v.At, end)
	return changed
}

// percent reads a sign of a URL, "%3D", or one byte of a sign, which it returns
// negative; n is 0 if there is none.
func percent(s string) (c rune, n int) {
	if len(s) < 3 || !scan.IsHexDigit(s[1]) || !scan.IsHexDigit(s[2]) {
		return 0, 0
	}
	c = rune(scan.Unhex(s[1])<<4 | scan.Unhex(s[2]))
	if c >= 0x80 {
		return -c, 3
	}
	return plain(c, 3)
}

// backslashed reads `\u003d`, `\x3d`, `\t` and `\n`, behind any number of backslashes. An
// escaped ANSI code is as unseen as a real one.
func backslashed(s string) (c rune, n int) {
	for n < len(s) && s[n] == '\\' {
		n++
	}
	s, k := s[n:], 0
	switch {
	case len(s) >= 5 && s[0] == 'u' && s[1] == '0' && scan.IsHexDigit(s[2]):
		k = 3
		c = rune(scan.Unhex(s[2])) << 8
	case len(s) >= 3 && s[0] == 'x':
		k = 1
	case s != "" && s[0] == 't':
		return '\t', n + 1
	case s != "" && s[0] == 'n':
		return '\n', n + 1
	default:
		return 0, 0
	}
	if !scan.IsHexDigit(s[k]) || !scan.IsHexDigit(s[k+1]) {
		return 0, 0
	}
	c, k = plain(c|rune(scan.Unhex(s[k])<<4|scan.Unhex(s[k+1])), k+2)
	if k == 0 {
		return 0, 0
	}
	if c == 0x1b {
		return 0, n + k + colour(s[k:])
	}
	return c, n + k
}

// plain lets a decoded sign through that a text can hold.
func plain(c rune, n int) (rune, int) {
	if c == 0 || c == 0x7f {
		return 0, 0
	}
	return c, n
}

// entities are those of XML and HTML that stand for signs of the rules.
var entities = [...]struct {
	text string
	sign byte
}{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&equals;", '='}, {"&colon;", ':'}}

// entity reads "&lt;", "&#60;" and "&#x3c;".
func entity(s string) (c rune, n int) {
	for _, e := range entities {
		if strings.HasPrefix(s, e.text) {
			return rune(e.sign), len(e.text)
		}
	}
	if len(s) < 4 || s[1] != '#' {
		return 0, 0
	}
	i, base := 2, 10
	if s[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	code := 0
	for from := i; i < len(s) && i-from < 6 && scan.IsHexDigit(s[i]) && (base == 16 || scan.IsDigit(s[i])); i++ {
		code = code*base + int(scan.Unhex(s[i]))
	}
	if i >= len(s) || s[i] != ';' || code >= 0x7f || code < '\t' {
		return 0, 0
	}
	return rune(code), i + 1
}

// unseen is the length of what a terminal does not show: codes of ANSI, signs
// without a width.
func unseen(s string) int {
	switch {
	case s[0] == 0x1b:
		if n := colour(s[1:]); n > 0 {
			return 1 + n
		}
	case strings.HasPrefix(s, "\u200b"), strings.HasPrefix(s, "\u200c"), strings.HasPrefix(s, "\u200d"), strings.HasPrefix(s, "\u2060"), strings.HasPrefix(s, "\ufeff"):
		return 3
	}
	return 0
}

// colour is the length of an ANSI code behind its escape: "[1;31m".
func colour(s string) int {
	if s == "" || s[0] != '[' {
		return 0
	}
	n := 1
	for n < len(s) && n < 24 && (scan.IsDigit(s[n]) || s[n] == ';' || s[n] == '?') {
		n++
	}
	if n < len(s) && s[n] >= '@' && s[n] <= '~' {
		n++
	}
	return n
}
