package ship

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/deliver"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// unknownHost is the label host of lines of which nothing tells the host. The
// name of this machine, which the plugin takes, would be wrong.
const unknownHost = "unknown"

// deliverer sends the blocks of one lane. Sources of one host share a memory,
// as they do in the plugin.
type deliverer struct {
	r     *runner
	hosts map[string]*pipeline.Lane
	seen  tally // of the block at hand

	labels *entry.Labels // of the entry before
}

func newDeliverer(r *runner) *deliverer {
	return &deliverer{r: r, hosts: map[string]*pipeline.Lane{}}
}

func (d *deliverer) through(host string) *pipeline.Lane {
	l := d.hosts[host]
	if l == nil {
		l = d.r.pipe.Lane(hostConfig(d.r.o.Config, host))
		d.hosts[host] = l
	}
	return l
}

// hostConfig is c for logs of a host.
func hostConfig(c *config.Config, host string) *config.Config {
	own := *c
	own.Host = cmp.Or(host, unknownHost)
	return &own
}

// block is a Block as a chunk.
type block struct {
	rotation.Block
	data []byte
	err  error
}

// lane ships the sources of a lane. One goroutine reads, unpacks and makes
// chunks; this one transforms and sends them, in their order. Which chunks there
// are and in which order depends on the files alone, so that a run that goes on
// where another was killed comes by the same memory, and makes the same entries.
func (r *runner) lane(ctx context.Context, l *rotation.Lane) error {
	if !r.o.Follow && r.state.complete(l) {
		r.bar.add(total([]*rotation.Lane{l}))
		return nil
	}
	rd := rotation.NewReader(l, r.rotation())
	rd.Notice, rd.Read = r.notice, r.bar.read
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks, free := make(chan block), make(chan *chunk.Builder, 2)
	free <- new(chunk.Builder)
	free <- new(chunk.Builder)
	go produce(ctx, rd, r.o.Config, free, blocks)
	d := newDeliverer(r)
	if r.o.Follow {
		r.keep.Lock()
		r.kept[l] = d
		r.keep.Unlock()
	}
	for {
		b := <-blocks // ends with an error
		if b.err != nil {
			return r.laneEnd(l, b.err)
		}
		err := d.block(ctx, &b)
		free <- reuse(b.data)
		if err != nil {
			cancel()
			for b = <-blocks; b.err == nil; b = <-blocks {
				free <- reuse(b.data)
			}
			return err
		}
	}
}

// reuse gives a chunk's memory back to whoever makes the next one.
func reuse(data []byte) *chunk.Builder {
	b := new(chunk.Builder)
	b.Reuse(data)
	return b
}

func (r *runner) laneEnd(l *rotation.Lane, err error) error {
	if errors.Is(err, io.EOF) {
		return r.state.finish(l)
	}
	return err
}

// produce reads blocks until the end or until ctx ends; the last one has an
// error.
func produce(ctx context.Context, rd *rotation.Reader, c *config.Config, free <-chan *chunk.Builder, blocks chan<- block) {
	defer rd.Close()
	for {
		b := <-free
		if ctx.Err() != nil {
			blocks <- block{err: ctx.Err()}
			return
		}
		next, err := makeBlock(rd, c, b)
		blocks <- next
		if err != nil {
			return
		}
	}
}

// makeBlock writes the next block of a reader into b.
func makeBlock(rd *rotation.Reader, c *config.Config, b *chunk.Builder) (block, error) {
	b.Reset()
	add := recorder(c, b)
	next, err := rd.Next(add)
	return block{Block: next, data: b.Bytes(), err: err}, err
}

// recorder makes records as tail does, and for a container as a runtime's log
// driver does.
func recorder(c *config.Config, b *chunk.Builder) func(*rotation.Source, int64, []byte) {
	text, path := cmp.Or(c.PayloadKey, "log"), cmp.Or(c.PathKey, "path")
	return func(s *rotation.Source, at int64, line []byte) {
		// Safety: Texts copies it before line changes.
		str := unsafe.String(unsafe.SliceData(line), len(line))
		if s.Container != "" {
			b.Texts(at, text, str, path, s.Path, "logtag", "F", "container_name", s.Container)
		} else {
			b.Texts(at, text, str, path, s.Path)
		}
	}
}

// block delivers a block unless it is done.
func (d *deliverer) block(ctx context.Context, b *block) error {
	s := b.Source
	if d.r.state.done(s, b.To) || d.r.outside(b) {
		d.through(s.Host).Learn(s.Tag(), b.data, nil)
		return ctx.Err()
	}
	return d.send(ctx, b)
}

// send delivers a block and keeps the position behind it.
func (d *deliverer) send(ctx context.Context, b *block) error {
	s := b.Source
	tag, lane := s.Tag(), d.through(s.Host)
	if err := d.r.bucket.take(ctx, b.Lines, b.Bytes); err != nil {
		return err
	}
	result, err := d.deliver(ctx, lane, tag, b)
	if err != nil {
		return err
	}
	d.seen.Lines, d.seen.Bytes = int64(b.Lines), b.Bytes
	d.seen.Late, d.seen.Refused = int64(result.Late), int64(result.Dead)
	d.r.bar.lines(int64(b.Lines), b.Bytes)
	return d.r.state.advance(s, b.To, &d.seen)
}

// deliver delivers a chunk, however long Loki is away.
func (d *deliverer) deliver(ctx context.Context, lane *pipeline.Lane, tag string, b *block) (loki.Result, error) {
	return deliver.Push(ctx, func(ctx context.Context) loki.Result {
		d.seen = tally{}
		result, pushed := lane.Deliver(ctx, tag, b.data, d.want)
		pushed.Retry = result != pipeline.OK
		return pushed
	}, d.r.bar.waits)
}

// want counts an entry and says whether it is asked for.
func (d *deliverer) want(e *entry.Entry) bool {
	if !d.r.inRange(e.Time) {
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

func (r *runner) inRange(ns int64) bool {
	return (r.o.Since.IsZero() || ns >= r.o.Since.UnixNano()) && (r.o.Until.IsZero() || ns < r.o.Until.UnixNano())
}

// outside reports whether no entry of a block can be asked for: lines have the
// block's times but for what a wrong zone makes of them.
func (r *runner) outside(b *block) bool {
	const slack = int64(24 * time.Hour)
	return !r.o.Since.IsZero() && b.Last+slack < r.o.Since.UnixNano() ||
		!r.o.Until.IsZero() && b.First-slack > r.o.Until.UnixNano()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
