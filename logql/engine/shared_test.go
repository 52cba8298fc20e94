package engine

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
)

// question is one query of a set.
type question struct {
	ID         int               `json:"id"`
	Kind       string            `json:"kind"` // log, range, instant, bad, api
	Q          string            `json:"q"`
	Path       string            `json:"path"`
	Params     map[string]string `json:"params"`
	Limit      int               `json:"limit"`
	Direction  string            `json:"direction"`
	Start      int64             `json:"start"` // seconds
	End        int64             `json:"end"`
	Time       int64             `json:"time"`
	Step       int64             `json:"step"`
	Interval   int64             `json:"interval"`
	Categorize bool              `json:"categorize"`
}

// The hours of the shared data set, 2026-11-20 10:00 to 12:00 UTC.
const (
	sharedStart = 1795168800
	sharedEnd   = 1795176000
)

// params are those that the set's README gives a question by default.
func (q *question) params() Params {
	or := func(v, other int64) int64 {
		if v == 0 {
			return other
		}
		return v
	}
	p := Params{
		Query: q.Q, Start: or(q.Start, sharedStart) * 1e9, End: or(q.End, sharedEnd) * 1e9,
		Step: time.Duration(or(q.Step, 600)) * time.Second, Limit: int(or(int64(q.Limit), 3000)),
		Interval: time.Duration(q.Interval) * time.Second, Categorize: q.Categorize,
	}
	if q.Direction == "forward" {
		p.Direction = Forward
	}
	if q.Kind == "instant" || q.Kind == "bad" {
		p.Instant, p.End = true, or(q.Time, sharedEnd)*1e9
		p.Start = p.End
	}
	return p
}

// status is what an HTTP server would answer.
func status(err error) int {
	var e *Error
	switch {
	case err == nil:
		return 200
	case errors.As(err, &e):
		return e.Status
	}
	return 500
}

// answer is a result in the form in which sets hold them: what does not count
// (the order of streams) is put in order.
func answer(q *question, r *Result, err error) any {
	if q.Kind == "bad" || err != nil {
		return map[string]any{"status": float64(status(err))}
	}
	var d struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(r.AppendJSON(nil, q.Categorize), &d); err != nil {
		return err.Error()
	}
	return normalise(q, d.ResultType, d.Result)
}

// same reports whether two answers are equal, values up to a part in 10¹¹: the
// last digits of sums depend on their order, which in Loki is chance over series.
func same(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, same)
	case float64:
		y, ok := b.(float64)
		return ok && math.Abs(x-y) <= 1e-11*math.Abs(x+y)/2
	}
	return a == b
}

// normalise orders what has no order, and rounds numbers to twelve digits.
func normalise(q *question, kind string, raw json.RawMessage) any {
	out := map[string]any{"type": kind}
	var list []map[string]any
	if kind == "scalar" {
		var scalar any
		_ = json.Unmarshal(raw, &scalar) // the caller has decoded around it
		out["result"] = scalar
		return out
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return err.Error()
	}
	rows, order := []any{}, []any{}
	for _, s := range list {
		switch kind {
		case "streams":
			rows = append(rows, []any{s["stream"], s["values"]})
		case "matrix":
			points := s["values"].([]any)
			for i, p := range points {
				points[i] = []any{p.([]any)[0], rounded(p.([]any)[1])}
			}
			slices.SortFunc(points, byTimeAndValue)
			rows = append(rows, []any{s["metric"], points})
		default:
			v := s["value"].([]any)
			rows = append(rows, []any{s["metric"], v[0], rounded(v[1])})
			order = append(order, rounded(v[1]))
		}
	}
	sortRows(rows)
	out["result"] = rows
	if kind == "vector" && strings.HasPrefix(q.Q, "sort") {
		out["order"] = order
	}
	return out
}

