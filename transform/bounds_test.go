package transform

import (
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
