package filter

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// maxDepth is how deep a record may nest. Fluent Bit itself reads 32 levels of
// MessagePack; its JSON parser makes records that are deeper.
const maxDepth = 512

// packer turns JSON into MessagePack. It takes what Fluent Bit v5.1.1 writes
// (src/flb_pack.c, msgpack2json), which is not always JSON: nan and inf, \x01
// in strings, keys that are no strings.
type packer struct {
	buf   []byte
	stack []container
	s     []byte
	i     int
}

// container is an object or array that is being read.
type container struct {
	count int // where in buf its number of elements goes
	n     uint32
	isMap bool
}

// pack returns the object that s holds; false if it holds none, or nests too
// deep. The map is valid until the next call.
func (p *packer) pack(s []byte) (chunk.Map, bool) {
	p.buf, p.stack, p.s, p.i = p.buf[:0], p.stack[:0], s, 0
	if p.blank(); p.i >= len(s) || s[p.i] != '{' {
		return nil, false
	}
	ok := p.value()
	for ok && len(p.stack) > 0 {
		ok = p.next()
	}
	p.blank()
	return chunk.Map(p.buf), ok && p.i == len(s)
}

func (p *packer) blank() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

// next takes one step inside the innermost container: its end, or an element.
func (p *packer) next() bool {
	p.blank()
	if p.i >= len(p.s) {
		return false
	}
	top := &p.stack[len(p.stack)-1]
	c := p.s[p.i]
	if c == closing(top.isMap) {
		p.i++
		binary.BigEndian.PutUint32(p.buf[top.count:], top.n)
		p.stack = p.stack[:len(p.stack)-1]
		return true
	}
	if top.n > 0 {
		if c != ',' {
			return false
		}
		p.i++
		p.blank()
	}
	top.n++
	if top.isMap && !p.key() {
		return false
	}
	return p.value()
}

func closing(isMap bool) byte {
	if isMap {
		return '}'
	}
	return ']'
}

// key reads a key and its colon.
func (p *packer) key() bool {
	p.blank()
	if p.i < len(p.s) && p.s[p.i] == '"' {
		if !p.text() {
			return false
		}
	} else if !p.bareKey() {
		return false
	}
	p.blank()
	if p.i >= len(p.s) || p.s[p.i] != ':' {
		return false
	}
	p.i++
	return true
}

// bareKey reads a key that is no string: a number or a word becomes its text.
func (p *packer) bareKey() bool {
	w := p.word()
	if len(w) == 0 {
		return false
	}
	p.openText()
	p.buf = append(p.buf, w...)
	p.closeText(len(p.buf) - len(w))
	return true
}

// word reads up to a delimiter.
func (p *packer) word() []byte {
	start := p.i
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ',', ':', '}', ']', '{', '[', '"', ' ', '\t', '\n', '\r':
			return p.s[start:p.i]
		}
		p.i++
	}
	return p.s[start:]
}

func (p *packer) value() bool {
	p.blank()
	if p.i >= len(p.s) {
		return false
	}
	switch p.s[p.i] {
	case '"':
		return p.text()
	case '{', '[':
		return p.open(p.s[p.i] == '{')
	}
	return p.scalar(p.word())
}

func (p *packer) open(isMap bool) bool {
	if len(p.stack) >= maxDepth {
		return false
	}
	p.i++
	head := byte(0xdd) // array 32
	if isMap {
		head = 0xdf // map 32
	}
	p.buf = append(p.buf, head, 0, 0, 0, 0)
	p.stack = append(p.stack, container{count: len(p.buf) - 4, isMap: isMap})
	return true
}

// scalar takes a literal or a number. Numbers beyond 64 bits and those with a
// fraction are floats, as for Fluent Bit.
func (p *packer) scalar(w []byte) bool {
	if len(w) == 0 {
		return false
	}
	switch string(w) {
	case "null":
		p.buf = append(p.buf, 0xc0)
		return true
	case "false":
		p.buf = append(p.buf, 0xc2)
		return true
	case "true":
		p.buf = append(p.buf, 0xc3)
		return true
	case "nan", "-nan", "inf", "-inf":
		p.buf = append(p.buf, 0xc0)
		return true
	}
	if c := w[0]; c != '-' && (c < '0' || c > '9') {
		return false
	}
	return p.number(w)
}

func (p *packer) number(w []byte) bool {
	// Safety: the string is not kept.
	s := unsafe.String(unsafe.SliceData(w), len(w))
	if !bytes.ContainsAny(w, ".eExXpP_") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			p.buf = binary.BigEndian.AppendUint64(append(p.buf, 0xd3), uint64(n))
			return true
		}
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			p.buf = binary.BigEndian.AppendUint64(append(p.buf, 0xcf), n)
			return true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) || bytes.ContainsAny(w, "xXpP_") {
		return false
	}
	p.buf = binary.BigEndian.AppendUint64(append(p.buf, 0xcb), math.Float64bits(f))
	return true
}

func (p *packer) openText() { p.buf = append(p.buf, 0xdb, 0, 0, 0, 0) } // str 32

func (p *packer) closeText(start int) {
	binary.BigEndian.PutUint32(p.buf[start-4:], uint32(len(p.buf)-start))
}

// text reads a string, its quotes included. Bytes that are not UTF-8 stay as
// they are; the transform replaces them.
func (p *packer) text() bool {
	p.i++
	p.openText()
	start, quote := len(p.buf), -1
	for {
		if quote < p.i { // an escape may have passed it
			n := bytes.IndexByte(p.s[p.i:], '"')
			if n < 0 {
				return false
			}
			quote = p.i + n
		}
		esc := bytes.IndexByte(p.s[p.i:quote], '\\')
		if esc < 0 {
			p.buf = append(p.buf, p.s[p.i:quote]...)
			p.i = quote + 1
			p.closeText(start)
			return true
		}
		p.buf = append(p.buf, p.s[p.i:p.i+esc]...)
		p.i += esc
		if !p.escape() {
			return false
		}
	}
}

// escapes are the characters that follow a backslash, and what they mean.
const (
	escapes   = `"\/bfnrt`
	unescaped = "\"\\/\b\f\n\r\t"
)

// escape reads one escape, its backslash included.
func (p *packer) escape() bool {
	if p.i+1 >= len(p.s) {
		return false
	}
	c := p.s[p.i+1]
	if c == 'u' {
		return p.unicode()
	}
	if k := bytes.IndexByte([]byte(escapes), c); k >= 0 {
		p.buf = append(p.buf, unescaped[k])
		p.i += 2
		return true
	}
	p.buf = append(p.buf, '\\') // of \x01, an ext: it stands for itself
	p.i++
	return true
}

// unicode reads \uXXXX, and a second one that makes a pair with it. Half a pair
// becomes U+FFFD.
func (p *packer) unicode() bool {
	r, ok := hex4(p.s[p.i+2:])
	if !ok {
		return false
	}
	p.i += 6
	if utf16.IsSurrogate(r) {
		low, ok := rune(0), false
		if rest := p.s[p.i:]; len(rest) > 2 && rest[0] == '\\' && rest[1] == 'u' {
			low, ok = hex4(rest[2:])
		}
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			p.i += 6
		}
	}
	p.buf = utf8.AppendRune(p.buf, r)
	return true
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
