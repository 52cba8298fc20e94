package store

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
)

// cursor goes through the rows of a part that fit.
type cursor struct {
	part
	in   stored   // of a block, as the file has it
	b    *block   // memory of a block, to be given back
	c    *columns // of the block or the head
	rows []int32  // in the order of the direction
	pos  int
	err  error
	done chan struct{} // closed when it is loaded
	want []*column     // what the visitor looks at, by name
}

func (c *cursor) time() int64 { return c.c.times[c.rows[c.pos]] }

// pools of what cursors take.
var (
	blocks  = sync.Pool{New: func() any { return new(block) }}
	rowSets = sync.Pool{New: func() any { return new([]int32) }}
)

func (c *cursor) release() {
	if c.b != nil {
		blocks.Put(c.b)
	}
	rows := c.rows[:0]
	rowSets.Put(&rows)
	c.b, c.c, c.rows = nil, nil, nil
}

// load reads what the query looks at and finds the rows that fit.
func (c *cursor) load(q *query) error {
	c.rows = (*rowSets.Get().(*[]int32))[:0]
	if c.head == nil {
		return c.loadBlock(q)
	}
	c.c = &c.head.columns
	c.rows = q.filterLines(c.c, q.filterMeta(c.c, c.st.labels, c.inRange(c.rows, c.head.order)))
	return nil
}

// loadBlock unpacks no more of a block than tells that nothing fits, if nothing
// does: first the columns that filters look at, then the rest.
func (c *cursor) loadBlock(q *query) error {
	c.b = blocks.Get().(*block)
	c.c = &c.b.columns
	if err := c.b.decodeHead(c.in.head); err != nil || !q.may(&c.b.head, c.st.labels) {
		return err
	}
	c.b.cols = c.b.cols[:0]
	if len(q.tests) > 0 {
		if err := c.b.decodeCols(c.in.meta, func(name string) bool { return q.tests[name] }); err != nil {
			return err
		}
		if c.rows = q.filterMeta(c.c, c.st.labels, c.b.allRows(c.rows)); len(c.rows) == 0 {
			return nil
		}
	}
	if err := c.b.decodeTimes(c.in.meta, q.lens); err != nil {
		return err
	}
	if len(q.tests) == 0 {
		c.rows = c.inRange(c.rows, nil)
	} else {
		c.rows = slices.DeleteFunc(c.rows, func(r int32) bool { return c.c.times[r] < c.from || c.c.times[r] >= c.to })
	}
	if len(c.rows) == 0 {
		return nil
	}
	if err := c.b.decodeCols(c.in.meta, func(name string) bool { return q.wants(name) && !q.tests[name] }); err != nil {
		return err
	}
	if !q.lines {
		return nil
	}
	if err := c.b.decodeLines(c.in.lines); err != nil {
		return err
	}
	c.rows = q.filterLines(c.c, c.rows)
	return nil
}

// inRange appends the rows of the times that are asked for.
func (c *cursor) inRange(rows, order []int32) []int32 {
	if order == nil {
		i, _ := slices.BinarySearch(c.c.times, c.from)
		j, _ := slices.BinarySearch(c.c.times, c.to)
		for ; i < j; i++ {
			rows = append(rows, int32(i))
		}
		return rows
	}
	at := func(r int32, t int64) int { return cmp.Compare(c.c.times[r], t) }
	i, _ := slices.BinarySearchFunc(order, c.from, at)
	j, _ := slices.BinarySearchFunc(order, c.to, at)
	return append(rows, order[i:j]...)
}

// merger goes through parts in order of time.
type merger struct {
	q    *query
	r    *reader // of the day
	next []part  // not begun, in order
	// ahead are cursors that are being loaded, in the order of next.
	ahead []*cursor
	slots chan struct{}
	heap  []*cursor

	out  entry.Entry
	meta []entry.Pair
}

