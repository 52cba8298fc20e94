package main

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

//go:embed conf
var conf embed.FS

// Pipelines, in the order in which they take turns.
const (
	null    = "null"
	raw     = "raw"
	plugin  = "plugin"
	parsers = "parsers"
)

var pipelines = []string{null, raw, plugin, parsers}

// bench runs Fluent Bit.
type bench struct {
	fluentBit, plugin, dir string
	sink                   *sink
}

// cost is what one run took.
type cost struct {
	cpu time.Duration // user and system time of the process
	counts
}

// column is a log with the costs of its pipelines.
type column struct {
	*workload
	written
	costs map[string][]cost
}

// unpack writes the configurations to where Fluent Bit reads them.
func (b *bench) unpack() error {
	dir, err := fs.Sub(conf, "conf")
	if err != nil {
		return err
	}
	at := filepath.Join(b.dir, "conf")
	if err := os.RemoveAll(at); err != nil {
		return err
	}
	return os.CopyFS(at, dir)
}

// column writes a log and lets the pipelines take turns.
func (b *bench) column(ctx context.Context, w *workload, lines, rounds int) (column, error) {
	log, err := w.write(b.dir, lines)
	if err != nil {
		return column{}, err
	}
	c := column{w, log, map[string][]cost{}}
	for round := range rounds {
		for _, p := range pipelines {
			got, err := b.once(ctx, &c, p)
			if err != nil {
				return c, fmt.Errorf("%s: %w", p, err)
			}
			fmt.Fprintf(os.Stderr, "%-8s %d/%d %-8s %5.2f s of CPU, %d entries in %d pushes\n",
				w.name, round+1, rounds, p, got.cpu.Seconds(), got.entries, got.pushes)
			c.costs[p] = append(c.costs[p], got)
		}
	}
	return c, nil
}

// once runs a pipeline to the end of the log. What did not arrive costs nothing,
// so it is an error.
func (b *bench) once(ctx context.Context, c *column, pipeline string) (cost, error) {
	b.sink.take()
	file, args := pipeline+".conf", []string{"-q"}
	switch pipeline {
	case parsers:
		file = parsers + "-" + c.name + ".conf"
	case plugin:
		args = append(args, "-e", b.plugin)
	}
	cmd := exec.CommandContext(ctx, b.fluentBit, append(args, "-c", file)...)
	cmd.Dir = filepath.Join(b.dir, "conf")
	cmd.Env = append(os.Environ(), "TZ=UTC", "MEASURE_LOG="+c.path, "MEASURE_TAG="+c.tag, "MEASURE_PORT="+b.sink.port)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	got := cost{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), b.sink.take()}
	if got.err != nil {
		return got, fmt.Errorf("the sink: %w", got.err)
	}
	want := c.entries
	if pipeline == parsers {
		want-- // its multiline parser keeps the last event for lines that could follow
	}
	if pipeline != null && got.entries < want {
		return got, fmt.Errorf("%d of %d entries arrived\n%s", got.entries, want, out)
	}
	return got, nil
}

// median is that of the processor times of a pipeline.
func (c *column) median(pipeline string) time.Duration {
	all := slices.SortedFunc(slices.Values(c.costs[pipeline]), func(a, b cost) int { return cmp.Compare(a.cpu, b.cpu) })
	return (all[(len(all)-1)/2].cpu + all[len(all)/2].cpu) / 2
}

// share is the plugin's cost above reading the file as a part of another
// pipeline's.
func (c *column) share(other string) float64 {
	floor := c.median(null)
	return float64(c.median(plugin)-floor) / float64(c.median(other)-floor)
}
