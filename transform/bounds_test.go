package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// TestManyShortLines: a record of many lines costs memory by its size, not by
// its lines, and loses none of them.
func TestManyShortLines(t *testing.T) {
	f := func(name, text string, maxEntries int) {
		t.Helper()
		var b chunk.Builder
		b.Record(time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC).UnixNano(), "log", text)
		entries, lines, bytes := 0, 0, 0
		transformChunk(New(Options{Location: time.UTC, NoMails: true}), "app", b.Bytes(), func(e *entry.Entry) {
			entries++
			lines += 1 + len(e.More) // of entries that were not cut
			bytes += len(e.AppendLine(nil)) + 1
		})
		if want := strings.Count(text, "\n") + 1; lines != want {
			t.Errorf("%s: %d lines, want %d", name, lines, want)
		}
		if bytes != len(text)+1 {
			t.Errorf("%s: %d bytes, want %d", name, bytes, len(text)+1)
		}
		if entries > maxEntries {
			t.Errorf("%s: %d entries, at most %d", name, entries, maxEntries)
		}
	}
	const millions = 2_000_000
	f("empty lines", strings.Repeat("\n", millions)+"x", maxPayloadLines+millions/DefaultMaxLines+2)
	f("one letter", strings.Repeat("A\n", millions/2)+"A", maxPayloadLines+millions/2/DefaultMaxLines+2)
	f("syslog", strings.TrimSuffix(strings.Repeat("Aug  2 16:49:04 mail x: y\n", 100_000), "\n"), maxPayloadLines+100_000/DefaultMaxLines+2)
	f("few lines", "a\nb\nc", 3)
}

// TestManyPaths: ten times the sources that a chunk tells apart cost ten times
// as much, and each line is an entry of its own path.
func TestManyPaths(t *testing.T) {
	if testing.Short() {
		t.Skip("follows thousands of files: not with -short")
	}
	f := func(paths, lines, want int) (took time.Duration) {
		t.Helper()
		var b chunk.Builder
		for i := range paths * lines {
			b.Record(benchArrival, "log", "\tat a.b.C.d(C.java:1)", "path", fmt.Sprintf("/var/log/%d.log", i/lines))
		}
		tr := New(Options{Location: time.UTC})
		entries := 0
		began := time.Now()
		r := tr.Begin("tail", b.Bytes(), func(e *entry.Entry) {
			entries++
		})
		var rd chunk.Reader
		rd.Reset(b.Bytes())
		r.AddAll(&rd)
		took = time.Since(began)
		if n := len(r.order); n > maxSources {
			t.Errorf("%d paths: %d sources", paths, n)
		}
		r.Close(false)
		if n := len(tr.memory.heads); n > maxHeads {
			t.Errorf("%d paths: %d heads", paths, n)
		}
		for _, d := range tr.memory.ledger {
			if len(d.before) > maxSources {
				t.Errorf("%d paths: %d sources wait for an answer", paths, len(d.before))
			}
		}
		if entries != want {
			t.Errorf("%d paths of %d lines: %d entries, want %d", paths, lines, entries, want)
		}
		return took
	}
	f(3, 2, 3)
	f(2*maxSources, 2, 2*maxSources)
	few := f(maxSources, 1, maxSources)
	if many := f(10*maxSources, 1, 10*maxSources); many > 40*few+time.Second {
		t.Errorf("%s for %d paths, %s for ten times as many", few, maxSources, many)
	}
}
