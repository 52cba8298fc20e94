// Package demo runs the whole way in small: sample logs, the plugin inside of
// Fluent Bit or of the host program, a server on loopback that answers Loki's
// API, and LogQL.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// Demo is a server that holds the sample logs.
type Demo struct {
	Server *lokirun.Server
	Files  []samplelogs.File
	Start  time.Time // of the logs
	End    time.Time
	dir    string
	stop   func() error // ends the plugin that Options.Keep left running
}

// Options says where things are.
type Options struct {
	Build     string // directory with zimbraloki.so and host
	Server    lokirun.Program
	FluentBit string // program, "" for the host program
	// Copies are servers that get from Fluent Bit what Server gets, chunk by chunk.
	Copies []*lokirun.Server
	Log    io.Writer

	Properties [][2]string    // further ones of the output to Server
	Metrics    string         // address of Fluent Bit's own metrics, "" for none
	Port       int            // of Server, 0 for a free one
	Config     map[string]any // of Server, as lokirun.Options has it
	Keep       bool           // the plugin goes on until Close
}

// seed of the sample logs: the same incidents each time.
const seed = 20260802

// Run writes the logs of the last two hours, starts the server, sends the logs through
// the plugin and returns when all of them can be queried.
func Run(ctx context.Context, o Options) (*Demo, error) {
	dir, err := os.MkdirTemp("", "zimbraloki-demo-")
	if err != nil {
		return nil, err
	}
	d := &Demo{dir: dir, End: time.Now().Add(-time.Minute).Truncate(time.Second)}
	d.Start = d.End.Add(-samplelogs.Period)
	if err := d.fill(ctx, o); err != nil {
		return nil, errors.Join(err, d.Close(ctx))
	}
	return d, nil
}

func (d *Demo) fill(ctx context.Context, o Options) (err error) {
	logs := filepath.Join(d.dir, "logs")
	if err := os.Mkdir(logs, 0o755); err != nil {
		return err
	}
	d.Files, err = samplelogs.Write(logs, samplelogs.Options{Start: d.Start, Location: time.Local, Seed: seed})
	if err != nil {
		return err
	}
	want := samplelogs.Count(d.Files)
	fmt.Fprintf(o.Log, "sample logs: %d entries in %d files under %s\n", want, len(d.Files), logs)
	d.Server, err = lokirun.Start(ctx, lokirun.Options{
		Bin: o.Server, Dir: filepath.Join(d.dir, "server"), HTTPPort: o.Port, Config: o.Config,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Log, "%s listens on %s\n", o.Server.Name(), d.Server.URL())
	f := feeder{Options: o, demo: d}
	stop, err := f.start(ctx)
	if err != nil {
		return err
	}
	werr := wait(ctx, d, d.Server, want)
	for _, c := range o.Copies {
		werr = errors.Join(werr, wait(ctx, d, c, want))
	}
	if o.Keep && werr == nil {
		d.stop = stop
		return nil
	}
	if err := stop(); err != nil {
		return err
	}
	return werr
}

// Logs is the folder of the sample logs.
func (d *Demo) Logs() string { return filepath.Join(d.dir, "logs") }

// wait returns when a server holds the number of entries that were written. One
// whose lines lie in two chunks is two, the second with continued.
func wait(ctx context.Context, d *Demo, s *lokirun.Server, want int64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := s.Count(ctx, `{job=~".+"} | continued=""`, d.Start.Add(-time.Hour), d.End.Add(time.Hour))
		if err == nil && got >= want {
			if got > want {
				return fmt.Errorf("the server holds %d entries, %d were written", got, want)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after 2 minutes the server holds %d of %d entries: %w", got, want, ctx.Err())
		case <-tick.C:
		}
	}
}

// Close stops the server and removes what the demo wrote.
func (d *Demo) Close(ctx context.Context) error {
	var err error
	if d.stop != nil {
		d.stop() // lines on their way, which it may complain of, are nobody's loss
	}
	if d.Server != nil {
		err = d.Server.Stop(ctx)
	}
	if rerr := os.RemoveAll(d.dir); err == nil {
		err = rerr
	}
	return err
}
