// Package replay sends dead letters to Loki again. What Loki takes is done
// with; what it refuses again is kept in a file of its own.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/deliver"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// Options say what to replay and how.
type Options struct {
	Paths  []string // files of dead letters, or folders with some
	Config *config.Config
	DryRun bool // send nothing, tell what there is
	Remove bool // what was accepted, instead of keeping it as .replayed-…
	Stdout io.Writer
	Stderr io.Writer // why it waits
	Log    *slog.Logger
}

// Outcome is how a run ended that found no error.
type Outcome struct {
	Partly      bool // some records were refused again, or cannot be read
	Interrupted bool // there is more to send
}

// Run replays until all is done or ctx ends; then the push that is on its way
// is finished, and the next run goes on behind it.
func Run(ctx context.Context, o Options) (out Outcome, err error) {
	sources, err := find(o.Paths)
	if err != nil {
		return out, err
	}
	if len(sources) == 0 {
		fmt.Fprintln(o.Stdout, "no dead letters found")
		return out, nil
	}
	if o.DryRun {
		return o.tell(sources)
	}
	taken := make([]string, len(sources))
	now := time.Now()
	for i := range sources { // all first: what is refused may go to one of them
		if taken[i], err = sources[i].take(now.Add(time.Duration(i) * time.Microsecond)); err != nil {
			return out, err
		}
	}
	for i, s := range sources {
		d, err := o.file(ctx, taken[i], s)
		out.Partly = out.Partly || d.Refused+d.Unreadable > 0
		if errors.Is(err, context.Canceled) {
			out.Interrupted = true
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// run replays one file.
type run struct {
	o     *Options
	pipe  *pipeline.Pipeline
	lane  *pipeline.Lane
	pos   *position
	batch loki.Batch
	lines int // of the file, that are in batch
	sets  map[string]*entry.Labels

	broken string // where lines that are no records are kept
}

// file replays a taken file and says what came of it.
func (o *Options) file(ctx context.Context, taken string, s source) (done, error) {
	pos, err := openPosition(taken)
	if err != nil {
		return done{}, err
	}
	defer pos.close()
	f, err := os.Open(taken)
	if err != nil {
		return done{}, err
	}
	defer f.Close() //nolint:errcheck // read only
	cfg := *o.Config
	// Nothing may be rotated out of the file: no other copy is left.
	cfg.DeadLetterPath, cfg.DeadLetterMaxBytes = s.base+refusedSuffix, math.MaxInt64
	cfg.MetricsListen = ""
	pipe, err := pipeline.Open(&cfg, o.Log)
	if err != nil {
		return done{}, err
	}
	r := &run{o: o, pipe: pipe, lane: pipe.Lane(&cfg), pos: pos, sets: map[string]*entry.Labels{}, broken: s.base + brokenSuffix}
	err = r.records(ctx, taken, f)
	err = errors.Join(err, pipe.Close(context.WithoutCancel(ctx)))
	removeEmpty(cfg.DeadLetterPath)
	if err != nil {
		fmt.Fprintf(o.Stdout, "%s: %s done; the same command goes on from there\n", s.path, say.Count(pos.Records, "record is", "records are"))
		return pos.done, err
	}
	name, err := pos.finish(taken, o.Remove)
	r.report(s, name)
	return pos.done, err
}

// removeEmpty removes the file that was opened for refused records if there
// were none.
func removeEmpty(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		os.Remove(path) //nolint:errcheck // an empty file does no harm
	}
}

func (r *run) report(s source, name string) {
	w, d := r.o.Stdout, r.pos.done
	fmt.Fprintf(w, "%s: %s, %s accepted, %d refused again, %d unreadable\n", s.path, say.Count(d.Records, "record", "records"),
		say.Count(d.Accepted, "entry", "entries"), d.Refused, d.Unreadable)
	if d.Refused > 0 {
		fmt.Fprintf(w, "  refused ones are in %s, with the reason\n", s.base+refusedSuffix)
	}
	if d.Unreadable > 0 {
		fmt.Fprintf(w, "  unreadable ones are in %s as they are; mend them there and replay that file\n", r.broken)
	}
	if name != "" {
		fmt.Fprintf(w, "  kept as %s; nothing reads it any more\n", name)
	}
}

// records sends the records behind the position.
func (r *run) records(ctx context.Context, taken string, f io.Reader) error {
	n := 0
	for rec, err := range deadletter.Read(f) {
		if n++; n <= r.pos.Records {
			continue
		}
		line, isLine := errors.AsType[*deadletter.LineError](err)
		switch {
		case isLine:
			r.o.Log.Warn("not a dead letter", "file", taken, "error", err, "kept", r.broken)
			if err := r.unreadable(ctx, line); err != nil {
				return err
			}
		case err != nil:
			return err // of the file, not of a line
		case rec.Kind == deadletter.KindChunk:
			if err := r.chunk(ctx, &rec); err != nil {
				return err
			}
		default:
			r.add(&rec)
		}
		if r.batch.Bytes() >= loki.DefaultBatchBytes || r.batch.Len() >= maxEntries {
			if err := r.push(ctx); err != nil {
				return err
			}
		}
	}
	return r.push(ctx)
}

// unreadable keeps a line that is no record where it can be found.
func (r *run) unreadable(ctx context.Context, e *deadletter.LineError) error {
	if err := r.push(ctx); err != nil { // or a run after a crash keeps it twice
		return err
	}
	f, err := os.OpenFile(r.broken, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(e.Text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	r.pos.Unreadable++
	r.lines++
	return r.advance()
}

// maxEntries bounds a push, and with it what is sent twice after a crash.
const maxEntries = 5000

func (r *run) add(rec *deadletter.Record) {
	set := loki.NewLabels(rec.Labels)
	if known := r.sets[set.Text]; known != nil {
		set = known
	}
	r.sets[set.Text] = set
	r.batch.Add(&entry.Entry{Time: rec.Time, Labels: set, Tenant: rec.Tenant, Line: rec.Line, Meta: rec.Meta})
	r.lines++
}

// push delivers the batch, however long Loki does not take it, and moves the
// position behind it.
func (r *run) push(ctx context.Context) error {
	if r.batch.Len() > 0 {
		sum, err := deliver.Push(ctx, func(ctx context.Context) loki.Result { return r.pipe.Push(ctx, &r.batch) }, r.o.waits)
		r.count(sum)
		if err != nil {
			return err
		}
	}
	r.batch.Reset()
	clear(r.sets)
	return r.advance()
}

func (r *run) count(sum loki.Result) {
	r.pos.Accepted += sum.Accepted
	r.pos.Refused += sum.Dead
}

func (r *run) advance() error {
	r.pos.Records += r.lines
	r.lines = 0
	return r.pos.save()
}

// chunk delivers the bytes of a chunk through the transform. What cannot be
// read of it now is kept again.
func (r *run) chunk(ctx context.Context, rec *deadletter.Record) error {
	if err := r.push(ctx); err != nil {
		return err
	}
	sum, err := deliver.Push(ctx, func(ctx context.Context) loki.Result {
		result, pushed := r.lane.Deliver(ctx, rec.Tag, rec.Raw, nil)
		pushed.Retry = result != pipeline.OK
		return pushed
	}, r.o.waits)
	r.count(sum)
	if err != nil {
		return err
	}
	if damaged(rec.Raw) {
		r.pos.Refused++
	}
	r.lines++
	return r.advance()
}

// damaged reports whether a chunk cannot be read to its end.
func damaged(raw []byte) bool {
	var rd chunk.Reader
	rd.Reset(raw)
	var ev chunk.Event
	for rd.Next(&ev) {
	}
	return rd.Err() != nil
}

// waits says why a push comes again.
func (o *Options) waits(why error, d time.Duration) {
	if why == nil {
		why = errors.New("the dead-letter file cannot be written")
	}
	fmt.Fprintf(o.Stderr, "waiting %s: %v\n", d, why)
}
