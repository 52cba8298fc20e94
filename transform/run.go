package transform

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/person"
	"github.com/zimbraloki/zimbraloki/transform/redact"
)

// Run transforms one chunk. It belongs to one goroutine; Close gives it back.
type Run struct {
	t     *Transform
	opts  *Options
	chunk []byte
	retry *decision // what the chunk found in memory when it came first, or nil
	first int64     // when the chunk came first, ns; 0 if nobody asked
	emit  func(*entry.Entry)

	format.Input
	env  envelope.Reader
	ords ordinals
	key  []byte
	in   *envelope.Payload // the record at hand, until a source keeps it
	d    format.Draft
	src  *source // of d
	raw  rawHead // the head of d as it came
	// header is that of the line that shapeOf looked at last, where the shape
	// is syslog's or log4j's behind it.
	header   envelope.SyslogHeader
	programs programMemo

	clean   redact.Cleaner
	scrubIn []byte // scratch of redact
	persons person.Persons
	e       entry.Entry

	mail     *mailtrace.Run // nil if mails are not followed
	waits    []waiting
	waitMeta []entry.Pair
	waitMore []string

	sources    map[string]*source
	order      []*source // of first appearance
	lastSource *source
	passing    *source // of those beyond maxSources the one at hand
	free       []*source

	lines     int64
	entries   []int64 // by Spec.ID
	truncated int64
	tally     tally
}

func newRun(t *Transform) *Run {
	r := &Run{t: t, opts: &t.opts, in: new(envelope.Payload), sources: map[string]*source{}, entries: make([]int64, len(formats.All()))}
	r.Clock.Loc = t.opts.Location
	r.clean, r.persons = redact.NewCleaner(&r.Arena), person.NewPersons(&r.Arena, t.opts.Pseudonyms)
	r.env = envelope.Reader{Arena: &r.Arena, Clock: &r.Clock, PayloadKey: t.opts.PayloadKey, PathKey: t.opts.PathKey}
	return r
}

// Begin starts the transformation of a chunk. emit gets each entry; the entry
// and what it points to are valid until emit returns, its strings until Close.
func (t *Transform) Begin(tag string, data []byte, emit func(*entry.Entry)) *Run {
	r := t.runs.Get().(*Run)
	r.Tag, r.chunk, r.emit = tag, data, emit
	if t.opts.CIM {
		r.emit = func(e *entry.Entry) {
			format.ToCIM(e.Meta)
			emit(e)
		}
	}
	r.retry = t.memory.begin(tag, data)
	if r.retry != nil {
		t.stats.Retries.Add(1)
	}
	if t.mails != nil {
		r.mail = t.mails.Begin(r.retry.recalled())
	}
	r.ords.reset()
	return r
}

// Add takes the next record of the chunk.
func (r *Run) Add(ev *chunk.Event) {
	p := r.in
	*p = envelope.Payload{}
	p.Arrival, p.Record, p.Number = ev.Time, ev.Body, int32(r.lines)
	r.lines++
	if p.Arrival <= 0 {
		p.Arrival = r.now()
	}
	if ev.Body != nil {
		r.env.Unwrap(ev.Body, p)
	} else {
		r.bare(ev.Bare, p)
	}
	if len(ev.Meta) > 0 || len(ev.Group.Meta) > 0 {
		r.env.FromOTel(ev, p)
	}
	if needsUnwrap(p.Text) {
		r.env.UnwrapText(p)
	}
	s := r.source(p)
	if p.Partial != envelope.PartialNone || len(s.pieces) > 0 {
		if !r.joinPieces(s, p) {
			return
		}
	}
	if envelope.IsOTLPFile(p.Text) && r.env.OTLPFile(p, r.otlpRecord) > 0 {
		return
	}
	r.feed(s, p)
}

// otlpRecord takes one record of a line that holds several.
func (r *Run) otlpRecord(p *envelope.Payload) { r.feed(r.source(p), p) }

