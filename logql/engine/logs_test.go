package engine

import (
	"fmt"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// TestForgets: with a limit, as many streams are held as lines, although each
// line is a stream of its own and no order says which ones count.
func TestForgets(t *testing.T) {
	const limit, all = 10, 20_000
	m := &memory{loose: true}
	labels := &entry.Labels{Pairs: pairsOf([]string{"app", "mail"})}
	for n := range all {
		at := n*7919%all + 1 // each once, in no order
		m.entries = append(m.entries, entry.Entry{Time: int64(at) * 1e9, Labels: labels, Line: fmt.Sprint("line ", at), Meta: []entry.Pair{{Name: "id", Value: fmt.Sprint(at)}}})
	}
	query := `{app="mail"} |= "line"`
	expr, err := logql.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := newPipeline(expr.(*logql.LogExpr), nil, false)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{pipe: pipe, limit: limit, back: true, turn: -1}
	for n := range m.entries {
		if err := c.visit(&m.entries[n]); err != nil {
			t.Fatal(err)
		}
		if n := len(c.streams); n > 2*limit+1024 || len(c.places) != n {
			t.Fatalf("%d streams, %d places", n, len(c.places))
		}
	}
	r, err := New(m, Options{}).Query(t.Context(), Params{Query: query, Start: 0, End: (all + 1) * 1e9, Limit: limit, Direction: Backward})
	if err != nil || len(r.Streams) != limit {
		t.Fatalf("%d streams, %v", len(r.Streams), err)
	}
	for _, s := range r.Streams {
		at := s.Entries[0].Time / 1e9
		if at <= all-limit || s.Entries[0].Text != fmt.Sprint("line ", at) || fmt.Sprint(s.Meta) != fmt.Sprintf("[{id %d}]", at) {
			t.Errorf("at %d: %+v", at, s)
		}
	}
}
