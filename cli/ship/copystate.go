package ship

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// A part of a store is a source without files: Done.Offset is how many of its
// entries are delivered, in their order, Before their sum, Size its bytes when it
// ended.

// part returns what is kept of a part.
func (s *state) part(p *store.Part) sourceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.Sources[p.Name()]; h != nil {
		return *h
	}
	return sourceState{}
}

// forget drops what is kept of a part.
func (s *state) forget(p *store.Part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.Sources, p.Name())
}

// carried notes that entries are delivered.
func (s *state) carried(parts []carried) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(parts))
	for i := range parts {
		x := &parts[i]
		if x.done < 0 {
			continue
		}
		name := x.p.Name()
		h := s.Sources[name]
		if h == nil {
			h = new(sourceState)
			s.Sources[name] = h
		}
		h.Done, h.Before = rotation.Position{Offset: x.done}, x.sum
		h.Ended, h.Size = x.end, 0
		if x.end {
			h.Size = x.p.Bytes
		}
		h.Tally.add(&x.seen)
		names = append(names, name)
	}
	slices.Sort(names)
	return s.note(slices.Compact(names)...)
}
