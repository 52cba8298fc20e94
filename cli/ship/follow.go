package ship

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/deliver"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// follower goes on with files that grow, after all that was in them is shipped.
// It looks at them by polling: that works on every file system, and a second is
// soon enough for logs.
type follower struct {
	r     *runner
	lanes map[*rotation.Lane]*deliverer
	tails []*tail
	b     chunk.Builder
}

// tail is one file that may grow.
type tail struct {
	path   string
	id     os.FileInfo // of the file, whatever it is called now
	f      *os.File
	offset int64
	lane   *rotation.Lane
	src    *rotation.Source
	part   int
	clock  *rotation.Clock
}

// rescanEvery is after how many polls new files are looked for.
const rescanEvery = 5

// maxTailRead is how much of a file is sent at once, in bytes.
const maxTailRead = 2 << 20

func (r *runner) follow(ctx context.Context, lanes []*rotation.Lane) error {
	f := &follower{r: r, lanes: r.kept}
	defer f.close()
	for _, l := range lanes {
		for _, s := range l.Sources {
			f.attach(l, s)
		}
	}
	for n := 1; ; n++ {
		if err := deliver.Sleep(ctx, r.o.Poll); err != nil {
			return err
		}
		if n%rescanEvery == 0 {
			if err := f.rescan(ctx); err != nil {
				return err
			}
		}
		for _, t := range f.tails {
			if err := f.poll(ctx, t); err != nil {
				return err
			}
		}
		f.drop()
	}
}

func (f *follower) close() {
	for _, t := range f.tails {
		t.f.Close() //nolint:errcheck // read only
	}
}

// attach follows the newest part of a source, from where it is shipped to. The
// parts before are known, so that a rescan does not take them for new.
func (f *follower) attach(l *rotation.Lane, s *rotation.Source) {
	done := f.r.state.position(s)
	for i, p := range s.Parts {
		if !p.File.OnDisk || p.File.Compressed() {
			continue
		}
		t, err := open(p.File.Path)
		if err != nil {
			continue // it was rotated away meanwhile; a rescan finds what came after
		}
		t.lane, t.src, t.part, t.offset = l, s, i, t.id.Size()
		if i == done.Part {
			t.offset = done.Offset
		}
		t.clock = f.r.set.NewClock()
		f.tails = append(f.tails, t)
	}
}

func open(path string) (*tail, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &tail{path: path, id: st, f: file}, nil
}

// rescan finds files that are new: a log after its rotation, a log that its
// program names after the day.
func (f *follower) rescan(ctx context.Context) error {
	lanes, err := f.r.set.Rescan(ctx, func(path string) bool { return !f.known(path) })
	for _, l := range lanes {
		for _, s := range l.Sources {
			f.begin(l, s)
		}
	}
	return err
}

// known reports whether a file is followed, perhaps under another name.
func (f *follower) known(path string) bool {
	st, err := os.Stat(path)
	return err != nil || slices.ContainsFunc(f.tails, func(t *tail) bool { return os.SameFile(t.id, st) })
}

// begin follows new files of a source from their beginning.
func (f *follower) begin(l *rotation.Lane, fresh *rotation.Source) {
	src := fresh
	for have := range f.lanes {
		for _, s := range have.Sources {
			if s.Name == fresh.Name {
				l, src = have, s
			}
		}
	}
	if f.lanes[l] == nil {
		f.lanes[l] = newDeliverer(f.r)
	}
	for _, t := range f.tails {
		if t.src == src {
			// What was short when it was first seen has grown since.
			f.r.state.resample(src, t.part, rotation.Sample(t.f))
		}
	}
	for _, p := range fresh.Parts {
		t, err := open(p.File.Path)
		if err != nil {
			continue
		}
		t.lane, t.src, t.clock = l, src, f.r.set.NewClock()
		t.part = f.r.state.newPart(src, rotation.Sample(t.f))
		f.tails = append(f.tails, t)
	}
}

// poll sends the whole lines that a file has got. One that was truncated begins
// again.
func (f *follower) poll(ctx context.Context, t *tail) error {
	for {
		st, err := t.f.Stat()
		if err != nil || st.Size() == t.offset {
			return nil //nolint:nilerr // what cannot be read now can later
		}
		if st.Size() < t.offset {
			t.offset, t.part = 0, f.r.state.newPart(t.src, rotation.Sample(t.f))
		}
		b, err := f.read(t)
		if err != nil || b.Lines == 0 {
			return err
		}
		if err := f.lanes[t.lane].send(ctx, &b); err != nil {
			return err
		}
		t.offset = b.To.Offset
	}
}

// read makes a block of what is new in a file, up to the last line end.
func (f *follower) read(t *tail) (logs.Block, error) {
	f.b.Reset()
	rec := logs.NewRecorder(f.r.o.Config)
	b := logs.Block{Block: rotation.Block{Source: t.src, From: rotation.Position{Part: t.part, Offset: t.offset}}, Tag: t.src.Tag()}
	in := bufio.NewReaderSize(io.NewSectionReader(t.f, t.offset, 2*maxTailRead), 64<<10)
	now := time.Now().UnixNano()
	for b.Bytes < maxTailRead {
		line, err := in.ReadBytes('\n')
		if err != nil && len(line) < maxTailRead {
			break // not whole yet
		}
		b.Bytes += int64(len(line))
		line = bytes.TrimSuffix(line, []byte("\n"))
		at := t.clock.At(line, now)
		rec.Add(&f.b, t.src, at, line)
		b.Lines++
		if b.First == 0 {
			b.First = at
		}
		b.Last = max(b.Last, at)
	}
	b.To = rotation.Position{Part: t.part, Offset: t.offset + b.Bytes}
	b.Data = f.b.Bytes()
	return b, nil
}

// drop lets go of files that were removed, after all of them was read.
func (f *follower) drop() {
	f.tails = slices.DeleteFunc(f.tails, func(t *tail) bool {
		if st, err := t.f.Stat(); err == nil && !removed(st) {
			return false
		}
		t.f.Close() //nolint:errcheck // read only
		return true
	})
}
