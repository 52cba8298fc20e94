package lokirun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// each runs f against zimbraloki serve, and against a real Loki if there is one. With -short neither is started.
func each(t *testing.T, f func(t *testing.T, bin Program)) {
	t.Helper()
	for name, find := range map[Kind]func() (Program, error){Serve: Embedded, Loki: Find} {
		t.Run(string(name), func(t *testing.T) { f(t, binary(t, find)) })
	}
}

// binary returns the program to test with; without a real Loki the test is skipped.
func binary(t *testing.T, find func() (Program, error)) Program {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	bin, err := find()
	if errors.Is(err, ErrNoLoki) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Log(Asked + string(bin.Kind))
	return bin
}

func startServer(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	began := time.Now()
	l, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready after %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() { stop(t, l) })
	return l
}

func stop(t *testing.T, l *Server) {
	t.Helper()
	began := time.Now()
	// Not t.Context(): it is done when clean-ups run.
	if err := l.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	t.Logf("stopped after %v", time.Since(began).Round(time.Millisecond))
}

// push sends entries of one stream as JSON.
func push(t *testing.T, l *Server, labels map[string]string, entries ...Entry) {
	t.Helper()
	values := make([][]any, 0, len(entries))
	for _, e := range entries {
		v := []any{strconv.FormatInt(e.Time.UnixNano(), 10), e.Line}
		if e.Metadata != nil {
			v = append(v, e.Metadata)
		}
		values = append(values, v)
	}
	body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": labels, "values": values}}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL()+"/loki/api/v1/push", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Scope-OrgID", l.tenant)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("push: status %d: %s", resp.StatusCode, text)
	}
}

func lines(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Line)
	}
	return out
}

// wantLines compares the lines that match {job="t"} from the start of Loki's schema until now.
func wantLines(t *testing.T, l *Server, want ...string) {
	t.Helper()
	got, err := l.Query(t.Context(), `{job="t"}`, schemaStart, time.Now().Add(time.Hour), 0, Forward)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines(got), want) {
		t.Fatalf("lines %q, want %q", lines(got), want)
	}
}

var schemaStart = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func TestQuerySeparatesLabelsAndMetadata(t *testing.T) { each(t, testQuerySeparatesLabelsAndMetadata) }

func testQuerySeparatesLabelsAndMetadata(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin, Discover: true})
	// Years old, as the lines of the demo are.
	at := time.Date(2021, 3, 4, 5, 6, 7, 123456789, time.UTC)
	push(t, l, map[string]string{"job": "t", "host": "a"},
		Entry{Time: at, Line: "first", Metadata: map[string]string{"queue_id": "4ABC"}},
		Entry{Time: at.Add(time.Second), Line: "second error"})

	got, err := l.Query(t.Context(), `{job="t"}`, at, at.Add(time.Minute), 0, Forward)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d entries, want 2: %+v", len(got), got)
	}
	first := got[0]
	if first.Line != "first" || !first.Time.Equal(at) {
		t.Errorf("entry %+v, want line %q at %v", first, "first", at)
	}
	if fmt.Sprint(first.Labels) != "map[host:a job:t service_name:t]" {
		t.Errorf("labels %v", first.Labels)
	}
	if fmt.Sprint(first.Metadata) != "map[detected_level:unknown queue_id:4ABC]" {
		t.Errorf("metadata %v", first.Metadata)
	}
	if level := got[1].Metadata["detected_level"]; level != "error" {
		t.Errorf("detected_level %q of the second entry, want %q", level, "error")
	}
}

func TestQueryParsedAndDirection(t *testing.T) { each(t, testQueryParsedAndDirection) }

