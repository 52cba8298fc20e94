package archive

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
)

// tar walks the members of a tar. They are spooled, as members come in any
// order and are wanted in order of time.
func (s *Set) tar(ctx context.Context, f *File, r io.Reader, n *nest) error {
	in := &counter{r: r}
	tr := tar.NewReader(in)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			s.trouble(f.Path, err, "; what comes before is used")
			return nil
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		if err := s.count(n); err != nil {
			return s.bad(f, err)
		}
		if !s.takes(f, h.Name, h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeGNUSparse) {
			continue
		}
		// A sparse member has holes that take no place in the tar.
		done, err := s.tarMember(ctx, f, h, &guard{r: tr, in: in, limits: s.o.Limits}, n)
		if done || err != nil {
			return err
		}
	}
}

// tarMember takes one member; done reports that no other can be read.
func (s *Set) tarMember(ctx context.Context, f *File, h *tar.Header, tr io.Reader, n *nest) (done bool, err error) {
	m := &File{Path: s.join(f, h.Name), Modified: h.ModTime, limits: s.o.Limits}
	br := s.buffer(tr)
	defer s.release(br)
	b, _ := br.Peek(head)
	k, _ := kindOf(b)
	if k == kindPlain && (len(b) == 0 || s.o.Want != nil && !s.o.Want(path.Base(m.Path))) {
		return false, nil
	}
	if k == kindPlain && !isText(b) {
		return false, s.bad(m, ErrBinary) // not worth its place in the spool
	}
	sec, err := s.spool.keep(br, (k == kindPlain || k == kindTar) && h.Size > spoolAsIs)
	m.data, m.Stored = sec, sec.raw
	if err != nil {
		if isSpool(err) {
			return true, err
		}
		if _, bomb := errors.AsType[*LimitError](err); bomb {
			return true, s.bad(m, err)
		}
		s.trouble(m.Path, err, "; what comes before is used")
		return true, s.member(ctx, m, n)
	}
	if k == kindPlain { // all that member would look at is known
		s.files = append(s.files, m)
		return false, nil
	}
	return false, s.member(ctx, m, n)
}

// zip walks the members of a zip. Its directory stands at its end, so one that
// is not a file on disk as it is goes to the spool first.
func (s *Set) zip(ctx context.Context, f *File, r io.Reader, n *nest) error {
	var at io.ReaderAt
	var size int64
	if name, ok := f.data.(diskBlob); ok && len(f.packed) == 0 {
		file, err := os.Open(string(name))
		if err != nil {
			return s.bad(f, err)
		}
		s.open = append(s.open, file)
		at, size = file, f.Stored
	} else {
		sec, err := s.spool.keep(r, false)
		if err != nil {
			return s.bad(f, err)
		}
		at, size = io.NewSectionReader(sec.f, sec.off, sec.n), sec.n
	}
	z, err := s.openZip(at, size)
	if err != nil {
		return s.bad(f, err)
	}
	for _, m := range z.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.Mode().IsDir() {
			continue
		}
		if err := s.count(n); err != nil {
			return s.bad(f, err)
		}
		if !s.takes(f, m.Name, m.Mode().IsRegular()) {
			continue
		}
		if err := s.zipMember(ctx, f, m, n); err != nil {
			return err
		}
	}
	return nil
}

// claims holds what the directory of a zip of that size says against the limits:
// many entries may share one packed member, so that each alone looks harmless.
// A member that unpacks to more than it claims fails when it is read.
func (s *Set) claims(z *zip.Reader, size int64) error {
	var sum uint64
	for _, m := range z.File {
		if s.bomb(m) {
			continue // left out for itself
		}
		if sum += m.UncompressedSize64; sum > 1<<62 {
			break
		}
	}
	switch l := s.o.Limits; {
	case sum > uint64(l.Bytes):
		return &LimitError{fmt.Sprintf("unpacks to more than %d MiB", l.Bytes>>20), "--max-unpacked"}
	case sum > ratioFrom && sum/uint64(l.Ratio) > uint64(size):
		return &LimitError{fmt.Sprintf("unpacks to more than %d times its size", l.Ratio), "--max-ratio"}
	}
	return nil
}

// bomb reports whether a member claims too much for its packed size.
func (s *Set) bomb(m *zip.File) bool {
	return m.UncompressedSize64 > ratioFrom && m.UncompressedSize64/uint64(s.o.Limits.Ratio) > m.CompressedSize64
}

func (s *Set) zipMember(ctx context.Context, f *File, m *zip.File, n *nest) error {
	file := &File{Path: s.join(f, m.Name), Modified: zipTime(m), Stored: int64(min(m.UncompressedSize64, 1<<62)), limits: s.o.Limits}
	if m.Flags&1 != 0 {
		s.notice(file.Path, "is encrypted; unpack it with its password first", true)
		return nil
	}
	if s.bomb(m) {
		return s.bad(file, &LimitError{fmt.Sprintf("unpacks to more than %d times its size", s.o.Limits.Ratio), "--max-ratio"})
	}
	// The sizes of a zip's directory are claims; guard holds them as read.
	file.data = guarded{zipBlob{m}, int64(min(m.CompressedSize64, 1<<62)), s.o.Limits}
	return s.member(ctx, file, n)
}

// guarded is a zip's member with the limits of unpacking.
type guarded struct {
	blob
	packed int64
	limits Limits
}

func (g guarded) open() (io.ReadCloser, error) {
	r, err := g.blob.open()
	if err != nil {
		return nil, err
	}
	return &stack{&guard{r: r, in: &counter{n: max(g.packed, 1)}, limits: g.limits}, []io.Closer{r}}, nil
}

// zipTime is a member's time, zero if it has none: DOS counts from 1980.
func zipTime(m *zip.File) time.Time {
	if m.Modified.Year() <= 1980 {
		return time.Time{}
	}
	return m.Modified
}

// count counts a member: links and what is left out as well, each of which is
// told of.
func (s *Set) count(n *nest) error {
	if *n.entries++; *n.entries > s.o.Limits.Entries {
		return tooMany(s.o.Limits.Entries)
	}
	return nil
}

// takes reports whether a member of f is looked at, and says why not.
func (s *Set) takes(f *File, name string, regular bool) bool {
	switch {
	case len(name) > maxName:
		s.notice(s.join(f, strings.ToValidUTF8(name[:100], "")+"…"), fmt.Sprintf("has a name of more than %d bytes", maxName), true)
	case !regular:
		s.notice(s.join(f, name), "is a link or a device", true)
	default:
		return true
	}
	return false
}

// join names a member. Its name is for people and for telling host and log: no
// file is ever made of it, so one that points out of the archive is harmless,
// and said.
func (s *Set) join(f *File, name string) string {
	name = strings.ReplaceAll(name, "\\", "/")
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	if strings.HasPrefix(name, "/") || name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, "/../") {
		s.notice(f.Path, fmt.Sprintf("holds a name that points out of it, %q; read as %q, nothing is written", name, clean), false)
	}
	return f.Path + "/" + clean
}
