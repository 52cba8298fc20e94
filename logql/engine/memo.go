package engine

import (
	"math/bits"
	"slices"
)

// memo remembers what became of the rows of a block: rows are alike if the
// values of the labels that the query looks at are, or, of labels that filters
// alone look at, if the same filters keep them.
type memo struct {
	fates   []fate
	index   []uint64 // of the rows of the block: what tells them apart
	few     []int32  // by index, places in fates from 1 on; or
	many    map[uint64]int32
	memory  []int32 // of few
	classes []uint32
	off     bool // nothing is remembered
}

// fate is the series and the value of rows, or no series.
type fate struct {
	s     *window
	value float64
}

// maxFew bounds how many different rows a block may have that are looked up
// without a map.
const maxFew = 1 << 14

// begin makes ready for a block.
func (m *memo) begin(h *hinter, b *Block) {
	m.fates = m.fates[:0]
	if m.off = h.all || h.reads; m.off {
		return
	}
	m.index = slices.Grow(m.index[:0], len(b.Rows))[:len(b.Rows)]
	clear(m.index)
	kinds := uint64(1)
	for i := range b.Cols {
		if col := &b.Cols[i]; !col.Every {
			kinds = m.column(h, b, col, kinds)
		}
		if kinds == 0 {
			m.off = true
			return
		}
	}
	m.few = nil
	if kinds <= maxFew {
		m.memory = slices.Grow(m.memory[:0], maxFew)
		m.few = m.memory[:kinds]
		clear(m.few)
		return
	}
	if m.many == nil {
		m.many = map[uint64]int32{}
	}
	clear(m.many)
}

// column takes one more column into the index, which has told kinds apart; it
// returns how many there may be now, 0 if there are too many.
func (m *memo) column(h *hinter, b *Block, col *Column, kinds uint64) uint64 {
	n := uint64(len(col.Values))
	exact := h.exact(col.Name)
	if !exact {
		n, exact = m.classify(h, col)
	}
	high, all := bits.Mul64(kinds, n)
	if high != 0 {
		return 0
	}
	for i, row := range b.Rows {
		id := col.ID(int(row))
		if !exact {
			id = m.classes[id]
		}
		m.index[i] = m.index[i]*n + uint64(id)
	}
	return all
}

// classify puts values together that the same filters keep, and returns how many
// classes there are, or that there are too many filters. Rows without a value
// are a class of their own.
func (m *memo) classify(h *hinter, col *Column) (n uint64, exact bool) {
	var tests []func(string) bool
	for i := range h.tests {
		if h.tests[i].Name == col.Name {
			tests = append(tests, h.tests[i].Fits)
		}
	}
	if len(tests) > maxTests {
		return uint64(len(col.Values)), true
	}
	m.classes = slices.Grow(m.classes[:0], len(col.Values))[:len(col.Values)]
	seen := map[uint64]uint32{}
	for id, value := range col.Values {
		class := uint64(0)
		for i, fits := range tests {
			if id > 0 && fits(value) {
				class |= 2 << i
			}
		}
		if id > 0 {
			class |= 1
		}
		at, ok := seen[class]
		if !ok {
			at = uint32(len(seen)) //nolint:gosec // there are few
			seen[class] = at
		}
		m.classes[id] = at
	}
	return uint64(len(seen)), false
}

// maxTests are those of one label that have a bit of a class.
const maxTests = 62

// exact reports whether the value of a label counts.
func (h *hinter) exact(name string) bool {
	_, ok := slices.BinarySearch(h.names, name)
	return ok
}

// find returns what became of the rows that are like a row of the index.
func (m *memo) find(i int) (o fate, ok bool) {
	at := int32(0)
	switch {
	case m.off:
		return o, false
	case m.few != nil:
		at = m.few[m.index[i]]
	default:
		at = m.many[m.index[i]]
	}
	if at == 0 {
		return o, false
	}
	return m.fates[at-1], true
}

// tryout is the number of different rows after which a map must have spared
// some.
const tryout = 512

// keep notes what became of a row of the index.
func (m *memo) keep(i int, o fate) {
	if m.off {
		return
	}
	m.fates = append(m.fates, o)
	at := int32(len(m.fates)) //nolint:gosec // not more than rows of a block
	if m.few != nil {
		m.few[m.index[i]] = at
		return
	}
	m.many[m.index[i]] = at
	m.off = len(m.fates) > tryout && len(m.fates) > i/2
}
