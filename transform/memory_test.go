package transform

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// retryChunks cuts logs of two files and a container into many chunks, in the
// middle of stack traces and of cut lines.
func retryChunks() [][]byte {
	r := rand.New(rand.NewPCG(7, 8))
	lines := mailboxLines(6000)
	var chunks [][]byte
	var b chunk.Builder
	for i, line := range lines {
		at := benchArrival + int64(i)*1e6
		switch i % 7 {
		case 0:
			b.Record(at, "log", fmt.Sprintf("%d ", i)+strings.Repeat("x", 40), "stream", "stdout", "container_id", "0a", "container_name", "/web", "source", "stdout",
				"partial_message", "true", "partial_id", "1", "partial_last", []string{"false", "true"}[r.IntN(2)])
		case 1:
			b.Record(at, "log", line, "path", "/opt/zimbra/log/sync.log")
		default:
			b.Record(at, "log", line, "path", "/opt/zimbra/log/mailbox.log")
		}
		if r.IntN(30) == 0 {
			chunks = append(chunks, slices.Clone(b.Bytes()))
			b.Reset()
		}
	}
	return append(chunks, slices.Clone(b.Bytes()))
}

// TestRetry lets every chunk fail at least once, most of them while later ones
// pass, and finds the same entries each time.
func TestRetry(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	tr := New(Options{Host: "mail", Location: time.UTC, LabelKeys: []string{"user"}, LabelValueLimit: 50})
	chunks := retryChunks()
	first := make([]sent, len(chunks))
	type waiting struct{ chunk, tries int }
	var queue []waiting
	done, continued, most := 0, 0, 0
	for next := 0; next < len(chunks) || len(queue) > 0; {
		if next < len(chunks) && (len(queue) == 0 || r.IntN(2) == 0) {
			first[next] = play(t, tr, "tail", chunks[next], false)
			continued += strings.Count(strings.Join(first[next].entries, "\n"), `"continued":"true"`)
			queue = append(queue, waiting{next, 0})
			next++
			continue
		}
		i := r.IntN(len(queue))
		w := &queue[i]
		acked := w.tries > 0 && r.IntN(3) == 0
		again := play(t, tr, "tail", chunks[w.chunk], acked)
		if !slices.Equal(again.entries, first[w.chunk].entries) {
			t.Fatalf("chunk %d, retry %d of %d:\n%s\n---\n%s", w.chunk, w.tries, len(chunks), strings.Join(again.entries, "\n"), strings.Join(first[w.chunk].entries, "\n"))
		}
		if w.tries++; acked {
			queue = slices.Delete(queue, i, i+1)
			done++
		}
		most = max(most, len(queue))
		if n := len(tr.memory.ledger); n != len(queue) {
			t.Fatalf("ledger of %d chunks, %d are waiting", n, len(queue))
		}
	}
	if done != len(chunks) || len(tr.memory.ledger) != 0 || continued < 20 || most < 10 {
		t.Errorf("%d of %d chunks done, ledger %d, %d continuations, at most %d waiting", done, len(chunks), len(tr.memory.ledger), continued, most)
	}
	if n := tr.Stats().Retries.Load(); n < int64(len(chunks)) {
		t.Errorf("%d retries counted for %d chunks", n, len(chunks))
	}
}

// TestRetryDoesNotDisturb compares with a run in which nothing failed.
func TestRetryDoesNotDisturb(t *testing.T) {
	calm, troubled := New(Options{Location: time.UTC}), New(Options{Location: time.UTC})
	for i, data := range retryChunks() {
		want := play(t, calm, "tail", data, true)
		got := play(t, troubled, "tail", data, false)
		if i%3 == 0 {
			play(t, troubled, "tail", data, false)
		}
		if !slices.Equal(got.entries, want.entries) {
			t.Fatalf("chunk %d:\n%s\n---\n%s", i, strings.Join(got.entries, "\n"), strings.Join(want.entries, "\n"))
		}
	}
}

