package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/casefile"
	"github.com/zimbraloki/zimbraloki/logs"
)

// names gives files names that do not depend on where they lie: what was given
// by its last element, and what is below.
type names struct {
	paths []string // longest first
	files map[string]string
}

func base(p string) string {
	if b := filepath.Base(p); p != "-" && b != "." && b != ".." && b != "/" {
		return b
	}
	return map[bool]string{true: "-", false: "."}[p == "-"]
}

func newNames(paths []string) (*names, error) {
	n := &names{files: map[string]string{}}
	seen := map[string]string{}
	for _, p := range paths {
		list, err := filepath.Glob(p)
		if err != nil || len(list) == 0 {
			list = []string{p}
		}
		for _, p := range list {
			if p = filepath.Clean(p); seen[base(p)] != "" && seen[base(p)] != p {
				return nil, fmt.Errorf("%q and %q have the same name; give the folder that they lie in", seen[base(p)], p)
			}
			seen[base(p)] = p
			n.paths = append(n.paths, p)
		}
	}
	slices.SortFunc(n.paths, func(a, b string) int { return len(b) - len(a) })
	return n, nil
}

// of is the name of a file that was found.
func (n *names) of(file string) string {
	clean := strings.TrimPrefix(filepath.ToSlash(file), "./")
	for _, p := range n.paths {
		if rest, ok := strings.CutPrefix(clean, p); ok && (rest == "" || rest[0] == '/') {
			return base(p) + rest
		}
	}
	return clean
}

// sources are the files of the set, unpacked, and the ones on disk that they are
// of.
func (n *names) sources(ctx context.Context, set *logs.Set) (list []casefile.Source, err error) {
	disk := map[string]bool{}
	for _, f := range set.Files() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name := n.of(f.Path)
		s, err := sum(name, func() (io.ReadCloser, error) { return f.Open(nil) })
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // what is there is told
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.Member = true
		list = append(list, s)
		if d := onDisk(f.Path); d != "" && !disk[d] {
			disk[d] = true
			s, err := sum(n.of(d), func() (io.ReadCloser, error) { return os.Open(d) })
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b casefile.Source) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 || a.Member == b.Member {
			return c
		}
		return map[bool]int{false: -1, true: 1}[a.Member]
	})
	return list, nil
}

// onDisk is the file that a path leads into: the archive of a member.
func onDisk(path string) string {
	for p := filepath.FromSlash(path); p != "." && p != "/" && p != ""; p = filepath.Dir(p) {
		if i, err := os.Stat(p); err == nil {
			if i.Mode().IsRegular() {
				return p
			}
			return ""
		}
	}
	return ""
}

func sum(name string, open func() (io.ReadCloser, error)) (casefile.Source, error) {
	s := casefile.Source{Name: name}
	f, err := open()
	if err != nil {
		return s, err
	}
	defer f.Close() //nolint:errcheck // read only
	h := sha256.New()
	s.Bytes, err = io.Copy(h, f)
	s.SHA256 = hex.EncodeToString(h.Sum(nil))
	return s, err
}

// Verify checks a case file against logs.
func Verify(ctx context.Context, o logs.Options, f *os.File) (faults []string, lines int, err error) {
	n, err := newNames(o.Paths)
	if err != nil {
		return nil, 0, err
	}
	set, err := logs.Open(ctx, o, nil)
	if err != nil {
		return nil, 0, err
	}
	defer set.Close()
	now, err := n.sources(ctx, set)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return casefile.Verify(f, info.Size(), now, func(name string) (io.ReadCloser, error) {
		for _, f := range set.Files() {
			if n.of(f.Path) == name {
				return f.Open(nil)
			}
		}
		return nil, errors.New("it is not among the sources")
	})
}
