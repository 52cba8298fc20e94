package store

import (
	"cmp"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Part is what one stream has on one day (UTC).
type Part struct {
	Labels         *entry.Labels // live as long as the store
	Entries, Bytes int64         // bytes of lines and metadata
	First, Last    int64         // times, ns

	st  *stream
	day day
}

// Name tells a part from all others: its day and its labels.
func (p *Part) Name() string {
	return strings.TrimSuffix(p.day.fileName(), ".db") + " " + p.Labels.Text
}

// SameDay reports whether two parts are of one day.
func (p *Part) SameDay(o *Part) bool { return p.day == o.day }

// Is reports whether a folder is that of a store.
func Is(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, formName))
	return err == nil && strings.HasPrefix(string(text), formPrefix)
}

// Parts returns all that is stored, by day and then by labels. It reads the
// heads of blocks only.
func (s *Store) Parts(ctx context.Context) (list []Part, err error) {
	v, err := s.snapshot(s.all())
	defer v.close()
	if err != nil {
		return nil, err
	}
	for _, d := range v.days(0, math.MaxInt64) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if list, err = v.dayParts(d, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dayParts appends the parts of a day.
func (v *snapshot) dayParts(d day, list []Part) ([]Part, error) {
	r, err := v.reader(d)
	if err != nil {
		return nil, err
	}
	defer v.closeDay(d)
	from, to := d.span()
	of := map[*stream]*Part{}
	for _, p := range v.parts(newQuery(&engine.Selection{}), r, d, from, to) {
		sum := of[p.st]
		if sum == nil {
			sum = &Part{Labels: p.st.labels, First: p.from, st: p.st, day: d}
			of[p.st] = sum
		}
		var size Size
		if err := size.add(r, &p); err != nil {
			return nil, err
		}
		sum.Entries, sum.Bytes = sum.Entries+size.Entries, sum.Bytes+size.Bytes
		sum.First, sum.Last = min(sum.First, p.from), max(sum.Last, p.to-1)
	}
	before := len(list)
	for _, p := range of {
		list = append(list, *p)
	}
	slices.SortFunc(list[before:], func(a, b Part) int { return cmp.Compare(a.Labels.Text, b.Labels.Text) })
	return list, nil
}

// Visit gives the entries of a part to visit, in order of time, as they were
// pushed. What an entry holds but its labels is visit's until it returns. Memory
// is taken for the blocks whose times overlap and for some that come next, a few
// MiB each.
func (s *Store) Visit(ctx context.Context, p *Part, visit func(*entry.Entry) error) error {
	v, err := s.snapshot([]*stream{p.st})
	defer v.close()
	if err != nil {
		return err
	}
	from, to := p.day.span()
	return v.day(ctx, newQuery(&engine.Selection{From: from, To: to, Direction: engine.Forward}), p.day, visit)
}
