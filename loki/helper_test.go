package loki

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func gunzip(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// logBuffer is a log that tests can read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// messages returns the messages of the log, in order.
func (l *logBuffer) messages() (all []string) {
	for line := range strings.Lines(l.String()) {
		_, msg, _ := strings.Cut(line, `msg="`)
		msg, _, _ = strings.Cut(msg, `"`)
		all = append(all, msg)
	}
	return all
}

// fixture is a client, the fake Loki that it pushes to, its dead letters and
// its log.
type fixture struct {
	*testing.T
	client *Client
	server *lokitest.Server
	dead   string
	log    *logBuffer
}

// setUp starts a fake Loki and makes a client for it. change may alter the
// client's options.
func setUp(t *testing.T, so lokitest.Options, change func(*Options)) *fixture {
	t.Helper()
	x := &fixture{T: t, server: lokitest.New(so), dead: filepath.Join(t.TempDir(), "dead.jsonl"), log: new(logBuffer)}
	t.Cleanup(x.server.Close)
	w, err := deadletter.Open(deadletter.Options{Path: x.dead})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	o := Options{URL: x.server.URL, DeadLetter: w, Log: slog.New(slog.NewTextHandler(x.log, nil)), Version: "1.2.3", Timeout: 5 * time.Second}
	if change != nil {
		change(&o)
	}
	if x.client, err = NewClient(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.client.Close)
	return x
}

// push pushes entries with a budget of some seconds.
func (x *fixture) push(all ...entry.Entry) Result {
	x.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return x.client.Push(ctx, batchOf(all))
}

// want checks a result but for Err and After.
func (x *fixture) want(got Result, want Result) {
	x.Helper()
	if (got.Err != nil) != got.Retry {
		x.Errorf("retry %v with error %v", got.Retry, got.Err)
	}
	if p, ok := errors.AsType[*PushError](got.Err); ok && p.Retry != (p.Cure == "") {
		x.Errorf("%v: retry %v", p, p.Retry)
	}
	got.Err, got.After = nil, 0
	if got != want {
		x.Errorf("result %+v, want %+v", got, want)
	}
}

// stored checks what Loki has, written as storedText does.
func (x *fixture) stored(want string) {
	x.Helper()
	var all []storedEntry
	for _, e := range x.server.Entries() {
		all = append(all, storedEntry{e.Label("log"), e.Label(labelLate), e.Label(labelLateHour), e.Line})
	}
	if got := storedText(all); got != want {
		x.Errorf("stored\n got %s\nwant %s", got, want)
	}
}

// storedEntry is an entry that Loki has, by three of its labels and its line.
type storedEntry struct{ log, late, hour, line string }

// storedText writes entries as "stream:line,line stream:line", sorted, where a
// stream is named a, a/late or a/late/hour.
func storedText(all []storedEntry) string {
	by := make(map[string][]string)
	for _, e := range all {
		name := e.log
		if e.late == "true" {
			name += "/late"
		}
		if e.hour != "" {
			name += "/hour"
		}
		by[name] = append(by[name], e.line)
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[name])
		parts = append(parts, name+":"+strings.Join(by[name], ","))
	}
	return strings.Join(parts, " ")
}

// letters checks the dead letters, written as "reason:line reason:line".
func (x *fixture) letters(want string) []deadletter.Record {
	x.Helper()
	var got []string
	recs := x.records()
	for _, r := range recs {
		got = append(got, r.Reason+":"+r.Line)
	}
	if s := strings.Join(got, " "); s != want {
		x.Errorf("dead letters\n got %s\nwant %s", s, want)
	}
	return recs
}

func (x *fixture) records() (recs []deadletter.Record) {
	x.Helper()
	for _, name := range deadletter.Files(x.dead) {
		file, err := os.Open(name)
		if err != nil {
			x.Fatal(err)
		}
		for r, err := range deadletter.Read(file) {
			if err != nil {
				x.Fatal(err)
			}
			recs = append(recs, r)
		}
		file.Close()
	}
	return recs
}

// at makes an entry of the stream log=name at a time after now.
func at(l *entry.Labels, d time.Duration, line string) entry.Entry {
	return entry.Entry{Time: now.Add(d).UnixNano(), Labels: l, Line: line}
}

// transport answers requests without a network, so that time can be virtual.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return f(r)
}

func response(status int, body string, header ...string) (*http.Response, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// offline makes a client that speaks to a function.
func offline(t *testing.T, f transport, change func(*Options)) (*Client, *logBuffer) {
	t.Helper()
	log := new(logBuffer)
	o := Options{URL: "http://loki.example.com", Transport: f, Log: slog.New(slog.NewTextHandler(log, nil))}
	if change != nil {
		change(&o)
	}
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, log
}

// brokenLetters is a dead-letter file that cannot be written.
type brokenLetters struct{}

func (brokenLetters) Append(...deadletter.Record) error { return errors.New("no space left on device") }
func (brokenLetters) Path() string                      { return "/broken" }

// number names an entry by its line.
func number(e *lokitest.Entry) string { return e.Line }

func numbers(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("line %04d", i))
	}
	return all
}
