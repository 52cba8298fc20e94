package ship

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// state is the position file: how far each source is delivered. It is one line
// of JSON with all sources, and behind it a line for each change since, so that
// a chunk costs what it changes and not what all sources are. It is written after
// each chunk, so that at most the chunk of each lane that was on its way is sent
// twice.
type state struct {
	Version int `json:"version"`
	// Started is when the first run began: no line is taken to be later, in any
	// run, so that all make the same entries.
	Started time.Time               `json:"started"`
	Sources map[string]*sourceState `json:"sources"`

	mu      sync.Mutex
	path    string // "" keeps nothing
	lock    *os.File
	synced  time.Time
	journal journal
}

// sourceState is what is kept of a source.
type sourceState struct {
	Parts []uint64          `json:"parts,omitempty"` // samples, to know the parts again
	Done  rotation.Position `json:"done"`
	Ended bool              `json:"ended"` // Done is the end of what was there
	Size  int64             `json:"size"`  // of the last part when it ended
	Tally tally             `json:"tally"`
	// Before is the sum of what stands before Done in its file, 0 if that is not
	// a file on disk as it is: a file that was replaced or cut since has another.
	Before uint64 `json:"before,omitempty"`

	kept bool // the file has Parts
}

// valid says what of a source's state nobody can have written.
func (h *sourceState) valid() error {
	switch {
	case h == nil:
		return errors.New("no state")
	case h.Done.Part < 0 || h.Done.Part > 0 && h.Done.Part >= len(h.Parts):
		return fmt.Errorf("position in part %d of %d", h.Done.Part, len(h.Parts))
	case h.Done.Offset < 0 || h.Size < 0:
		return fmt.Errorf("position %d of %d bytes", h.Done.Offset, h.Size)
	}
	return nil
}

// tally counts what became of lines.
type tally struct {
	Lines    int64 `json:"lines"`
	Bytes    int64 `json:"bytes"`
	Entries  int64 `json:"entries"`
	Unparsed int64 `json:"unparsed"`
	Late     int64 `json:"late"`
	Refused  int64 `json:"refused"`
	Outside  int64 `json:"outside"` // not asked for by --since and --until
	First    int64 `json:"first"`   // time of the oldest entry, ns
	Last     int64 `json:"last"`
}

func (t *tally) see(e *entry.Entry) {
	t.Entries++
	if e.Format == "unparsed" {
		t.Unparsed++
	}
	if t.First == 0 || e.Time < t.First {
		t.First = e.Time
	}
	t.Last = max(t.Last, e.Time)
}

func (t *tally) add(o *tally) {
	t.Lines += o.Lines
	t.Bytes += o.Bytes
	t.Entries += o.Entries
	t.Unparsed += o.Unparsed
	t.Late += o.Late
	t.Refused += o.Refused
	t.Outside += o.Outside
	if o.First != 0 && (t.First == 0 || o.First < t.First) {
		t.First = o.First
	}
	t.Last = max(t.Last, o.Last)
}

const stateVersion = 1

func newState(path string, now time.Time) *state {
	return &state{Version: stateVersion, Started: now, Sources: map[string]*sourceState{}, path: path}
}

