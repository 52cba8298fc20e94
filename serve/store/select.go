package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Ordered implements engine.Source: entries come in order of time.
func (s *Store) Ordered() bool { return true }

// Select implements engine.Source. It goes day by day, and through one with a
// heap of blocks; those that come next are read and filtered aside.
func (s *Store) Select(ctx context.Context, sel *engine.Selection, visit func(*entry.Entry) error) error {
	s.stats.questions.Add(1)
	v, err := s.snapshot(s.matching(sel.Matchers))
	defer v.close()
	if err != nil {
		return err
	}
	list := v.days(max(sel.From, 0), sel.To)
	if sel.Direction == engine.Backward {
		slices.Reverse(list)
	}
	q := newQuery(sel)
	for _, d := range list {
		err := v.day(ctx, q, d, visit)
		switch {
		case err == engine.ErrStop: //nolint:errorlint // it is never wrapped
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// snapshot is the store as it was at one moment, as far as streams match.
type snapshot struct {
	s       *Store
	readers map[day]*reader
	streams []streamView
}

// streamView is a stream at that moment.
type streamView struct {
	st    *stream
	days  []day
	heads []headView // oldest first
}

type headView struct {
	columns
	order    []int32 // nil: times go up
	min, max int64
	written  []day
}

// snapshot must be closed, even with an error.
func (s *Store) snapshot(list []*stream) (*snapshot, error) {
	v := &snapshot{s: s, readers: map[day]*reader{}, streams: make([]streamView, 0, len(list))}
	s.view.RLock()
	defer s.view.RUnlock()
	for _, st := range list {
		v.streams = append(v.streams, st.view())
	}
	// Blocks may only be made of heads, so days without any may be opened when
	// they are come to: no entry can be both in a head and there.
	for i := range v.streams {
		for j := range v.streams[i].heads {
			h := &v.streams[i].heads[j]
			for d := dayOf(h.min); d <= dayOf(h.max); d++ {
				if _, err := v.reader(d); err != nil {
					return v, err
				}
			}
		}
	}
	return v, nil
}

// reader opens a day; nil if there are no blocks of it.
func (v *snapshot) reader(d day) (*reader, error) {
	r, ok := v.readers[d]
	if ok {
		return r, nil
	}
	r, err := v.s.days.reader(d)
	if err != nil && !errors.Is(err, errNoDay) {
		return nil, err
	}
	v.readers[d] = r
	return r, nil
}

func (v *snapshot) close() {
	for d := range v.readers {
		v.closeDay(d)
	}
}

func (v *snapshot) closeDay(d day) {
	if r := v.readers[d]; r != nil {
		r.close()
	}
	delete(v.readers, d)
}

// day gives the entries of a day to visit.
func (v *snapshot) day(ctx context.Context, q *query, d day, visit func(*entry.Entry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := v.reader(d)
	if err != nil {
		return err
	}
	defer v.closeDay(d)
	from, to := d.span()
	return merge(ctx, q, r, v.parts(q, r, d, max(from, q.sel.From), min(to, q.sel.To)), visit)
}

func (st *stream) view() streamView {
	st.mu.Lock()
	defer st.mu.Unlock()
	v := streamView{st: st, days: slices.Clone(st.days)}
	heads := st.full
	if st.head != nil {
		heads = append(slices.Clip(heads), st.head)
	}
	for _, h := range heads {
		hv := headView{columns: h.view(), order: h.order(h.sorted), written: slices.Clone(h.written)}
		hv.min, hv.max = hv.times[0], hv.times[len(hv.times)-1]
		if hv.order != nil {
			hv.min, hv.max = hv.times[hv.order[0]], hv.times[hv.order[len(hv.order)-1]]
		}
		v.heads = append(v.heads, hv)
	}
	return v
}

// matching returns the streams whose labels fit.
func (s *Store) matching(matchers []*logql.Matcher) []*stream {
	list := s.all()
	return slices.DeleteFunc(list, func(st *stream) bool { return !matches(st.labels, matchers) })
}

func matches(l *entry.Labels, matchers []*logql.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// days returns the days that hold entries of a range, in order.
func (v *snapshot) days(from, to int64) []day {
	if to <= from {
		return nil
	}
	first, last := dayOf(from), dayOf(to-1)
	set := map[day]struct{}{}
	for i := range v.streams {
		st := &v.streams[i]
		at, _ := slices.BinarySearch(st.days, first)
		for ; at < len(st.days) && st.days[at] <= last; at++ {
			set[st.days[at]] = struct{}{}
		}
		for j := range st.heads {
			for d := max(dayOf(st.heads[j].min), first); d <= min(dayOf(st.heads[j].max), last); d++ {
				set[d] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// part is entries of one stream and day that one cursor goes through: a block,
// or a head.
type part struct {
	st       *stream
	at       int       // its place among the parts of a stream: the order of storing
	ref      ref       // of a block, if head is nil
	head     *headView // in memory
	from, to int64     // what is asked for of it, from <= time < to
}

// parts returns all that may hold entries of a range within a day, in the order
// in which they begin, as the direction goes. r is nil if there are no blocks.
func (v *snapshot) parts(q *query, r *reader, d day, from, to int64) []part {
	var parts []part
	var refs []ref
	for i := range v.streams {
		st := &v.streams[i]
		at := 0
		if _, ok := slices.BinarySearch(st.days, d); ok && r != nil {
			refs = r.refs(st.st.id, refs[:0])
			for _, b := range refs {
				at++
				if b.min < to && b.max >= from {
					parts = append(parts, part{st: st.st, at: at, ref: b, from: max(from, b.min), to: min(to, b.max+1)})
				}
			}
		}
		for j := range st.heads {
			h := &st.heads[j]
			at++
			if h.min < to && h.max >= from && !slices.Contains(h.written, d) {
				parts = append(parts, part{st: st.st, at: at, head: h, from: max(from, h.min), to: min(to, h.max+1)})
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		if q.backward {
			return cmp.Compare(b.to, a.to)
		}
		return cmp.Compare(a.from, b.from)
	})
	return parts
}

// query is a selection, ready to be put to blocks.
type query struct {
	sel      *engine.Selection
	backward bool
	names    map[string]bool // of metadata that the visitor wants; nil for all
	tests    map[string]bool // of metadata that filters look at
	lines    bool            // somebody looks at lines
	lens     bool
}

func newQuery(sel *engine.Selection) *query {
	h := &sel.Hints
	q := &query{sel: sel, backward: sel.Direction == engine.Backward, tests: map[string]bool{}}
	if h.MetaNames != nil && !h.AllMeta {
		q.names = map[string]bool{}
		for _, n := range h.MetaNames {
			q.names[n] = true
		}
	}
	for _, m := range h.Meta {
		q.tests[m.Name] = true
	}
	q.lines = !h.NoLine || len(h.Contains) > 0 || len(h.AnyOf) > 0
	q.lens = q.lines || h.NeedSize
	return q
}

// may reports whether the head of a block lets entries pass the tests: there is
// no column of what they look at only if they take what has none.
func (q *query) may(h *blockHead, l *entry.Labels) bool {
	for _, t := range q.sel.Hints.Meta {
		there := slices.ContainsFunc(h.cols, func(c colHead) bool { return c.name == t.Name })
		if !there && !t.Fits(l.Get(t.Name)) {
			return false
		}
	}
	return true
}

func (q *query) wants(name string) bool { return q.names == nil || q.names[name] || q.tests[name] }

// filterMeta keeps the rows whose metadata fits the hints.
func (q *query) filterMeta(c *columns, l *entry.Labels, rows []int32) []int32 {
	for _, t := range q.sel.Hints.Meta {
		absent := t.Fits(l.Get(t.Name))
		i := slices.IndexFunc(c.cols, func(c column) bool { return c.name == t.Name })
		if i < 0 {
			if !absent {
				return rows[:0]
			}
			continue
		}
		col := &c.cols[i]
		fits := make([]bool, len(col.values))
		fits[0] = absent
		for id, v := range col.values[1:] {
			fits[id+1] = t.Fits(v)
		}
		kept := rows[:0]
		for _, r := range rows {
			if fits[col.id(int(r))] {
				kept = append(kept, r)
			}
		}
		if rows = kept; len(rows) == 0 {
			return rows
		}
	}
	return rows
}
