package files

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// failing takes room bytes.
type failing struct {
	Writer

	room int
	got  bytes.Buffer
}

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	n := min(len(p), f.room-f.got.Len())
	f.got.Write(p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// TestCopy: all of it, or what came before the fault, with the side that had it.
func TestCopy(t *testing.T) {
	data := noise(5*copyBuffer + 17)
	f := func(r io.Reader, room int, want []byte, wantRead, wantWrite error) {
		t.Helper()
		w := &failing{room: room}
		n, errRead, errWrite := Copy(w, r)
		if n != int64(len(want)) || !bytes.Equal(w.got.Bytes(), want) || !errors.Is(errRead, wantRead) || !errors.Is(errWrite, wantWrite) {
			t.Errorf("%d bytes, %v, %v; want %d", n, errRead, errWrite, len(want))
		}
	}
	all := len(data)
	broken := func(n int) io.Reader {
		return io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	f(bytes.NewReader(nil), all, nil, nil, nil)
	f(bytes.NewReader(data), all, data, nil, nil)
	f(iotest.HalfReader(bytes.NewReader(data)), all, data, nil, nil)
	f(iotest.DataErrReader(bytes.NewReader(data)), all, data, nil, nil)
	f(broken(copyBuffer+3), all, data[:copyBuffer+3], io.ErrUnexpectedEOF, nil)
	f(broken(0), all, nil, io.ErrUnexpectedEOF, nil)
	f(bytes.NewReader(data), 2*copyBuffer+5, data[:2*copyBuffer+5], nil, errFull)
	f(idle{}, all, nil, io.ErrNoProgress, nil)
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func BenchmarkFolder(b *testing.B) {
	f, err := OpenFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	data := noise(64 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		w, err := f.Create(b.Context(), NewKey(1))
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := Copy(w, bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
