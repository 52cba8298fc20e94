package rotation

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logs/archive"
)

// Position is how far a source was read: the lines before it are done.
type Position struct {
	Part   int   `json:"part"`   // index of the part
	Offset int64 `json:"offset"` // in it, unpacked bytes
}

// Less reports whether p is before q.
func (p Position) Less(q Position) bool {
	return p.Part < q.Part || p.Part == q.Part && p.Offset < q.Offset
}

// Block is lines of one source that follow each other. Its borders depend on
// the source alone: whoever reads again gets the same.
type Block struct {
	Source *Source
	From   Position // of the first line
	To     Position // behind the last line
	Lines  int
	Bytes  int64 // with line ends
	First  int64 // time of the first line, ns; 0 if none is known
	Last   int64
}

// The bounds of a Block. Entries of one block that is sent twice must lie
// within the hour that Loki looks back in a stream (max_chunk_age/2), or the
// second time they would count as late; 30 minutes leave as much for other
// sources of the same streams. A block ends only where the stamp changes, as
// equal lines of one instant are told apart by their number within a block;
// where it does not change for long, at maxBlock.
const (
	BlockBytes = 2 << 20 // as Fluent Bit's chunks
	maxBlock   = 2 * BlockBytes
	BlockSpan  = int64(30 * time.Minute)
)

// maxLine is where a longer line is cut into lines, in bytes.
const maxLine = 4 << 20

// Reader reads the sources of a lane in order of time. It keeps one line of
// each source whose time has come.
type Reader struct {
	// Notice gets what is wrong with a part that was read until there; nil for
	// nobody.
	Notice func(archive.Notice)
	// Read is told how much of File.Stored was read; nil for nobody.
	Read func(n int)
	// Contains, if not "", is a text that one is looking for: lines that have
	// nothing to do with a line which holds it may be left out.
	Contains string
	// At, if not nil, is told where the line that is given next stands: from its
	// first byte to behind its end.
	At    func(from, to Position)
	o     Options
	queue queue
	free  []*bufio.Reader // of sources that have ended
}

// NewReader makes a Reader.
func NewReader(l *Lane, o Options) *Reader {
	r := &Reader{o: o, queue: make(queue, 0, len(l.Sources))}
	for i, s := range l.Sources {
		at := int64(0)
		if len(s.Parts) > 0 {
			at = max(s.Parts[0].sortKey(), 0)
		}
		r.queue = append(r.queue, waiting{src: s, order: i, at: at})
	}
	heap.Init(&r.queue)
	return r
}

// Next reads the next block: that of the source whose next line is the oldest.
// line gets each line without its end, and its time; the bytes are valid until
// it returns. The error is io.EOF when all is read.
func (r *Reader) Next(line func(s *Source, at int64, b []byte)) (Block, error) {
	for len(r.queue) > 0 {
		w := &r.queue[0]
		if w.c == nil {
			w.c = &cursor{r: r, src: w.src, clock: clock{loc: r.o.Location, limit: r.o.Now.UnixNano()}}
		}
		c := w.c
		b := c.block(line)
		if c.have || !c.done {
			w.at = c.next()
			heap.Fix(&r.queue, 0)
		} else {
			c.end()
			heap.Pop(&r.queue)
		}
		if b.Lines > 0 {
			return b, nil
		}
	}
	return Block{}, io.EOF
}

// Close closes what is open.
func (r *Reader) Close() {
	for _, w := range r.queue {
		if w.c != nil {
			w.c.close()
		}
	}
}

// waiting is a source that has not ended. It has a cursor from its first line
// on: an archive may hold a hundred thousand of them.
type waiting struct {
	src   *Source
	c     *cursor
	order int   // in the lane
	at    int64 // time of the next line, as far as it is known
}

// queue is a heap: the oldest line first, of equals the source that stands first
// in the lane.
type queue []waiting

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}
func (q *queue) Push(x any) { *q = append(*q, x.(waiting)) }
func (q *queue) Pop() any {
	n := len(*q) - 1
	w := (*q)[n]
	(*q)[n] = waiting{}
	*q = (*q)[:n]
	return w
}

// cursor reads one source.
type cursor struct {
	r     *Reader
	src   *Source
	clock clock
	pos   Position // behind the line that waits
	open  io.ReadCloser
	in    *bufio.Reader
	long  []byte // a line longer than the buffer of in

	have    bool     // a line waits
	line    []byte   // it, without its end
	at      int64    // its time
	stamped bool     // it names a time
	from    Position // where it starts
	timed   int      // of this part's lines, how many more have a time than have none
	done    bool
	skip    skipper
}

// next is the time of the next line, as far as it is known before it is read.
func (c *cursor) next() int64 {
	if c.have {
		return c.at
	}
	if c.open == nil && c.pos.Part < len(c.src.Parts) {
		return max(c.src.Parts[c.pos.Part].sortKey(), c.clock.last)
	}
	return c.clock.last
}

