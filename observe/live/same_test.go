package live_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/observe/incident"
	"github.com/zimbraloki/zimbraloki/transform"
)

// everything are the ordinary hour and the incidents of the alerts, and the
// sample logs of the documentation.
func everything(now time.Time) []*log {
	logs := byPath(incident.Everything(now))
	o := samplelogs.Options{Start: now.Add(-samplelogs.Period - time.Minute), Seed: 20260802}
	for _, l := range samplelogs.Generate(o) {
		to := &log{path: "/logs/" + l.Host + "/" + l.Name, host: l.Host}
		for _, line := range l.Lines {
			if line.Time.Before(now) {
				to.lines = append(to.lines, incident.Line{Text: line.Text, Time: line.Time})
			}
		}
		logs = append(logs, to)
	}
	return logs
}

// examples are the entries of the formats' fixtures, by their streams, with
// times of the last hour.
func examples(t *testing.T, now time.Time) map[string]*stream {
	t.Helper()
	streams, read, at := map[string]*stream{}, map[string]bool{}, now.Add(-time.Hour)
	for _, f := range transform.Formats() {
		if read[f.Fixture.File+f.Fixture.Path] {
			continue
		}
		read[f.Fixture.File+f.Fixture.Path] = true
		data, err := os.ReadFile(filepath.Join("..", "..", "transform", "testdata", filepath.FromSlash(f.Fixture.File)))
		if err != nil {
			t.Fatal(err)
		}
		l := log{path: f.Fixture.Path}
		for line := range strings.Lines(string(data)) {
			l.lines = append(l.lines, incident.Line{Text: strings.TrimRight(line, "\n"), Time: at})
		}
		c := l.chunk(l.lines)
		r := transform.New(transform.Options{Location: time.UTC, Host: "mail"}).Begin("docs", c, func(e *entry.Entry) {
			if streams[e.Labels.Text] == nil {
				streams[e.Labels.Text] = &stream{Stream: asMap(e.Labels.Pairs)}
			}
			at = at.Add(time.Millisecond)
			s := streams[e.Labels.Text]
			s.Values = append(s.Values, []any{nanos(at), string(e.AppendLine(nil)), asMap(e.Meta)})
		})
		if err := transform.Chunk(r, c); err != nil {
			t.Fatal(err)
		}
		r.Close(true)
	}
	return streams
}

// stream is one of a push.
type stream struct {
	Stream map[string]string `json:"stream"`
	Values [][]any           `json:"values"`
}

func asMap(pairs []entry.Pair) map[string]string {
	m := map[string]string{}
	for _, p := range pairs {
		m[p.Name] = p.Value
	}
	return m
}

// push sends streams as they are.
func push(t *testing.T, l *lokirun.Server, streams map[string]*stream) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"streams": slices.Collect(maps.Values(streams))})
	if err != nil {
		t.Fatal(err)
	}
	if code, text := status(t, http.MethodPost, l.URL()+"/loki/api/v1/push", "", "", full, string(body)); code/100 != 2 {
		t.Fatalf("push: %d %s", code, text)
	}
}

// TestSameAnswers asks zimbraloki serve and a real Loki whatever the project
// itself asks of a Loki: dashboards, recordings, alerts, the questions of the
// command line, the documentation. Over the same entries, at the same time, the
// answers must be the same.
func TestSameAnswers(t *testing.T) {
	bin := runtest.Loki(t)
	embedded, err := lokirun.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	o := lokirun.Options{Tenant: full, Limits: lokirun.AsTheyCome()}
	l, s := runtest.Start(t, runtest.For(bin, o)), runtest.Start(t, runtest.For(embedded, o))
	now := time.Now().Truncate(time.Minute) // a Loki that splits nothing does not widen a range to multiples of the step
	logs, shown := everything(now), examples(t, now)
	for _, server := range []*lokirun.Server{l, s} {
		deliver(t, server.URL(), full, logs)
		push(t, server, shown)
		t.Cleanup(func() { server.Kill() }) // what it holds is not needed
	}
	seen := map[asked]bool{}
	f := func(name string, list []asked, least int) {
		t.Helper()
		n, all := 0, 0
		for _, q := range list {
			same := asked{logql: q.logql, points: q.points}
			if seen[same] {
				continue
			}
			seen[same] = true
			all++
			want, got := answerOf(t, l, &q, now), answerOf(t, s, &q, now)
			if got != want {
				t.Errorf("%s: %s\n%s", q.where, q.logql, differ(got, want))
			} else if want != "" {
				n++
			} else {
				t.Logf("%s: no answer: %s", q.where, q.logql)
			}
		}
		if t.Logf("%s: %d queries, %d of them with an answer", name, all, n); n < least {
			t.Errorf("%s: %d queries have an answer, want at least %d", name, n, least)
		}
	}
	f("dashboards, recordings, alerts", observed(t), 170)
	f("questions", questioned(t), 60)
	f("documentation", documented(t), 170)
}

// best keeps some of several series: which of equal ones, is chance in Loki.
var best = regexp.MustCompile(`\b(approx_)?(topk|bottomk)\b`)

// answerOf is a server's answer as text, a line for each value, in order.
func answerOf(t *testing.T, l *lokirun.Server, q *asked, now time.Time) string {
	t.Helper()
	expr, err := logql.Parse(q.logql)
	if err != nil {
		t.Fatalf("%s: %v\n\t%s", q.where, err, q.logql)
	}
	params, where := url.Values{"query": {q.logql}, "time": {nanos(now)}}, "/loki/api/v1/query"
	if _, lines := expr.(*logql.LogExpr); lines || q.points {
		where = "/loki/api/v1/query_range"
		params = url.Values{"query": {q.logql}, "start": {nanos(now.Add(-span))}, "end": {nanos(now)}, "step": {"60s"}, "limit": {"1000"}}
	}
	var data struct {
		Result []struct {
			Stream, Metric map[string]string
			Value          []any
			Values         [][]any
		} `json:"result"`
	}
	if err := get(t, l, full, where, params, &data); err != nil {
		return err.Error()
	}
	rows := []string{}
	for _, r := range data.Result {
		labels, err := json.Marshal([]any{r.Stream, r.Metric})
		if err != nil {
			t.Fatal(err)
		}
		labels = bytes.ReplaceAll(labels, []byte("\uFFFD"), []byte(" ")) // as Loki stores it in metadata
		if best.MatchString(q.logql) {
			labels = nil
		}
		if r.Value != nil {
			r.Values = append(r.Values, r.Value)
		}
		for _, v := range r.Values {
			rows = append(rows, fmt.Sprintf("%s %v", labels, v))
		}
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}

// differ shows the first lines that only one of two answers has.
func differ(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	only := func(in, other []string) string {
		rest := slices.DeleteFunc(slices.Clone(in), func(s string) bool { return slices.Contains(other, s) })
		return fmt.Sprintf("%d rows, alone:\n\t%.1000s", len(in), strings.Join(rest, "\n\t"))
	}
	return " got " + only(a, b) + "\nwant " + only(b, a)
}
