package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// TestBareRecord: a record whose body is no map is delivered, a text as it is,
// anything else as JSON.
func TestBareRecord(t *testing.T) {
	var b chunk.Builder
	b.Bare(benchArrival, "2026-08-02 16:49:04,242 INFO  [main] [] soap - NoOpRequest elapsed=1\n")
	b.Bare(benchArrival, []any{"a", 1, true, "\xff"})
	b.Bare(benchArrival, 42)
	b.Bare(benchArrival, nil)
	got := play(t, New(Options{Location: time.UTC}), "zimbra", b.Bytes(), true)
	want := []string{"2026-08-02 16:49:04,242 INFO  [main] [] soap - NoOpRequest elapsed=1\n" + `["a",1,true,"` + "\uFFFD" + `"]` + "\n42\nnull"}
	if lines := got.lines[""]; !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}

// TestEmptyRecord: a record that holds nothing is an entry too.
func TestEmptyRecord(t *testing.T) {
	var b chunk.Builder
	b.Record(benchArrival)
	b.Record(benchArrival, "log", "")
	b.Record(benchArrival, "log", nil)
	if got := play(t, New(Options{}), "x", b.Bytes(), true); len(got.entries) != 3 {
		t.Errorf("%d entries: %s", len(got.entries), got.entries)
	}
}

// TestTimeSource: which time an entry gets.
func TestTimeSource(t *testing.T) {
	f := func(line string, arrival int64, want, source string) {
		t.Helper()
		got := play(t, New(Options{Location: time.UTC}), "zimbra.mailbox", chunkOf([]string{line}, arrival), true).entries[0]
		if !strings.HasPrefix(got, `{"time":"`+want) || strings.Contains(got, "time_source") != (source != "") || !strings.Contains(got, source) {
			t.Errorf("%s arrived %d\n got %s\nwant %s %s", line, arrival, got, want, source)
		}
	}
	const line = "2026-08-02 16:49:04,242 INFO  [main] [] soap - x"
	at := testtime.Instant(t, "2026-08-02T16:49:04.242Z")
	f(line, at, "2026-08-02T16:49:04.242000000Z", "")
	f(line, at+int64(365*24*time.Hour), "2026-08-02T16:49:04.242000000Z", "")
	f(line, at-int64(10*time.Minute), "2026-08-02T16:49:04.242000000Z", "")
	f(line, at-int64(10*time.Minute)-1, "2026-08-02T16:39:04.241999999Z", `"time_source":"arrival_future"`)
	f(line, 0, "2026-08-02T16:49:04.242000000Z", "") // the arrival is not known
	f("2026-02-31 16:49:04,242 INFO  [main] [] soap - x", at, "2026-08-02T16:49:04.242000000Z", `"time_source":"arrival"`)
	f("no time at all", at, "2026-08-02T16:49:04.242000000Z", `"time_source":"arrival"`)
}

// TestSameMillisecond: lines that are equal in all but their place keep it, and
// none is the duplicate of another.
func TestSameMillisecond(t *testing.T) {
	line := "2026-08-02 16:49:04,242 INFO  [main] [] soap - NoOpRequest elapsed=1"
	lines := slices.Repeat([]string{line}, 1500)
	got := play(t, New(Options{Location: time.UTC}), "zimbra.mailbox", chunkOf(lines, benchArrival), true)
	inOrder(t, got)
	if n := len(slices.Compact(slices.Sorted(slices.Values(got.entries)))); n != len(lines) {
		t.Errorf("%d different entries of %d lines", n, len(lines))
	}
}

// TestContinuationOrder: what goes on with an event of the chunk before stands
// before the lines of this chunk that have the same millisecond.
func TestContinuationOrder(t *testing.T) {
	tr := New(Options{Location: time.UTC})
	head := "2026-08-02 16:49:04,242 WARN  [main] [] soap - x"
	play(t, tr, "zimbra.mailbox", chunkOf([]string{head, head, head}, benchArrival), true)
	got := play(t, tr, "zimbra.mailbox", chunkOf([]string{"\tat a.b.C.d(C.java:1)", "Caused by: java.io.IOException: y", head, "\tat a.b.C.e(C.java:2)"}, benchArrival), true)
	want := []string{`{"time":"2026-08-02T16:49:04.242000003Z","format":"continuation"`, `{"time":"2026-08-02T16:49:04.242000004Z","format":"mailbox"`}
	for i, w := range want {
		if i >= len(got.entries) || !strings.HasPrefix(got.entries[i], w) {
			t.Errorf("entry %d\n got %s\nwant %s", i, got.entries, w)
		}
	}
	if !strings.Contains(got.entries[0], `"root_cause":"java.io.IOException"`) {
		t.Errorf("the rest of a trace is not read: %s", got.entries[0])
	}
}

