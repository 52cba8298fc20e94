package store

import (
	"sync"
	"sync/atomic"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// subscribers want to hear of entries as they are stored.
type subscribers struct {
	n  atomic.Int32
	mu sync.Mutex
	of map[*Subscription]struct{}
}

// Subscription hears of the new entries of streams that match.
type Subscription struct {
	// News are entries as they come. Whoever is slow loses some: see Lost.
	News     <-chan News
	news     chan News
	matchers []*logql.Matcher
	lost     atomic.Int64
	s        *subscribers
}

// News is entries of one stream. Their strings live on.
type News struct {
	Labels  *entry.Labels
	Entries []Entry
}

// newsAhead is how many News wait for a slow reader.
const newsAhead = 256

// Subscribe begins a subscription, which must be closed.
func (s *Store) Subscribe(matchers []*logql.Matcher) *Subscription {
	ch := make(chan News, newsAhead)
	sub := &Subscription{News: ch, news: ch, matchers: matchers, s: &s.subs}
	s.subs.mu.Lock()
	defer s.subs.mu.Unlock()
	if s.subs.of == nil {
		s.subs.of = map[*Subscription]struct{}{}
	}
	s.subs.of[sub] = struct{}{}
	s.subs.n.Add(1)
	return sub
}

// Lost returns how many entries were left out since it was last asked.
func (s *Subscription) Lost() int64 { return s.lost.Swap(0) }

// Close ends the subscription.
func (s *Subscription) Close() {
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	if _, ok := s.s.of[s]; ok {
		delete(s.s.of, s)
		s.s.n.Add(-1)
	}
}

func (s *subscribers) any() bool { return s.n.Load() > 0 }

// tell gives entries to all who want them. It never waits.
func (s *subscribers) tell(l *entry.Labels, entries []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own []Entry
	for sub := range s.of {
		if !matches(l, sub.matchers) {
			continue
		}
		if own == nil {
			own = cloneEntries(entries)
		}
		select {
		case sub.news <- News{l, own}:
		default:
			sub.lost.Add(int64(len(own)))
		}
	}
}

func cloneEntries(entries []Entry) []Entry {
	own := make([]Entry, len(entries))
	for i := range entries {
		e := &entries[i]
		own[i] = Entry{Time: e.Time, Line: string([]byte(e.Line)), Meta: make([]entry.Pair, len(e.Meta))}
		for j, p := range e.Meta {
			own[i].Meta[j] = entry.Pair{Name: string([]byte(p.Name)), Value: string([]byte(p.Value))}
		}
	}
	return own
}
