package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Pieces of time, ns: in which a log speaks or is silent, and in which entries
// are counted; the latter doubles where there would be too many.
const (
	slot      = int64(10 * time.Minute)
	firstTick = int64(time.Minute)
)

// Bounds of what is kept.
const (
	maxSlots   = 100_000 // of each kind
	maxLogs    = 500
	maxStreams = 20_000
	maxFatal   = 10
	maxLine    = 400 // bytes of an example
	before     = 3   // warnings and errors kept of each log, for a FATAL

	maxExamples = 3
)

// Collector makes a Report of entries. It is for one goroutine.
type Collector struct {
	location *time.Location
	watches  []*watch
	search   search // for the texts of watches
	whole    []byte // an entry of several lines
	streams  map[*entry.Labels]*stream
	logs     map[[2]string]*log
	slots    map[int64]*Bar
	tick     int64 // the length of one of slots
	last     *Bar  // of slots, the one that was counted in last
	hosts    Counter
	report   Report
	moreLogs map[[2]string]bool
	mail     mailCounter
	networks networks
	clocks   clocks
}

// watch counts what a finding finds.
type watch struct {
	finding     findings.Finding
	filter      *engine.Filter
	bit         uint64 // in search; 0 for a watch that no text can spare
	count       int64
	first, last int64
	by          []Counter
	examples    []Example
}

// stream is what is known of labels.
type stream struct {
	watches  []*watch
	searched bool // one of watches is in search
	entries  int64
	log      *log
	level    string
	host     string
	postfix  bool
	audit    bool
}

// log counts one log of a host.
type log struct {
	Log
	formats Counter
	format  string // the last one, same entries in a row had it
	same    int64
	slots   map[int64]bool
	last    int64     // of slots
	recent  []Example // the last warnings and errors
}

// New makes a Collector. Days and hours are those of location.
func New(location *time.Location) (*Collector, error) {
	c := &Collector{
		location: location, streams: map[*entry.Labels]*stream{}, logs: map[[2]string]*log{},
		slots: map[int64]*Bar{}, tick: firstTick, moreLogs: map[[2]string]bool{}, mail: newMailCounter(location),
		networks: newNetworks(), clocks: newClocks(),
	}
	bits := 0
	for _, f := range findings.All {
		expr, err := logql.Parse(f.LogQL)
		if err != nil {
			return nil, fmt.Errorf("finding %s: %w", f.Name, err)
		}
		query, ok := expr.(*logql.LogExpr)
		if !ok {
			return nil, fmt.Errorf("finding %s: %s is no query of lines", f.Name, f.LogQL)
		}
		filter, err := engine.NewFilter(query)
		if err != nil {
			return nil, fmt.Errorf("finding %s: %w", f.Name, err)
		}
		w := &watch{finding: f, filter: filter, by: make([]Counter, len(f.By))}
		if texts := filter.AnyOf(); texts != nil && bits < 64 && !slices.ContainsFunc(texts, func(s string) bool { return len(s) < shortest }) {
			w.bit = 1 << bits
			bits++
			c.search.add(texts, w.bit)
		}
		c.watches = append(c.watches, w)
	}
	c.search.prepare()
	return c, nil
}

// See counts an entry. Nothing of it is kept but copies.
func (c *Collector) See(e *entry.Entry) {
	s := c.streams[e.Labels]
	if s == nil {
		s = c.stream(e.Labels)
	}
	r := &c.report
	if r.Entries++; r.Entries == 1 || e.Time < r.First {
		r.First = e.Time
	}
	r.Last = max(r.Last, e.Time)
	s.entries++
	c.time(e.Time, s.level)
	unparsed := e.Format == "unparsed"
	if unparsed {
		r.Unparsed++
	}
	if untimed(e) {
		r.Untimed++
	} else {
		c.clocks.see(e, s.log.Name, s.postfix)
	}
	if s.audit {
		c.networks.see(e)
	}
	s.log.see(e, unparsed)
	if s.postfix {
		c.mail.see(e)
	}
	c.watch(s, e)
	c.remember(s, e)
}

// Reads says that entries of another log, of which each is the next in its order,
// follow; now is when they are read, or zero.
func (c *Collector) Reads(log any, now time.Time) {
	if log != c.clocks.lane {
		c.clocks.lane, c.clocks.latest = log, 0
	}
	if !now.IsZero() {
		c.clocks.now = now.UnixNano()
	}
}

func untimed(e *entry.Entry) bool {
	for i := range e.Meta {
		if e.Meta[i].Name == "time_source" {
			return true
		}
	}
	return false
}

