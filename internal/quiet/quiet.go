// Package quiet decides which of many repeated events are worth a line in the
// log. It says nothing itself: the caller asks, and writes the line if told so.
package quiet

import (
	"sync"
	"time"
)

// State follows something that works or fails, such as the way to Loki: an
// error is said when it changes, repeats are counted, and the recovery is said
// once with count and duration. The zero value is ready to use and works. Safe
// for concurrent use.
type State struct {
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Again is how soon an error may be said anew that came and went within one
	// outage (503, refused, 503, …); 0 means DefaultAgain.
	Again time.Duration

	mu    sync.Mutex
	last  string               // the error said or counted last
	said  map[string]time.Time // when each error of this outage was said
	count int                  // failures since the outage began
	since time.Time            // first failure of the outage
}

// DefaultAgain is State.Again if that is 0.
const DefaultAgain = time.Minute

// maxSaid bounds the errors a State remembers. More kinds within one outage
// are still said when they change, however often they return.
const maxSaid = 64

// Outage is the time from a first failure to the next success.
type Outage struct {
	Failures int           // how many failures were noted
	Duration time.Duration // from the first failure to the success
}

// Fail notes a failure and reports whether it should be said. kind tells
// errors apart; what varies from one failure to the next of the same kind (a
// time, a size) does not belong in it.
func (s *State) Fail(kind string) (say bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.count == 0 {
		s.since = now
		s.said = make(map[string]time.Time)
	}
	s.count++
	if s.count > 1 && kind == s.last {
		return false
	}
	s.last = kind
	if at, ok := s.said[kind]; ok && now.Sub(at) < s.again() {
		return false
	}
	if len(s.said) < maxSaid {
		s.said[kind] = now
	}
	return true
}

// OK notes a success. ended reports whether it ends an outage, which the
// caller then says.
func (s *State) OK() (o Outage, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == 0 {
		return Outage{}, false
	}
	o = Outage{Failures: s.count, Duration: s.now().Sub(s.since)}
	s.count, s.last, s.said = 0, "", nil
	return o, true
}

// Outage returns how many failures the outage has that goes on, 0 if there is
// none, and how long it has lasted.
func (s *State) Outage() (failures int, lasts time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == 0 {
		return 0, 0
	}
	return s.count, s.now().Sub(s.since)
}

// Failing reports whether the last thing noted was a failure.
func (s *State) Failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count > 0
}

func (s *State) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *State) again() time.Duration {
	if s.Again == 0 {
		return DefaultAgain
	}
	return s.Again
}

// Tally counts events that have no end, such as refused entries: the first of
// a kind is said at once, later ones at most once per Every with their number.
// The zero value is ready to use. Safe for concurrent use. Kinds come from a
// closed set: they are never forgotten.
type Tally struct {
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Every is the shortest time between two lines of one kind; 0 means
	// DefaultEvery.
	Every time.Duration

	mu    sync.Mutex
	kinds map[string]*count
}

// DefaultEvery is Tally.Every if that is 0.
const DefaultEvery = time.Minute

type count struct {
	unsaid int
	said   time.Time
}

// Note counts n events of a kind. If say is true, the caller says them: total
// is how many there were since the last line of this kind, n included.
func (t *Tally) Note(kind string, n int) (total int, say bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now
	if t.Now != nil {
		now = t.Now
	}
	c := t.kinds[kind]
	if c == nil {
		if t.kinds == nil {
			t.kinds = make(map[string]*count)
		}
		c = &count{}
		t.kinds[kind] = c
	}
	c.unsaid += n
	every := t.Every
	if every == 0 {
		every = DefaultEvery
	}
	at := now()
	if !c.said.IsZero() && at.Sub(c.said) < every {
		return 0, false
	}
	total, c.unsaid, c.said = c.unsaid, 0, at
	return total, true
}