// TestMetadataIsBounded: whatever a line holds, its metadata stays below what
// Loki takes.
func TestMetadataIsBounded(t *testing.T) {
	long := strings.Repeat("é", 3000)
	var context, attrs strings.Builder
	for i := range 300 {
		fmt.Fprintf(&context, "k%d%s=%s;", i, strings.Repeat("x", 200), long)
		fmt.Fprintf(&attrs, " a%d=%s;", i, long)
	}
	line := "2026-08-02 16:49:04,242 WARN  [" + long + "] [name=" + long + ";ua=" + long + ";via=" + long + ";" + context.String() + "] security - cmd=ModifyAccount; name=" + long + "; error=" + long + ";" + attrs.String()
	tr := New(Options{Location: time.UTC, MaxLineBytes: 8 << 20})
	data := chunkOf([]string{line}, benchArrival)
	size, pairs := 0, 0
	transformChunk(tr, "zimbra.audit", data, func(e *entry.Entry) {
		checkEntry(t, tr, e)
		pairs += len(e.Meta)
		for _, p := range e.Meta {
			size += len(p.Name) + len(p.Value)
		}
	})
	if size == 0 || size > 64<<10 || pairs > 128 {
		t.Errorf("metadata of %d bytes in %d pairs", size, pairs)
	}
}

// TestEnvelopeIsValid: what an envelope says comes from outside too.
func TestEnvelopeIsValid(t *testing.T) {
	var b chunk.Builder
	b.Record(benchArrival, "log", "text", "source", "stdout", "container_id", "0\xffa", "container_name", "/w\xfeb", "hostname", "h\xff")
	b.Record(benchArrival, "log", "text", "stream", "stderr", "kubernetes", chunk.KV{
		"pod_name", "p\xff", "namespace_name", "n\xff",
		"container_name", "c\xff", "host", "n\xff", "labels",
		chunk.KV{"app", "a\xff"},
	})
	got := play(t, New(Options{}), "kube", b.Bytes(), true)
	for i, want := range []string{`"container":"w` + "\uFFFD" + `b"`, `"pod":"p` + "\uFFFD" + `"`} {
		if !strings.Contains(got.entries[i], want) {
			t.Errorf("got %s, want %s", got.entries[i], want)
		}
	}
}

// TestForeignAuditLog: Linux has an audit.log too. Its lines are no rest of a
// Zimbra event and do not go to Zimbra's audit log.
func TestForeignAuditLog(t *testing.T) {
	var b chunk.Builder
	for _, line := range []string{"type=SYSCALL msg=audit(1785689344.242:1): arch=c000003e", "type=CWD msg=audit(1785689344.242:1): cwd=\"/\""} {
		b.Record(benchArrival, "log", line, "path", "/var/log/audit/audit.log")
	}
	got := play(t, New(Options{}), "linux.audit", b.Bytes(), true)
	if len(got.entries) != 2 || !strings.Contains(got.entries[0], `"log":"other"`) || strings.Contains(got.entries[0], "continued") {
		t.Errorf("got %s", strings.Join(got.entries, "\n"))
	}
	// A head of the log4j shape tells on its own.
	head := "2026-08-02 16:49:04,242 INFO  [t] [] security - cmd=SetPassword; name=a;"
	got = play(t, New(Options{}), "x", chunkOf([]string{"text", head, "more"}, benchArrival), true)
	if len(got.entries) != 2 || !strings.Contains(got.entries[1], `"log":"audit"`) {
		t.Errorf("got %s", strings.Join(got.entries, "\n"))
	}
}

// TestMaxEventBytes: an event that has grown to the limit goes on in an entry
// of its own.
func TestMaxEventBytes(t *testing.T) {
	tr := New(Options{Location: time.UTC, MaxEventBytes: 100})
	head := "2026-08-02 16:49:04,242 WARN  [main] [] misc - a"
	s := play(t, tr, "zimbra.mailbox", chunkOf([]string{head, strings.Repeat("b", 40), strings.Repeat("c", 40), strings.Repeat("d", 120)}, benchArrival), true)
	if len(s.entries) != 3 || !strings.Contains(s.entries[0], "a\\nbbb") || strings.Contains(s.entries[0], "ccc") ||
		!strings.Contains(s.entries[1], `"continued":"true"`) || !strings.Contains(s.entries[2], "ddd") {
		t.Errorf("got\n%s", strings.Join(s.entries, "\n"))
	}
}