// watch asks the findings that may have the entry.
func (c *Collector) watch(s *stream, e *entry.Entry) {
	var found uint64
	if s.searched {
		line := e.Line
		if len(e.More) > 0 {
			c.whole = e.AppendLine(c.whole[:0])
			line = unsafe.String(unsafe.SliceData(c.whole), len(c.whole))
		}
		found = c.search.in(line)
	}
	for _, w := range s.watches {
		if (w.bit == 0 || w.bit&found != 0) && w.filter.Keeps(e) {
			w.see(e)
		}
	}
}

// remember keeps warnings and errors for the FATAL that may follow.
func (c *Collector) remember(s *stream, e *entry.Entry) {
	switch s.level {
	case "fatal":
		if len(c.report.Fatal) < maxFatal {
			c.report.Fatal = append(c.report.Fatal, Fatal{example(e), append([]Example{}, s.log.recent...)})
		}
	case "warn", "error":
		if len(s.log.recent) == before {
			s.log.recent = append(s.log.recent[:0], s.log.recent[1:]...)
		}
		s.log.recent = append(s.log.recent, example(e))
	}
}

func (c *Collector) stream(l *entry.Labels) *stream {
	if len(c.streams) >= maxStreams {
		c.countHosts()
		clear(c.streams)
	}
	s := &stream{level: l.Get("level"), host: l.Get("host"), postfix: l.Get("service_name") == "postfix", audit: l.Get("log") == "audit"}
	key := [2]string{s.host, l.Get("log")}
	if s.log = c.logs[key]; s.log == nil {
		if len(c.logs) >= maxLogs && !c.moreLogs[key] && len(c.moreLogs) < maxStreams {
			c.moreLogs[key] = true
		}
		if len(c.logs) >= maxLogs {
			key = [2]string{"…", "…"}
		}
		if s.log = c.logs[key]; s.log == nil {
			s.log = &log{Log: Log{Host: key[0], Name: key[1]}, slots: map[int64]bool{}, last: -1}
			c.logs[key] = s.log
		}
	}
	for _, w := range c.watches {
		if w.filter.Selects(l) {
			s.watches = append(s.watches, w)
			s.searched = s.searched || w.bit != 0
		}
	}
	c.streams[l] = s
	return s
}

// countHosts adds what streams counted since the last time.
func (c *Collector) countHosts() {
	for _, s := range c.streams {
		if s.entries > 0 {
			c.hosts.Add(s.host, s.entries)
		}
		s.entries = 0
	}
}

func (c *Collector) time(at int64, level string) {
	b := c.bar(at)
	b.Entries++
	switch level {
	case "warn":
		b.Warnings++
	case "error", "fatal":
		b.Errors++
	}
}

func (c *Collector) bar(at int64) *Bar {
	if b := c.last; b != nil && at >= b.From && at < b.From+c.tick {
		return b
	}
	key := at - (at%c.tick+c.tick)%c.tick
	b := c.slots[key]
	if c.last = b; b != nil {
		return b
	}
	if len(c.slots) >= maxSlots {
		c.tick *= 2
		old := c.slots
		c.slots = map[int64]*Bar{}
		for at, o := range old {
			c.bar(at).add(o)
		}
		return c.bar(at)
	}
	b = &Bar{From: key}
	c.slots[key], c.last = b, b
	return b
}

func (b *Bar) add(o *Bar) {
	b.Entries += o.Entries
	b.Warnings += o.Warnings
	b.Errors += o.Errors
}

func (l *log) see(e *entry.Entry, unparsed bool) {
	if l.Entries++; l.Entries == 1 || e.Time < l.First {
		l.First = e.Time
	}
	l.Last = max(l.Last, e.Time)
	if unparsed {
		l.Unparsed++
	}
	if e.Format != l.format {
		l.countFormat()
		l.format = strings.Clone(e.Format)
	}
	l.same++
	if key := e.Time / slot; key != l.last && len(l.slots) < maxSlots && !l.slots[key] {
		l.slots[key] = true
		l.last = key
	}
}

// countFormat adds what was counted since the format changed.
func (l *log) countFormat() {
	if l.same > 0 {
		l.formats.Add(l.format, l.same)
	}
	l.same = 0
}

func (w *watch) see(e *entry.Entry) {
	if w.count++; w.count == 1 || e.Time < w.first {
		w.first = e.Time
	}
	w.last = max(w.last, e.Time)
	for i, name := range w.finding.By {
		v := e.Get(name)
		if name == findings.Place {
			v = place(e)
		}
		if v != "" {
			w.by[i].Add(v, 1)
		}
	}
	if len(w.examples) < maxExamples {
		w.examples = append(w.examples, example(e))
	}
}

func example(e *entry.Entry) Example {
	line := e.Line
	if len(e.More) > 0 && len(line) < maxLine {
		line += "\n" + e.More[0]
	}
	if len(line) > maxLine {
		line = line[:maxLine] + "…"
	}
	return Example{e.Time, e.Labels.Get("host"), e.Labels.Get("log"), strings.ToValidUTF8(strings.Clone(line), "")}
}
