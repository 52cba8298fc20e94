package archive

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// errTrailing is returned where something stands behind the last member of a
// gzip that begins no other.
var errTrailing = errors.New("has something behind its gzip that is none")

// gunzip reads the members of a gzip. As gzip(1) does, it takes no offence at
// zeros behind the last one: tapes and file systems fill up blocks.
type gunzip struct {
	in *bufio.Reader
	z  *gzip.Reader
}

func newGunzip(r io.Reader) (*gunzip, error) {
	g := &gunzip{in: bufio.NewReader(r)}
	z, err := gzip.NewReader(g.in)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	g.z = z
	return g, nil
}

// Read implements io.Reader.
func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if n > 0 && errors.Is(err, io.EOF) {
			return n, nil // the end is told by the next call
		}
		if n > 0 || err == nil || !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next goes to the next member; io.EOF if there is none.
func (g *gunzip) next() error {
	b, err := g.in.ReadByte()
	zeros := 0
	for err == nil && b == 0 {
		zeros++
		b, err = g.in.ReadByte()
	}
	if err != nil {
		return err
	}
	if err := g.in.UnreadByte(); err != nil {
		return err
	}
	magic, err := g.in.Peek(2)
	if zeros > 0 || string(magic) != "\x1f\x8b"[:len(magic)] || err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(errTrailing, notEOF(err))
	}
	if err := g.z.Reset(g.in); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	g.z.Multistream(false)
	return nil
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
