package scan

import (
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// BytesOf views s as bytes.
//
// Safety: nobody writes to them; they live as long as s.
func BytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// UnescapeRoom is how much room beyond the length of its text Unescape needs:
// it writes eight bytes at a time.
const UnescapeRoom = 8

// Unescape appends the JSON string that s starts with, its opening quote
// already passed, to dst and returns the number of bytes read, the closing
// quote included; false if the string does not end or holds an escape that JSON
// does not have (RFC 8259 section 7). A lone surrogate gives U+FFFD, as in
// encoding/json; all other bytes stay as they are, UTF-8 or not, control
// characters too. dst needs len(s)+UnescapeRoom bytes of free capacity.
func Unescape(dst []byte, s string) (out []byte, n int, ok bool) {
	i, j := 0, len(dst)
	dst = dst[:cap(dst)]
	_ = dst[j : j+len(s)+UnescapeRoom] // what is written is no longer than what was read
	for i < len(s) {
		if i+8 <= len(s) {
			w := EightBytes(s, i)
			putEight(dst, j, w)
			hit := specials(w)
			if hit == 0 {
				i, j = i+8, j+8
				continue
			}
			k := firstByte(hit)
			i, j = i+k, j+k
		}
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			if e := shortEscapes[s[i+1]]; e != 0 {
				dst[j] = e
				i, j = i+2, j+1
				continue
			}
			var k int
			if k, j = unescapeHex(dst, j, BytesOf(s[i:])); k == 0 {
				break
			}
			i += k
			continue
		}
		if c == '"' {
			return dst[:j], i + 1, true
		}
		if c == '\\' {
			break
		}
		dst[j] = c
		i, j = i+1, j+1
	}
	return dst[:j], i, false
}

// specials has the top bit set of the lowest byte of w that is a quote or a
// backslash, and of no byte below it; it is zero if there is none. (Bits above
// the lowest may be wrong: Hacker's Delight, 6-1.)
func specials(w uint64) uint64 {
	quote, slash := w^eightOnes*'"', w^eightOnes*'\\'
	return ((quote-eightOnes)&^quote | (slash-eightOnes)&^slash) & eightTops
}

// firstByte is the index of the byte whose top bit is the lowest of hit.
func firstByte(hit uint64) int { return bits.TrailingZeros64(hit) >> 3 }

// shortEscapes maps the letter of a two-byte escape to what it stands for.
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescapeHex writes what the \uXXXX at src[0] stands for to dst[j:] and returns
// the length of the escape, 0 if it is none, and the end of what it wrote, which
// is never longer than the escape. Two that are a surrogate pair are one.
func unescapeHex(dst []byte, j int, src []byte) (n, end int) {
	r := hex4(src)
	if r < 0 {
		return 0, j
	}
	n = 6
	if utf16.IsSurrogate(r) {
		if pair := utf16.DecodeRune(r, hex4(src[6:])); pair != utf8.RuneError {
			r, n = pair, 12
		} else {
			r = utf8.RuneError
		}
	}
	return n, j + utf8.EncodeRune(dst[j:], r)
}

// hex4 reads \uXXXX; -1 if src does not start with it.
func hex4(src []byte) rune {
	if len(src) < 6 || src[0] != '\\' || src[1] != 'u' {
		return -1
	}
	r := rune(0)
	for _, c := range src[2:6] {
		switch {
		case IsDigit(c):
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// EscapeLen is the length of the escape that src starts with, 0 if it is none.
func EscapeLen(src []byte) int {
	switch {
	case len(src) < 2:
		return 0
	case shortEscapes[src[1]] != 0:
		return 2
	case hex4(src) >= 0:
		return 6
	}
	return 0
}

// AppendJSONString appends s as a JSON string: escapes for the quote, the
// backslash and control characters only.
func AppendJSONString(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