// openState reads the position file and keeps other runs off it.
func openState(path string, restart bool) (*state, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("position file: %w; --state names another", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	s := newState(path, time.Now().UTC())
	s.lock = lock
	data, err := readState(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && restart:
		return s, s.save(true) // also finds out now whether it can be written
	case err != nil:
		s.unlock()
		return nil, fmt.Errorf("position file: %w; --state names another", err)
	}
	if err := s.parse(data); err != nil {
		s.unlock()
		return nil, fmt.Errorf("position file %q: not written by this version (%w); --restart ships from the beginning", path, err)
	}
	return s, s.save(true)
}

// maxState bounds a position file, in bytes: a hundred thousand logs have some
// 30 MB.
const maxState = 256 << 20

// readState reads a regular file; one that is none could block for ever.
func readState(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxState {
		return nil, fmt.Errorf("%s is not a regular file of at most %d MiB", path, maxState>>20)
	}
	return os.ReadFile(path)
}

// validate says what nobody can have written.
func (s *state) validate() error {
	if s.Version != stateVersion {
		return fmt.Errorf("version %d, want %d", s.Version, stateVersion)
	}
	if s.Sources == nil {
		return errors.New("no sources")
	}
	for name, h := range s.Sources {
		if err := h.valid(); err != nil {
			return fmt.Errorf("source %q: %w", name, err)
		}
	}
	return nil
}

func (s *state) unlock() {
	s.journal.close()
	if s.lock != nil {
		s.lock.Close() //nolint:errcheck // ends the lock
	}
}

// adopt finds the sources of the lanes in what was read, and translates their
// positions: a log that was rotated since then has its parts under other names.
func (s *state) adopt(lanes []*rotation.Lane, notice func(archive.Notice)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range lanes {
		for _, src := range l.Sources {
			have := s.Sources[src.Name]
			if have == nil {
				have = new(sourceState)
				s.Sources[src.Name] = have
			}
			if !have.translate(src) {
				notice(archive.Notice{Path: src.Name, Text: "is not the log of the last run any more; it is shipped from its beginning"})
			}
		}
	}
}

// translate makes h's position one in the parts of src; false if the part that
// it was in is not there any more.
func (h *sourceState) translate(src *rotation.Source) bool {
	before := h.Parts
	h.Parts, h.kept = src.Samples(), false
	if len(before) == 0 {
		return true
	}
	old := before[min(h.Done.Part, len(before)-1)]
	for i, sample := range h.Parts {
		if sample == old {
			if !h.same(src, i) {
				break
			}
			h.Ended = h.Ended && i == len(h.Parts)-1 && h.Size == src.Parts[i].File.Stored
			h.Done.Part = i
			return true
		}
	}
	// A part that was shorter than a sample and has grown has another sample.
	if n := min(h.Done.Part, len(h.Parts)-1); len(h.Parts) >= len(before) && equal(h.Parts[:n], before[:n]) && h.same(src, n) {
		h.Ended = false
		return true
	}
	*h = sourceState{Parts: h.Parts}
	return false
}

// same reports whether part i still has, before the position, what it had when
// that was delivered.
func (h *sourceState) same(src *rotation.Source, i int) bool {
	sum, ok := src.Before(rotation.Position{Part: i, Offset: h.Done.Offset})
	return ok && (sum == 0 || h.Before == 0 || sum == h.Before)
}

func equal(a, b []uint64) bool {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return false
		}
	}
	return true
}

// done reports whether everything of src before to is delivered.
func (s *state) done(src *rotation.Source, to rotation.Position) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.Sources[src.Name]
	return h != nil && !h.Done.Less(to)
}

// complete reports whether all of a lane was delivered by a run before.
func (s *state) complete(l *rotation.Lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, src := range l.Sources {
		if h := s.Sources[src.Name]; h == nil || !h.Ended {
			return false
		}
	}
	return true
}

// advance notes that blocks are delivered.
func (s *state) advance(blocks []sent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(blocks))
	for i := range blocks {
		b := &blocks[i]
		h := s.Sources[b.src.Name]
		if h.Done.Less(b.to) { // a log may get lines after its successor has begun
			h.Done = b.to
			h.Before, _ = b.src.Before(b.to)
		}
		h.Tally.add(&b.seen)
		names = append(names, b.src.Name)
	}
	slices.Sort(names)
	return s.note(slices.Compact(names)...)
}

// finish notes that a lane was read to its end.
func (s *state) finish(l *rotation.Lane) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(l.Sources))
	for _, src := range l.Sources {
		h := s.Sources[src.Name]
		h.Ended, h.Size = true, src.Parts[len(src.Parts)-1].File.Stored
		names = append(names, src.Name)
	}
	if len(names) > wholeFrom {
		return s.write(false)
	}
	return s.note(names...)
}

// position returns how far a source is delivered.
func (s *state) position(src *rotation.Source) rotation.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Sources[src.Name].Done
}

// newPart notes a file that came after the others of a source, or one that
// begins again, and returns its index.
func (s *state) newPart(src *rotation.Source, sample uint64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.Sources[src.Name]
	if h == nil {
		h = new(sourceState)
		s.Sources[src.Name] = h
	}
	h.Parts = append(h.Parts, sample)
	h.kept = false
	return len(h.Parts) - 1
}

// resample notes how a part begins now.
func (s *state) resample(src *rotation.Source, part int, sample uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.Sources[src.Name]; part < len(h.Parts) {
		h.Parts[part] = sample
		h.kept = false
	}
}
