package ship

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/archive"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/pipeline"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Survey makes the entries that Run would send, and gives them to see, source
// by source as they are read; e is valid until see returns. Nothing is sent.
func Survey(ctx context.Context, o Options, see func(s *rotation.Source, e *entry.Entry)) (Outcome, error) {
	r := &runner{o: o, began: time.Now(), state: newState("", time.Now().UTC())}
	set, err := archive.Find(ctx, o.Paths, archive.Options{Limits: o.Limits, TmpDir: o.TmpDir, Stdin: o.Stdin, Want: o.Want, Notice: r.notice})
	if err != nil {
		return Outcome{}, err
	}
	defer set.Close() //nolint:errcheck // read only
	for _, l := range rotation.Group(set.Files(), r.rotation()) {
		err := r.survey(ctx, l, func(*block) {}, func(s *rotation.Source, e *entry.Entry) {
			if r.inRange(e.Time) {
				see(s, e)
			}
		})
		if err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Partly: r.notices.skipped() > 0}, nil
}

// survey transforms the blocks of a lane.
func (r *runner) survey(ctx context.Context, l *rotation.Lane, seeBlock func(*block), see func(*rotation.Source, *entry.Entry)) error {
	rd := rotation.NewReader(l, r.rotation())
	defer rd.Close()
	rd.Notice = r.notice
	hosts := map[string]*transform.Transform{}
	var b chunk.Builder
	for {
		next, err := makeBlock(rd, r.o.Config, &b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		s := next.Source
		if hosts[s.Host] == nil {
			hosts[s.Host] = pipeline.NewTransform(hostConfig(r.o.Config, s.Host), r.o.Log)
		}
		seeBlock(&next)
		run := hosts[s.Host].Begin(s.Tag(), next.data, func(e *entry.Entry) { see(s, e) })
		err = transform.Chunk(run, next.data)
		run.Close(true)
		if err != nil {
			return err
		}
	}
}
