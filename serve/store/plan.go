package store

import (
	"encoding/binary"
	"errors"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/zimbraloki/zimbraloki/entry"
)

// plan is blocks of some heads, ready to be written.
type plan struct {
	s     *Store
	days  map[day]*dayPlan
	heads []planned
	bytes int
}

type planned struct {
	st *stream
	h  *head
}

// dayPlan is what is written to one file: all of it or nothing.
type dayPlan struct {
	blocks []newBlock
	gone   []ref     // blocks that were put into new ones
	heads  []planned // that have entries of that day
}

type newBlock struct {
	st       *stream
	min, max int64
	encoded
}

func newPlan(s *Store) *plan { return &plan{s: s, days: map[day]*dayPlan{}} }

// maxMerged bounds how many blocks are read to make fuller ones.
const maxMerged = 8

// allRows are the rows in order of time.
func (b *builder) allRows() []int32 {
	rows := b.order(b.sorted)
	if rows == nil {
		rows = make([]int32, len(b.times))
		for i := range rows {
			rows[i] = int32(i)
		}
	}
	return rows
}

// add plans the blocks of a full head, which no longer changes.
func (p *plan) add(st *stream, h *head) error {
	head := planned{st, h}
	p.heads = append(p.heads, head)
	rows := h.allRows()
	for len(rows) > 0 {
		at := dayOf(h.times[rows[0]])
		n := 1
		for n < len(rows) && dayOf(h.times[rows[n]]) == at {
			n++
		}
		if !slices.Contains(h.written, at) {
			d := p.days[at]
			if d == nil {
				d = new(dayPlan)
				p.days[at] = d
			}
			d.heads = append(d.heads, head)
			if err := p.rows(d, at, st, &h.columns, rows[:n]); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// rows plans blocks of rows of one day, in order of time, together with small
// blocks that lie beside them.
func (p *plan) rows(d *dayPlan, at day, st *stream, c *columns, rows []int32) error {
	r, err := p.s.days.reader(at)
	if errors.Is(err, errNoDay) {
		p.cut(d, st, c, rows)
		return nil
	}
	if err != nil {
		return err
	}
	defer r.close()
	small, err := d.small(r, st.id, c.times[rows[0]], c.times[rows[len(rows)-1]])
	if err != nil {
		return err
	}
	if len(small) == 0 {
		p.cut(d, st, c, rows)
		return nil
	}
	b := newBuilder()
	var meta []entry.Pair
	for _, ref := range small {
		var old block
		if err := old.read(r.block(ref), everything); err != nil {
			return err
		}
		for row := range old.times {
			e := old.entry(row, meta)
			meta = e.Meta
			b.add(&e)
		}
	}
	for _, row := range rows {
		e := c.entry(int(row), meta)
		meta = e.Meta
		b.add(&e)
	}
	d.gone = append(d.gone, small...)
	p.cut(d, st, &b.columns, b.allRows())
	return nil
}

// small finds blocks that are not half full and hold entries of those times, or
// the last ones before them.
func (d *dayPlan) small(r *reader, stream uint64, from, to int64) (small []ref, err error) {
	refs := r.refs(stream, nil)
	before := -1 // the one that ends last before from
	for i := range refs {
		if refs[i].max < from && (before < 0 || refs[i].max >= refs[before].max) {
			before = i
		}
	}
	for i, ref := range refs {
		if len(small) == maxMerged {
			break
		}
		if i != before && (ref.max < from || ref.min > to) || slices.Contains(d.gone, ref) {
			continue
		}
		var h blockHead
		if err := h.parse(r.heads.Get(ref.headKey())); err != nil {
			return nil, err
		}
		if h.rows < blockRows/2 && h.lineBytes+h.metaBytes < blockBytes/2 {
			small = append(small, ref)
		}
	}
	return small, nil
}

// cut makes blocks of rows, full ones but for the last.
func (p *plan) cut(d *dayPlan, st *stream, c *columns, rows []int32) {
	var one []entry.Pair
	from, size, metaBytes := 0, int64(0), int64(0)
	for i, row := range rows {
		size += int64(c.size(int(row)))
		one = c.meta(one[:0], int(row))
		for j := range one {
			metaBytes += int64(len(one[j].Name) + len(one[j].Value))
		}
		if i+1 < len(rows) && i+1-from < blockRows && size+metaBytes < blockBytes {
			continue
		}
		part := rows[from : i+1]
		b := newBlock{st, c.times[part[0]], c.times[part[len(part)-1]], encode(c, part, metaBytes)}
		d.blocks = append(d.blocks, b)
		p.bytes += len(b.head) + len(b.meta) + len(b.lines)
		from, size, metaBytes = i+1, 0, 0
	}
}

// commit writes the plan, day by day, and takes the heads out of memory.
func (p *plan) commit() error {
	if len(p.heads) == 0 {
		return nil
	}
	s := p.s
	s.view.Lock()
	defer s.view.Unlock()
	for at, d := range p.days {
		if err := d.write(&s.days, at); err != nil {
			return err
		}
		for _, h := range d.heads {
			h.st.mu.Lock()
			h.h.written = append(h.h.written, at)
			h.st.mu.Unlock()
		}
		for i := range d.blocks {
			b := &d.blocks[i]
			b.st.mu.Lock()
			b.st.stored(at, b.max)
			s.known.forget(b.st.id, at)
			b.st.mu.Unlock()
		}
	}
	for _, h := range p.heads {
		h.st.mu.Lock()
		h.st.full = slices.DeleteFunc(h.st.full, func(o *head) bool { return o == h.h })
		h.st.mu.Unlock()
		s.flush.memory.Add(-h.h.size)
	}
	s.flush.freed()
	return nil
}

// write puts the blocks into the day's file.
func (d *dayPlan) write(files *days, at day) error {
	f, err := files.use(at, true)
	if err != nil {
		return err
	}
	defer files.done(f)
	return f.db.Update(func(tx *bolt.Tx) error {
		w := dayWriter{day: at}
		if err := w.buckets(tx); err != nil {
			return err
		}
		for _, r := range d.gone {
			if err := errors.Join(w.heads.Delete(r.headKey()), w.meta.Delete(r.dataKey()), w.lines.Delete(r.dataKey())); err != nil {
				return err
			}
		}
		for i := range d.blocks {
			if err := w.put(&d.blocks[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

type dayWriter struct {
	day                         day
	streams, heads, meta, lines *bolt.Bucket
}

func (w *dayWriter) buckets(tx *bolt.Tx) (err error) {
	for _, b := range []struct {
		name []byte
		at   **bolt.Bucket
	}{{inStreams, &w.streams}, {inHeads, &w.heads}, {inMeta, &w.meta}, {inLines, &w.lines}} {
		if *b.at, err = tx.CreateBucketIfNotExists(b.name); err != nil {
			return err
		}
	}
	return nil
}

func (w *dayWriter) put(b *newBlock) error {
	seq, err := w.heads.NextSequence()
	if err != nil {
		return err
	}
	r := ref{day: w.day, stream: b.st.id, min: b.min, max: b.max, seq: seq}
	newest := b.max
	if old := w.streams.Get(numKey(b.st.id)); old != nil {
		d := decoder{text: string(old)}
		newest = max(newest, int64(d.uvarint())) //nolint:gosec // it was an int64
	}
	st := appendPairs(binary.AppendUvarint(nil, uint64(newest)), b.st.labels.Pairs)
	return errors.Join(w.streams.Put(numKey(b.st.id), st), w.heads.Put(r.headKey(), b.head),
		w.meta.Put(r.dataKey(), b.meta), w.lines.Put(r.dataKey(), b.lines))
}
