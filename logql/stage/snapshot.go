package stage

import "github.com/zimbraloki/zimbraloki/entry"

// snapshot are labels as they were at one time.
type snapshot struct {
	pairs []entry.Pair
	taken bool
}

// take remembers the labels, the first time.
func (s *snapshot) take(l *Labels) {
	if !s.taken {
		s.pairs, s.taken = l.Append(s.pairs[:0]), true
	}
}

// Lookup returns the value of a label.
func (s *snapshot) Lookup(name string) (string, bool) { return find(s.pairs, name) }

// Each calls f for every label.
func (s *snapshot) Each(f func(name, value string)) {
	for _, p := range s.pairs {
		f(p.Name, p.Value)
	}
}