// block gives lines away until a bound is reached.
func (c *cursor) block(line func(*Source, int64, []byte)) (b Block) {
	b.Source = c.src
	stamp := int64(0) // the last one given
	for c.have || c.read() {
		if b.Lines > 0 && c.stamped && c.at != stamp && (b.Bytes >= BlockBytes || c.at-b.First > BlockSpan || b.First-c.at > BlockSpan) ||
			b.Bytes >= maxBlock {
			return b
		}
		if c.r.At != nil {
			c.r.At(c.from, c.pos)
		}
		line(c.src, c.at, c.line)
		c.have = false
		if b.Lines == 0 {
			b.From, b.First = c.from, c.at
		}
		if c.stamped {
			stamp = c.at
		}
		b.Lines++
		b.To = c.pos
		b.Bytes += int64(len(c.line)) + 1
		b.Last = max(b.Last, c.at)
	}
	return b
}

// read makes the next line wait; false at the end of the source.
func (c *cursor) read() bool {
	for !c.done {
		if c.open == nil && !c.openPart() {
			continue
		}
		if c.skip.on {
			c.leaveOut()
		}
		c.from = c.pos
		n, err := c.readLine()
		if n > 0 {
			c.pos.Offset += int64(n)
			c.have = true
			c.given()
			c.stamp()
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				c.notice(err, "; what comes before is used")
			}
			c.endPart()
		}
		if n > 0 {
			return true
		}
	}
	return false
}

// stamp finds the time of the line that waits. One that has none is of the
// time before it, in a log whose lines have times; in another it is of the
// time at which the file was last written.
func (c *cursor) stamp() {
	w, ok := stampOf(c.line)
	c.stamped = ok
	switch {
	case ok:
		c.at = min(c.clock.at(&w), c.clock.limit)
		c.timed = min(c.timed+4, 1<<20)
	case c.timed > 0:
		c.at = min(c.clock.last, c.clock.limit)
		c.timed--
	default:
		c.at = c.clock.bound
	}
}

// openPart opens the next part; false if there is none, or it cannot be opened.
func (c *cursor) openPart() bool {
	if c.pos.Part >= len(c.src.Parts) {
		c.done = true
		return false
	}
	p := c.src.Parts[c.pos.Part]
	c.clock.part(p.bound)
	if p.wall.year == 0 && p.First > 0 && p.First > c.clock.last+11*back {
		c.clock.last = 0 // a gap of a year: this part's own date tells
	}
	c.timed = 0
	c.beginSkip(p)
	f, err := p.File.Open(c.r.Read)
	if err != nil {
		c.notice(err, "")
		c.pos = Position{Part: c.pos.Part + 1}
		return false
	}
	c.open = f
	if n := len(c.r.free); c.in == nil && n > 0 {
		c.in, c.r.free = c.r.free[n-1], c.r.free[:n-1]
	}
	if c.in == nil {
		size := sampleBytes
		if c.r.Contains != "" {
			size = skipBuffer
		}
		c.in = bufio.NewReaderSize(f, size)
	} else {
		c.in.Reset(f)
	}
	return true
}

// endPart goes on to the next part. The source ends behind the last line of its
// last part, which may grow until somebody reads again.
func (c *cursor) endPart() {
	c.close()
	if c.pos.Part == len(c.src.Parts)-1 {
		c.done = true
		return
	}
	c.pos = Position{Part: c.pos.Part + 1}
}

// end lets go of what a source needs no more after its last line was given.
func (c *cursor) end() {
	c.close()
	if c.in != nil {
		c.r.free = append(c.r.free, c.in)
		c.in = nil
	}
}

func (c *cursor) close() {
	if c.open != nil {
		c.open.Close() //nolint:errcheck // read only
		c.open = nil
	}
}

func (c *cursor) notice(err error, more string) {
	if c.r.Notice != nil {
		c.r.Notice(archive.Trouble(c.src.Parts[c.pos.Part].File.Path, err, more))
	}
}

// readLine reads a line into c.line; n counts its end too.
func (c *cursor) readLine() (n int, err error) {
	c.long = c.long[:0]
	b, err := c.in.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) && len(c.long)+len(b) < maxLine {
		c.long = append(c.long, b...)
		b, err = c.in.ReadSlice('\n')
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	if len(c.long) > 0 {
		c.long = append(c.long, b...)
		b = c.long
	}
	n = len(b)
	c.line = bytes.TrimSuffix(b, []byte("\n"))
	return n, err
}

// Samples identify the parts: hashes of how they begin.
func (s *Source) Samples() []uint64 {
	list := make([]uint64, len(s.Parts))
	for i, p := range s.Parts {
		list[i] = p.sample
	}
	return list
}

// Tag is the tag of a source, as Fluent Bit would give it.
func (s *Source) Tag() string {
	return "zimbra." + strings.ReplaceAll(strings.TrimPrefix(s.Path, "/"), "/", ".")
}
