package json

import (
	"math/bits"
	"strings"
	"unsafe"

	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// jsonKind is the type of a value that a slot holds.
type jsonKind uint8

const (
	jsonNone jsonKind = iota
	jsonText
	jsonNumber
	jsonBool
)

// jsonValue is what a line has in a slot.
type jsonValue struct {
	text string // unescaped; numbers and bools as written
	kind jsonKind
	rank uint8 // place of its key in the slot's list
}

// jsonScratch is what is kept from line to line for reading JSON.
type jsonScratch struct {
	obj     jsonObject
	planr   *[12]*jsonField // see planrFields
	iter    *jsoniter.Iterator
	plain   []byte // a line without its escapes, see blankEscapes
	skipped []byte // what json-iterator passed over last
}

var jsonOf = format.NewScratch[jsonScratch]()

// jsonObject is what a line has, in slots, as it is walked over. A key costs one
// look into a table, what fills no slot is skipped by json-iterator, and nothing
// is allocated.
type jsonObject struct {
	values [numSlots]jsonValue
	set    uint64 // slots that hold a value
	arena  *scan.Arena
	src    string // the line
	buf    []byte // what is read: the line, its escapes blanked
}

// read fills the slots from the JSON object that text is; false if it is none,
// or if something follows it.
//
// A quote inside of a string would look like its end. So what is read is a copy
// of such a line in which every escape is blanked, and values are taken from the
// same place of the line.
func (c *jsonScratch) read(a *scan.Arena, text string) bool {
	o := &c.obj
	o.arena, o.src, o.buf = a, text, scan.BytesOf(text)
	if i := strings.IndexByte(text, '\\'); i >= 0 {
		var ok bool
		if c.plain, ok = blankEscapes(append(c.plain[:0], text...), i); !ok {
			return false
		}
		o.buf = c.plain
	}
	if c.iter == nil {
		c.iter = jsoniter.NewIterator(jsoniter.ConfigDefault)
		c.skipped = make([]byte, 0, 256)
	}
	// Safety: buf is the line or c.plain, and neither changes before Reset.
	buf := unsafe.String(unsafe.SliceData(o.buf), len(o.buf))
	i := c.object(buf, scan.SkipBlanks(buf, 0), jsonRoot())
	return i > 0 && scan.SkipBlanks(buf, i) == len(buf)
}

// maxPlain bounds the copy kept from line to line, in bytes.
const maxPlain = 1 << 20

// Reset forgets the line, which the chunk may own.
func (c *jsonScratch) Reset() {
	o := &c.obj
	for m := o.set; m != 0; m &= m - 1 {
		o.values[bits.TrailingZeros64(m)] = jsonValue{}
	}
	o.set, o.arena, o.src, o.buf = 0, nil, "", nil
	if c.iter != nil {
		c.iter.ResetBytes(nil)
	}
	if cap(c.plain) > maxPlain {
		c.plain = nil
	}
	if cap(c.skipped) > maxPlain {
		c.skipped = c.skipped[:0:256]
	}
}

// blank takes the place of escapes. Outside of strings it is no JSON, so that
// an escape there is still an error.
const blank = '~'

// blankEscapes writes blanks over every escape of b, the first of which is at
// i; false if there is one that JSON does not have.
func blankEscapes(b []byte, i int) ([]byte, bool) {
	for {
		n := scan.EscapeLen(b[i:])
		if n == 0 {
			return b, false
		}
		for k := range n {
			b[i+k] = blank
		}
		next := indexByte(b[i+n:], '\\')
		if next < 0 {
			return b, true
		}
		i += n + next
	}
}

// indexByte looks a few bytes ahead before it calls the library: escapes come
// in swarms.
func indexByte(b []byte, c byte) int {
	for i := 0; i < len(b) && i < 16; i++ {
		if b[i] == c {
			return i
		}
	}
	if len(b) <= 16 {
		return -1
	}
	if i := strings.IndexByte(unsafe.String(unsafe.SliceData(b), len(b))[16:], c); i >= 0 {
		return i + 16
	}
	return -1
}

// text returns what the line has in a slot, "" for nothing.
func (o *jsonObject) text(s jsonSlot) string { return o.values[s].text }

// mayBeMissing are the slots in which programs write a placeholder for none.
const mayBeMissing = 1<<slotTrace | 1<<slotSpan | 1<<slotRequest | 1<<slotUser | 1<<slotUserID | 1<<slotLogin | 1<<slotUserAgent |
	1<<slotClientIP | 1<<slotError | 1<<slotErrorClass | 1<<slotStack

// put keeps a value. Of several keys for one slot the better one counts; of one
// key that comes twice the last, as for most readers, but for the time a number
// (the program's) beats a text (an envelope's).
func (o *jsonObject) put(f *jsonField, kind jsonKind, text string) {
	if text == "" || mayBeMissing&(1<<f.slot) != 0 && kind == jsonText && format.IsPlaceholder(text) {
		return
	}
	v := &o.values[f.slot]
	if v.kind != jsonNone {
		if v.rank < f.rank || v.rank == f.rank && f.slot == slotTime && v.kind == jsonNumber && kind != jsonNumber {
			return
		}
	}
	*v = jsonValue{text, kind, f.rank}
	o.set |= 1 << f.slot
}

// textAt returns the text of the JSON string whose content b, a part of buf, is.
func (o *jsonObject) textAt(b []byte) string {
	off := uintptr(unsafe.Pointer(unsafe.SliceData(b))) - uintptr(unsafe.Pointer(unsafe.SliceData(o.buf)))
	if off > uintptr(len(o.src)) || off+uintptr(len(b)) >= uintptr(len(o.src)) {
		return "" // a copy: the string had no end, and json-iterator will say so
	}
	s := o.src[off : off+uintptr(len(b))]
	if unsafe.SliceData(o.buf) == unsafe.StringData(o.src) || strings.IndexByte(s, '\\') < 0 {
		return s
	}
	u, _, _ := scan.Unescape(o.arena.Alloc(len(s)+1+scan.UnescapeRoom), o.src[off:int(off)+len(s)+1]) // with the closing quote
	return o.arena.Commit(u)
}
