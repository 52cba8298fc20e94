package ship

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// options ships dir to a fake Loki.
func options(t *testing.T, l *lokitest.Server, dir string, properties map[string]string) (Options, *bytes.Buffer) {
	t.Helper()
	work := t.TempDir()
	cfg, err := config.ParseValues(func(key string) string {
		if v := properties[key]; v != "" {
			return v
		}
		return map[string]string{"url": l.URL, "timezone": "UTC", "dead_letter_path": filepath.Join(work, "dead.jsonl"), "flush_timeout": "5s"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return Options{
		Options: logs.Options{Paths: []string{dir}, Config: cfg, Stderr: io.Discard, Log: slog.New(slog.DiscardHandler)},
		State:   filepath.Join(work, "state.json"), Jobs: 2, Poll: time.Millisecond, Datasource: "loki", Stdout: &out,
	}, &out
}

func line(at time.Time, text string) string {
	return at.UTC().Format("2006-01-02 15:04:05,000") + " INFO  [main] [] misc - " + text + "\n"
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// texts are the last words of the lines that a fake Loki has, in their order.
func texts(l *lokitest.Server) string {
	var list []string
	for _, e := range l.Entries() {
		list = append(list, e.Line[strings.LastIndexByte(e.Line, ' ')+1:])
	}
	return strings.Join(list, " ")
}

func run(t *testing.T, o Options) Outcome {
	t.Helper()
	out, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAgain: a second run ships what has come since, and a third nothing.
func TestAgain(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	path := filepath.Join(dir, "mail1", "mailbox.log")
	appendTo(t, path, line(at, "a"))
	o, out := options(t, l, dir, nil)
	run(t, o)
	appendTo(t, path, line(at.Add(time.Hour), "b"))
	run(t, o)
	out.Reset()
	run(t, o)
	if got := texts(l); got != "a b" {
		t.Errorf("Loki has %q", got)
	}
	if !strings.Contains(out.String(), "nothing was left to ship") {
		t.Errorf("summary:\n%s", out)
	}
	// Rotated between two runs, and compressed names do not matter.
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, line(at.Add(90*time.Minute), "c"))
	run(t, o)
	if got := texts(l); got != "a b c" {
		t.Errorf("after rotation Loki has %q", got)
	}
}

// TestRange: entries outside of --since and --until stay.
func TestRange(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-72 * time.Hour).Truncate(time.Second)
	for i, text := range []string{"a", "b", "c", "d"} {
		appendTo(t, filepath.Join(dir, "mailbox.log"), line(at.Add(time.Duration(i)*20*time.Hour), text))
	}
	o, out := options(t, l, dir, nil)
	o.Since, o.Until = at.Add(20*time.Hour), at.Add(60*time.Hour)
	run(t, o)
	if got := texts(l); got != "b c" {
		t.Errorf("Loki has %q\n%s", got, out)
	}
}

// TestInterrupted: Ctrl-C keeps the position; the next run goes on.
func TestInterrupted(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-100 * time.Hour).Truncate(time.Second)
	var want []string
	for i := range 50 {
		appendTo(t, filepath.Join(dir, "mailbox.log"), line(at.Add(time.Duration(i)*time.Hour), fmt.Sprint(i)))
		want = append(want, fmt.Sprint(i))
	}
	o, out := options(t, l, dir, nil)
	ctx, cancel := context.WithCancel(t.Context())
	o.Rate = Rate{Lines: 1000}
	stop := &stopper{after: 3, cancel: cancel}
	o.Log = slog.New(slog.DiscardHandler)
	go stop.watch(ctx, l)
	res, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	n := len(l.Entries())
	if !res.Interrupted || n == 0 || n == 50 || !strings.Contains(out.String(), "interrupted") {
		t.Fatalf("%+v, %d entries\n%s", res, n, out)
	}
	run(t, o)
	if got := texts(l); got != strings.Join(want, " ") {
		t.Errorf("Loki has %q", got)
	}
}

// stopper ends a run once Loki has some entries.
type stopper struct {
	after  int
	cancel func()
}

func (s *stopper) watch(ctx context.Context, l *lokitest.Server) {
	for ctx.Err() == nil {
		if len(l.Entries()) >= s.after {
			s.cancel()
		}
		time.Sleep(time.Millisecond)
	}
}

// TestRefused: what Loki refuses is in the dead-letter file, and the run partly.
func TestRefused(t *testing.T) {
	l := lokitest.New(lokitest.Options{MaxAge: 24 * time.Hour})
	defer l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "mailbox.log")
	appendTo(t, path, line(time.Now().Add(-72*time.Hour), "old")+line(time.Now().Add(-time.Hour), "good"))
	appendTo(t, filepath.Join(dir, "core"), "\x00\x00\x00")
	o, out := options(t, l, dir, nil)
	if res := run(t, o); !res.Partly || !strings.Contains(out.String(), "core: is binary, not a log") {
		t.Errorf("%+v\n%s", res, out)
	}
	dead, err := os.ReadFile(o.Config.DeadLetterPath)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Entries()); n != 1 || strings.Count(string(dead), "\n") != 1 {
		t.Errorf("%d entries in Loki, dead letters:\n%s", n, dead)
	}
	if !strings.Contains(out.String(), "1 entry was refused by Loki") {
		t.Errorf("summary:\n%s", out)
	}
}

