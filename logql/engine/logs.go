package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// logs answers a log query.
func (e *Engine) logs(ctx context.Context, log *logql.LogExpr, p *Params) (*Result, error) {
	pipe, err := newPipeline(log, nil, false)
	if err != nil {
		if p.Categorize {
			return &Result{Type: Streams}, nil
		}
		return nil, err
	}
	c := &collector{pipe: pipe, limit: p.Limit, max: e.opt.MaxEntries, back: p.Direction == Backward}
	if c.back && !e.src.Ordered() {
		c.turn = -1
	} else {
		c.turn = 1
	}
	if p.Interval > 0 {
		c.limit = 0
	}
	c.ordered = e.src.Ordered()
	sel := &Selection{Matchers: log.Matchers, From: p.Start, To: p.End, Direction: p.Direction, Hints: logHints(pipe)}
	sel.Hints.Limit = p.Limit
	if len(pipe.stages) > 0 || p.Interval > 0 {
		sel.Hints.Limit = 0
	}
	if err := e.read(ctx, sel, c.visit); err != nil {
		return nil, err
	}
	c.cut()
	lines := c.lines
	if p.Interval > 0 {
		lines = spaced(lines, int64(p.Interval), p.Limit)
	}
	return &Result{Type: Streams, Streams: grouped(c.streams, lines)}, nil
}

// found is an entry of the answer with what orders it.
type found struct {
	time   int64
	seq    int // the place in which the source gave it
	stream int // place in collector.streams
	text   string
}

// collector keeps the entries of an answer, the first ones if there is a limit.
type collector struct {
	pipe    *pipeline
	limit   int
	max     int
	back    bool
	ordered bool
	turn    int // -1 if entries of one time come in the wrong order

	lines   []found
	streams []Stream
	places  map[string]int
	key     []byte
	pairs   []entry.Pair
	hashes  map[*entry.Labels]uint64
	edge    int64 // the time of the last entry within the limit
	seq     int
	tied    map[tie]struct{} // what was found at the time tiedAt
	tiedAt  int64
}

func (c *collector) visit(e *entry.Entry) error {
	if c.limit > 0 && c.ordered && len(c.lines) >= c.limit && e.Time != c.edge {
		return ErrStop
	}
	text, ok := c.pipe.process(e)
	if !ok {
		return nil
	}
	// Within a limit lines are more than the answer for a while: cut.
	if c.max > 0 && len(c.lines) >= c.max && (c.limit <= 0 || c.limit > c.max) {
		return badf("the answer has more than %d entries; ask for a shorter time, or set a limit", c.max)
	}
	c.seq++
	f := found{time: e.Time, seq: c.seq * c.turn, stream: c.place(e.Labels), text: strings.Clone(text)}
	if c.double(f) {
		return nil
	}
	c.lines = append(c.lines, f)
	if len(c.lines) == c.limit {
		c.edge = e.Time
	}
	// Without an order all entries must be seen, but not all kept.
	if c.limit > 0 && !c.ordered && len(c.lines) >= 2*c.limit+1024 {
		c.cut()
		c.forget()
	}
	return nil
}

// double reports whether the stream has the same line at this time already.
// Loki shows such a line once: stages can make lines equal, and labels. Without
// an order that is seen in cut.
func (c *collector) double(f found) bool {
	if !c.ordered {
		return false
	}
	if c.tied == nil {
		c.tied = map[tie]struct{}{}
	}
	if c.tiedAt != f.time {
		clear(c.tied)
		c.tiedAt = f.time
	}
	key := tie{f.stream, f.text}
	_, seen := c.tied[key]
	c.tied[key] = struct{}{}
	return seen
}

// tie is what may be in an answer once at one time.
type tie struct {
	stream int
	text   string
}

// distinct leaves out what double could not see.
func (c *collector) distinct() {
	seen, at := map[tie]struct{}{}, int64(0)
	c.lines = slices.DeleteFunc(c.lines, func(f found) bool {
		if f.time != at {
			clear(seen)
			at = f.time
		}
		key := tie{f.stream, f.text}
		_, again := seen[key]
		seen[key] = struct{}{}
		return again
	})
}

