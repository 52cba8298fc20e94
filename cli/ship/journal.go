package ship

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

// journal is the open position file, to which changes are appended.
type journal struct {
	f     *os.File // nil until the file is written as a whole
	whole int64    // bytes of the first line
	added int64    // bytes behind it
	buf   bytes.Buffer
}

// change is what a line of the journal says: what a source has from now on.
type change struct {
	Name string `json:"name"`
	sourceState
}

// syncEvery is how often the file is written through to the disk. A killed
// process loses nothing of what it wrote in between, a machine that loses its
// power may.
const syncEvery = time.Second

// compactFrom is how many bytes of changes a position file has at least before
// it is written anew; it is when they are more than the rest, too, so that all
// writing together is a few times what was changed.
const compactFrom = 4 << 20

// wholeFrom is how many sources end at once before the file is written anew.
const wholeFrom = 1000

func (j *journal) close() {
	if j.f != nil {
		j.f.Close() //nolint:errcheck // what had to be written was
		j.f = nil
	}
}

// parse reads a position file. What stands behind the last line end was being
// written when the program was killed; it is as if it had not been begun.
func (s *state) parse(data []byte) error {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	if err := json.Unmarshal(first, s); err != nil {
		return err
	}
	if err := s.validate(); err != nil {
		return err
	}
	for n := 2; ; n++ {
		text, after, whole := bytes.Cut(rest, []byte("\n"))
		if !whole {
			return nil
		}
		if err := s.apply(text); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		rest = after
	}
}

// apply makes a change that a line of the journal tells.
func (s *state) apply(text []byte) error {
	var c change
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	if have := s.Sources[c.Name]; have != nil && c.Parts == nil {
		c.Parts = have.Parts
	}
	if err := c.valid(); err != nil {
		return fmt.Errorf("source %q: %w", c.Name, err)
	}
	s.Sources[c.Name] = &c.sourceState
	return nil
}

// note writes what is new of sources. The caller holds mu.
func (s *state) note(names ...string) error {
	j := &s.journal
	if s.path == "" {
		return nil
	}
	if j.f == nil || j.added > max(compactFrom, j.whole) {
		return s.write(false)
	}
	j.buf.Reset()
	out := json.NewEncoder(&j.buf)
	for _, name := range names {
		h := s.Sources[name]
		c := change{name, *h}
		if h.kept {
			c.Parts = nil
		}
		h.kept = true
		if err := out.Encode(&c); err != nil {
			return err
		}
	}
	n, err := j.f.Write(j.buf.Bytes())
	j.added += int64(n)
	if err == nil && time.Since(s.synced) > syncEvery {
		err = j.f.Sync()
		s.synced = time.Now()
	}
	if err != nil {
		j.close() // half a line may stand there: nothing is put behind it
		return fmt.Errorf("position file: %w", err)
	}
	return nil
}

// save writes the file as a whole.
func (s *state) save(sync bool) error {
	if s.path == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(sync)
}

// write writes the file as a whole beside itself and renames it.
func (s *state) write(sync bool) error {
	tmp := s.path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("position file: %w", err)
	}
	n, err := s.encode(f)
	if err == nil && (sync || time.Since(s.synced) > syncEvery) {
		err = f.Sync()
		s.synced = time.Now()
	}
	if err == nil {
		err = os.Rename(tmp, s.path)
	}
	if err != nil {
		return fmt.Errorf("position file: %w", errors.Join(err, f.Close()))
	}
	s.journal.close()
	s.journal.f, s.journal.whole, s.journal.added = f, n, 0
	for _, h := range s.Sources {
		h.kept = true
	}
	return nil
}

// encode writes the first line, source by source: as one text it would take as
// much memory again as all sources do.
func (s *state) encode(f io.Writer) (n int64, err error) {
	w := bufio.NewWriterSize(f, 64<<10)
	put := func(b []byte) {
		n += int64(len(b))
		w.Write(b) //nolint:errcheck // Flush tells
	}
	head, err := json.Marshal(struct {
		Version int       `json:"version"`
		Started time.Time `json:"started"`
	}{s.Version, s.Started})
	if err != nil {
		return 0, err
	}
	put(head[:len(head)-1])
	put([]byte(`,"sources":{`))
	for i, name := range slices.Sorted(maps.Keys(s.Sources)) {
		key, err := json.Marshal(name)
		if err != nil {
			return 0, err
		}
		value, err := json.Marshal(s.Sources[name])
		if err != nil {
			return 0, err
		}
		if i > 0 {
			put([]byte(","))
		}
		put(append(key, ':'))
		put(value)
	}
	put([]byte("}}\n"))
	return n, w.Flush()
}
