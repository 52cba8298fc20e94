package ship

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// copier delivers what a store of zimbraloki serve holds, entries as they are:
// nothing is transformed, and no label is added.
type copier struct {
	*runner
	store  *store.Store
	client *loki.Client
	parts  []store.Part // all that is asked for, by day
	span   int64        // of the entries of one stream that go together, ns
}

// copyStore is Run for Options.Store.
func (r *runner) copyStore(ctx context.Context) (Outcome, error) {
	r.o.Config.Labels = nil // they belong to logs, also in the link at the end
	s, err := store.Open(store.Options{Dir: r.o.Store, Log: r.o.Log})
	if errors.Is(err, store.ErrInUse) {
		return Outcome{}, fmt.Errorf("zimbraloki serve, or another run, has %q open: stop it as long as this takes, or ship a copy of its past days", r.o.Store)
	}
	if err != nil {
		return Outcome{}, err
	}
	c := &copier{runner: r, store: s}
	out, err := c.run(ctx)
	return out, errors.Join(err, s.Close())
}

func (c *copier) run(ctx context.Context) (Outcome, error) {
	all, err := c.store.Parts(ctx)
	if err != nil {
		return Outcome{Interrupted: ctx.Err() != nil}, err
	}
	c.parts = slices.DeleteFunc(all, func(p store.Part) bool { return !c.o.overlaps(p.First, p.Last) })
	if len(c.parts) == 0 {
		fmt.Fprintln(c.o.Stderr, "no entry found")
		return Outcome{}, nil
	}
	c.limits = c.askLimits(ctx)
	c.span = c.limits.span()
	if c.o.DryRun {
		return Outcome{}, c.forecast(ctx)
	}
	c.warnOldParts()
	return c.ship(ctx)
}

// overlaps reports whether an entry from first to last, ns, may be asked for.
func (o *Options) overlaps(first, last int64) bool {
	return (o.Since.IsZero() || last >= o.Since.UnixNano()) && (o.Until.IsZero() || first < o.Until.UnixNano())
}

func (c *copier) ship(ctx context.Context) (Outcome, error) {
	var dead *deadletter.Writer
	var err error
	if path := c.o.Config.DeadLetterPath; path != "" {
		if dead, err = deadletter.Open(deadletter.Options{Path: path, MaxBytes: c.o.Config.DeadLetterMaxBytes, Log: c.o.Log}); err != nil {
			return Outcome{}, err
		}
		defer dead.Close() //nolint:errcheck // what it held is written
	}
	if c.client, err = pipeline.NewCopier(c.o.Config, dead, c.o.Log); err != nil {
		return Outcome{}, err
	}
	defer c.client.Close()
	debug.SetMemoryLimit(copyMemory)
	c.bucket = newBucket(c.o.Rate)
	whole := int64(0)
	for i := range c.parts {
		whole += c.parts[i].Bytes
	}
	c.bar = newProgress(c.o.progressTo(), whole, c.o.Watch)
	err = c.days(ctx)
	c.bar.stop()
	interrupted := errors.Is(err, context.Canceled)
	if interrupted {
		err = nil
	}
	if serr := c.state.save(true); err == nil {
		err = serr
	}
	refused := c.tellParts(interrupted)
	return Outcome{Partly: refused, Interrupted: interrupted}, err
}

// copyMemory is what the collector is told that a run needs, in bytes: batches
// and some blocks for each of the workers.
const copyMemory = 256 << 20

// days delivers day by day, so that the entries of a stream come in their order;
// streams of a day go side by side.
func (c *copier) days(ctx context.Context) error {
	for rest := c.parts; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].SameDay(&rest[0]) {
			n++
		}
		if err := c.day(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func (c *copier) day(ctx context.Context, parts []store.Part) error {
	g, ctx := errgroup.WithContext(ctx)
	todo := make(chan *store.Part)
	g.Go(func() error {
		defer close(todo)
		for i := range parts {
			select {
			case todo <- &parts[i]:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range min(max(c.o.Jobs, 1), len(parts)) {
		g.Go(func() error {
			h := carrier{c: c}
			for p := range todo {
				if err := h.part(ctx, p); err != nil {
					return err
				}
			}
			return h.flush(ctx)
		})
	}
	return g.Wait()
}

// push delivers a batch within the time that one push has.
func (c *copier) push(ctx context.Context, b *loki.Batch) loki.Result {
	ctx, cancel := context.WithTimeout(ctx, c.o.Config.FlushTimeout)
	defer cancel()
	return c.client.Push(ctx, b)
}

// span is the time, ns, that entries of one stream may span which go together:
// all of them go again after a kill, when Loki may have the newest already, and
// it takes nothing that is older than that by more than half of max_chunk_age.
func (l *limits) span() int64 {
	if l.known && l.ChunkAge > 0 {
		return int64(l.ChunkAge / 4)
	}
	return int64(30 * time.Minute)
}
