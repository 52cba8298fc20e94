package replay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func options(t *testing.T, url string, paths ...string) (Options, *bytes.Buffer) {
	t.Helper()
	cfg, err := config.ParseValues(func(key string) string {
		return map[string]string{"url": url, "timezone": "UTC", "flush_timeout": "5s"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return Options{Paths: paths, Config: cfg, Stdout: &out, Stderr: io.Discard, Log: slog.New(slog.DiscardHandler)}, &out
}

func letter(n int, line string) deadletter.Record {
	return deadletter.Record{
		Kind: deadletter.KindEntry, Reason: "too_old", Tenant: []string{"", "b"}[n%2], Time: time.Now().Add(-time.Hour).UnixNano() + int64(n),
		Labels: []entry.Pair{{Name: "job", Value: fmt.Sprint("j", n%3)}}, Line: line, Meta: []entry.Pair{{Name: "user", Value: "ann@example.com"}},
	}
}

func write(t *testing.T, path string, recs ...deadletter.Record) {
	t.Helper()
	w, err := deadletter.Open(deadletter.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Append(recs...); err != nil {
		t.Fatal(err)
	}
}

func mustRun(t *testing.T, o Options) Outcome {
	t.Helper()
	out, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func names(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range list {
		name, _, _ := strings.Cut(e.Name(), "-") // without the time
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// TestReplay: what Loki takes now is there once, what it refuses is kept and
// goes with a later run, and nothing is sent by a run after that.
func TestReplay(t *testing.T) {
	var patient atomic.Bool
	l := lokitest.New(lokitest.Options{Refuse: func(e *lokitest.Entry) string {
		if strings.HasPrefix(e.Line, "long") && !patient.Load() {
			return fmt.Sprintf("max entry size '3' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes", e.Labels, len(e.Line))
		}
		return ""
	}})
	defer l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "dead.jsonl")
	var b chunk.Builder
	b.Record(time.Now().Add(-time.Minute).UnixNano(), "log", "of a chunk")
	write(t, path+".1", letter(0, "a"), letter(1, "long 1"))
	write(t, path, letter(2, "c"), deadletter.Record{Kind: deadletter.KindChunk, Tag: "zimbra.x", Raw: b.Bytes()},
		deadletter.Record{Kind: deadletter.KindChunk, Tag: "zimbra.x", Raw: []byte{0xc1, 1}}, letter(3, "d"))
	o, out := options(t, l.URL, dir)
	o.DryRun = true
	if mustRun(t, o); len(l.Requests()) > 0 || !strings.Contains(out.String(), "too_old") {
		t.Fatalf("dry run: %d requests\n%s", len(l.Requests()), out)
	}
	o.DryRun = false
	if got := mustRun(t, o); !got.Partly || got.Interrupted {
		t.Errorf("outcome %+v\n%s", got, out)
	}
	check := func(want string) {
		t.Helper()
		byLine := map[string]int{}
		for _, e := range l.Entries() {
			byLine[e.Line] += e.Copies
			if n := strings.IndexAny("abcd", e.Line); len(e.Line) == 1 && (e.Tenant == "b") != (n%2 == 1) || len(e.Line) == 1 && (len(e.Meta) != 1 || e.Label("job") != fmt.Sprint("j", n%3)) {
				t.Errorf("entry %+v", e)
			}
		}
		if got := fmt.Sprint(byLine); got != want {
			t.Errorf("Loki has %s, want %s", got, want)
		}
	}
	check("map[a:1 c:1 d:1 of a chunk:1]")
	if got := names(t, dir); got != "dead.jsonl.1.replayed dead.jsonl.refused dead.jsonl.replayed" {
		t.Errorf("files %s", got)
	}
	patient.Store(true)
	if got := mustRun(t, o); !got.Partly { // the chunk is still damaged
		t.Errorf("outcome %+v\n%s", got, out)
	}
	check("map[a:1 c:1 d:1 long 1:1 of a chunk:1]")
	n := len(l.Requests())
	o.Paths = []string{path} // the file itself is gone: .refused is of its family
	mustRun(t, o)
	if len(l.Requests()) != n {
		t.Error("entries were sent again")
	}
}

// TestGoOn: a run that ends in the middle goes on behind what was accepted, and
// a line torn by a crash stays where it is.
func TestGoOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pushes := 0
	l := lokitest.New(lokitest.Options{RefusePush: func([]lokitest.Entry) string {
		if pushes++; pushes == 3 {
			cancel() // this push is finished
		}
		return ""
	}})
	defer l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "dead.jsonl")
	var recs []deadletter.Record
	for n := range 2*maxEntries + 7 {
		recs = append(recs, letter(2*n, fmt.Sprint("l", n)))
	}
	write(t, path, recs...)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"kind":"entry","ns":`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	o, out := options(t, l.URL, path)
	got, err := Run(ctx, o)
	if err != nil || !got.Interrupted {
		t.Fatalf("%+v, %v\n%s", got, err, out)
	}
	write(t, path, letter(2, "written meanwhile"))
	if got := mustRun(t, o); !got.Partly || got.Interrupted {
		t.Errorf("outcome %+v\n%s", got, out)
	}
	if !strings.Contains(out.String(), "1 unreadable") {
		t.Errorf("report:\n%s", out)
	}
	seen := map[string]int{}
	for _, e := range l.Entries() {
		if seen[e.Line]++; e.Copies > 1 || seen[e.Line] > 1 {
			t.Errorf("%s is there %d times", e.Line, e.Copies)
		}
	}
	if len(seen) != len(recs)+1 {
		t.Errorf("the server has %d entries, want %d", len(seen), len(recs)+1)
	}
}

// TestHopeless: a wrong password ends the run, and nothing is lost of the file.
func TestHopeless(t *testing.T) {
	var open atomic.Bool
	l := lokitest.New(lokitest.Options{Auth: func(*http.Request) int {
		if open.Load() {
			return 0
		}
		return http.StatusUnauthorized
	}})
	defer l.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dead"), letter(0, "a"))
	o, _ := options(t, l.URL, dir)
	o.Remove = true
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "401") {
		t.Fatalf("error %v", err)
	}
	open.Store(true)
	if got := mustRun(t, o); got.Partly {
		t.Errorf("outcome %+v", got)
	}
	if len(l.Entries()) != 1 || names(t, dir) != "" {
		t.Errorf("%d entries, files %q", len(l.Entries()), names(t, dir))
	}
	o.Paths = []string{filepath.Join(dir, "nowhere")}
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("no error for a file that is not there")
	}
}

// TestDamagedLines: each line that is no dead letter is counted, told and kept,
// and the others are sent.
func TestDamagedLines(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "dead.jsonl")
	var recs []deadletter.Record
	for n := range 100 {
		recs = append(recs, letter(n, fmt.Sprint("l", n)))
	}
	write(t, path, recs...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	damaged := []string{
		lines[0][:len(lines[0])/2],
		"garbage",
		`{"kind":"chunk","reason":"damaged_chunk","tag":"x","raw":"k5P!!!"}`,
		`{"kind":"chunk","reason":"damaged_chunk","tag":"x"}`,
		"\x00\x00\x00\x00",
		`{"kind":"entry","ns":"soon","labels":{"job":"x"},"line":"x"}`,
		lines[1][:len(lines[1])-1] + lines[2][:len(lines[2])-1],
	}
	var mixed strings.Builder
	for i, line := range lines {
		mixed.WriteString(line)
		if i%14 == 0 && i/14 < len(damaged) {
			mixed.WriteString(damaged[i/14] + "\n")
		}
	}
	if err := os.WriteFile(path, []byte(mixed.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	o, out := options(t, l.URL, dir)
	if got := mustRun(t, o); !got.Partly {
		t.Errorf("outcome %+v", got)
	}
	want := fmt.Sprintf("%d records, 100 entries accepted, 0 refused again, %d unreadable\n  unreadable ones are in %s", 100+len(damaged), len(damaged), path+brokenSuffix)
	if !strings.Contains(out.String(), want) || len(l.Entries()) != 100 {
		t.Errorf("%d entries, want\n%s\n%s", len(l.Entries()), want, out)
	}
	kept, err := os.ReadFile(path + brokenSuffix)
	if want := strings.Join(damaged, "\n") + "\n"; string(kept) != want || err != nil {
		t.Errorf("kept %q, want %q, %v", kept, want, err)
	}
	out.Reset()
	if got := mustRun(t, o); got.Partly || !strings.Contains(out.String(), "no dead letters found") {
		t.Errorf("the folder again: %+v %s", got, out)
	}
	mended := strings.Replace(string(kept), "garbage", strings.TrimSpace(lines[3]), 1)
	if err := os.WriteFile(path+brokenSuffix, []byte(mended), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	o.Paths = []string{path + brokenSuffix}
	if mustRun(t, o); !strings.Contains(out.String(), fmt.Sprintf("%d records, 1 entry accepted, 0 refused again, %d unreadable", len(damaged), len(damaged)-1)) {
		t.Errorf("mended: %s", out)
	}
}

// TestManyLetters: ten times what goes at once goes in pushes that are bounded.
func TestManyLetters(t *testing.T) {
	if testing.Short() {
		t.Skip("replays ten times a full push: not with -short")
	}
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	recs := make([]deadletter.Record, 10*maxEntries)
	for n := range recs {
		recs[n] = letter(0, fmt.Sprint("l", n))
	}
	write(t, path, recs...)
	o, out := options(t, l.URL, path)
	if got := mustRun(t, o); got.Partly || len(l.Entries()) != len(recs) || len(l.Requests()) < 10 {
		t.Errorf("outcome %+v, %d entries in %d pushes\n%s", got, len(l.Entries()), len(l.Requests()), out)
	}
}

// TestServer: dead letters that are replayed twice are on the server once. One
// line is longer than serve and this Loki take.
func TestServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	runtest.Each(t, lokirun.Options{Limits: map[string]any{"max_line_size": maxLine}}, testServer)
}

// maxLine is Loki's default max_line_size in bytes; serve has no other.
const maxLine = 256 << 10

func testServer(t *testing.T, l *lokirun.Server) {
	dir := t.TempDir()
	recs := []deadletter.Record{letter(0, strings.Repeat("x", maxLine+1))}
	for n := range 1000 {
		recs = append(recs, letter(2*n, fmt.Sprint("l", n)))
	}
	write(t, filepath.Join(dir, "dead.jsonl"), recs...)
	o, out := options(t, l.URL(), dir)
	for range 2 {
		if got := mustRun(t, o); !got.Partly {
			t.Errorf("outcome %+v\n%s", got, out)
		}
		list, err := l.Query(t.Context(), `{job=~"j.+"}`, time.Now().Add(-2*time.Hour), time.Now(), 0, lokirun.Forward)
		if err != nil || len(list) != 1000 {
			t.Errorf("the server has %d entries, want 1000: %v\n%s", len(list), err, out)
		}
		done, err := filepath.Glob(filepath.Join(dir, "*.replayed-*"))
		if err != nil || len(done) == 0 {
			t.Fatalf("no file of %s is marked as replayed: %v", dir, err)
		}
		o.Paths = done[:1]
	}
}
