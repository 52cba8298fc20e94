package loki

import (
	"encoding/binary"

	"github.com/klauspost/compress/s2"
)

// snappyPiece is how much is compressed at a time, in bytes. A snappy block is
// a length and a row of elements that refer back at most 64 KiB (snappy's
// format_description.txt), so pieces that were compressed on their own, one
// behind the other under the length of all, are one block. Pieces below 64 KiB
// stay in the processor's second cache and take s2's smaller tables: the body is
// never assembled in memory.
const snappyPiece = 64<<10 - 1

// snappyBlock compresses what is written to it into dst.
type snappyBlock struct {
	dst  []byte
	part []byte // what waits, less than snappyPiece
}

// begin starts a block that will hold size bytes.
func (z *snappyBlock) begin(size int) {
	if z.part == nil {
		z.part = make([]byte, 0, snappyPiece)
	}
	z.part = z.part[:0]
	z.dst = binary.AppendUvarint(z.dst[:0], uint64(size))
}

func (z *snappyBlock) write(p []byte) {
	for len(p) > 0 {
		if len(z.part) == 0 && len(p) >= snappyPiece {
			z.compress(p[:snappyPiece])
			p = p[snappyPiece:]
			continue
		}
		n := min(len(p), snappyPiece-len(z.part))
		z.part = append(z.part, p[:n]...)
		p = p[n:]
		if len(z.part) == snappyPiece {
			z.flush()
		}
	}
}

func (z *snappyBlock) flush() {
	if len(z.part) > 0 {
		z.compress(z.part)
		z.part = z.part[:0]
	}
}

// compress appends the elements of p, which s2 puts behind a length of their own.
func (z *snappyBlock) compress(p []byte) {
	n, need := len(z.dst), s2.MaxEncodedLen(len(p))
	z.dst = grow(z.dst, need)
	out := s2.EncodeSnappy(z.dst[n:n+need], p)
	_, head := binary.Uvarint(out)
	z.dst = z.dst[:n+copy(z.dst[n:n+need], out[head:])]
}