// place returns the stream of the answer that has the labels of the entry.
func (c *collector) place(stream *entry.Labels) int {
	l := &c.pipe.labels
	h := c.hash(stream)
	c.key = c.key[:0]
	for i := range 8 {
		c.key = append(c.key, byte(h>>(8*i)))
	}
	for cat := stage.Stream; cat <= stage.Parsed; cat++ {
		c.pairs = l.AppendCategory(c.pairs[:0], cat)
		c.key = appendKey(c.key, c.pairs)
	}
	if at, ok := c.places[string(c.key)]; ok {
		return at
	}
	if c.places == nil {
		c.places = map[string]int{}
	}
	c.places[string(c.key)] = len(c.streams)
	c.streams = append(c.streams, Stream{
		Labels: clonePairs(l.AppendCategory(nil, stage.Stream)),
		All:    clonePairs(l.Append(nil)),
		Meta:   clonePairs(l.AppendCategory(nil, stage.Metadata)),
		Parsed: clonePairs(l.AppendCategory(nil, stage.Parsed)),
		hash:   h,
	})
	return len(c.streams) - 1
}

// hash is what orders entries of one time in different streams, as in Loki.
func (c *collector) hash(l *entry.Labels) uint64 {
	h, ok := c.hashes[l]
	if !ok {
		if c.hashes == nil {
			c.hashes = map[*entry.Labels]uint64{}
		}
		h = hashLabels(l.Pairs)
		c.hashes[l] = h
	}
	return h
}

// appendKey appends a text that is equal for equal labels only.
func appendKey(dst []byte, pairs []entry.Pair) []byte {
	for _, p := range pairs {
		dst = append(append(dst, p.Name...), 0xff)
		dst = append(append(dst, p.Value...), 0xff)
	}
	return append(dst, 0xfe)
}

func clonePairs(pairs []entry.Pair) []entry.Pair {
	for i, p := range pairs {
		pairs[i] = entry.Pair{Name: strings.Clone(p.Name), Value: strings.Clone(p.Value)}
	}
	return pairs
}

// cut orders what was found and keeps what is within the limit.
func (c *collector) cut() {
	slices.SortFunc(c.lines, c.compare)
	if !c.ordered {
		c.distinct()
	}
	if c.limit > 0 && len(c.lines) > c.limit {
		clear(c.lines[c.limit:])
		c.lines = c.lines[:c.limit]
	}
}

// forget leaves out the streams of which no line is kept: with their metadata,
// lines may be a stream each.
func (c *collector) forget() {
	kept := make([]int, len(c.streams)) // the new place, 0 = none yet
	for _, l := range c.lines {
		kept[l.stream] = 1
	}
	n := 0
	for i := range c.streams {
		if kept[i] == 1 {
			c.streams[n] = c.streams[i]
			n++
			kept[i] = n
		}
	}
	clear(c.streams[n:])
	c.streams = c.streams[:n]
	for i := range c.lines {
		c.lines[i].stream = kept[c.lines[i].stream] - 1
	}
	for key, old := range c.places {
		if c.places[key] = kept[old] - 1; kept[old] == 0 {
			delete(c.places, key)
		}
	}
}

// compare is the order of an answer: by time; at one time by the stream's hash,
// then by all labels, then as they were stored.
func (c *collector) compare(a, b found) int {
	switch {
	case a.time != b.time:
		if (a.time < b.time) == c.back {
			return 1
		}
		return -1
	case a.stream == b.stream:
		return a.seq - b.seq
	}
	sa, sb := &c.streams[a.stream], &c.streams[b.stream]
	if sa.hash != sb.hash {
		if sa.hash < sb.hash {
			return -1
		}
		return 1
	}
	if d := strings.Compare(labelText(sa.All), labelText(sb.All)); d != 0 {
		return d
	}
	return a.seq - b.seq
}

// labelText is how Loki writes labels where it compares them.
func labelText(pairs []entry.Pair) string {
	var b []byte
	for i, p := range pairs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, p.Name...), '=')
		b = appendText(b, p.Value)
	}
	return string(b)
}

// spaced leaves out lines that come sooner than the interval after the one
// before, whatever stream it is of.
func spaced(lines []found, interval int64, limit int) []found {
	kept := lines[:0]
	for _, l := range lines {
		if n := len(kept); n > 0 && max(l.time-kept[n-1].time, kept[n-1].time-l.time) < interval {
			continue
		}
		if kept = append(kept, l); limit > 0 && len(kept) == limit {
			break
		}
	}
	return kept
}

// grouped gives each stream its lines and leaves out those without.
func grouped(streams []Stream, lines []found) []Stream {
	for i, l := range lines {
		s := &streams[l.stream]
		s.Entries = append(s.Entries, Line{Time: l.time, Text: l.text, seq: i})
	}
	return slices.DeleteFunc(streams, func(s Stream) bool { return len(s.Entries) == 0 })
}
