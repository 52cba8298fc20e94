package store

import (
	"cmp"
	"slices"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
)

// columns are entries of one stream, column by column. Row numbers go through
// all of them. It only ever grows at its end, so that a copy of the struct is a
// view that stays as it is.
type columns struct {
	times []int64
	ends  []uint32 // where each line ends in lines
	lines []byte
	cols  []column
}

// column is one name of structured metadata.
type column struct {
	name   string
	values []string // values[0] is "", for rows without it
	// ids are indices of values by row; rows beyond its end have none. nil with
	// every set, all rows have values[1].
	ids   []uint32
	every bool
}

func (c *column) id(row int) uint32 {
	switch {
	case c.every:
		return 1
	case row < len(c.ids):
		return c.ids[row]
	}
	return 0
}

func (c *columns) size(row int) int {
	if row == 0 {
		return int(c.ends[0])
	}
	return int(c.ends[row] - c.ends[row-1])
}

// line is the line of a row, a view.
func (c *columns) line(row int) string {
	end := int(c.ends[row])
	b := c.lines[end-c.size(row) : end]
	return unsafe.String(unsafe.SliceData(b), len(b)) // lines are never written over while somebody has a view
}

// meta appends the metadata of a row, sorted by name if the columns are.
func (c *columns) meta(dst []entry.Pair, row int) []entry.Pair {
	for i := range c.cols {
		col := &c.cols[i]
		if id := col.id(row); id != 0 {
			dst = append(dst, entry.Pair{Name: col.name, Value: col.values[id]})
		}
	}
	return dst
}

// entry returns a row as it came; meta is memory for its metadata.
func (c *columns) entry(row int, meta []entry.Pair) Entry {
	return Entry{Time: c.times[row], Line: c.line(row), Meta: sorted(c.meta(meta[:0], row))}
}

func sorted(meta []entry.Pair) []entry.Pair {
	byName := func(a, b entry.Pair) int { return cmp.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(meta, byName) {
		slices.SortFunc(meta, byName)
	}
	return meta
}

// builder fills columns.
type builder struct {
	columns
	index  []map[string]uint32 // by column: value → its place in values
	byName map[string]int
	arena  []byte // for values
	meta   int64  // bytes of metadata, names and values
	sorted bool   // times go up
}

func newBuilder() *builder { return &builder{byName: map[string]int{}, sorted: true} }

// like makes room for as much as a full builder of the same stream had.
func (b *builder) like(full *builder) {
	rows := len(full.times) + 1
	b.times, b.ends = make([]int64, 0, rows), make([]uint32, 0, rows)
	b.lines = make([]byte, 0, len(full.lines)+len(full.lines)/16)
	for i := range full.cols {
		if col := &full.cols[i]; len(col.ids) > rows/2 {
			at := b.column(col.name, i)
			b.cols[at].ids = make([]uint32, 0, rows)
			b.cols[at].values = append(make([]string, 0, len(col.values)+1), "")
		}
	}
}

// arenaSize is in bytes: the values of some dozen entries.
const arenaSize = 8 << 10

// keep copies a text to where it lives as long as the builder.
func (b *builder) keep(s string) string {
	if len(s) > cap(b.arena)-len(b.arena) {
		b.arena = make([]byte, 0, max(arenaSize, len(s)))
	}
	from := len(b.arena)
	b.arena = append(b.arena, s...)
	return unsafe.String(unsafe.SliceData(b.arena[from:]), len(s)) // never written again
}

// add appends an entry, and copies all of it.
func (b *builder) add(e *Entry) {
	row := len(b.times)
	if row > 0 && e.Time < b.times[row-1] {
		b.sorted = false
	}
	b.lines = append(b.lines, e.Line...)
	b.ends = append(b.ends, uint32(len(b.lines)))
	at := 0
	for i := range e.Meta {
		p := &e.Meta[i]
		b.meta += int64(len(p.Name) + len(p.Value))
		at = b.column(p.Name, at)
		b.set(at, row, p.Value)
		at++
	}
	b.times = append(b.times, e.Time) // last: views have as many rows as times
}

// column finds a column; guess is where it probably is.
func (b *builder) column(name string, guess int) int {
	if guess < len(b.cols) && b.cols[guess].name == name {
		return guess
	}
	at, ok := b.byName[name]
	if !ok {
		at = len(b.cols)
		name = b.keep(name)
		b.byName[name] = at
		b.cols = append(b.cols, column{name: name, values: []string{""}})
		b.index = append(b.index, map[string]uint32{})
	}
	return at
}

func (b *builder) set(at, row int, value string) {
	col, index := &b.cols[at], b.index[at]
	for len(col.ids) < row {
		col.ids = append(col.ids, 0)
	}
	if row > 0 {
		if last := col.ids[row-1]; last != 0 && col.values[last] == value {
			col.ids = append(col.ids, last)
			return
		}
	}
	if index == nil {
		col.ids = append(col.ids, col.append(b.keep(value)))
		return
	}
	id, ok := index[value]
	if !ok {
		value = b.keep(value)
		id = col.append(value)
		index[value] = id
		if len(index) > tryout && len(index) > row/2 {
			b.index[at] = nil // values of which hardly one comes again
		}
	}
	col.ids = append(col.ids, id)
}

// tryout is the number of values after which some must have come again; else
// each gets a place of its own.
const tryout = 512

func (c *column) append(value string) uint32 {
	c.values = append(c.values, value)
	return uint32(len(c.values) - 1) //nolint:gosec // fewer than rows
}

// view is the rows as they are now. Columns are copied one by one, since add
// changes them where they are.
func (b *builder) view() columns {
	v := b.columns
	v.cols = slices.Clone(b.cols)
	return v
}

// bytes is about the memory that b takes.
func (b *builder) bytes() int64 {
	n := int64(cap(b.lines)) + 12*int64(cap(b.times))
	for i := range b.cols {
		n += 4*int64(cap(b.cols[i].ids)) + 64*int64(len(b.cols[i].values))
	}
	return n + b.meta/4
}

// order is the rows in order of time, those of one time as they came; nil if
// they are so already.
func (c *columns) order(sorted bool) []int32 {
	if sorted {
		return nil
	}
	rows := make([]int32, len(c.times))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(c.times[a], c.times[b]) })
	return rows
}