// byTimeAndValue also orders the values of one time: series that have become
// equal put theirs one after the other in the order of series, which in Loki is
// chance.
func byTimeAndValue(a, b any) int {
	x, y := a.([]any), b.([]any)
	if c := cmp.Compare(x[0].(float64), y[0].(float64)); c != 0 {
		return c
	}
	return strings.Compare(fmt.Sprint(x[1]), fmt.Sprint(y[1]))
}

// sortRows orders rows by their text.
func sortRows(rows []any) {
	keys := map[any]string{}
	for i := range rows {
		keys[&rows[i].([]any)[0]] = fmt.Sprint(rows[i])
	}
	slices.SortFunc(rows, func(a, b any) int {
		return strings.Compare(keys[&a.([]any)[0]], keys[&b.([]any)[0]])
	})
}

func rounded(v any) any {
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return v
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 12, 64), 64)
	return f
}

// expected brings an answer of the set into the same form: its label sets are
// texts there.
func expected(v any) any {
	m, ok := v.(map[string]any)
	rows, has := m["result"].([]any)
	if !ok || !has || m["type"] == "scalar" {
		return v
	}
	for _, r := range rows {
		r := r.([]any)
		var labels any
		if json.Unmarshal([]byte(r[0].(string)), &labels) == nil {
			r[0] = labels
		}
	}
	sortRows(rows)
	return v
}

// sharedDir is the folder with the questions that a real Loki has answered:
// ZIMBRALOKI_LOGQL, or beside the repository.
func sharedDir(t *testing.T) string {
	dir := os.Getenv("ZIMBRALOKI_LOGQL")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "logql")
	}
	if _, err := os.Stat(filepath.Join(dir, "answers.jsonl.gz")); err != nil {
		t.Skipf("no questions with answers of a real Loki (%v); set ZIMBRALOKI_LOGQL to their folder", err)
	}
	return dir
}

// TestSharedQuestions holds the engine against the answers of a real Loki.
func TestSharedQuestions(t *testing.T) {
	dir := sharedDir(t)
	questions, want := readQuestions(t, dir)
	src := load(t, filepath.Join(dir, "dataset.jsonl"))
	loose := &memory{entries: shuffled(src.entries), loose: true}
	good := 0
	for i := range questions {
		q := &questions[i]
		if q.Kind == "api" {
			good += formatted(t, q, want[q.ID])
			continue
		}
		r, err := New(src, Options{}).Query(t.Context(), q.params())
		got := answer(q, r, err)
		if !same(got, want[q.ID]) {
			t.Errorf("%d %s %s\n got %.600v %v\nwant %.600v", q.ID, q.Kind, q.Q, got, err, want[q.ID])
			continue
		}
		good++
		r, err = New(loose, Options{}).Query(t.Context(), q.params())
		if again := answer(q, r, err); !same(again, got) && !strings.Contains(q.Q, `"same"`) {
			t.Errorf("%d %s: without order and hints: %.600v", q.ID, q.Q, again)
		}
	}
	t.Logf("%d of %d answers equal, with those of other endpoints left out", good, len(questions))
}

// formatted checks a question to format_query, and counts the others as good:
// they are no matter of the engine.
func formatted(t *testing.T, q *question, want any) int {
	if !strings.HasSuffix(q.Path, "format_query") {
		return 1
	}
	e, err := logql.Parse(q.Params["query"])
	var got any = map[string]any{"status": 400.0}
	if err == nil {
		got = logql.Pretty(e)
	}
	if !same(got, want) {
		t.Errorf("%d %s: got %v, want %v", q.ID, q.Params["query"], got, want)
		return 0
	}
	return 1
}

func readQuestions(t *testing.T, dir string) (questions []question, want map[int]any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "queries.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &questions); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "answers.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want = map[int]any{}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		var a struct {
			ID     int `json:"id"`
			Answer any `json:"answer"`
		}
		if err := json.Unmarshal(in.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		want[a.ID] = expected(a.Answer)
	}
	if len(want) < len(questions) {
		t.Fatalf("%d answers for %d questions", len(want), len(questions))
	}
	return questions, want
}
