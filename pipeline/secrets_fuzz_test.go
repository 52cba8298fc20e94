package pipeline

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/planted"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// everything is a pipeline before a Loki that refuses every second entry, and
// all that leaves it.
type everything struct {
	p      *Pipeline
	loki   *lokitest.Server
	dead   string
	log    bytes.Buffer
	chunks int
}

func newEverything(t testing.TB) *everything {
	t.Helper()
	n := 0
	e := &everything{loki: lokitest.New(lokitest.Options{Refuse: func(*lokitest.Entry) string {
		if n++; n%2 == 0 {
			return "refused for a test"
		}
		return ""
	}})}
	t.Cleanup(e.loki.Close)
	e.dead = filepath.Join(t.TempDir(), "dead.jsonl")
	cfg, err := config.Parse(func(key string) string {
		return map[string]string{
			"url": e.loki.URL, "dead_letter_path": e.dead, "timezone": "UTC", "log_verbosity": "debug", "label_keys": "user",
		}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.MetricsListen = "127.0.0.1:0"
	if e.p, err = Open(cfg, slog.New(slog.NewTextHandler(&e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.p.Close(t.Context()) })
	return e
}

// send sends records as one chunk and returns what left: entries, dead letters
// and the log. Metrics are asked for once in a while.
func (e *everything) send(t *testing.T, records [][]string) string {
	t.Helper()
	e.log.Reset()
	e.loki.Forget()
	if err := os.Truncate(e.dead, 0); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var b chunk.Builder
	for i, r := range records {
		values := make([]any, len(r))
		for j, v := range r {
			values[j] = v
		}
		b.Record(time.Date(2026, 8, 2, 18, 0, 0, i*1000, time.UTC).UnixNano(), values...)
	}
	if r := e.p.Flush(t.Context(), "zimbra", b.Bytes()); r != OK {
		t.Fatalf("result %d, log %s", r, &e.log)
	}
	dead, err := os.ReadFile(e.dead)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	all := allText(e.loki.Entries()) + string(dead) + e.log.String()
	if e.chunks++; e.chunks%256 == 1 {
		all += e.metrics(t)
	}
	return all
}

func (e *everything) metrics(t *testing.T) string {
	t.Helper()
	r, err := http.Get("http://" + e.p.MetricsAddr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || len(text) == 0 {
		t.Fatalf("%d bytes of metrics: %v", len(text), err)
	}
	return string(text)
}

// FuzzNoSecretLeaves: whatever shape a secret has and whatever carries it, it is
// in nothing that leaves, and words around it are.
func FuzzNoSecretLeaves(f *testing.F) {
	for i := range 64 {
		f.Add([]byte(strings.Repeat(string(rune('0'+i)), 40)))
	}
	e := newEverything(f)
	f.Fuzz(func(t *testing.T, draws []byte) {
		var shapes []*planted.Shape
		var records [][]string
		for range 4 { // in one chunk
			n := min(48, len(draws))
			s := planted.Draw(draws[:n])
			draws = draws[n:]
			shapes = append(shapes, s)
			records = append(records, s.Records...)
			if len(draws) == 0 {
				break
			}
		}
		all := e.send(t, records)
		for _, s := range shapes {
			if s.Leaks(all) {
				t.Errorf("%q %q\n lets out %s", s.Secret, s.Records, all)
			}
			for _, k := range s.Kept {
				if !strings.Contains(all, k) {
					t.Errorf("%q %q\n loses %q: %s", s.Secret, s.Records, k, all)
				}
			}
		}
	})
}
