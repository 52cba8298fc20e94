package pipeline

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
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// open makes a pipeline to a fake Loki; it returns its dead-letter file and log.
func open(t *testing.T, url, dead string) (*Pipeline, *bytes.Buffer) {
	t.Helper()
	cfg, err := config.Parse(func(key string) string {
		return map[string]string{"url": url, "dead_letter_path": dead, "timezone": "UTC", "flush_timeout": "500ms"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p, err := Open(cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p, &log
}

// damaged is a chunk of two good records and bytes that are none.
func damaged() (data, rest []byte) {
	var b chunk.Builder
	now := time.Now()
	for _, text := range []string{"one", "two"} {
		b.Line(now.UnixNano(), "log", now.UTC().Format("2006-01-02 15:04:05,000")+" INFO  [main] [] misc - "+text)
	}
	rest = []byte{0x92, 0xc1, 0xff, 'x'}
	return append(bytes.Clone(b.Bytes()), rest...), rest
}

func readDead(t *testing.T, path string) (recs []deadletter.Record) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r, err := range deadletter.Read(f) {
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, r)
	}
	return recs
}

// TestDamagedChunk: what comes before the damage is delivered, the rest is kept
// byte for byte, once, and only the first such chunk is logged.
func TestDamagedChunk(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dead := filepath.Join(t.TempDir(), "dead.jsonl")
	p, log := open(t, l.URL, dead)
	data, rest := damaged()
	for range 2 {
		if r := p.Flush(t.Context(), "zimbra", data); r != OK {
			t.Fatalf("result %d, log %s", r, log)
		}
	}
	if n := len(l.Entries()); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
	recs := readDead(t, dead)
	if len(recs) != 2 || recs[0].Kind != deadletter.KindChunk || !bytes.Equal(recs[0].Raw, rest) || recs[0].Tag != "zimbra" {
		t.Errorf("dead letters %+v", recs)
	}
	if n := strings.Count(log.String(), "a chunk is damaged"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log)
	}
}

// TestDamagedChunkWaitsForLoki: as long as the rest of a chunk comes again, its
// damaged part is not written.
func TestDamagedChunkWaitsForLoki(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	url := l.URL
	l.Close()
	dead := filepath.Join(t.TempDir(), "dead.jsonl")
	p, log := open(t, url, dead)
	data, _ := damaged()
	if r := p.Flush(t.Context(), "zimbra", data); r != Retry {
		t.Errorf("result %d, want Retry; log %s", r, log)
	}
	if recs := readDead(t, dead); len(recs) != 0 {
		t.Errorf("dead letters %+v", recs)
	}
}

// TestDeadLetterOff: what cannot be kept is said to be lost.
func TestDeadLetterOff(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	p, log := open(t, l.URL, "off")
	data, _ := damaged()
	if r := p.Flush(t.Context(), "zimbra", data); r != OK || !strings.Contains(log.String(), "dead_letter_path is off") {
		t.Errorf("result %d, log %s", r, log)
	}
}
