package ship

import (
	"context"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// deliverer sends the blocks of one lane. Sources of one host share a memory,
// as they do in the plugin.
type deliverer struct {
	r     *runner
	hosts map[string]*pipeline.Lane
	seen  tally // of the block at hand
	group group

	labels *entry.Labels // of the entry before
}

func newDeliverer(r *runner) *deliverer {
	return &deliverer{r: r, hosts: map[string]*pipeline.Lane{}}
}

func (d *deliverer) through(host string) *pipeline.Lane {
	l := d.hosts[host]
	if l == nil {
		l = d.r.pipe.Lane(logs.HostConfig(d.r.o.Config, host))
		d.hosts[host] = l
	}
	return l
}

// lane ships the sources of a lane: it transforms and sends their blocks in
// order.
func (r *runner) lane(ctx context.Context, l *rotation.Lane) error {
	if !r.o.Follow && r.state.complete(l) {
		r.bar.add(total([]*rotation.Lane{l}))
		return nil
	}
	d := newDeliverer(r)
	if r.o.Follow {
		r.keep.Lock()
		r.kept[l] = d
		r.keep.Unlock()
	}
	if err := r.set.Chunks(ctx, l, r.bar.read, func(b *logs.Block) error { return d.block(ctx, b) }); err != nil {
		return err
	}
	if err := d.flush(ctx); err != nil {
		return err
	}
	return r.state.finish(l)
}

// block delivers a block unless it is done.
func (d *deliverer) block(ctx context.Context, b *logs.Block) error {
	s := b.Source
	if d.r.state.done(s, b.To) || d.r.outside(b) {
		d.through(s.Host).Learn(b.Tag, b.Data, nil)
		return ctx.Err()
	}
	return d.add(ctx, b)
}

// want counts an entry and says whether it is asked for.
func (d *deliverer) want(e *entry.Entry) bool {
	if !d.r.o.InRange(e.Time) {
		d.seen.Outside++
		return false
	}
	d.seen.see(e)
	if e.Labels != d.labels {
		d.labels = e.Labels
		d.r.jobs.note(e.Labels)
	}
	return true
}

// outside reports whether no entry of a block can be asked for: lines have the
// block's times but for what a wrong zone makes of them.
func (r *runner) outside(b *logs.Block) bool {
	const slack = int64(24 * time.Hour)
	return !r.o.Since.IsZero() && b.Last+slack < r.o.Since.UnixNano() ||
		!r.o.Until.IsZero() && b.First-slack > r.o.Until.UnixNano()
}
