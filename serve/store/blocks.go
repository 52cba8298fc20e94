package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Line implements engine.Text.
func (c *columns) Line(row int) string { return c.line(row) }

// Size implements engine.Text.
func (c *columns) Size(row int) int { return c.size(row) }

// SelectBlocks implements engine.BlockSource. Heads are blocks, too.
func (s *Store) SelectBlocks(ctx context.Context, sel *engine.Selection, visit []func(*engine.Block) error) error {
	s.stats.questions.Add(1)
	v, err := s.snapshot(s.matching(sel.Matchers))
	defer v.close()
	if err != nil {
		return err
	}
	q := newQuery(sel)
	for _, d := range v.days(max(sel.From, 0), sel.To) {
		r, err := v.reader(d)
		if err != nil {
			return err
		}
		from, to := d.span()
		w := walk{q: q, r: r, parts: v.parts(q, r, d, max(from, sel.From), min(to, sel.To))}
		if err := w.run(ctx, visit); err != nil {
			return err
		}
		v.closeDay(d)
	}
	return nil
}

// walk is one day of a selection, gone through by several visitors.
type walk struct {
	q     *query
	r     *reader
	parts []part

	mu   sync.Mutex // of what follows, and of r
	next int        // of parts
}

func (w *walk) run(ctx context.Context, visit []func(*engine.Block) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(visit))
	var all sync.WaitGroup
	for i, f := range visit {
		all.Go(func() {
			if errs[i] = w.visit(ctx, f); errs[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	return first(errs)
}

// first is the error that made others end.
func first(errs []error) (err error) {
	for _, e := range errs {
		if e != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = e
		}
	}
	return err
}

// take returns the next part, nil if there is none.
func (w *walk) take() *cursor {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == len(w.parts) {
		return nil
	}
	c := &cursor{part: w.parts[w.next]}
	w.next++
	if c.head == nil {
		c.in = w.r.block(c.ref)
	}
	return c
}

// visit gives parts to one visitor until none is left.
func (w *walk) visit(ctx context.Context, f func(*engine.Block) error) error {
	var b engine.Block
	for ctx.Err() == nil {
		c := w.take()
		if c == nil {
			return nil
		}
		if err := w.one(&b, c, f); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *walk) one(b *engine.Block, c *cursor, visit func(*engine.Block) error) error {
	defer c.release()
	if err := c.load(w.q); err != nil || len(c.rows) == 0 {
		return err
	}
	b.Labels, b.Rows, b.Times, b.Text, b.Cols = c.st.labels, c.rows, c.c.times, c.c, b.Cols[:0]
	for i := range c.c.cols {
		if col := &c.c.cols[i]; w.q.names == nil || w.q.names[col.name] {
			b.Cols = append(b.Cols, engine.Column{Name: col.name, Values: col.values, IDs: col.ids, Every: col.every})
		}
	}
	slices.SortFunc(b.Cols, func(a, b engine.Column) int { return strings.Compare(a.Name, b.Name) })
	return visit(b)
}
