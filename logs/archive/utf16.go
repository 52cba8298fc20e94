package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader makes UTF-8 of UTF-16 with a byte order mark, as Windows' tools
// save a log; a half pair becomes U+FFFD.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	out   []byte // what did not fit the last Read
	buf   [3 << 10]byte
}

func newUTF16(r io.Reader) (*utf16Reader, error) {
	u := &utf16Reader{in: bufio.NewReader(r), order: binary.LittleEndian}
	var mark [2]byte
	if _, err := io.ReadFull(u.in, mark[:]); err != nil {
		return nil, err
	}
	if mark[0] == 0xfe {
		u.order = binary.BigEndian
	}
	return u, nil
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	if len(u.out) == 0 {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// fill decodes what is at hand, at least one rune.
func (u *utf16Reader) fill() error {
	u.out = u.buf[:0]
	for len(u.out)+utf8.UTFMax <= len(u.buf) && (len(u.out) == 0 || u.in.Buffered() >= 4) {
		b, err := u.in.Peek(2)
		if len(b) < 2 {
			if len(b) == 1 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		c, n := rune(u.order.Uint16(b)), 2
		if utf16.IsSurrogate(c) {
			c, n = u.pair(c)
		}
		u.in.Discard(n) //nolint:errcheck // it was peeked at
		u.out = utf8.AppendRune(u.out, c)
	}
	return nil
}

// pair reads the rune that begins with the surrogate c, and the bytes it takes.
func (u *utf16Reader) pair(c rune) (rune, int) {
	b, _ := u.in.Peek(4)
	if len(b) == 4 {
		if full := utf16.DecodeRune(c, rune(u.order.Uint16(b[2:]))); full != utf8.RuneError {
			return full, 4
		}
	}
	return utf8.RuneError, 2
}
