package chunk

import "encoding/binary"

// The functions here walk over encoded values. skip is for bytes that nobody
// has checked; the others take what skip accepted and do not check again.

// shape is what the first byte of a value tells about its layout.
// Source: MessagePack specification, "Formats".
type shape struct {
	kind Kind
	size uint8 // bytes before the variable part: first byte, length, ext type
	kids uint8 // values inside, of a fixarray or fixmap
	lens uint8 // bytes of the length after the first byte; 0 = nothing variable
}

// noLength marks the byte that no value begins with, so that skip has no test of
// its own for it.
const noLength = 3

var shapes = makeShapes()

func makeShapes() (t [256]shape) {
	set := func(c int, kind Kind, lens uint8, sizes ...uint8) {
		for i, size := range sizes {
			t[c+i] = shape{kind: kind, size: size, lens: lens}
		}
	}
	for c := range 0x20 {
		set(0xa0+c, KindStr, 0, uint8(1+c)) // fixstr
		set(0xe0+c, KindInt, 0, 1)          // negative fixint
	}
	for c := range 0x80 {
		set(c, KindUint, 0, 1) // positive fixint
	}
	for c := range uint8(0x10) {
		t[0x80+int(c)] = shape{kind: KindMap, size: 1, kids: 2 * c}
		t[0x90+int(c)] = shape{kind: KindArray, size: 1, kids: c}
	}
	set(0xc0, KindNil, 0, 1)
	set(0xc1, KindNil, noLength, 1)
	set(0xc2, KindBool, 0, 1, 1)
	set(0xca, KindFloat, 0, 5, 9)
	set(0xcc, KindUint, 0, 2, 3, 5, 9)
	set(0xd0, KindInt, 0, 2, 3, 5, 9)
	set(0xd4, KindExt, 0, 3, 4, 6, 10, 18) // fixext 1…16
	for i, lens := range []uint8{1, 2, 4} {
		set(0xc4+i, KindBin, lens, 1+lens)
		set(0xc7+i, KindExt, lens, 2+lens)
		set(0xd9+i, KindStr, lens, 1+lens)
	}
	for i, lens := range []uint8{2, 4} {
		set(0xdc+i, KindArray, lens, 1+lens)
		set(0xde+i, KindMap, lens, 1+lens)
	}
	return t
}

// kindOf tells the kind of the value that begins with c.
func kindOf(c byte) Kind { return shapes[c].kind }

func isFixstr(c byte) bool { return c>>5 == 0xa0>>5 }

// skip checks n values from b[off] on, to any depth, and returns where they
// end. It counts the values still owed instead of nesting calls.
func skip(b []byte, off int, n uint64) (int, Reason) {
	for ; n > 0; n-- {
		if uint(off) >= uint(len(b)) {
			return off, Truncated
		}
		c := b[off]
		if isFixstr(c) { // the most frequent: without the table
			off += 1 + int(c&0x1f)
			continue
		}
		s := &shapes[c]
		if s.lens == 0 {
			off += int(s.size)
			n += uint64(s.kids)
			continue
		}
		if s.lens == noLength {
			return off, BadByte
		}
		if int(s.size) > len(b)-off {
			return off, Truncated
		}
		v := length(b[off+1:], s.lens)
		off += int(s.size)
		switch {
		case s.kind == KindMap:
			n += 2 * v
		case s.kind == KindArray:
			n += v
		case v > uint64(len(b)-off): // here, for an int of 32 bits may not hold it
			return off, Truncated
		default:
			off += int(v)
		}
	}
	if off > len(b) {
		return off, Truncated
	}
	return off, 0
}

// length reads a big-endian length of n = 1, 2 or 4 bytes.
func length(b []byte, n uint8) uint64 {
	switch n {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	}
	return uint64(binary.BigEndian.Uint32(b))
}

// next returns where the checked value at off ends.
func next(b []byte, off int) int {
	if c := b[off]; isFixstr(c) { // the most frequent, for keys
		return off + 1 + int(c&0x1f)
	}
	end, _ := skip(b, off, 1)
	return end
}

// arrayHead returns the count of the checked array at off and the offset of its
// first element; -1 if the value is no array.
func arrayHead(b []byte, off int) (n, first int) {
	if kindOf(b[off]) != KindArray {
		return -1, off
	}
	n, size := containerHead(b[off:])
	return n, off + size
}

// containerHead returns the count of the checked array or map at b[0] and the
// size of its header in bytes.
func containerHead(b []byte) (n, size int) {
	s := &shapes[b[0]]
	if s.lens == 0 {
		return int(b[0] & 0x0f), 1
	}
	return int(length(b[1:], s.lens)), int(s.size)
}

// payload returns the content of the checked str, bin or ext that fills b.
func payload(b []byte) []byte {
	if isFixstr(b[0]) {
		return b[1:]
	}
	if s := &shapes[b[0]]; s.lens != 0 {
		return b[s.size:]
	}
	return b[2:] // fixext: first byte, type
}

// extType returns the type of the checked ext at b[0], the byte before its
// content.
func extType(b []byte) int8 {
	if s := &shapes[b[0]]; s.lens != 0 {
		return int8(b[s.size-1])
	}
	return int8(b[1])
}
