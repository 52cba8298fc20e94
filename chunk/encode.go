package chunk

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The functions here encode the Builder's arguments, with the shortest headers
// and numbers, as msgpack-c's pack_template.h does.

func appendKV(dst []byte, kv []any) []byte {
	if len(kv)%2 != 0 {
		panic(fmt.Sprintf("chunk: key %v without a value", kv[len(kv)-1]))
	}
	for _, x := range kv {
		dst = appendAny(dst, x)
	}
	return dst
}

// appendHead appends the shortest header of a map or array: fix for up to 15
// elements, long for 16 bits, long+1 for 32.
func appendHead(dst []byte, n int, fix, long byte) []byte {
	switch {
	case n < 16:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, long), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, long+1), uint32(n))
}

func appendAny(dst []byte, x any) []byte {
	switch x := x.(type) {
	case nil:
		return append(dst, 0xc0)
	case bool:
		if x {
			return append(dst, 0xc3)
		}
		return append(dst, 0xc2)
	case string:
		return appendStr(dst, x)
	case []byte:
		return append(appendLength(dst, len(x), 0xc4), x...)
	case Ext:
		return appendExtension(dst, x)
	case KV:
		return appendKV(appendHead(dst, len(x)/2, 0x80, 0xde), x)
	case Map:
		return appendEncoded(dst, x, 0x80)
	case Value:
		return appendEncoded(dst, x.b, 0xc0)
	case []any:
		dst = appendHead(dst, len(x), 0x90, 0xdc)
		for _, e := range x {
			dst = appendAny(dst, e)
		}
		return dst
	}
	return appendNumber(dst, x)
}

// appendEncoded appends what is encoded already, or empty for none.
func appendEncoded(dst, enc []byte, empty byte) []byte {
	if len(enc) == 0 {
		return append(dst, empty)
	}
	return append(dst, enc...)
}

func appendNumber(dst []byte, x any) []byte {
	switch x := x.(type) {
	case int:
		return appendInt(dst, int64(x))
	case int8:
		return appendInt(dst, int64(x))
	case int16:
		return appendInt(dst, int64(x))
	case int32:
		return appendInt(dst, int64(x))
	case int64:
		return appendInt(dst, x)
	case uint:
		return appendUint(dst, uint64(x))
	case uint8:
		return appendUint(dst, uint64(x))
	case uint16:
		return appendUint(dst, uint64(x))
	case uint32:
		return appendUint(dst, uint64(x))
	case uint64:
		return appendUint(dst, x)
	case float32:
		return binary.BigEndian.AppendUint32(append(dst, 0xca), math.Float32bits(x))
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(x))
	}
	panic(fmt.Sprintf("chunk: no MessagePack form for %T", x))
}

// appendInt appends the shortest form, an unsigned one for i ≥ 0.
func appendInt(dst []byte, i int64) []byte {
	switch {
	case i >= 0:
		return appendUint(dst, uint64(i))
	case i >= -32:
		return append(dst, byte(i))
	case i >= math.MinInt8:
		return append(dst, 0xd0, byte(i))
	case i >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(i))
	case i >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(i))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(i))
}

func appendUint(dst []byte, u uint64) []byte {
	switch {
	case u < 0x80:
		return append(dst, byte(u))
	case u <= math.MaxUint8:
		return append(dst, 0xcc, byte(u))
	case u <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(u))
	case u <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(u))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), u)
}

func appendStr(dst []byte, s string) []byte {
	return append(AppendStringHead(dst, len(s)), s...)
}

// appendLength appends the header of a str, bin or ext of n bytes: first for a
// length of 8 bits, first+1 for 16, first+2 for 32.
func appendLength(dst []byte, n int, first byte) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(dst, first, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, first+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, first+2), uint32(n))
}

// appendExtension appends e, as fixext where there is one for its length.
func appendExtension(dst []byte, e Ext) []byte {
	switch n := len(e.Data); n {
	case 1, 2, 4, 8, 16:
		fix := byte(0xd4)
		for ; n > 1; n >>= 1 {
			fix++
		}
		dst = append(dst, fix, byte(e.Type))
	default:
		dst = append(appendLength(dst, n, 0xc7), byte(e.Type))
	}
	return append(dst, e.Data...)
}
