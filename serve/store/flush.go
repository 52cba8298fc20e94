package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// flusher is what pushes and the one goroutine that makes blocks share.
type flusher struct {
	memory atomic.Int64 // that heads take, in bytes
	bell   chan struct{}
	one    sync.Mutex // one flush at a time

	mu   sync.Mutex
	room chan struct{} // closed after each flush
}

func (f *flusher) init() {
	f.bell, f.room = make(chan struct{}, 1), make(chan struct{})
}

func (f *flusher) waiting() int64 { return f.memory.Load() }

// wake makes the goroutine look.
func (f *flusher) wake() {
	select {
	case f.bell <- struct{}{}:
	default:
	}
}

// wait returns when there is room in memory.
func (f *flusher) wait(ctx context.Context, limit int64) error {
	for {
		f.mu.Lock()
		room := f.room
		f.mu.Unlock()
		if f.waiting() < limit {
			return nil
		}
		f.wake()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// freed lets those go on that wait.
func (f *flusher) freed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.room)
	f.room = make(chan struct{})
}

// work makes blocks and forgets old ones until ctx ends.
func (s *Store) work(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var retained time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.flush.bell:
		case <-tick.C:
		}
		if err := s.flushDue(s.o.Now()); err != nil {
			s.log.Error("cannot write blocks; what was pushed stays in the log of pushes", "error", err)
		}
		if now := time.Now(); now.Sub(retained) > time.Minute {
			retained = now
			if err := s.Retain(); err != nil {
				s.log.Error("cannot forget old entries", "error", err)
			}
		}
	}
}

// flushDue writes the heads that are full, old, or too much for the memory.
func (s *Store) flushDue(now time.Time) error {
	old := now.Add(-headAge)
	half := s.pushes.half()
	err := s.flushHeads(func(h *head) bool { return h.born.Before(old) || h.first <= half })
	if err == nil && s.flush.waiting() > s.o.Memory*3/4 {
		err = s.flushHeads(func(*head) bool { return true })
	}
	return err
}

// maxPlan bounds what is written with one sync, in bytes.
const maxPlan = 8 << 20

// flushHeads makes blocks of the full heads, and of those that are due.
func (s *Store) flushHeads(due func(*head) bool) error {
	s.flush.one.Lock()
	defer s.flush.one.Unlock()
	p := newPlan(s)
	for _, st := range s.all() {
		st.mu.Lock()
		if st.head != nil && due(st.head) {
			st.close(s)
		}
		full := slices.Clone(st.full)
		st.mu.Unlock()
		for _, h := range full {
			if err := p.add(st, h); err != nil {
				return err
			}
			if p.bytes < maxPlan {
				continue
			}
			if err := p.commit(); err != nil {
				return err
			}
			p = newPlan(s)
		}
	}
	if err := p.commit(); err != nil {
		return err
	}
	s.trim()
	return nil
}

// all are the streams, by id.
func (s *Store) all() []*stream {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]*stream, 0, len(s.streams))
	for _, st := range s.streams {
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b *stream) int { return cmp.Compare(a.id, b.id) })
	return list
}

// trim lets the records of the log of pushes go that no head needs.
func (s *Store) trim() {
	need := s.pushes.needed() // before heads are looked at: a push fills them until it is done
	for _, st := range s.all() {
		st.mu.Lock()
		if st.head != nil {
			need = min(need, st.head.first)
		}
		for _, h := range st.full {
			need = min(need, h.first)
		}
		st.mu.Unlock()
	}
	s.pushes.trim(need)
}