// merge gives to visit the entries of the parts that fit.
func merge(ctx context.Context, q *query, r *reader, parts []part, visit func(*entry.Entry) error) error {
	m := &merger{q: q, r: r, next: parts, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	defer m.end()
	n := 0
	for {
		if err := m.fill(); err != nil {
			return err
		}
		if len(m.heap) == 0 {
			return nil
		}
		c := m.heap[0]
		for {
			if n++; n&1023 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := visit(m.entry(c)); err != nil {
				return err
			}
			if c.pos++; c.pos == len(c.rows) {
				m.pop()
				break
			}
			if len(m.heap) > 1 {
				m.down(0)
			}
			if c = m.heap[0]; m.due(c) {
				break
			}
		}
	}
}

// due reports whether a part that was not begun may have entries before that of
// c.
func (m *merger) due(c *cursor) bool {
	var p *part
	switch {
	case len(m.ahead) > 0:
		p = &m.ahead[0].part
	case len(m.next) > 0:
		p = &m.next[0]
	default:
		return false
	}
	if m.q.backward {
		return p.to-1 >= c.time()
	}
	return p.from <= c.time()
}

// fill begins the parts that may hold the next entry.
func (m *merger) fill() error {
	for len(m.ahead)+len(m.next) > 0 && (len(m.heap) == 0 || m.due(m.heap[0])) {
		m.prefetch()
		c := m.ahead[0]
		m.ahead = m.ahead[1:]
		<-c.done
		m.prefetch()
		if c.err != nil {
			c.release()
			return c.err
		}
		if len(c.rows) == 0 {
			c.release()
			continue
		}
		if m.q.backward {
			slices.Reverse(c.rows)
		}
		c.want = m.q.wanted(c.c)
		m.push(c)
	}
	return nil
}

// prefetch loads the next parts aside, so many at a time as there are
// processors.
func (m *merger) prefetch() {
	for len(m.next) > 0 && len(m.ahead) < 2*cap(m.slots) {
		c := &cursor{part: m.next[0], done: make(chan struct{})}
		m.next = m.next[1:]
		m.ahead = append(m.ahead, c)
		if c.head == nil {
			c.in = m.r.block(c.ref)
		}
		go func() {
			m.slots <- struct{}{}
			c.err = c.load(m.q)
			<-m.slots
			close(c.done)
		}()
	}
}

// end waits for what is being loaded: it reads a file that may be closed then.
func (m *merger) end() {
	for _, c := range m.ahead {
		<-c.done
		c.release()
	}
	for _, c := range m.heap {
		c.release()
	}
}

// entry is the current row of c as the visitor gets it.
func (m *merger) entry(c *cursor) *entry.Entry {
	row := int(c.rows[c.pos])
	m.out = entry.Entry{Time: c.c.times[row], Labels: c.st.labels}
	switch {
	case m.q.lines && !m.q.sel.Hints.NoLine:
		m.out.Line = c.c.line(row)
	case m.q.lens:
		m.out.Line = blank(c.c.size(row))
	}
	m.meta = m.meta[:0]
	for _, col := range c.want {
		if id := col.id(row); id != 0 {
			m.meta = append(m.meta, entry.Pair{Name: col.name, Value: col.values[id]})
		}
	}
	m.out.Meta = m.meta
	return &m.out
}

// wanted are the columns that the visitor looks at, by name.
func (q *query) wanted(c *columns) (cols []*column) {
	for i := range c.cols {
		if col := &c.cols[i]; q.names == nil || q.names[col.name] {
			cols = append(cols, col)
		}
	}
	slices.SortFunc(cols, func(a, b *column) int { return strings.Compare(a.name, b.name) })
	return cols
}

// blank is a text of which only the length is looked at.
func blank(n int) string {
	if n > len(blanks) {
		return strings.Repeat(" ", n)
	}
	return unsafe.String(&blanks[0], n)
}

var blanks [64 << 10]byte

// less orders cursors by their current entry; of one time, as they were stored.
func (m *merger) less(a, b *cursor) bool {
	ta, tb := a.time(), b.time()
	if m.q.backward {
		a, b, ta, tb = b, a, tb, ta
	}
	if ta != tb {
		return ta < tb
	}
	if a.st != b.st {
		return a.st.id < b.st.id
	}
	return a.at < b.at
}

func (m *merger) push(c *cursor) {
	m.heap = append(m.heap, c)
	for i := len(m.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !m.less(m.heap[i], m.heap[up]) {
			return
		}
		m.heap[i], m.heap[up] = m.heap[up], m.heap[i]
		i = up
	}
}

func (m *merger) pop() {
	c, last := m.heap[0], len(m.heap)-1
	c.release()
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	if last > 0 {
		m.down(0)
	}
}

func (m *merger) down(i int) {
	for {
		k := 2*i + 1
		if k >= len(m.heap) {
			return
		}
		if k+1 < len(m.heap) && m.less(m.heap[k+1], m.heap[k]) {
			k++
		}
		if !m.less(m.heap[k], m.heap[i]) {
			return
		}
		m.heap[i], m.heap[k] = m.heap[k], m.heap[i]
		i = k
	}
}
