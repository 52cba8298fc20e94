package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/s2"
)

// blob is bytes that can be read from their beginning any number of times.
type blob interface {
	open() (io.ReadCloser, error)
}

// diskBlob is a file.
type diskBlob string

func (b diskBlob) open() (io.ReadCloser, error) { return os.Open(string(b)) }

// zipBlob is a file in a zip.
type zipBlob struct{ *zip.File }

func (b zipBlob) open() (io.ReadCloser, error) { return b.Open() }

// section is a piece of the spool.
type section struct {
	f       *os.File
	off, n  int64
	raw     int64 // bytes that it opens to
	squeeze bool  // written with s2
}

func (s section) open() (io.ReadCloser, error) {
	r := io.NewSectionReader(s.f, s.off, s.n)
	if s.squeeze {
		z, _, err := kindSpool.reader(r)
		return io.NopCloser(z), err
	}
	return io.NopCloser(r), nil
}

// spool keeps what can be read only once, members of a tar that came through a
// decompressor, so that it can be read in order of time. It is one file that
// has no name any more once it is open: nothing is left of it, however the
// program ends.
type spool struct {
	dir   string
	limit int64

	mu   sync.Mutex
	f    *os.File
	name string // "" if the name is gone already
	off  int64
	in   int64 // bytes before packing
	w    *s2.Writer
	buf  []byte // to copy by
}

const spoolBlock = 256 << 10

// spoolAsIs is up to how many bytes a member is kept unpacked: packing a small
// one saves little, and a reader of packed ones takes memory.
const spoolAsIs = 16 << 10

// keep copies r to the spool; what could be read before an error is kept.
func (s *spool) keep(r io.Reader, squeeze bool) (section, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.create(); err != nil {
		return section{}, err
	}
	sec := section{f: s.f, off: s.off, squeeze: squeeze}
	out := &writerAt{f: s.f, off: s.off}
	before := s.in
	err := s.copy(out, r, squeeze)
	sec.raw = s.in - before
	sec.n = out.off - s.off
	s.off = out.off
	return sec, err
}

func (s *spool) copy(out *writerAt, r io.Reader, squeeze bool) error {
	in := &limited{r: r, s: s}
	if !squeeze {
		if s.buf == nil {
			s.buf = make([]byte, spoolAsIs)
		}
		_, err := io.CopyBuffer(out, in, s.buf)
		return err
	}
	if s.w == nil {
		s.w = s2.NewWriter(nil, s2.WriterConcurrency(1), s2.WriterBlockSize(spoolBlock))
	}
	s.w.Reset(out)
	_, err := io.Copy(writerOnly{s.w}, in)
	if cerr := s.w.Close(); err == nil {
		err = cerr
	}
	return err
}

// writerOnly hides ReadFrom, which would read ahead with goroutines.
type writerOnly struct{ io.Writer }

// limited counts against the limit of the whole spool.
type limited struct {
	r io.Reader
	s *spool
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.s.in += int64(n); l.s.in > l.s.limit {
		return n, &LimitError{fmt.Sprintf("archives unpack to more than %d MiB", l.s.limit>>20), "--max-unpacked"}
	}
	return n, err
}

func (s *spool) create() error {
	if s.f != nil {
		return nil
	}
	f, err := os.CreateTemp(s.dir, "zimbraloki-spool-*")
	if err != nil {
		return fmt.Errorf("cannot make a temporary file for unpacking: %w; --tmp names another folder", err)
	}
	s.f, s.name = f, f.Name()
	if os.Remove(s.name) == nil {
		s.name = ""
	}
	return nil
}

func (s *spool) close() error {
	if s.f == nil {
		return nil
	}
	err := s.f.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}

type writerAt struct {
	f   *os.File
	off int64
}

func (w *writerAt) Write(p []byte) (int, error) {
	n, err := w.f.WriteAt(p, w.off)
	w.off += int64(n)
	return n, err
}
