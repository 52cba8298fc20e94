package engine

import (
	"context"
	"errors"
	"runtime"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// Block is entries of one stream, column by column.
type Block struct {
	Labels *entry.Labels
	Rows   []int32  // those that are asked for; each is a place in what follows
	Times  []int64  // nanoseconds since 1970 UTC
	Cols   []Column // the structured metadata that is asked for, sorted by name
	Text   Text     // not asked for what the hints leave out
}

// Text is the lines of a block, by row.
type Text interface {
	Line(row int) string
	Size(row int) int // bytes of the line
}

// Column is one name of structured metadata.
type Column struct {
	Name   string
	Values []string // Values[0] is "", for rows without it
	IDs    []uint32 // by row, places in Values; rows beyond its end have none
	Every  bool     // all rows have Values[1], and IDs is nothing
}

// ID returns the place in Values of a row's value.
func (c *Column) ID(row int) uint32 {
	switch {
	case c.Every:
		return 1
	case row < len(c.IDs):
		return c.IDs[row]
	}
	return 0
}

// BlockSource is a Source that has its entries in blocks. Where their order does
// not count it gives whole blocks, several at a time.
type BlockSource interface {
	Source
	// SelectBlocks calls the visitors for the blocks of the selection, each for
	// one block at a time, in no order; the rows of a block are in the order of
	// time. Blocks are valid until the visitor returns. It ends as Select does.
	SelectBlocks(ctx context.Context, sel *Selection, visit []func(*Block) error) error
}

// orderless are the range aggregations whose value does not depend on the order
// in which values come, to the last digit.
var orderless = map[string]bool{
	"count_over_time": true, "rate": true, "bytes_over_time": true, "bytes_rate": true, "absent_over_time": true,
	"max_over_time": true, "min_over_time": true, "quantile_over_time": true,
}

// blocks evaluates a range aggregation block by block, on all processors. It
// returns nil where that cannot be, or where the query fails: then the order of
// entries says how.
func (ev *evaluation) blocks(e *logql.RangeAgg, group *logql.Grouping) (*windows, error) {
	src, ok := ev.src.(BlockSource)
	if !ok || !orderless[e.Op] || e.Op == "rate" && e.Unwrap != nil {
		return nil, nil
	}
	n := runtime.GOMAXPROCS(0)
	all, visit := make([]*windows, n), make([]func(*Block) error, n)
	for i := range all {
		own := *ev
		own.cells, own.share = 0, (ev.opt.MaxCells-ev.cells)/n
		w, err := own.windows(e, group)
		if err != nil {
			return nil, err
		}
		w.unordered = true
		all[i], visit[i] = w, w.block
	}
	err := src.SelectBlocks(ev.ctx, all[0].selection(), visit)
	if _, bad := errors.AsType[*Error](err); bad {
		return nil, nil
	}
	if err != nil {
		return nil, ev.named(err)
	}
	w := all[0]
	for _, other := range all[1:] {
		w.merge(other)
	}
	ev.cells += w.ev.cells
	w.ev = ev
	w.arrange()
	return w, nil
}

// merge takes the series of another part of the same aggregation.
func (w *windows) merge(other *windows) {
	if len(w.all) == 0 {
		w.all, w.places = other.all, other.places
		w.ev.cells = other.ev.cells
		return
	}
	for _, o := range other.all {
		at, ok := w.places[o.key]
		if !ok {
			w.places[o.key] = len(w.all)
			w.all = append(w.all, o)
			continue
		}
		s := w.all[at]
		s.born = min(s.born, o.born)
		s.buckets = append(s.buckets, o.buckets...)
		s.points = append(s.points, o.points...)
	}
	w.ev.cells += other.ev.cells
}

// block puts the entries of a block into their windows.
func (w *windows) block(b *Block) error {
	m := &w.slots
	m.begin(w.known, b)
	e := entry.Entry{Labels: b.Labels}
	for i, row := range b.Rows {
		t := b.Times[row]
		at, ok := w.place(t)
		if !ok {
			continue
		}
		o, known := m.find(i)
		if !known {
			var err error
			e.Time = t
			if o.s, o.value, err = w.sample(w.entry(&e, b, int(row))); err != nil {
				return err
			}
			m.keep(i, o)
		}
		if o.s == nil {
			continue
		}
		if w.known.hints.NeedSize && w.pipe.lineless {
			o.value = float64(b.Text.Size(int(row)))
		}
		if err := w.add(o.s, t, at, o.value); err != nil {
			return err
		}
	}
	return nil
}

// entry makes an entry of a row.
func (w *windows) entry(e *entry.Entry, b *Block, row int) *entry.Entry {
	if !w.pipe.lineless {
		e.Line = b.Text.Line(row)
	}
	e.Meta = e.Meta[:0]
	for i := range b.Cols {
		col := &b.Cols[i]
		if id := col.ID(row); id != 0 {
			e.Meta = append(e.Meta, entry.Pair{Name: col.Name, Value: col.Values[id]})
		}
	}
	return e
}
