package trace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/wiring"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
	"github.com/zimbraloki/zimbraloki/transform"
)

// input is the logs of all hosts. They are read together in order of time, so
// that the lines of a mail stand close to each other, wherever they are from.
type input struct {
	t       *tracer
	set     *archive.Set
	o       rotation.Options
	sources []*rotation.Source
}

func (t *tracer) notice(n archive.Notice) {
	if t.said == nil {
		t.said = map[archive.Notice]bool{}
	}
	if !t.said[n] {
		t.said[n] = true
		fmt.Fprintf(t.o.Stderr, "%s: %s\n", printable(n.Path), n.Text)
	}
}

// open finds the logs.
func (t *tracer) open(ctx context.Context) (*input, error) {
	set, err := archive.Find(ctx, t.o.Paths, archive.Options{Limits: t.o.Limits, Stdin: t.o.Stdin, Notice: t.notice})
	if err != nil {
		return nil, err
	}
	machine, _ := os.Hostname() //nolint:errcheck // "" is "not known"
	in := &input{t: t, set: set, o: rotation.Options{Host: t.o.Host, Machine: machine, Location: t.o.Config.Location,
		Now: t.now, Notice: t.notice}}
	for _, l := range rotation.Group(set.Files(), in.o) {
		in.sources = append(in.sources, l.Sources...)
	}
	if len(in.sources) == 0 {
		return nil, errors.Join(fmt.Errorf("no log in %q", t.o.Paths), set.Close())
	}
	return in, nil
}

// Close closes what is open.
func (in *input) Close() {
	in.set.Close() //nolint:errcheck // read only
}

// block is a rotation.Block as a chunk.
type block struct {
	rotation.Block
	data []byte
	err  error
}

// read gives away the events of all lines that may be of a mail. It may be
// called again.
func (in *input) read(ctx context.Context, add func(*mailcase.Event)) error {
	blocks, free := make(chan block), make(chan *chunk.Builder, 2)
	free <- new(chunk.Builder)
	free <- new(chunk.Builder)
	rd := rotation.NewReader(&rotation.Lane{Sources: in.sources}, in.o)
	rd.Notice = func(n archive.Notice) { in.t.notice(n) }
	go produce(ctx, rd, free, blocks)
	m := &merger{add: add, direct: len(in.sources) == 1, newest: map[*rotation.Source]int64{}}
	hosts := map[string]*transform.Transform{}
	for b := range blocks {
		if errors.Is(b.err, io.EOF) {
			break
		}
		if b.err != nil {
			return b.err
		}
		if in.t.near(&b.Block) {
			in.transform(hosts, m, &b)
		}
		again := new(chunk.Builder)
		again.Reuse(b.data)
		free <- again
	}
	m.flush()
	return nil
}

// produce reads blocks until the end or until ctx ends; the last one has an
// error.
func produce(ctx context.Context, rd *rotation.Reader, free <-chan *chunk.Builder, blocks chan<- block) {
	defer rd.Close()
	defer close(blocks)
	for {
		b := <-free
		b.Reset()
		next, err := rd.Next(func(s *rotation.Source, at int64, line []byte) {
			// Safety: Texts copies it before line changes.
			b.Texts(at, "log", unsafe.String(unsafe.SliceData(line), len(line)), "path", s.Path)
		})
		blocks <- block{next, b.Bytes(), cmp.Or(err, ctx.Err())}
		if err != nil || ctx.Err() != nil {
			return
		}
	}
}

// lifetime is how long Postfix tries to deliver a mail
// (maximal_queue_lifetime), and a day for a wrong zone.
const lifetime = 6 * 24 * time.Hour

// near reports whether lines of a block may be of a mail that is asked for.
func (t *tracer) near(b *rotation.Block) bool {
	return (t.o.Since.IsZero() || b.Last >= t.o.Since.Add(-lifetime).UnixNano()) &&
		(t.o.Until.IsZero() || b.First <= t.o.Until.Add(lifetime).UnixNano())
}

// transform makes events of a block.
func (in *input) transform(hosts map[string]*transform.Transform, m *merger, b *block) {
	host := cmp.Or(b.Source.Host, "unknown")
	tr := hosts[host]
	if tr == nil {
		own := *in.t.o.Config
		own.Host = host
		o := wiring.Options(&own, slog.New(slog.DiscardHandler))
		o.NoMails = true // the queue ids must be those of the lines
		tr = transform.New(o)
		hosts[host] = tr
	}
	m.block(b)
	r := tr.Begin(b.Source.Tag(), b.data, func(e *entry.Entry) {
		if ofMail(e) {
			m.event(mailcase.NewEvent(e))
		}
	})
	if err := transform.Chunk(r, b.data); err != nil {
		in.t.notice(archive.Notice{Path: b.Source.Name, Text: err.Error()})
	}
	r.Close(true)
}

// ofMail reports whether an entry can be part of a mail's life.
func ofMail(e *entry.Entry) bool {
	switch e.Labels.Get("service_name") {
	case "postfix", "amavis":
		return true
	}
	for i := range e.Meta {
		if n := e.Meta[i].Name; n == "queue_id" || n == "message_id" {
			return true
		}
	}
	return false
}

// merger puts the events of several logs in order of time. A block begins
// where no log has an older line, so what is older can go on.
type merger struct {
	add     func(*mailcase.Event)
	direct  bool // there is one log, whose order stays
	waiting []timed
	bytes   int
	source  *rotation.Source
	newest  map[*rotation.Source]int64
}

// timed is an event with the newest time of its log until there: lines of one
// log keep their order.
type timed struct {
	at int64
	e  *mailcase.Event
}

// maxWaiting is how much waits for its turn, bytes of lines.
const maxWaiting = 24 << 20

// block begins a block.
func (m *merger) block(b *block) {
	m.source = b.Source
	if m.direct || len(m.waiting) == 0 {
		return
	}
	m.sort()
	until := b.First
	n, _ := slices.BinarySearchFunc(m.waiting, until, func(t timed, at int64) int { return cmp.Compare(t.at, at) })
	if m.bytes > maxWaiting {
		n = len(m.waiting) // a log whose clock is wrong keeps all others waiting
	}
	m.give(n)
}

func (m *merger) event(e *mailcase.Event) {
	if m.direct {
		m.add(e)
		return
	}
	m.newest[m.source] = max(m.newest[m.source], e.Time)
	m.waiting = append(m.waiting, timed{m.newest[m.source], e})
	m.bytes += len(e.Line)
}

func (m *merger) sort() {
	slices.SortStableFunc(m.waiting, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
}

func (m *merger) give(n int) {
	for _, t := range m.waiting[:n] {
		m.bytes -= len(t.e.Line)
		m.add(t.e)
	}
	m.waiting = slices.Delete(m.waiting, 0, n)
}

func (m *merger) flush() {
	m.sort()
	m.give(len(m.waiting))
}
