package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/entry"
)

// real is a Loki that tests ask the same questions, as two tenants: one has the
// defaults for queries; for the other nothing is split by the hour.
type real struct{ url, tenant, whole string }

// startLoki starts a Loki and gives it the entries.
func startLoki(t *testing.T, m *memory) *real {
	t.Helper()
	overrides := filepath.Join(t.TempDir(), "overrides.yaml")
	text := "overrides: {whole: {split_queries_by_interval: 0s, split_instant_metric_queries_by_interval: 0s}}\n"
	if err := os.WriteFile(overrides, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := runtest.Real(t, lokirun.Options{
		Tenant: "split",
		Limits: map[string]any{
			"split_queries_by_interval": "1h", "split_instant_metric_queries_by_interval": "1h",
			"discover_log_levels": false, "discover_service_name": []any{},
		},
		Config: map[string]any{
			"query_range":    map[string]any{"parallelise_shardable_queries": false},
			"runtime_config": map[string]any{"file": overrides},
		},
	})
	l := &real{url: run.URL(), tenant: "split", whole: "whole"}
	l.push(t, l.tenant, m.entries)
	l.push(t, l.whole, m.entries)
	return l
}

func (l *real) push(t *testing.T, tenant string, entries []entry.Entry) {
	t.Helper()
	type stream struct {
		Stream map[string]string `json:"stream"`
		Values [][]any           `json:"values"`
	}
	var body struct {
		Streams []*stream `json:"streams"`
	}
	at := map[*entry.Labels]*stream{}
	for i := range entries {
		e := &entries[i]
		if at[e.Labels] == nil {
			at[e.Labels] = &stream{Stream: asMap(e.Labels.Pairs)}
			body.Streams = append(body.Streams, at[e.Labels])
		}
		at[e.Labels].Values = append(at[e.Labels].Values, []any{strconv.FormatInt(e.Time, 10), e.Line, asMap(e.Meta)})
	}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.url+"/loki/api/v1/push", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if status, text := l.do(t, tenant, req); status/100 != 2 {
		t.Fatalf("push: %d %s", status, text)
	}
}

func asMap(list []entry.Pair) map[string]string {
	m := map[string]string{}
	for _, p := range list {
		m[p.Name] = p.Value
	}
	return m
}

func (l *real) do(t *testing.T, tenant string, req *http.Request) (int, []byte) {
	t.Helper()
	req.Header.Set("X-Scope-OrgID", tenant)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text
}

// ask returns Loki's answer in the form of answer, and its text if it is none.
func (l *real) ask(t *testing.T, tenant string, q *question) (any, string) {
	t.Helper()
	status, text := l.fetch(t, tenant, q)
	if status != http.StatusOK {
		return map[string]any{"status": float64(status)}, strings.TrimSpace(string(text))
	}
	kind, result := taken(t, text)
	return normalise(q, kind, result), ""
}

// taken takes the result out of an answer.
func taken(t *testing.T, text []byte) (kind string, result json.RawMessage) {
	t.Helper()
	var d struct {
		Data struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d.Data.ResultType, d.Data.Result
}

// fetch returns what Loki answers.
func (l *real) fetch(t *testing.T, tenant string, q *question) (status int, text []byte) {
	t.Helper()
	v, path := url.Values{"query": {q.Q}, "limit": {fmt.Sprint(q.Limit)}}, "query"
	if q.Kind == "instant" {
		v.Set("time", fmt.Sprint(q.Time))
	} else {
		path = "query_range"
		v.Set("start", fmt.Sprint(q.Start))
		v.Set("end", fmt.Sprint(q.End))
		v.Set("step", fmt.Sprint(q.Step))
		v.Set("direction", q.Direction)
		if q.Interval > 0 {
			v.Set("interval", fmt.Sprint(q.Interval))
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+"/loki/api/v1/"+path+"?"+v.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if q.Categorize {
		req.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	}
	return l.do(t, tenant, req)
}

// number reads a number of an environment variable, or takes the other one.
func number(name string, other int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return other
}

// agrees asks for what the engine has answered. A Loki with its defaults reckons
// some things wrong where it puts an answer together from its hours (see
// docs/logql.md); there the engine must answer as the Loki does that splits
// nothing, and split is true.
func (l *real) agrees(t *testing.T, q *question, got any) (want any, text string, split bool) {
	t.Helper()
	whole := q.Kind == "log" && q.Interval == 0 && q.Limit == 3000
	if want, text = l.ask(t, l.tenant, q); same(got, want) || whole {
		return want, text, false
	}
	again := *q
	if q.Kind == "range" { // only where it splits, a Loki widens the range to multiples of the step
		again.Start -= again.Start % again.Step
		again.End += (again.Step - again.End%again.Step) % again.Step
	}
	if whole, _ := l.ask(t, l.whole, &again); same(got, whole) {
		return whole, "", true
	}
	return want, text, false
}

// TestLokiAgrees asks a real Loki and the engine generated questions:
// ZIMBRALOKI_QUERIES of them (300), from the seed ZIMBRALOKI_SEED (1).
func TestLokiAgrees(t *testing.T) {
	src := fixture()
	l := startLoki(t, src)
	n, seed := number("ZIMBRALOKI_QUERIES", 300), number("ZIMBRALOKI_SEED", 1)
	g, e := newGenerator(uint64(seed)), New(src, Options{MaxSeries: 1 << 20})
	kinds, wrong := map[string]int{}, 0
	for i := range n {
		q := g.question(i)
		r, err := e.Query(t.Context(), q.params())
		got := answer(&q, r, err)
		want, text, split := l.agrees(t, &q, got)
		if split {
			kinds["as an unsplit Loki"]++
			t.Logf("%d %s %s (step %d): Loki's splitting answers otherwise", i, q.Kind, q.Q, q.Step)
		}
		if !same(got, want) {
			wrong++
			t.Errorf("%d %s %s (%d to %d step %d limit %d %s %v)\n%s%s %v", i, q.Kind, q.Q, q.Start, q.End, q.Step, q.Limit,
				q.Direction, q.Categorize, differ(got, want), text, err)
			continue
		}
		kinds[q.Kind+" "+outcome(got, err)]++
	}
	t.Logf("%d questions, %d differ: %v", n, wrong, kinds)
}

// outcome says what sort of answer it is.
func outcome(got any, err error) string {
	rows, ok := got.(map[string]any)["result"].([]any)
	switch {
	case err != nil:
		return "refused"
	case ok && len(rows) > 0:
		return "with an answer"
	}
	return "without an answer"
}

// differ shows the rows that only one of two answers has.
func differ(got, want any) string {
	a, ok1 := got.(map[string]any)["result"].([]any)
	b, ok2 := want.(map[string]any)["result"].([]any)
	if !ok1 || !ok2 {
		return fmt.Sprintf(" got %.400v\nwant %.400v\n", got, want)
	}
	in := map[string]int{}
	for _, r := range a {
		in[fmt.Sprint(r)]++
	}
	for _, r := range b {
		in[fmt.Sprint(r)]--
	}
	s, shown := fmt.Sprintf("%d rows, want %d\n", len(a), len(b)), map[bool]int{}
	for row, n := range in {
		if n == 0 {
			continue
		}
		if shown[n > 0]++; shown[n > 0] > 2 {
			continue
		}
		s += fmt.Sprintf("%s %.500s\n", map[bool]string{true: " got", false: "want"}[n > 0], row)
	}
	return s
}
