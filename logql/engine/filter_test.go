package engine

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

func TestFilter(t *testing.T) {
	labels := &entry.Labels{Pairs: []entry.Pair{{Name: "job", Value: "zimbra"}}, Text: `{job="zimbra"}`}
	e := &entry.Entry{Labels: labels, Line: "one two", More: []string{"three"}, Meta: []entry.Pair{{Name: "size", Value: "7"}}}
	for query, want := range map[string][2]bool{
		`{job="zimbra"}`:                                   {true, true},
		`{job="planr"}`:                                    {false, false},
		`{job="zimbra"} |= "three"`:                        {true, true},
		`{job="zimbra"} |= "four"`:                         {true, false},
		`{job="zimbra"} | size > 6 | line_format "{{.x}}"`: {true, true},
		`{job="zimbra"} | size > 7`:                        {true, false},
	} {
		expr, err := logql.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFilter(expr.(*logql.LogExpr))
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{f.Selects(labels), f.Keeps(e)}; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}
