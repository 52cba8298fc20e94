package store

import (
	"slices"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// stream is one stream: which days have blocks of it, and entries that wait.
type stream struct {
	id     uint64
	labels *entry.Labels

	mu       sync.Mutex
	head     *head   // nil: none waits
	full     []*head // for the flusher, oldest first
	days     []day   // that have blocks of it
	newest   int64   // of all entries, waiting and stored
	inBlocks int64   // the newest of those stored
	gone     bool    // no longer in Store.streams
}

// head is entries that wait for their block.
type head struct {
	builder
	sums    []uint64            // identities, by row
	seen    map[uint64]struct{} // of sums, once entries came out of order
	first   uint64              // the first push that has one of its entries
	born    time.Time
	size    int64 // of memory, as counted in flusher
	written []day // whose entries are in blocks already; stream.mu
}

// stream finds or makes a stream, and returns it locked.
func (s *Store) stream(l *entry.Labels) *stream {
	for {
		s.mu.RLock()
		st := s.streams[l.Text]
		s.mu.RUnlock()
		if st == nil {
			st = s.newStream(l)
		}
		st.mu.Lock()
		if !st.gone {
			return st
		}
		st.mu.Unlock()
	}
}

func (s *Store) newStream(l *entry.Labels) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[l.Text]
	if st == nil {
		s.lastID++
		st = &stream{id: s.lastID, labels: cloneLabels(l), newest: -1, inBlocks: -1}
		s.streams[st.labels.Text] = st
	}
	return st
}

func cloneLabels(l *entry.Labels) *entry.Labels {
	pairs := make([]entry.Pair, len(l.Pairs))
	for i, p := range l.Pairs {
		pairs[i] = entry.Pair{Name: string([]byte(p.Name)), Value: string([]byte(p.Value))}
	}
	return NewLabels(pairs)
}

// stored notes that a day has blocks, up to an entry of time newest. Its caller
// has st to itself, or its lock.
func (st *stream) stored(d day, newest int64) {
	st.newest = max(st.newest, newest)
	st.inBlocks = max(st.inBlocks, newest)
	if i, ok := slices.BinarySearch(st.days, d); !ok {
		st.days = slices.Insert(st.days, i, d)
	}
}

// add puts the entries that are new into the head, and returns how many.
func (s *Store) add(in *Stream, sums []uint64, seq uint64) (fresh int) {
	st := s.stream(in.Labels)
	defer st.mu.Unlock()
	var news []Entry
	for i := range in.Entries {
		e := &in.Entries[i]
		if e.Time <= st.newest && st.has(s, e.Time, sums[i]) {
			continue
		}
		if st.head == nil {
			st.head = &head{builder: *newBuilder(), first: seq, born: s.o.Now()}
			// A stream that filled a block within a batch, or just now, fills the next.
			if n := len(st.full); n > 0 {
				st.head.like(&st.full[n-1].builder)
				st.head.sums = make([]uint64, 0, len(st.full[n-1].sums)+1)
			}
		}
		// A push may overtake one that came before it.
		st.head.first = min(st.head.first, seq)
		st.head.put(e, sums[i])
		st.newest = max(st.newest, e.Time)
		fresh++
		if s.subs.any() {
			news = append(news, *e)
		}
		if len(st.head.times) >= blockRows || int64(len(st.head.lines))+st.head.meta >= blockBytes {
			st.close(s)
		}
	}
	if st.head != nil {
		st.head.count(&s.flush)
	}
	if len(news) > 0 {
		s.subs.tell(st.labels, news)
	}
	return fresh
}

// close gives the head to the flusher.
func (st *stream) close(s *Store) {
	st.head.count(&s.flush)
	st.full = append(st.full, st.head)
	st.head = nil
	s.flush.wake()
}

func (h *head) put(e *Entry, sum uint64) {
	h.add(e)
	h.sums = append(h.sums, sum)
	if h.seen != nil {
		h.seen[sum] = struct{}{}
	}
}

// count tells the flusher how much memory the head has come to take.
func (h *head) count(f *flusher) {
	n := h.bytes() + 8*int64(cap(h.sums)) + 24*int64(len(h.seen))
	f.memory.Add(n - h.size)
	h.size = n
}

// has reports whether an entry of that time and sum waits or is stored.
func (st *stream) has(s *Store, t int64, sum uint64) bool {
	if st.head != nil && st.head.has(t, sum) {
		return true
	}
	for _, h := range st.full {
		if h.has(t, sum) {
			return true
		}
	}
	if t > st.inBlocks {
		return false
	}
	if _, ok := slices.BinarySearch(st.days, dayOf(t)); !ok {
		return false
	}
	return s.known.has(s, st.id, t, sum)
}

func (h *head) has(t int64, sum uint64) bool {
	if h.sorted {
		i, found := slices.BinarySearch(h.times, t)
		for ; found && i < len(h.times) && h.times[i] == t; i++ {
			if h.sums[i] == sum {
				return true
			}
		}
		return false
	}
	if h.seen == nil {
		h.seen = make(map[uint64]struct{}, 2*len(h.sums))
		for _, x := range h.sums {
			h.seen[x] = struct{}{}
		}
	}
	_, ok := h.seen[sum]
	return ok
}