// TestMemoryIsBounded fills both tables beyond their limits.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("fills the memory of a run: not with -short")
	}
	tr := New(Options{Location: time.UTC})
	var b chunk.Builder
	for i := range 10 * maxHeads {
		b.Record(benchArrival, "log", "x", "path", fmt.Sprintf("/var/log/%d.log", i))
		if (i+1)%5000 == 0 || i+1 == 10*maxHeads {
			play(t, tr, "tail", b.Bytes(), true)
			b.Reset()
		}
	}
	if n := len(tr.memory.heads); n > maxHeads || n < maxHeads*7/8 {
		t.Errorf("%d heads, limit %d", n, maxHeads)
	}
	if r := tr.runs.Get().(*Run); len(r.free) > keptSources || len(r.order) > 0 {
		t.Errorf("%d sources are kept", len(r.free))
	}
	for i := range 10 * maxLedger {
		play(t, tr, "tail", chunkOf([]string{fmt.Sprint(i)}, benchArrival), false)
	}
	if n := len(tr.memory.ledger); n != maxLedger {
		t.Errorf("%d chunks in the ledger, limit %d", n, maxLedger)
	}
	// The oldest went; a chunk that is still known is told from a new one.
	before := tr.Stats().Retries.Load()
	play(t, tr, "tail", chunkOf([]string{"0"}, benchArrival), true)
	play(t, tr, "tail", chunkOf([]string{fmt.Sprint(10*maxLedger - 1)}, benchArrival), true)
	play(t, tr, "other", chunkOf([]string{fmt.Sprint(10*maxLedger - 2)}, benchArrival), true)
	if n := tr.Stats().Retries.Load() - before; n != 1 {
		t.Errorf("%d chunks were known, want 1", n)
	}
}

// TestMemoryKeepsNoChunk overwrites each chunk when it is done with, as Fluent
// Bit does, and looks for what the next one took from memory.
func TestMemoryKeepsNoChunk(t *testing.T) {
	tr := New(Options{Location: time.UTC, TenantKey: "tenant", LabelKeys: []string{"user"}})
	var b chunk.Builder
	b.Record(benchArrival, "log", "2026-08-02 16:49:04,242 WARN  [t] [name=a@example.com;] soap - x", "path", "/opt/zimbra/log/mailbox.log", "tenant", "acme")
	data := slices.Clone(b.Bytes())
	play(t, tr, "tail", data, true)
	for i := range data {
		data[i] = 'Z'
	}
	b.Reset()
	b.Record(benchArrival+1e9, "log", "\tat a.b.C.d(C.java:1)", "path", "/opt/zimbra/log/mailbox.log", "tenant", "acme")
	got := play(t, tr, "tail", b.Bytes(), true).entries
	want := `{"time":"2026-08-02T16:49:04.242000001Z","format":"continuation","tenant":"acme","labels":{"job":"zimbra","level":"warn","log":"mailbox",` +
		`"service_name":"zimbra-mailbox","user":"a@example.com"},"metadata":{"detected_level":"warn","continued":"true"},"line":"\tat a.b.C.d(C.java:1)"}`
	if len(got) != 1 || got[0] != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestCutLineOverChunks: a line that the container runtime cut goes on in the
// next chunk, once.
func TestCutLineOverChunks(t *testing.T) {
	tr := New(Options{Location: time.UTC})
	piece := func(text string, last string) []byte {
		var b chunk.Builder
		b.Record(benchArrival, "log", text, "source", "stdout", "container_id", "0a", "container_name", "/web",
			"partial_message", "true", "partial_id", "1", "partial_last", last)
		return b.Bytes()
	}
	var whole chunk.Builder
	whole.Record(benchArrival, "log", "another", "source", "stdout", "container_id", "0a", "container_name", "/web")
	for _, c := range []struct {
		data []byte
		want string
	}{
		{piece("begin ", "false"), `"partial":"true"},"line":"begin "`},
		{piece("middle ", "false"), `"continued":"true","partial":"true"},"line":"middle "`},
		{piece("end", "true"), `"continued":"true"},"line":"end"`},
		{whole.Bytes(), `"time_source":"arrival"},"line":"another"`},
	} {
		got := play(t, tr, "docker", slices.Clone(c.data), true).entries
		if len(got) != 1 || !strings.Contains(got[0], c.want) || strings.Contains(c.want, "another") && strings.Contains(got[0], "continued") {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}
