package json

import (
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/json-iterator/go"
	"github.com/modern-go/reflect2"

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
	obj   jsonObject
	iter  *jsoniter.Iterator
	plain []byte // a line without its escapes, see blankEscapes
}

var jsonOf = format.NewScratch[jsonScratch]()

// jsonObject is what json-iterator decodes a line into: a struct whose fields
// are as many as the keys known and take no room. Their decoder (jsonField)
// gets the address of the whole, and puts the value in its slot. So a key costs
// one look into json-iterator's own table, unknown keys are skipped by it, and
// nothing is allocated.
type jsonObject struct {
	values [numSlots]jsonValue
	set    uint64 // slots that hold a value
	arena  *scan.Arena
	src    string // the line
	buf    []byte // what json-iterator reads: the line, its escapes blanked
}

// read fills the slots from the JSON object that text is; false if it is none,
// or if something follows it.
//
// Strings that hold an escape would send json-iterator on a way on which it
// allocates, for unknown keys too. So it reads a copy of such a line in which
// every escape is blanked, and values are taken from the same place of the
// line.
func (s *jsonScratch) read(a *scan.Arena, text string) bool {
	o := &s.obj
	o.arena, o.src, o.buf = a, text, scan.BytesOf(text)
	if i := strings.IndexByte(text, '\\'); i >= 0 {
		var ok bool
		if s.plain, ok = blankEscapes(append(s.plain[:0], text...), i); !ok {
			return false
		}
		o.buf = s.plain
	}
	if s.iter == nil {
		s.iter = jsoniter.NewIterator(jsonConfig)
	}
	it := s.iter
	it.ResetBytes(o.buf)
	it.Error = nil
	jsonDecoder().Decode(unsafe.Pointer(o), it)
	if it.Error != nil && it.Error != io.EOF {
		return false
	}
	return it.WhatIsNext() == jsoniter.InvalidValue && it.Error == io.EOF
}

// maxPlain bounds the copy kept from line to line, in bytes.
const maxPlain = 1 << 20

// Reset forgets the line, which the chunk may own.
func (s *jsonScratch) Reset() {
	o := &s.obj
	for i := range o.values {
		if o.set&(1<<i) != 0 {
			o.values[i] = jsonValue{}
		}
	}
	o.set, o.arena, o.src, o.buf = 0, nil, "", nil
	if s.iter != nil {
		s.iter.ResetBytes(nil)
	}
	if cap(s.plain) > maxPlain {
		s.plain = nil
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

// put keeps a value. Of several keys for one slot the better one counts; of one
// key that comes twice the last, as for most readers, but for the time a number
// (the program's) beats a text (an envelope's).
func (o *jsonObject) put(f *jsonField, kind jsonKind, text string) {
	if text == "" {
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

// jsonField decodes the values of one key.
type jsonField struct {
	name  string
	slot  jsonSlot
	rank  uint8
	value bool // the key fills a slot
	group jsoniter.ValDecoder
}

// Decode reads the value of the key. ptr is the *jsonObject.
func (f *jsonField) Decode(ptr unsafe.Pointer, it *jsoniter.Iterator) {
	o := (*jsonObject)(ptr)
	switch it.WhatIsNext() {
	case jsoniter.StringValue:
		if s := it.ReadStringAsSlice(); f.value {
			o.put(f, jsonText, o.textAt(s))
		}
	case jsoniter.NumberValue:
		if f.value {
			o.put(f, jsonNumber, o.arena.Commit(it.SkipAndAppendBytes(o.arena.Alloc(32))))
			return
		}
		it.Skip()
	case jsoniter.BoolValue:
		if b := it.ReadBool(); f.value {
			o.put(f, jsonBool, strconv.FormatBool(b))
		}
	case jsoniter.ObjectValue:
		if f.group != nil {
			f.group.Decode(ptr, it)
			return
		}
		it.Skip()
	default: // arrays, null, and what is no value
		it.Skip()
	}
}

// jsonConfig reads keys as they stand: one that is written with escapes is an
// unknown key.
var jsonConfig = newJSONConfig()

func newJSONConfig() jsoniter.API {
	return jsoniter.Config{CaseSensitive: true, ObjectFieldMustBeSimpleString: true}.Froze()
}

var jsonDecoder = sync.OnceValue(func() jsoniter.ValDecoder {
	return groupDecoder(0, jsonTopKeys, jsonGroups)
})

// groupRank is added to the rank of keys for each level of nesting.
const groupRank = 50

// groupDecoder makes the decoder of an object. Its struct type has one field of
// size zero for each key, all at offset zero, so the fields' decoders get the
// address that the struct's decoder got.
func groupDecoder(depth uint8, keys []jsonKey, groups []jsonGroup) jsoniter.ValDecoder {
	fields := groupFields(depth, keys, groups)
	types := make([]reflect.StructField, len(fields))
	for i := range types {
		types[i] = reflect.StructField{Name: "F" + strconv.Itoa(i), Type: reflect.TypeFor[struct{}]()}
	}
	config := newJSONConfig()
	config.RegisterExtension(&jsonExtension{fields: fields})
	return config.DecoderOf(reflect2.Type2(reflect.PointerTo(reflect.StructOf(types))))
}

func groupFields(depth uint8, keys []jsonKey, groups []jsonGroup) []*jsonField {
	var fields []*jsonField
	byName := map[string]*jsonField{}
	field := func(name string) *jsonField {
		f := byName[name]
		if f == nil {
			f = &jsonField{name: name}
			byName[name] = f
			fields = append(fields, f)
		}
		return f
	}
	for _, k := range keys {
		for rank, name := range k.names {
			f := field(name)
			f.slot, f.rank, f.value = k.slot, depth*groupRank+uint8(rank), true
		}
	}
	for _, g := range groups {
		dec := groupDecoder(depth+1, g.keys, g.deep)
		for _, name := range g.names {
			field(name).group = dec
		}
	}
	return fields
}

// jsonExtension gives the fields of a struct their keys and decoders.
type jsonExtension struct {
	jsoniter.DummyExtension
	fields []*jsonField
}

// UpdateStructDescriptor replaces what json-iterator found for the fields.
func (e *jsonExtension) UpdateStructDescriptor(d *jsoniter.StructDescriptor) {
	for i, b := range d.Fields {
		if i < len(e.fields) {
			b.FromNames, b.Decoder = []string{e.fields[i].name}, e.fields[i]
		}
	}
}
