package chunk

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// AppendJSON appends the map as compact JSON and returns the extended slice.
// The text is as near to the JSON that Fluent Bit once parsed as the record
// permits:
//
//   - the order of the keys is kept, and so are repeated keys;
//   - integers are exact, floats the shortest that read back equal, an integral
//     one with ".0" (a literal without fraction or exponent would be an integer
//     in the chunk, flb_pack.c yyjson_val_to_msgpack); NaN and ±Inf are null;
//   - strings escape only ", \ and the control characters below 0x20, with the
//     short forms \b \t \n \f \r; each byte that is not UTF-8 becomes U+FFFD;
//   - bin is text; keys of other types are the strings of Fields.Next;
//   - ext is a string as Fluent Bit prints it, \x01\x02…; only an EventTime is
//     a number, seconds with nine decimals.
func (m Map) AppendJSON(dst []byte) []byte {
	if len(m) == 0 {
		return append(dst, "{}"...)
	}
	return appendJSON(dst, m)
}

// AppendJSON appends the value as Map.AppendJSON does.
func (v Value) AppendJSON(dst []byte) []byte {
	if len(v.b) == 0 {
		return append(dst, "null"...)
	}
	return appendJSON(dst, v.b)
}

// AppendText appends a str or bin as it is, whether UTF-8 or not, an ext without
// the quotes of its JSON form, and everything else as JSON.
func (v Value) AppendText(dst []byte) []byte {
	switch v.Kind() {
	case KindStr, KindBin:
		return append(dst, payload(v.b)...)
	case KindExt:
		return appendExt(dst, v.b)
	}
	return v.AppendJSON(dst)
}

// open is a container that is being written.
type open struct {
	left  int
	isMap bool
}

// appendJSON appends the checked value at b[0]. It keeps the containers it is
// in on a stack of its own: a record may nest as deep as it is long.
func appendJSON(dst, b []byte) []byte {
	var room [16]open
	stack := room[:0]
	off := 0
	for {
		k := kindOf(b[off])
		if k == KindMap || k == KindArray {
			n, size := containerHead(b[off:])
			off += size
			stack = append(stack, open{n + 1, k == KindMap})
			dst = append(dst, bracket(k == KindMap))
		} else {
			end := next(b, off)
			dst = appendScalar(dst, b[off:end], k)
			off = end
		}
		for { // leave what is complete, then stand before the next value
			if len(stack) == 0 {
				return dst
			}
			top := &stack[len(stack)-1]
			if top.left--; top.left > 0 {
				dst = separate(dst)
				if top.isMap {
					dst, off = appendJSONKey(dst, b, off)
				}
				break
			}
			dst = append(dst, bracket(top.isMap)+2) // '[' and ']', '{' and '}' are 2 apart
			stack = stack[:len(stack)-1]
		}
	}
}

func bracket(isMap bool) byte {
	if isMap {
		return '{'
	}
	return '['
}

// separate appends a comma unless dst ends in the bracket that was just opened.
func separate(dst []byte) []byte {
	if c := dst[len(dst)-1]; c == '{' || c == '[' {
		return dst
	}
	return append(dst, ',')
}

// appendJSONKey appends the checked key at off and a colon, and returns where
// the key ends.
func appendJSONKey(dst, b []byte, off int) ([]byte, int) {
	end := next(b, off)
	k := b[off:end]
	switch kindOf(k[0]) {
	case KindStr, KindBin:
		dst = appendString(dst, payload(k))
	default:
		var room [64]byte
		dst = appendString(dst, appendKey(room[:0], k))
	}
	return append(dst, ':'), end
}

// appendKey appends a checked key that is no string. Containers are written as
// hexadecimal and not as JSON, which would double its escapes at every level of
// nesting.
func appendKey(dst, k []byte) []byte {
	switch kind := kindOf(k[0]); kind {
	case KindMap, KindArray:
		return appendHex(dst, k)
	case KindExt:
		return appendExt(dst, k)
	default:
		return appendScalar(dst, k, kind)
	}
}

// appendScalar appends the checked value b, which is no container, as JSON.
func appendScalar(dst, b []byte, k Kind) []byte {
	switch k {
	case KindBool:
		return strconv.AppendBool(dst, b[0] == 0xc3)
	case KindInt:
		return strconv.AppendInt(dst, integer(b), 10)
	case KindUint:
		return strconv.AppendUint(dst, uint64(integer(b)), 10)
	case KindFloat:
		return appendFloat(dst, b)
	case KindStr, KindBin:
		return appendString(dst, payload(b))
	case KindExt:
		if _, m := eventTime(b); m == markRecord {
			return appendExt(dst, b)
		}
		var room [64]byte
		return appendString(dst, appendExt(room[:0], b))
	}
	return append(dst, "null"...)
}

// appendFloat appends the checked float b. The change to an exponent below 1e-6
// and from 1e21 on is that of ECMAScript and encoding/json.
func appendFloat(dst, b []byte) []byte {
	f, size := float(b), 64
	if b[0] == 0xca {
		size = 32
	}
	abs := math.Abs(f)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		dst = strconv.AppendFloat(dst, f, 'e', -1, size)
		if n := len(dst); dst[n-2] == '0' && dst[n-3] == '-' { // e-07 is written e-7
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, size)
	if abs < 1<<63 && f == math.Trunc(f) { // beyond, it may have been a long integer
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendExt appends an EventTime as decimal seconds, any other ext as Fluent
// Bit's JSON prints it (src/flb_pack.c, msgpack2json): its bytes in hexadecimal.
func appendExt(dst, b []byte) []byte {
	ns, m := eventTime(b)
	if m != markRecord {
		return appendHex(dst, payload(b))
	}
	dst = strconv.AppendInt(dst, ns/1_000_000_000, 10)
	point := len(dst)
	dst = strconv.AppendInt(dst, 1_000_000_000+ns%1_000_000_000, 10)
	dst[point] = '.' // in place of the leading 1, which kept the zeros
	return dst
}

const hexDigits = "0123456789abcdef"

// appendHex appends each byte as \x and two digits.
func appendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// AppendEscaped appends s as the inside of a JSON string, with the escapes of
// Map.AppendJSON.
func AppendEscaped(dst []byte, s string) []byte {
	// Safety: s is read only, and not kept.
	return appendText(dst, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// appendString appends s as a JSON string.
func appendString(dst, s []byte) []byte {
	return append(appendText(append(dst, '"'), s), '"')
}

func appendText(dst, s []byte) []byte {
	if utf8.Valid(s) {
		return appendEscaped(dst, s)
	}
	return appendRepaired(dst, s)
}

// appendRepaired appends s, which is not UTF-8, escaped and with U+FFFD for
// each bad byte.
func appendRepaired(dst, s []byte) []byte {
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = appendEscaped(dst, s[start:i])
			dst = utf8.AppendRune(dst, utf8.RuneError)
			start = i + 1
		}
		i += n
	}
	return appendEscaped(dst, s[start:])
}

// appendEscaped appends the UTF-8 text s with the escapes JSON demands.
func appendEscaped(dst, s []byte) []byte {
	start := 0
	for i := clean(s, 0); i < len(s); i = clean(s, i+1) {
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(dst, s[start:]...)
}

// clean returns the index of the first byte of s[i:] that must be escaped, or
// len(s). It looks at eight bytes at a time: in each sum the top bit of the
// lowest byte that matches is set, and of no lower one (Hacker's Delight, 6-1).
func clean(s []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		hit := ((w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			break
		}
	}
	return i
}
