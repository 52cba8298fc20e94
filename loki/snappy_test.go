package loki

import (
	"bytes"
	"math/rand/v2"
	"testing"

	snappy "github.com/klauspost/compress/snappy"
)

// appendProto appends the PushRequest that holds a piece, uncompressed: what a
// body must be once it is read.
func (b *Batch) appendProto(dst []byte, p piece) []byte {
	text := b.streams[p.stream].labels.Text
	size := stringSize(text)
	for _, i := range p.refs {
		size += int(b.refs[i].size)
	}
	dst = append(dst, tagStream)
	dst = appendVarint(dst, uint64(size))
	dst = appendString(dst, tagLabels, text)
	for _, i := range p.refs {
		dst = append(dst, b.encoded(i)...)
	}
	return dst
}

// TestSnappyBlock writes blocks in pieces of all sizes; the decoder of the library
// must give back what went in.
func TestSnappyBlock(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := bytes.Repeat([]byte("2026-08-02 16:49:04,242 INFO  [ImapServer-1] "), 8000)
	var z snappyBlock
	for _, size := range []int{0, 1, 17, snappyPiece - 1, snappyPiece, snappyPiece + 1, 3*snappyPiece + 5, len(text)} {
		in := append([]byte(nil), text[:size]...)
		for i := 0; i < len(in); i += 1 + r.IntN(40) {
			in[i] = byte(r.IntN(256))
		}
		for range 5 {
			z.begin(size)
			for left := in; len(left) > 0; {
				n := min(len(left), 1+r.IntN(1+r.IntN(2*snappyPiece)))
				z.write(left[:n])
				left = left[n:]
			}
			z.flush()
			got, err := snappy.Decode(nil, z.dst)
			if err != nil || !bytes.Equal(got, in) {
				t.Fatalf("%d bytes: error %v, equal %v", size, err, bytes.Equal(got, in))
			}
		}
	}
}