// bare takes a record whose body is no map: of a forward client, say, that
// sends texts. What is no text is delivered as JSON.
func (r *Run) bare(v chunk.Value, p *envelope.Payload) {
	if s, ok := v.Str(); ok {
		p.Text = strings.TrimSuffix(s, "\n")
		return
	}
	p.Text = r.Arena.Commit(v.AppendJSON(r.Arena.Alloc(64)))
	p.Rebuilt = true
}

// now is the time of a record that has none: when its chunk came first.
func (r *Run) now() int64 {
	if r.first == 0 {
		r.first = time.Now().UnixNano()
		if r.retry != nil && r.retry.first != 0 {
			r.first = r.retry.first
		}
	}
	return r.first
}

// needsUnwrap reports whether a text may hold an envelope: a JSON object, CRI's
// "2006-01-02T15:04:05.000000000Z stdout F ", the prefix of docker compose.
func needsUnwrap(s string) bool {
	return len(s) > 1 && (s[0] == '{' || len(s) > 24 && s[10] == 'T' && s[4] == '-' || envelope.MayCompose(s))
}

// line decides whether a line starts an event or goes on with the open one. It
// keeps p if the line starts one.
func (r *Run) line(s *source, p *envelope.Payload) {
	if !s.begun {
		s.begun = true
		if s.before.cut {
			r.start(s, p, shapeContinuation)
			return
		}
	}
	sh := r.shapeOf(p)
	if sh == shapeSyslog && (len(s.held) > 0 || mayGoOn(p.Text)) && r.joinLine(s, p) {
		return
	}
	if !s.startsEvent(sh, p) {
		if s.open {
			r.more(s, p)
			return
		}
		if r.orphan(s, p) {
			return
		}
	}
	r.closeEvent(s)
	r.start(s, p, sh)
	if sh == shapeSyslog || p.Skip > 0 {
		s.header = r.header
	}
}

// start opens an event with the line p. A Payload is large and every line has
// one, so it is not copied: the source keeps p, and its last one is for the next
// record.
func (r *Run) start(s *source, p *envelope.Payload, sh shape) {
	r.in, s.head = s.head, p
	if r.in == nil {
		r.in = new(envelope.Payload)
	}
	s.open, s.shape, s.size = true, sh, len(p.Text)
}

// startsEvent decides by the line's shape and by what the source had before. In
// a log of log4j all but log4j's own heads are continuations; in a container
// that mixes them, JSON objects stand for themselves.
func (s *source) startsEvent(sh shape, p *envelope.Payload) bool {
	switch sh {
	case shapeLog4j, shapeSyslog:
		return true
	case shapeJSON:
		return !s.inLog4j() || p.IsContainer
	}
	if s.inLog4j() {
		return false
	}
	if s.open && s.shape == shapeJSON {
		return true
	}
	if java.ContinuesTrace(p.Text) {
		return false
	}
	return !s.open || s.shape != shapeText || startsLine(p.Text, s.head.Text, len(s.more))
}

// inLog4j reports whether the line before was part of a log4j event, as far as
// this chunk and what is remembered of the ones before tell.
func (s *source) inLog4j() bool {
	switch {
	case s.open && s.shape != shapeContinuation:
		return s.shape == shapeLog4j
	case s.last.known:
		return s.last.shape == shapeLog4j
	case s.before.known:
		return s.before.shape == shapeLog4j
	}
	return s.ours
}

// orphan opens an event for lines whose head is not in this chunk: it gets the
// labels and the time of the last head of its source, if one is remembered.
func (r *Run) orphan(s *source, p *envelope.Payload) bool {
	if !s.before.known && !s.ours {
		return false
	}
	r.start(s, p, shapeContinuation)
	return true
}

