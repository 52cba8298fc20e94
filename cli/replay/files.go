package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
)

// What a dead-letter file dead.jsonl is called on its way: while it is sent, it
// is dead.jsonl.replaying-20260802T164904Z with a position beside it, then
// dead.jsonl.replayed-…; what is refused again goes to dead.jsonl.refused, lines
// that are no dead letters to dead.jsonl.unreadable.
const (
	refusedSuffix  = ".refused"
	brokenSuffix   = ".unreadable"
	rotatedSuffix  = ".1"
	takenSuffix    = ".replaying-"
	doneSuffix     = ".replayed-"
	positionSuffix = ".position"
	stampLayout    = "20060102T150405.000000Z"
)

// source is one file of dead letters.
type source struct {
	path string // as found
	base string // the path that its writer has
}

// find lists the files of dead letters that paths name: of a file also what is
// left of it by rotation and by runs before, of a folder those in it.
func find(paths []string) (list []source, err error) {
	seen := map[string]bool{}
	for _, p := range paths {
		info, err := os.Stat(p)
		var files []string
		switch {
		case err == nil && info.IsDir():
			if files, err = folder(p); err != nil {
				return nil, err
			}
		default:
			if files = family(p); len(files) == 0 {
				return nil, fmt.Errorf("%s: no such file of dead letters", p)
			}
		}
		for _, f := range files {
			if f, err = filepath.Abs(f); err != nil {
				return nil, err
			}
			if !seen[f] {
				seen[f] = true
				list = append(list, source{path: f, base: baseOf(f)})
			}
		}
	}
	return list, nil
}

// family returns the files of a dead-letter path, the oldest first.
func family(path string) []string {
	var list []string
	if strings.Contains(filepath.Base(path), doneSuffix) {
		if _, err := os.Stat(path); err == nil {
			return []string{path} // asked for once more
		}
		return nil
	}
	base := baseOf(path)
	dir, err := os.ReadDir(filepath.Dir(base))
	if err != nil {
		return nil
	}
	for _, e := range dir {
		name := filepath.Join(filepath.Dir(base), e.Name())
		if e.Type().IsRegular() && strings.Contains(e.Name(), takenSuffix) && !strings.HasSuffix(e.Name(), positionSuffix) && baseOf(name) == base {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	if _, err := os.Stat(base + refusedSuffix); err == nil {
		list = append(list, base+refusedSuffix)
	}
	return append(list, deadletter.Files(base)...)
}

// folder returns the files of dead letters in a folder, those of one writer
// together.
func folder(dir string) (list []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		base := baseOf(name)
		if !e.Type().IsRegular() || seen[base] || strings.Contains(e.Name(), doneSuffix) || strings.HasSuffix(e.Name(), positionSuffix) || strings.HasSuffix(e.Name(), brokenSuffix) || !isDead(name) {
			continue
		}
		seen[base] = true
		list = append(list, family(base)...)
	}
	return list, nil
}

// isDead reports whether a file begins with a dead letter, or was taken before.
func isDead(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return strings.Contains(path, ".jsonl") // its error is said when it is read
	}
	defer f.Close() //nolint:errcheck // read only
	n := 0
	for _, err := range deadletter.Read(f) {
		if err == nil {
			return true
		}
		if n++; n == 3 {
			break
		}
	}
	return false
}

// baseOf is the path of the writer whose file path is.
func baseOf(path string) string {
	dir, name := filepath.Split(path)
	for _, s := range []string{takenSuffix, doneSuffix} {
		if i := strings.Index(name, s); i > 0 {
			name = name[:i]
		}
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, rotatedSuffix), refusedSuffix)
	return dir + name
}

// take makes the file of s one that nobody writes, and returns its name.
func (s *source) take(now time.Time) (string, error) {
	if strings.Contains(filepath.Base(s.path), takenSuffix) {
		return s.path, nil // by a run that did not end
	}
	name := s.path
	if i := strings.Index(filepath.Base(name), doneSuffix); i > 0 {
		name = s.base
	}
	name += takenSuffix + now.UTC().Format(stampLayout)
	if err := deadletter.Take(s.path, name); err != nil {
		return "", fmt.Errorf("cannot take the dead letters away from who writes them: %w; run it as the user of Fluent Bit", err)
	}
	return name, nil
}

// position is how many lines of a taken file are done. It is locked: two runs
// would send the lines twice.
type position struct {
	path string
	f    *os.File
	done
}

// done is what a position file holds.
type done struct {
	Records    int `json:"records"`
	Accepted   int `json:"accepted"`
	Refused    int `json:"refused"`
	Unreadable int `json:"unreadable"`
}

func openPosition(taken string) (*position, error) {
	p := &position{path: taken + positionSuffix}
	var err error
	if p.f, err = os.OpenFile(p.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(p.f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		p.close()
		return nil, fmt.Errorf("another run replays %s: wait for it (%w)", taken, err)
	}
	data, err := os.ReadFile(p.path)
	if err == nil && len(data) > 0 {
		err = json.Unmarshal(data, &p.done)
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("position %s: %w; remove it to begin again", p.path, err)
	}
	return p, nil
}

// save keeps the position. It is written in place, padded to one length, so
// that the lock stays on it and a write is never torn by a shorter one.
func (p *position) save() error {
	data, err := json.Marshal(p.done)
	if err != nil {
		return err
	}
	_, err = p.f.WriteAt(fmt.Appendf(nil, "%-120s\n", data), 0)
	return errors.Join(err, p.f.Sync())
}

func (p *position) close() { p.f.Close() } //nolint:errcheck // synced by save

// finish gives a file that is done its last name, or removes it.
func (p *position) finish(taken string, remove bool) (name string, err error) {
	if remove {
		err = os.Remove(taken)
	} else {
		name = strings.Replace(taken, takenSuffix, doneSuffix, 1)
		err = os.Rename(taken, name)
	}
	if rerr := os.Remove(p.path); !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return name, err
}
