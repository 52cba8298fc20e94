// Package ship delivers files and archives of logs to Loki by the plugin's own
// way: lines become chunks, chunks go through pipeline. It keeps a position, so
// that it can be ended at any time and goes on with the very same entries.
package ship

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// Options say what to ship and how.
type Options struct {
	logs.Options
	Store      string // folder of a zimbraloki serve, instead of Paths
	Rate       Rate
	Jobs       int // hosts at once
	State      string
	Restart    bool // begin again, whatever the position file says
	DryRun     bool
	Follow     bool
	Poll       time.Duration // between two looks at the files; of Follow
	Grafana    string        // base URL for the link at the end
	Datasource string        // uid of Loki in Grafana
	Stdout     io.Writer     // what is asked for: the summary, the forecast
	Quiet      bool          // no progress
	// Watch, if not nil, is told of the progress each second instead, and at the
	// end.
	Watch func(Progress)
	// SharedHeap is that the process does more than this run, and bounds its
	// memory itself.
	SharedHeap bool
}

// Progress is how far a run is.
type Progress struct {
	Stored, Whole int64  // bytes as stored: read so far, and all
	Waits         string // why the last push comes again; "" if none does
}

// Outcome is how a run ended that found no error.
type Outcome struct {
	Partly      bool // something was left out or refused
	Interrupted bool // there is more to ship
	// What all runs of the position file delivered, and what Loki refused of it.
	Entries, Late, Refused int64
}

// Run ships until all is delivered or ctx ends; then it finishes the chunks
// that are on their way.
func Run(ctx context.Context, o Options) (Outcome, error) {
	r := &runner{o: o, began: time.Now(), kept: map[*rotation.Lane]*deliverer{}}
	if err := r.openState(); err != nil {
		return Outcome{}, err
	}
	defer r.state.unlock()
	if r.o.Now.IsZero() {
		r.o.Now = r.state.Started
	}
	r.notices.Print = func(line string) { r.bar.line(o.Stderr, line) }
	if o.Store != "" {
		return r.copyStore(ctx)
	}
	set, err := logs.Open(ctx, r.o.Options, &r.notices)
	if err != nil {
		return Outcome{}, err
	}
	defer set.Close()
	r.set = set
	lanes := set.Lanes
	if len(lanes) == 0 {
		fmt.Fprintln(o.Stderr, "no log found")
		return Outcome{Partly: set.Partly()}, nil
	}
	if !o.SharedHeap {
		boundHeap(lanes)
	}
	r.limits = r.askLimits(ctx)
	if o.DryRun {
		return r.dryRun(ctx, lanes)
	}
	r.warnOld(lanes)
	return r.ship(ctx, lanes)
}

// progressTo is where the progress is shown.
func (o *Options) progressTo() io.Writer {
	if o.Quiet {
		return io.Discard
	}
	return o.Stderr
}

// runner is one Run.
type runner struct {
	o      Options
	began  time.Time
	state  *state
	set    *logs.Set
	limits limits
	pipe   *pipeline.Pipeline
	bar    *progress
	bucket *bucket
	jobs   jobs

	keep    sync.Mutex
	kept    map[*rotation.Lane]*deliverer // with what they learned, to go on with
	notices logs.Notices
}

// openState reads the position file. A dry run has none.
func (r *runner) openState() (err error) {
	if r.o.DryRun {
		r.state = newState("", time.Now().UTC())
		return nil
	}
	if r.state, err = openState(r.o.State, r.o.Restart); err != nil {
		return err
	}
	return nil
}

func (r *runner) ship(ctx context.Context, lanes []*rotation.Lane) (Outcome, error) {
	pipe, err := pipeline.Open(r.o.Config, r.o.Log)
	if err != nil {
		return Outcome{}, err
	}
	r.pipe = pipe
	defer pipe.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what it held is written
	r.bucket = newBucket(r.o.Rate)
	r.bar = newProgress(r.o.progressTo(), total(lanes), r.o.Watch)
	r.state.adopt(lanes, r.notices.Say)
	err = r.lanes(ctx, lanes)
	if err == nil && r.o.Follow {
		err = r.follow(ctx, lanes)
	}
	r.bar.stop()
	interrupted := errors.Is(err, context.Canceled)
	if interrupted {
		err = nil
	}
	if serr := r.state.save(true); err == nil {
		err = serr
	}
	sum := r.summary(lanes, interrupted)
	return Outcome{
		Partly: r.set.Partly() || sum.Refused > 0, Interrupted: interrupted,
		Entries: sum.Entries, Late: sum.Late, Refused: sum.Refused,
	}, err
}

// lanes ships all lanes, some at once; an error ends them all.
func (r *runner) lanes(ctx context.Context, lanes []*rotation.Lane) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.o.Jobs, 1))
	for _, l := range lanes {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return r.lane(ctx, l)
		})
	}
	return g.Wait()
}

// boundHeap tells the collector how much a run needs: a few chunks, each mostly
// bytes, which it would let double without a bound, and what is kept of each
// source, some 2 KB, which with a bound for chunks alone would keep it busy.
func boundHeap(lanes []*rotation.Lane) {
	const chunks, perSource = 96 << 20, 4 << 10
	n := 0
	for _, l := range lanes {
		n += len(l.Sources)
	}
	debug.SetMemoryLimit(int64(chunks + n*perSource))
}

func total(lanes []*rotation.Lane) (n int64) {
	for _, l := range lanes {
		for _, s := range l.Sources {
			for _, p := range s.Parts {
				n += p.File.Stored
			}
		}
	}
	return n
}
