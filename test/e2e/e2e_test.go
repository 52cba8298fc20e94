// Package e2e_test runs the whole way against zimbraloki serve, and a real
// Loki if there is one: chunks go through
// the pipeline, answers come back by LogQL.
package e2e_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// each runs f against zimbraloki serve, and against a real Loki if there is one.
func each(t *testing.T, o lokirun.Options, f func(t *testing.T, l *lokirun.Server)) {
	t.Helper()
	notShort(t)
	runtest.Each(t, o, f)
}

func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the whole way is not for -short")
	}
}

// plugin is a pipeline that pushes to a Loki, with its dead-letter file and log.
type plugin struct {
	*pipeline.Pipeline
	t    *testing.T
	dead string
	log  *bytes.Buffer
}

func openPlugin(t *testing.T, l *lokirun.Server, properties map[string]string) *plugin {
	t.Helper()
	p := &plugin{t: t, dead: filepath.Join(t.TempDir(), "dead.jsonl"), log: &bytes.Buffer{}}
	cfg, err := config.Parse(func(key string) string {
		switch {
		case properties[key] != "":
			return properties[key]
		case key == "url":
			return l.URL()
		case key == "dead_letter_path":
			return p.dead
		case key == "flush_timeout": // whole logs in one chunk, on a machine that has more to do
			return "60s"
		case key == "timezone":
			return "UTC"
		case key == "labels":
			return "host=mail1"
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Pipeline, err = pipeline.Open(cfg, slog.New(slog.NewTextHandler(p.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return p
}

// flush delivers a chunk and wants it acknowledged.
func (p *plugin) flush(tag string, data []byte) {
	p.t.Helper()
	if r := p.Flush(p.t.Context(), tag, data); r != pipeline.OK {
		p.t.Fatalf("flush of %s: result %d, log:\n%s", tag, r, p.log)
	}
}

// chunkOf makes a chunk of lines as the tail input does.
func chunkOf(arrival time.Time, path string, lines ...string) []byte {
	var b chunk.Builder
	for i, l := range lines {
		b.Record(arrival.UnixNano()+int64(i), "log", l, "filename", path)
	}
	return bytes.Clone(b.Bytes())
}

func query(t *testing.T, l *lokirun.Server, logql string) []lokirun.Entry {
	t.Helper()
	entries, err := l.Query(t.Context(), logql, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Now().Add(time.Hour), 0, lokirun.Forward)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// lines returns the lines of entries.
func lines(entries []lokirun.Entry) []string {
	var s []string
	for _, e := range entries {
		s = append(s, e.Line)
	}
	return s
}

func wantLines(t *testing.T, got []lokirun.Entry, want ...string) {
	t.Helper()
	if a, b := strings.Join(lines(got), "\n---\n"), strings.Join(want, "\n---\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

func (p *plugin) deadLetters() string {
	data, err := os.ReadFile(p.dead)
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(data)
}
