// Package archive finds files in folders and archives and opens them as what
// they hold unpacked: gzip, zstd, xz, bzip2, tar of them, zip, nested too. It
// writes nothing under a name that an archive gives, and bounds what a hostile
// one can cost.
package archive

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/therootcompany/xz"
)

// Limits bound what unpacking may cost. The zero value of a field takes its
// default.
type Limits struct {
	Bytes   int64 // unpacked, of one file and of all that must be spooled; DefaultBytes
	Ratio   int64 // unpacked to packed of one stream; DefaultRatio
	Depth   int   // archives inside of archives; DefaultDepth
	Entries int   // files of one archive, nested ones included; DefaultEntries
}

// Defaults of Limits. Logs of a mail system pack 10:1 to 40:1, access logs of a
// health check 120:1; gzip reaches 1032:1 with zeros only.
const (
	DefaultBytes   = 64 << 30
	DefaultRatio   = 250
	DefaultDepth   = 3
	DefaultEntries = 100_000
)

// ratioFrom is how much a stream may unpack to before its ratio counts: the
// head of a file may be all alike.
const ratioFrom = 16 << 20

func (l Limits) withDefaults() Limits {
	l.Bytes = cmp.Or(l.Bytes, DefaultBytes)
	l.Ratio = cmp.Or(l.Ratio, DefaultRatio)
	l.Depth = cmp.Or(l.Depth, DefaultDepth)
	l.Entries = cmp.Or(l.Entries, DefaultEntries)
	return l
}

// LimitError is a limit that was reached.
type LimitError struct {
	What string // what there is too much of
	Flag string // of the command line, that raises the limit
}

// Error implements error.
func (e *LimitError) Error() string {
	return e.What + " (looks like a bomb; " + e.Flag + " raises the limit)"
}

// ErrBinary is returned for files that are no text.
var ErrBinary = errors.New("is binary, not a log")

// Notice is something about a file that a person should know.
type Notice struct {
	Path    string // as File.Path
	Text    string
	Skipped bool   // the file, or the rest of it, was left out
	Limit   string // what there is too much of, if a limit was the reason
}

// Trouble is the notice of a file that was left out, or the rest of it, for an
// error; more is said behind it.
func Trouble(path string, err error, more string) Notice {
	n := Notice{Path: path, Text: Explain(err) + more, Skipped: true}
	if le, ok := errors.AsType[*LimitError](err); ok {
		n.Limit = le.What
	} else if errors.Is(err, xz.ErrMemlimit) {
		n.Limit = needsDictionary
	}
	return n
}

// File is a file that may hold a log. It can be opened any number of times, by
// several goroutines, until its Set is closed.
type File struct {
	// Path names the file for people: "case.tar.gz/logs/mailbox.log.1.gz".
	Path string
	// Modified is the newest date that is known to be after the last line, as
	// file system or archive tell; zero if they do not.
	Modified time.Time
	Stored   int64 // bytes as stored, of a member of an archive those that it holds
	OnDisk   bool  // a plain file in a folder, in no archive
	data     blob
	packed   []kind // layers to take off, outermost first
	limits   Limits
}

// Compressed reports whether the file is stored packed.
func (f *File) Compressed() bool { return !f.OnDisk || len(f.packed) > 0 }

// Open opens the unpacked file. read, if not nil, is told how many bytes of
// Stored were read. An error of the reader is io.ErrUnexpectedEOF, or wraps it,
// if the stored file ends too early.
func (f *File) Open(read func(n int)) (io.ReadCloser, error) {
	raw, err := f.data.open()
	if err != nil {
		return nil, err
	}
	s := &stack{closers: []io.Closer{raw}, Reader: &counter{r: raw, each: read}}
	for _, k := range f.packed {
		if err := s.unpack(k, f.limits); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// stack is a reader through layers; closing it closes them, inner ones first.
type stack struct {
	io.Reader
	closers []io.Closer
}

func (s *stack) unpack(k kind, l Limits) error {
	in := &counter{r: s.Reader}
	r, c, err := k.reader(in)
	if err != nil {
		return err
	}
	if c != nil {
		s.closers = append(s.closers, c)
	}
	s.Reader = &guard{r: r, in: in, limits: l}
	return nil
}

// Close implements io.Closer.
func (s *stack) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i].Close())
	}
	return errors.Join(errs...)
}

// counter counts what is read.
type counter struct {
	r    io.Reader
	n    int64
	each func(int)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.each != nil && n > 0 {
		c.each(n)
	}
	return n, err
}

// guard ends a stream that unpacks to too much.
type guard struct {
	r      io.Reader
	in     *counter
	out    int64
	limits Limits
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.out += int64(n)
	switch {
	case g.out > g.limits.Bytes:
		return n, &LimitError{fmt.Sprintf("unpacks to more than %d MiB", g.limits.Bytes>>20), "--max-unpacked"}
	case g.out > ratioFrom && g.out/g.limits.Ratio > g.in.n:
		return n, &LimitError{fmt.Sprintf("unpacks to more than %d times its size", g.limits.Ratio), "--max-ratio"}
	}
	return n, err
}
