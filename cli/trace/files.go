package trace

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// input is the logs of all hosts. They are read together in order of time, so
// that the lines of a mail stand close to each other, wherever they are from.
type input struct {
	t   *tracer
	set *logs.Set
	all *rotation.Lane
}

// open finds the logs.
func (t *tracer) open(ctx context.Context) (*input, error) {
	// The queue ids must be those of the lines.
	own := *t.o.Config
	own.MailTrace, own.FieldNames = false, format.NamesOwn
	set, err := logs.Open(ctx, logs.Options{
		Paths: t.o.Paths, Config: &own, Limits: t.o.Limits, Host: t.o.Host, Now: t.now,
		Stdin: t.o.Stdin, Stderr: t.o.Stderr, Log: slog.New(slog.DiscardHandler),
	}, nil)
	if err != nil {
		return nil, err
	}
	in := &input{t, set, set.Merged()}
	if len(in.all.Sources) == 0 {
		in.Close()
		return nil, fmt.Errorf("no log in %q", t.o.Paths)
	}
	return in, nil
}

// Close closes what is open.
func (in *input) Close() { in.set.Close() }

// read gives away the events of all lines that may be of a mail. It may be
// called again.
func (in *input) read(ctx context.Context, add func(*mailcase.Event)) error {
	m := &merger{add: add, direct: len(in.all.Sources) == 1, newest: map[*rotation.Source]int64{}}
	err := in.set.Survey(ctx, in.all, logs.Look{
		Block: func(b *logs.Block) bool {
			if !in.t.near(&b.Block) {
				return false
			}
			m.block(&b.Block)
			return true
		},
		Entry: func(_ *rotation.Source, e *entry.Entry) {
			if ofMail(e) {
				m.event(mailcase.NewEvent(e))
			}
		},
	})
	if err != nil {
		return err
	}
	m.flush()
	return nil
}

// lifetime is how long Postfix tries to deliver a mail
// (maximal_queue_lifetime), and a day for a wrong zone.
const lifetime = 6 * 24 * time.Hour

// near reports whether lines of a block may be of a mail that is asked for.
func (t *tracer) near(b *rotation.Block) bool {
	return (t.o.Since.IsZero() || b.Last >= t.o.Since.Add(-lifetime).UnixNano()) &&
		(t.o.Until.IsZero() || b.First <= t.o.Until.Add(lifetime).UnixNano())
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
func (m *merger) block(b *rotation.Block) {
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
