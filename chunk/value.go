package chunk

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Kind is the type of a value.
type Kind uint8

// The kinds. KindInt is a number in one of the signed forms, KindUint in one of
// the unsigned ones; which form a writer takes says nothing about its value.
const (
	KindNil Kind = iota
	KindBool
	KindInt
	KindUint
	KindFloat // 32 or 64 bits
	KindStr
	KindBin
	KindArray
	KindMap
	KindExt
)

var kindNames = [...]string{"nil", "bool", "int", "uint", "float", "str", "bin", "array", "map", "ext"}

// String is the MessagePack name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind?"
}

// Value is one value of a record, a view into the chunk. The zero Value is nil.
type Value struct {
	b []byte // the encoded value, checked by Reader; empty for the zero Value
}

// Kind returns the value's type.
func (v Value) Kind() Kind {
	if len(v.b) == 0 {
		return KindNil
	}
	return kindOf(v.b[0])
}

// Str returns the content of a str or bin, which need not be UTF-8. It is a
// view into the chunk.
func (v Value) Str() (string, bool) {
	if k := v.Kind(); k != KindStr && k != KindBin {
		return "", false
	}
	return view(payload(v.b)), true
}

// Bool returns the value of a bool.
func (v Value) Bool() (val, ok bool) {
	if v.Kind() != KindBool {
		return false, false
	}
	return v.b[0] == 0xc3, true
}

// Int returns an integer that an int64 can hold.
func (v Value) Int() (int64, bool) {
	switch v.Kind() {
	case KindInt:
		return integer(v.b), true
	case KindUint:
		i := integer(v.b)
		return i, i >= 0
	}
	return 0, false
}

// Uint returns an integer that is not negative.
func (v Value) Uint() (uint64, bool) {
	switch v.Kind() {
	case KindInt:
		i := integer(v.b)
		return uint64(i), i >= 0
	case KindUint:
		return uint64(integer(v.b)), true
	}
	return 0, false
}

// Float returns a number of any kind, integers rounded to the nearest float64:
// which of them a writer takes for 5 is an accident.
func (v Value) Float() (float64, bool) {
	switch v.Kind() {
	case KindFloat:
		return float(v.b), true
	case KindInt:
		return float64(integer(v.b)), true
	case KindUint:
		return float64(uint64(integer(v.b))), true
	}
	return 0, false
}

// Map returns a nested map.
func (v Value) Map() (Map, bool) {
	if v.Kind() != KindMap {
		return nil, false
	}
	return Map(v.b), true
}

// Items walks over the elements of an array.
func (v Value) Items() (Items, bool) {
	if v.Kind() != KindArray {
		return Items{}, false
	}
	n, size := containerHead(v.b)
	return Items{b: v.b, off: size, left: n}, true
}

// Items is a cursor over the elements of an array.
type Items struct {
	b    []byte
	off  int
	left int
}

// Len is the number of elements still to come.
func (it *Items) Len() int { return it.left }

// Next returns the next element; ok is false at the end.
func (it *Items) Next() (v Value, ok bool) {
	if it.left == 0 {
		return Value{}, false
	}
	it.left--
	start := it.off
	it.off = next(it.b, start)
	return Value{it.b[start:it.off:it.off]}, true
}

// integer decodes the checked integer at b[0]; one above 1<<63-1 wraps.
func integer(b []byte) int64 {
	switch c := b[0]; c {
	case 0xcc:
		return int64(b[1])
	case 0xcd:
		return int64(binary.BigEndian.Uint16(b[1:]))
	case 0xce:
		return int64(binary.BigEndian.Uint32(b[1:]))
	case 0xcf, 0xd3:
		return int64(binary.BigEndian.Uint64(b[1:]))
	case 0xd0:
		return int64(int8(b[1]))
	case 0xd1:
		return int64(int16(binary.BigEndian.Uint16(b[1:])))
	case 0xd2:
		return int64(int32(binary.BigEndian.Uint32(b[1:])))
	default: // fixint, 0…127 and -32…-1
		return int64(int8(c))
	}
}

// float decodes the checked float at b[0].
func float(b []byte) float64 {
	if b[0] == 0xca {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b[1:])))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b[1:]))
}

// view returns b as a string without copying it.
//
// Safety: the chunk belongs to Fluent Bit, which changes and frees it only
// after the flush has returned; this package never writes to it. The string is
// valid until then, as the package comment says.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}