// more appends a line to the open event; one that has grown to the limits is
// closed and goes on in an entry of its own, which keeps p.
func (r *Run) more(s *source, p *envelope.Payload) {
	if len(s.more)+2 > r.opts.MaxLines || s.size+1+len(p.Text) > r.opts.MaxEventBytes {
		r.closeEvent(s)
		r.start(s, p, shapeContinuation)
		return
	}
	s.more = append(s.more, p.Text)
	s.size += 1 + len(p.Text)
}

// joinPieces collects the pieces of a line that a container runtime has cut;
// it reports whether p now holds a whole line.
func (r *Run) joinPieces(s *source, p *envelope.Payload) bool {
	if len(s.pieces) == 0 {
		s.piece = *p
	}
	s.pieces = append(s.pieces, p.Text)
	if p.Partial == envelope.PartialMore {
		return false
	}
	*p = r.joined(s)
	return true
}

func (r *Run) joined(s *source) envelope.Payload {
	n := 0
	for _, t := range s.pieces {
		n += len(t)
	}
	b := r.Arena.Alloc(n)
	for _, t := range s.pieces {
		b = append(b, t...)
	}
	p := s.piece
	p.Text, p.Partial = r.Arena.Commit(b), envelope.PartialNone
	s.pieces = s.pieces[:0]
	if needsUnwrap(p.Text) {
		r.env.UnwrapText(&p)
		p.Partial = envelope.PartialNone
	}
	return p
}

// Finish closes what is open and keeps what later chunks need.
func (r *Run) Finish() {
	for _, s := range r.order {
		r.endSource(s)
	}
	if s := r.passing; s != nil {
		r.endSource(s)
	}
	r.release()
	if r.retry == nil {
		r.t.memory.remember(r.order)
		if r.mail != nil {
			r.mail.Commit()
		}
	}
}

// Close ends the run. acked tells whether the chunk is done with: if not, it
// will come again, and what it found in memory is kept for then.
func (r *Run) Close(acked bool) {
	if acked {
		r.t.memory.acknowledged(r.Tag, r.chunk)
		r.t.stats.add(r)
	} else {
		r.t.memory.unacknowledged(r)
	}
	r.reset()
	r.t.runs.Put(r)
}

// reset drops every view into the chunk, which belongs to Fluent Bit.
func (r *Run) reset() {
	for _, s := range r.order {
		s.reset()
	}
	r.free = append(r.free, r.order[:min(len(r.order), keptSources-len(r.free))]...)
	clear(r.order)
	clear(r.sources)
	r.order, r.lastSource, r.passing = r.order[:0], nil, nil
	r.d.Reset()
	extra := r.d.Extra
	clear(extra[:cap(extra)])
	r.d = format.Draft{Extra: extra[:0]}
	clear(r.e.Meta[:cap(r.e.Meta)])
	r.e = entry.Entry{Meta: r.e.Meta[:0]}
	*r.in, r.header, r.programs = envelope.Payload{}, envelope.SyslogHeader{}, programMemo{}
	r.src, r.raw = nil, rawHead{}
	if r.mail != nil {
		r.mail.Close()
		r.mail = nil
	}
	r.waits, r.waitMeta, r.waitMore = r.waits[:0], r.waitMeta[:0], r.waitMore[:0]
	r.chunk, r.emit, r.retry, r.first = nil, nil, nil, 0
	r.lines, r.truncated = 0, 0
	clear(r.entries)
	r.tally.reset()
	r.Input.Reset()
}

// AddAll adds all records that rd can read and finishes the run. rd tells
// afterwards whether the chunk was read to its end.
func (r *Run) AddAll(rd *chunk.Reader) {
	var ev chunk.Event
	for rd.Next(&ev) {
		r.Add(&ev)
	}
	r.Finish()
}

// Chunk is AddAll for the bytes of a chunk. The error is a *chunk.DamageError
// if it could not be read to its end; what came before is transformed all the
// same.
func Chunk(r *Run, data []byte) error {
	var rd chunk.Reader
	rd.Reset(data)
	r.AddAll(&rd)
	return rd.Err()
}
