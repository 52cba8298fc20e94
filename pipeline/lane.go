package pipeline

import (
	"context"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Lane is a way through a Pipeline with a memory of its own: its entries depend
// on the chunks that went through it, in their order, and on nothing else.
// Chunks that go through a new lane in the same order give the same entries. It
// belongs to one goroutine.
type Lane struct {
	p *Pipeline
	t *transform.Transform
}

// Lane makes a lane for a configuration, of which it takes what concerns the
// transform.
func (p *Pipeline) Lane(cfg *config.Config) *Lane {
	return &Lane{p, NewTransform(cfg, p.log)}
}

// Deliver is Pipeline.Flush through the lane. want, if not nil, sees each entry
// and says whether it is sent; it sees them again if the chunk comes again. The
// second result tells what the push came to.
func (l *Lane) Deliver(ctx context.Context, tag string, data []byte, want func(*entry.Entry) bool) (Result, loki.Result) {
	return l.p.deliver(ctx, l.t, tag, data, want)
}

// Add is the first half of Deliver: it adds the entries of a chunk to b, which
// may hold those of others, as a new part. Whoever calls it pushes b until that
// is done (Pipeline.Push); a lane whose batch is given up is given up with it.
func (l *Lane) Add(b *loki.Batch, tag string, data []byte, want func(*entry.Entry) bool) (part int, err error) {
	part = b.Mark()
	run := l.t.Begin(tag, data, func(e *entry.Entry) {
		if want(e) {
			b.Add(e)
		}
	})
	_, err = l.p.read(run, data)
	run.Close(true)
	return part, err
}

// Learn takes a chunk that was delivered before, by another process: the lane
// remembers of it what it would if it had delivered it. see, if not nil, gets
// the entries.
func (l *Lane) Learn(tag string, data []byte, see func(*entry.Entry)) {
	if see == nil {
		see = func(*entry.Entry) {}
	}
	run := l.t.Begin(tag, data, see)
	l.p.read(run, data) //nolint:errcheck // damage was reported when it was delivered
	run.Close(true)
}