func testQueryParsedAndDirection(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin})
	at := time.Now().Add(-time.Minute)
	push(t, l, map[string]string{"job": "t"}, Entry{Time: at, Line: "a=1"}, Entry{Time: at.Add(1), Line: "a=2"})

	got, err := l.Query(t.Context(), `{job="t"} | logfmt`, at, at.Add(2), 1, Backward)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Parsed["a"] != "2" || got[0].Labels["a"] != "" {
		t.Errorf("newest entry %+v, want a=2 in Parsed", got)
	}
	all, err := l.Query(t.Context(), `{job="t"}`, at, at.Add(2), 0, Backward)
	if err != nil || !slices.Equal(lines(all), []string{"a=2", "a=1"}) {
		t.Errorf("backward %q, %v", lines(all), err)
	}
	if _, err := l.Query(t.Context(), `{job="t"}`, at, at, 1, "up"); err == nil {
		t.Error("no error for a wrong direction")
	}
	if _, err := l.Query(t.Context(), `{job=`, at, at.Add(2), 1, Forward); err == nil || !strings.Contains(err.Error(), "parse error") {
		t.Errorf("error %v, want Loki's parse error", err)
	}
}

func TestCountIsExactAtBorders(t *testing.T) { each(t, testCountIsExactAtBorders) }

func testCountIsExactAtBorders(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin})
	at := time.Date(2022, 12, 31, 23, 59, 59, 999999999, time.UTC)
	for i := range 5 {
		push(t, l, map[string]string{"job": "t", "n": strconv.Itoa(i)},
			Entry{Time: at.Add(time.Duration(i)), Line: "x"}, Entry{Time: at.AddDate(0, 0, i+1), Line: "y"})
	}
	f := func(from, to time.Time, want int64) {
		t.Helper()
		began := time.Now()
		got, err := l.Count(t.Context(), `{job="t"}`, from, to)
		if err != nil || got != want {
			t.Errorf("Count(%v, %v) = %d, %v; want %d", from, to, got, err, want)
		}
		t.Logf("counted %v in %v", to.Sub(from), time.Since(began).Round(time.Millisecond))
	}
	f(at, at, 0)
	f(at, at.Add(1), 1)
	f(at, at.Add(5), 5)
	f(at.Add(1), at.Add(3), 2)
	f(at.Add(-time.Hour), at, 0)
	f(at, at.AddDate(0, 0, 2), 6)
	f(schemaStart, time.Now(), 10)
}

func TestMetric(t *testing.T) { each(t, testMetric) }

func testMetric(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin})
	at := time.Now().Add(-time.Minute)
	push(t, l, map[string]string{"job": "t", "host": "a"}, Entry{Time: at, Line: "x"}, Entry{Time: at.Add(1), Line: "y"})
	push(t, l, map[string]string{"job": "t", "host": "b"}, Entry{Time: at, Line: "z"})

	got, err := l.Metric(t.Context(), `sum by (host) (count_over_time({job="t"}[1h]))`, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, s := range got {
		values[s.Labels["host"]] = s.Value
	}
	if fmt.Sprint(values) != "map[a:2 b:1]" {
		t.Errorf("samples %v, want a:2 b:1", got)
	}
	if _, err := l.Metric(t.Context(), `{job="t"}`, time.Now()); err == nil {
		t.Error("no error for a log query")
	}
}

func TestDataSurviveStopAndKill(t *testing.T) { each(t, testDataSurviveStopAndKill) }

func testDataSurviveStopAndKill(t *testing.T, bin Program) {
	o := Options{Bin: bin, Dir: t.TempDir()}
	l := startServer(t, o)
	at := time.Date(2023, 5, 6, 7, 8, 9, 0, time.UTC)
	labels := map[string]string{"job": "t"}

	push(t, l, labels, Entry{Time: at, Line: "before the stop"})
	stop(t, l)
	o.HTTPPort = l.Port()
	l = startServer(t, o)
	wantLines(t, l, "before the stop")

	push(t, l, labels, Entry{Time: at.Add(time.Second), Line: "before the kill"})
	if err := l.Kill(); err != nil {
		t.Fatal(err)
	}
	l = startServer(t, o)
	wantLines(t, l, "before the stop", "before the kill")
}