// TestFaults: what is wrong for a while is tried again, what stays wrong ends
// the run, and nothing is there twice.
func TestFaults(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-5 * time.Hour).Truncate(time.Second)
	for i := range 4 {
		appendTo(t, filepath.Join(dir, "mailbox.log"), line(at.Add(time.Duration(i)*time.Hour), fmt.Sprint(i)))
	}
	o, _ := options(t, l, dir, nil)
	l.Script(lokitest.Fault{Status: 429}, lokitest.Fault{}, lokitest.Fault{Status: 503, Store: true}, lokitest.Fault{Break: lokitest.BreakReset},
		lokitest.Fault{}, lokitest.Fault{Status: 401, Body: "no"})
	_, err := Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("error %v", err)
	}
	run(t, o)
	missing, doubles := l.Compare([]string{"0", "1", "2", "3"}, func(e *lokitest.Entry) string {
		return e.Line[strings.LastIndexByte(e.Line, ' ')+1:]
	})
	if len(missing)+len(doubles) > 0 {
		t.Errorf("missing %q, doubles %q", missing, doubles)
	}
}

// TestFollow: lines, rotation by rename, truncation, a new log; then a restart.
func TestFollow(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	dir := t.TempDir()
	at := time.Now().Add(-30 * time.Minute).Truncate(time.Second)
	path := filepath.Join(dir, "mailbox.log")
	n := 0
	next := func(text string) string { n++; return line(at.Add(time.Duration(n)*time.Second), text) }
	appendTo(t, path, next("a"))
	o, _ := options(t, l, dir, nil)
	o.Follow = true
	start := func() (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { _, err := Run(ctx, o); done <- err }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	wait := func(want string) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); texts(l) != want; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("Loki has %q, want %q", texts(l), want)
			}
		}
	}
	stop := start()
	wait("a")
	whole := next("b")
	appendTo(t, path, whole[:20])
	appendTo(t, path, whole[20:])
	wait("a b")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path+".1", next("c")) // the program has not noticed yet
	wait("a b c")
	appendTo(t, path, next("d"))
	appendTo(t, path, next("e"))
	wait("a b c d e")
	// Whenever it looks, the file is shorter than it was.
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, next("f"))
	wait("a b c d e f")
	appendTo(t, filepath.Join(dir, "sync.log"), next("g"))
	wait("a b c d e f g")
	stop()
	appendTo(t, path, next("h"))
	stop = start()
	wait("a b c d e f g h")
	stop()
}

func TestParseRate(t *testing.T) {
	f := func(s string, want Rate, ok bool) {
		t.Helper()
		if got, err := ParseRate(s); got != want || (err == nil) != ok {
			t.Errorf("%q: got %+v, %v", s, got, err)
		}
	}
	f("", Rate{}, true)
	f("20000", Rate{Lines: 20000}, true)
	f("2MiB", Rate{Bytes: 2 << 20}, true)
	f("500 KB/s", Rate{Bytes: 500e3}, true)
	f("0", Rate{}, false)
	f("fast", Rate{}, false)
	f("-1", Rate{}, false)
}

// TestLimits: Loki is asked with the authority that pushes trust.
func TestLimits(t *testing.T) {
	ca := lokitest.NewAuthority(t)
	l := lokitest.New(lokitest.Options{
		Config: "limits_config: {reject_old_samples_max_age: 2d}",
		TLS:    &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))}},
	})
	defer l.Close()
	dir := t.TempDir()
	appendTo(t, filepath.Join(dir, "mailbox.log"), line(time.Now().Add(-72*time.Hour), "old"))
	o, out := options(t, l, dir, map[string]string{"tls_ca_file": ca.File})
	o.DryRun = true
	run(t, o)
	if !strings.Contains(out.String(), "the limit that Loki has set is 2 days") {
		t.Errorf("forecast:\n%s", out)
	}
	if len(l.Entries()) > 0 {
		t.Error("a dry run has sent something")
	}
}

func TestExploreLink(t *testing.T) {
	link := ExploreLink("https://g.example.com/", "uid1", `{ticket="1"}`, 1785689344000000001, 1785689345000000000)
	u, err := url.Parse(link)
	if err != nil || u.Host != "g.example.com" || u.Path != "/explore" {
		t.Fatalf("%s: %v", link, err)
	}
	type pane struct {
		Queries []struct{ Expr, QueryType string }
		Range   struct{ From, To string }
	}
	var panes map[string]pane
	var left pane
	if err := errors.Join(json.Unmarshal([]byte(u.Query().Get("panes")), &panes), json.Unmarshal([]byte(u.Query().Get("left")), &left)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []pane{panes["z"], left} {
		if len(p.Queries) != 1 || p.Queries[0].Expr != `{ticket="1"}` || p.Queries[0].QueryType != "range" || p.Range.From != "1785689344000" || p.Range.To != "1785689345001" {
			t.Errorf("%+v", p)
		}
	}
}

// TestTwoRuns: two runs of one position file would send twice.
func TestTwoRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.json")
	s, err := openState(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openState(path, false); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("error %v", err)
	}
	s.unlock()
	if err := os.WriteFile(path, []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openState(path, false); err == nil || !strings.Contains(err.Error(), "--restart") {
		t.Errorf("error %v", err)
	}
	s, err = openState(path, true)
	if err != nil {
		t.Fatal(err)
	}
	s.unlock()
}

// TestAway: while Loki is away the run waits until it is told to end.
func TestAway(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	l.Close()
	dir := t.TempDir()
	appendTo(t, filepath.Join(dir, "mailbox.log"), line(time.Now().Add(-time.Hour), "x"))
	o, _ := options(t, l, dir, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
