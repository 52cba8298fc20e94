package loki

import (
	"cmp"
	"slices"
	"time"
)

// loss is an entry that Loki refused.
type loss struct {
	ref    int32
	reason Reason
	text   string // Loki's words
}

// match finds the entries of p that a refusal speaks about: none if it cannot
// tell.
func (b *Batch) match(p piece, r refusal, text string) []loss {
	m := matcher{b: b, refs: p.refs, taken: make([]bool, len(p.refs)), why: make([]loss, len(p.refs))}
	switch {
	case r.all:
		for i := range p.refs {
			m.take(i, r.reason, text)
		}
	case len(r.ignored) > 0:
		m.ignored(r)
	default:
		// In the order in which Loki checks an entry, as the first failure is
		// the one it names.
		slices.SortStableFunc(r.items, func(x, y item) int { return cmp.Compare(checkOrder(x), checkOrder(y)) })
		for i := range r.items {
			m.item(&r.items[i])
		}
	}
	return m.losses()
}

// checkOrder is the place of an item's check in Loki's ValidateEntry (v3.7.8
// pkg/distributor/validator.go).
func checkOrder(it item) int {
	switch {
	case it.reason == ReasonTooOld:
		return 0
	case it.reason == ReasonTooNew:
		return 1
	case it.reason == ReasonLineTooLong:
		return 2
	case it.bytes == 0 && it.pairs == 0: // metadata disallowed
		return 3
	case it.bytes > 0:
		return 4
	}
	return 5
}

// matcher collects the refused entries of a piece.
type matcher struct {
	b     *Batch
	refs  []int32 // sorted by time
	taken []bool  // by index in refs
	why   []loss  // by index in refs, if taken
}

func (m *matcher) take(i int, reason Reason, text string) {
	if !m.taken[i] {
		m.taken[i], m.why[i] = true, loss{m.refs[i], reason, text}
	}
}

// losses returns what was taken, sorted by time.
func (m *matcher) losses() (all []loss) {
	for i, taken := range m.taken {
		if taken {
			all = append(all, m.why[i])
		}
	}
	return all
}

func (m *matcher) time(i int) int64 { return m.b.refs[m.refs[i]].time }

// ignored takes the entries of the ingester's list and, if that is cut short,
// the oldest ones up to the number it gives: as the piece is sorted, Loki's
// limit cuts off its beginning.
func (m *matcher) ignored(r refusal) {
	for _, g := range r.ignored {
		i, _ := slices.BinarySearchFunc(m.refs, g.time, func(ref int32, t int64) int {
			return cmp.Compare(m.b.refs[ref].time, t)
		})
		for ; i < len(m.refs) && m.time(i) == g.time; i++ {
			m.take(i, g.reason, g.text)
		}
	}
	if r.total <= r.listed {
		return
	}
	last := r.ignored[len(r.ignored)-1]
	for i := 0; i < min(r.total, len(m.refs)); i++ {
		if last.cutoff != 0 && m.time(i) >= last.cutoff+int64(time.Second) {
			break
		}
		m.take(i, last.reason, last.text)
	}
}

// item takes the entries that an item of the distributor's list describes.
func (m *matcher) item(it *item) {
	var fits func(i int) bool
	switch {
	case it.reason == ReasonTooOld:
		m.old(it)
		return
	case it.reason == ReasonTooNew:
		fits = func(i int) bool { return unixSecond(m.time(i)) == it.second }
	default:
		fits = func(i int) bool { return m.measures(i, it) }
	}
	var found []int
	for i := range m.refs {
		if !m.taken[i] && fits(i) {
			found = append(found, i)
		}
	}
	switch {
	case it.reason == ReasonTooNew: // within the second the newest ones
		found = found[len(found)-min(len(found), it.n):]
	case len(found) != it.n:
		return // not what Loki means
	}
	for _, i := range found {
		m.take(i, it.reason, it.text)
	}
}

// old takes what is older than the limit in the text, and of the second that
// the text names the oldest ones.
func (m *matcher) old(it *item) {
	left := it.n
	for i := range m.refs {
		switch s := unixSecond(m.time(i)); {
		case s < it.cutoff:
			m.take(i, it.reason, it.text)
		case s == it.second && left > 0:
			left--
			m.take(i, it.reason, it.text)
		}
	}
}

// measures reports whether entry i has the size that an item names.
func (m *matcher) measures(i int, it *item) bool {
	var p plain
	m.b.read(m.refs[i], &p)
	switch {
	case it.reason == ReasonLineTooLong:
		return len(p.line) == it.length
	case it.bytes > 0:
		return p.metaBytes() == it.bytes
	case it.pairs > 0:
		return len(p.meta) == it.pairs
	}
	return len(p.meta) > 0
}

// unixSecond is the second of a time in ns, rounded down.
func unixSecond(t int64) int64 {
	sec, _ := splitTime(t)
	return sec
}