func TestPagingAcrossEqualTimestamps(t *testing.T) { each(t, testPagingAcrossEqualTimestamps) }

func testPagingAcrossEqualTimestamps(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin})
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	// 3 streams; 7 lines each in nanosecond 0, 1 line each in nanoseconds 1 … 5, and 2 in nanosecond 6.
	var want []string
	for _, host := range []string{"a", "b", "c"} {
		var entries []Entry
		add := func(ns, i int) {
			e := Entry{Time: at.Add(time.Duration(ns)), Line: fmt.Sprintf("%s %d %d", host, ns, i)}
			entries, want = append(entries, e), append(want, e.Line)
		}
		for i := range 7 {
			add(0, i)
		}
		for ns := 1; ns <= 5; ns++ {
			add(ns, 0)
		}
		add(6, 0)
		add(6, 1)
		push(t, l, map[string]string{"job": "t", "host": host}, entries...)
	}
	slices.Sort(want)
	for size := 1; size <= len(want)+1; size++ {
		got, err := l.queryAll(t.Context(), `{job="t"}`, at.UnixNano(), at.Add(time.Hour).UnixNano(), size)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(got, func(a, b Entry) int { return a.Time.Compare(b.Time) }) {
			t.Errorf("page size %d: entries are not in time order", size)
		}
		have := lines(got)
		slices.Sort(have)
		if !slices.Equal(have, want) {
			t.Errorf("page size %d: %d entries %q, want %d", size, len(have), have, len(want))
		}
	}
}

func TestLimitsAndTenant(t *testing.T) {
	l := startServer(t, Options{
		Bin: binary(t, Find), Tenant: "mail",
		Limits: map[string]any{"max_line_size": 10},
		Config: map[string]any{"limits_config": map[string]any{"max_line_size": 20}},
	})
	push(t, l, map[string]string{"job": "t"}, Entry{Time: time.Now(), Line: strings.Repeat("x", 20)})
	wantLines(t, l, strings.Repeat("x", 20))

	other := &Server{proc: l.proc, port: l.port, tenant: "other", client: l.client}
	wantLines(t, other)
	none := &Server{proc: l.proc, port: l.port, client: l.client}
	if _, err := none.Count(t.Context(), `{job="t"}`, schemaStart, time.Now()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("error %v without a tenant, want 401", err)
	}
}

func TestStartReportsWhyLokiEnds(t *testing.T) {
	bin := binary(t, Find)
	began := time.Now()
	_, err := Start(t.Context(), Options{Bin: bin, Dir: t.TempDir(), Limits: map[string]any{"no_such_limit": 1}})
	if err == nil || !strings.Contains(err.Error(), "no_such_limit") {
		t.Errorf("error %v, want Loki's complaint about no_such_limit", err)
	}
	if d := time.Since(began); d > readyTimeout/2 {
		t.Errorf("reported after %v, want at once", d)
	}
}

func TestStartReportsTakenPort(t *testing.T) { each(t, testStartReportsTakenPort) }

func testStartReportsTakenPort(t *testing.T, bin Program) {
	l := startServer(t, Options{Bin: bin})
	_, err := Start(t.Context(), Options{Bin: bin, Dir: t.TempDir(), HTTPPort: l.Port()})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error %v, want a taken port", err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) { each(t, testListensOnLoopbackOnly) }

func testListensOnLoopbackOnly(t *testing.T, bin Program) {
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		t.Skip(err)
	}
	l := startServer(t, Options{Bin: bin})
	for _, addr := range listening(t, l.proc.cmd.Process.Pid) {
		t.Log("listens on", addr)
		if !strings.HasPrefix(addr, "0100007F:") { // 127.0.0.1, little-endian
			t.Errorf("listens on %s, want 127.0.0.1 only", addr)
		}
	}
}
