package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/therootcompany/xz"
)

// Set is the files found; it owns what they need to be opened.
type Set struct {
	o     Options
	spool spool
	open  []io.Closer // zips
	seen  map[string]bool
	files []*File
	heads []*bufio.Reader // free ones
}

// Options of a Set.
type Options struct {
	Limits Limits
	TmpDir string    // of the spool; "" for the system's
	Stdin  io.Reader // what "-" reads
	// Want says whether a file or member of this name is of interest; nil wants
	// all. Archives are looked into whatever it says.
	Want   func(name string) bool
	Notice func(Notice) // nil for nobody
	// Names are what files that paths name are called instead: their File.Path,
	// from which host and log are told, for a file that is kept under another
	// name than it had. Such a one counts as not on disk.
	Names map[string]string
	// Read is told how many bytes were read of the files that paths name, while
	// they are looked through; nil for nobody.
	Read func(n int)
	// PlainOnly finds files on disk that are not packed, and looks into no other.
	PlainOnly bool
}

// Find walks files, folders, globs ("logs/*.gz") and "-", standard input. What
// cannot be read is a Notice; the error is about a path that names nothing, the
// spool or ctx. The Set must be closed.
func Find(ctx context.Context, paths []string, o Options) (*Set, error) {
	o.Limits = o.Limits.withDefaults()
	s := &Set{o: o, seen: map[string]bool{}, spool: spool{dir: o.TmpDir, limit: o.Limits.Bytes}}
	for _, p := range paths {
		if err := s.path(ctx, p); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Files returns what was found, in the order of the walk.
func (s *Set) Files() []*File { return s.files }

// Close ends the use of all files.
func (s *Set) Close() error {
	errs := []error{s.spool.close()}
	for _, c := range s.open {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

func (s *Set) notice(path, text string, skipped bool) {
	if s.o.Notice != nil {
		s.o.Notice(Notice{Path: path, Text: text, Skipped: skipped})
	}
}

// trouble says what became of a file, for an error.
func (s *Set) trouble(path string, err error, more string) {
	if s.o.Notice != nil {
		s.o.Notice(Trouble(path, err, more))
	}
}

func (s *Set) path(ctx context.Context, p string) error {
	if p == "-" {
		return s.stdin(ctx)
	}
	if _, err := os.Stat(p); err == nil {
		return s.walk(ctx, p)
	}
	matches, err := filepath.Glob(p)
	if err != nil {
		return fmt.Errorf("%q: %w", p, err)
	}
	if len(matches) == 0 {
		return fmt.Errorf("%q: no such file or folder, and no file matches it", p)
	}
	slices.Sort(matches)
	for _, m := range matches {
		if err := s.walk(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// walk takes a file or all files of a folder, in order of name. Links to files
// are followed, as below /var/log/containers; links to folders are not, but for
// root itself.
func (s *Set) walk(ctx context.Context, root string) error {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		if st, err := os.Stat(real); err == nil && st.IsDir() {
			root = strings.TrimSuffix(root, string(filepath.Separator)) + string(filepath.Separator)
		}
	}
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.notice(p, "cannot be read: "+cause(err).Error(), true)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		return s.disk(ctx, filepath.Clean(p))
	})
}

func (s *Set) disk(ctx context.Context, p string) error {
	st, err := os.Stat(p)
	switch {
	case err != nil:
		s.notice(p, "cannot be read: "+cause(err).Error(), true)
		return nil
	case st.IsDir():
		return nil
	case !st.Mode().IsRegular():
		s.notice(p, "is no regular file", true)
		return nil
	}
	if real, err := filepath.EvalSymlinks(p); err == nil {
		if real, err = filepath.Abs(real); err == nil {
			if s.seen[real] {
				return nil
			}
			s.seen[real] = true
		}
	}
	f := &File{Path: filepath.ToSlash(p), Modified: st.ModTime(), Stored: st.Size(), OnDisk: true, data: diskBlob(p), limits: s.o.Limits}
	if name, ok := s.o.Names[p]; ok {
		f.Path, f.OnDisk = name, false
	}
	return s.member(ctx, f, &nest{entries: new(int)})
}

// stdin spools standard input, which cannot be read twice.
func (s *Set) stdin(ctx context.Context) error {
	sec, err := s.spool.keep(s.o.Stdin, true)
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	return s.member(ctx, &File{Path: "stdin", Stored: sec.raw, Modified: time.Now(), data: sec, limits: s.o.Limits}, &nest{entries: new(int)})
}

// nest is how deep a member stands, and how many its outermost archive has.
type nest struct {
	depth   int
	entries *int
}

// member looks into a file: an archive is walked, all else is a file found. The
// error is about the spool or ctx; what is wrong with the file is a notice.
func (s *Set) member(ctx context.Context, f *File, n *nest) error {
	var read func(n int)
	if n.depth == 0 {
		read = s.o.Read
	}
	r, err := f.Open(read)
	if err != nil {
		return s.bad(f, err)
	}
	defer r.Close() //nolint:errcheck // read only
	br := s.buffer(r)
	defer s.release(br)
	b, err := br.Peek(head)
	k, name := kindOf(b)
	if k == kindPlain {
		return s.plain(f, b, err)
	}
	if s.o.PlainOnly {
		return nil
	}
	if k == kindOther {
		s.notice(f.Path, "is "+name+", which is not read; unpack it first", true)
		return nil
	}
	if max(n.depth, len(f.packed)) >= s.o.Limits.Depth {
		return s.bad(f, &LimitError{fmt.Sprintf("archives are nested more than %d deep", s.o.Limits.Depth), "--max-depth"})
	}
	inner := &nest{n.depth + 1, n.entries}
	switch k {
	case kindTar:
		return s.tar(ctx, f, br, inner)
	case kindZip:
		return s.zip(ctx, f, br, inner)
	}
	f.packed = append(f.packed, k)
	return s.member(ctx, f, &nest{n.depth, n.entries})
}

// buffer reads r through a buffer of head bytes; release gives it back.
func (s *Set) buffer(r io.Reader) *bufio.Reader {
	if n := len(s.heads); n > 0 {
		br := s.heads[n-1]
		s.heads = s.heads[:n-1]
		br.Reset(r)
		return br
	}
	return bufio.NewReaderSize(r, head)
}

func (s *Set) release(br *bufio.Reader) {
	br.Reset(nil)
	s.heads = append(s.heads, br)
}

// plain takes a file that is no archive if it is text. err is how reading its
// first bytes ended.
func (s *Set) plain(f *File, b []byte, err error) error {
	if s.o.Want != nil && !s.o.Want(path.Base(f.Path)) {
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) && len(b) == 0 {
		return s.bad(f, err)
	}
	if len(b) == 0 {
		return nil // an empty log is nothing to speak of
	}
	if !isText(b) {
		return s.bad(f, ErrBinary)
	}
	s.files = append(s.files, f)
	return nil
}

// bad says why a file is left out, or returns an error that ends the walk.
func (s *Set) bad(f *File, err error) error {
	if errors.Is(err, os.ErrClosed) || isSpool(err) {
		return err
	}
	s.trouble(f.Path, err, "")
	return nil
}

// isSpool reports whether writing the spool failed: the disk is full, say.
func isSpool(err error) bool {
	pe, ok := errors.AsType[*fs.PathError](err)
	return ok && pe.Op == "write"
}

var needsDictionary = fmt.Sprintf("needs a dictionary of more than %d MiB to be unpacked", maxDictionary>>20)

// Explain says an error of reading a file in words for people.
func Explain(err error) string {
	switch {
	case errors.Is(err, ErrBinary):
		return ErrBinary.Error()
	case errors.Is(err, xz.ErrMemlimit):
		return needsDictionary + " (looks like a bomb)"
	case errors.Is(err, errTrailing):
		return errTrailing.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "is truncated: it ends in the middle"
	}
	if le, ok := errors.AsType[*LimitError](err); ok {
		return le.Error()
	}
	return "cannot be read: " + cause(err).Error()
}

// cause is the part of a file error that does not repeat the path.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
