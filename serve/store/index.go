package store

import (
	"context"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Streams returns the labels of the streams that match and have entries on the
// days of the range from <= time < to.
func (s *Store) Streams(matchers []*logql.Matcher, from, to int64) (list []*entry.Labels) {
	for _, st := range s.matching(matchers) {
		if st.during(max(from, 0), to) {
			list = append(list, st.labels)
		}
	}
	return list
}

func (st *stream) during(from, to int64) bool {
	if to <= from {
		return false
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	first, last := dayOf(from), dayOf(to-1)
	for _, d := range st.days {
		if d >= first && d <= last {
			return true
		}
	}
	heads := st.full
	if st.head != nil {
		heads = append(heads[:len(heads):len(heads)], st.head)
	}
	for _, h := range heads {
		for _, t := range h.times {
			if t >= from && t < to {
				return true
			}
		}
	}
	return false
}

// Size is how much a stream has within a range.
type Size struct {
	Labels                 *entry.Labels
	Blocks, Entries, Bytes int64 // bytes of lines and metadata
}

// Sizes tells of each stream that matches how much of it lies in a range. It
// reads the heads of blocks, and more only where the range cuts one.
func (s *Store) Sizes(ctx context.Context, matchers []*logql.Matcher, from, to int64) ([]Size, error) {
	v, err := s.snapshot(s.matching(matchers))
	defer v.close()
	if err != nil {
		return nil, err
	}
	q := newQuery(&engine.Selection{})
	sizes := map[*stream]*Size{}
	for _, d := range v.days(max(from, 0), to) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := v.reader(d)
		if err != nil {
			return nil, err
		}
		first, last := d.span()
		for _, p := range v.parts(q, r, d, max(first, from), min(last, to)) {
			sum := sizes[p.st]
			if sum == nil {
				sum = &Size{Labels: p.st.labels}
				sizes[p.st] = sum
			}
			if err := sum.add(r, &p); err != nil {
				return nil, err
			}
		}
		v.closeDay(d)
	}
	list := make([]Size, 0, len(sizes))
	for i := range v.streams {
		if sum := sizes[v.streams[i].st]; sum != nil {
			list = append(list, *sum)
		}
	}
	return list, nil
}

// add counts a part.
func (sum *Size) add(r *reader, p *part) error {
	sum.Blocks++
	c := cursor{part: *p}
	if p.head != nil {
		c.c = &p.head.columns
		rows := c.inRange(nil, p.head.order)
		sum.Entries += int64(len(rows))
		for _, row := range rows {
			sum.Bytes += int64(c.c.size(int(row)))
			for _, m := range c.c.meta(nil, int(row)) {
				sum.Bytes += int64(len(m.Name) + len(m.Value))
			}
		}
		return nil
	}
	var b block
	v := r.block(p.ref)
	if err := b.decodeHead(v.head); err != nil {
		return err
	}
	rows := b.head.rows
	if p.from > p.ref.min || p.to <= p.ref.max {
		if err := b.decodeTimes(v.meta, false); err != nil {
			return err
		}
		c.c = &b.columns
		rows = len(c.inRange(nil, nil))
	}
	sum.Entries += int64(rows)
	sum.Bytes += (b.head.lineBytes + b.head.metaBytes) * int64(rows) / int64(max(b.head.rows, 1))
	return nil
}

// Stats are counters since the start, and what is there now.
type Stats struct {
	Pushes, Entries, Doubles int64
	Late                     int64 // entries that were looked for in blocks
	Questions                int64
	Streams                  int64
	Waiting                  int64 // bytes of memory of entries that are not in blocks
	LogBytes                 int64 // of the log of pushes
	DiskBytes                int64 // of the files of the days
}

// Stats returns the counters.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	n := int64(len(s.streams))
	s.mu.RUnlock()
	s.pushes.mu.Lock()
	log := s.pushes.bytes
	s.pushes.mu.Unlock()
	c := &s.stats
	return Stats{
		Pushes: c.pushes.Load(), Entries: c.entries.Load(), Doubles: c.doubles.Load(), Late: c.late.Load(), Questions: c.questions.Load(),
		Streams: n, Waiting: s.flush.waiting(), LogBytes: log, DiskBytes: s.days.size(),
	}
}
