// Package source answers an engine of LogQL from logs that lie in files: with
// the entries that the plugin would make of them, labels, metadata, redaction
// and followed mails alike.
package source

import (
	"context"
	"errors"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// Source is an engine.Source over a Set. It is for one query at a time.
type Source struct {
	Set    *logs.Set
	Config *config.Config // that of the Set
	// Whole turns the shortcuts off: every line of every file is read.
	Whole bool
}

// Ordered is false: the logs of one host after those of another.
func (s *Source) Ordered() bool { return false }

// Select gives the entries of the selection to visit.
func (s *Source) Select(ctx context.Context, sel *engine.Selection, visit func(*entry.Entry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{sel: sel, visit: visit, cancel: cancel, streams: map[*entry.Labels]stream{}, texts: map[string]*entry.Labels{}}
	look := logs.Look{Entry: r.entry}
	from, to := s.around(sel)
	if !s.Whole {
		look.Contains = longest(sel.Hints.Contains)
		look.Block = func(b *logs.Block) bool { return b.Last >= from && b.First <= to }
	}
	for _, l := range s.Set.Lanes {
		if !s.Whole {
			l = within(l, from, to)
		}
		err := s.Set.Survey(ctx, l, look)
		switch {
		case errors.Is(r.err, engine.ErrStop):
			return nil
		case r.err != nil:
			return r.err
		case err != nil:
			return err
		}
	}
	return nil
}

// slack is how far the time of a line may be from that of its block: a wrong
// zone, a message that was long on its way.
const slack = 26 * time.Hour

// around is the range of times whose lines may have to do with entries of the
// selection: those of a mail have what lines before said of it.
func (s *Source) around(sel *engine.Selection) (from, to int64) {
	before := slack
	if s.Config.MailTrace {
		before += s.Config.MailTraceAge
	}
	return sel.From - int64(before), sel.To + int64(slack)
}

// within returns the lane with the parts that may have lines of a range of times.
func within(l *rotation.Lane, from, to int64) *rotation.Lane {
	near := &rotation.Lane{}
	for _, s := range l.Sources {
		own := *s
		own.Parts = nil
		for i, p := range s.Parts {
			over := i+1 < len(s.Parts) && s.Parts[i+1].First != 0 && s.Parts[i+1].First < from
			if !over && (p.First == 0 || p.First <= to) {
				own.Parts = append(own.Parts, p)
			}
		}
		if len(own.Parts) > 0 {
			near.Sources = append(near.Sources, &own)
		}
	}
	return near
}

// longest is the text of all that is met least.
func longest(texts []string) (best string) {
	for _, t := range texts {
		if len(t) > len(best) {
			best = t
		}
	}
	return best
}

// run is one selection.
type run struct {
	sel     *engine.Selection
	visit   func(*entry.Entry) error
	cancel  context.CancelFunc
	err     error
	streams map[*entry.Labels]stream
	texts   map[string]*entry.Labels
}

// stream is what is known of labels: whether they are asked for, and the same
// labels of all transforms.
type stream struct {
	labels *entry.Labels
	wanted bool
}

func (r *run) entry(_ *rotation.Source, e *entry.Entry) {
	if r.err != nil || e.Time < r.sel.From || e.Time >= r.sel.To {
		return
	}
	st, ok := r.streams[e.Labels]
	if !ok {
		st = r.stream(e.Labels)
	}
	if !st.wanted || !r.fits(e) {
		return
	}
	own := *e
	own.Labels = st.labels
	if r.err = r.visit(&own); r.err != nil {
		r.cancel()
	}
}

func (r *run) stream(l *entry.Labels) stream {
	st := stream{r.texts[l.Text], true}
	if st.labels == nil {
		st.labels = l
		r.texts[l.Text] = l
	}
	for _, m := range r.sel.Matchers {
		st.wanted = st.wanted && m.Matches(l.Get(m.Name))
	}
	r.streams[l] = st
	return st
}

// fits reports whether the metadata is what the query needs.
func (r *run) fits(e *entry.Entry) bool {
	for _, t := range r.sel.Hints.Meta {
		if !t.Fits(e.Get(t.Name)) {
			return false
		}
	}
	return true
}
