package chunk

import (
	"encoding/binary"
	"math"
)

// The functions here encode values for those who write records themselves, as
// the filter does; Builder is easier where speed does not count.

// AppendRecord begins a record of time ns with the metadata meta, nil for none.
// Its body has to follow. A time that an EventTime cannot hold becomes the
// nearest that it can, for the two last seconds stand for group markers.
func AppendRecord(dst []byte, ns int64, meta Map) []byte {
	const last = math.MaxUint32 - 2
	sec, nsec := ns/1_000_000_000, ns%1_000_000_000
	switch {
	case ns < 0:
		sec, nsec = 0, 0
	case sec > last:
		sec, nsec = last, 0
	}
	dst = append(dst, 0x92, 0x92, 0xd7, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(sec))
	dst = binary.BigEndian.AppendUint32(dst, uint32(nsec))
	return appendEncoded(dst, meta, 0x80)
}

// AppendMapHead appends the header of a map of n fields, which have to follow.
// It takes five bytes whatever n is, so that SetMapLen can change it.
func AppendMapHead(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0xdf), uint32(n))
}

// SetMapLen changes the number of fields in a header of AppendMapHead that
// begins at dst[0].
func SetMapLen(dst []byte, n int) { binary.BigEndian.PutUint32(dst[1:], uint32(n)) }

// AppendString appends a str.
func AppendString(dst []byte, s string) []byte { return appendStr(dst, s) }

// AppendStringHead appends the header of a str of n bytes, which have to follow.
func AppendStringHead(dst []byte, n int) []byte {
	if n < 32 {
		return append(dst, 0xa0|byte(n))
	}
	return appendLength(dst, n, 0xd9)
}

// AppendInt appends an integer in its shortest form.
func AppendInt(dst []byte, i int64) []byte { return appendInt(dst, i) }

// AppendFloat appends a float of 64 bits.
func AppendFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

// AppendBool appends a bool.
func AppendBool(dst []byte, b bool) []byte { return appendAny(dst, b) }

// AppendValue appends the value as it is encoded.
func AppendValue(dst []byte, v Value) []byte { return appendEncoded(dst, v.b, 0xc0) }
