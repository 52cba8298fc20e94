package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// TestLabelMatch holds label filters against what a Loki 3.7.8 finds among some
// values of structured metadata.
func TestLabelMatch(t *testing.T) {
	values := strings.Fields("status status_change statusx xstatus xstatus_change status_changex a ab abc b")
	f := func(expr, want string) {
		t.Helper()
		matcher, err := logql.NewMatcher("v", logql.MatchRegexp, expr)
		if err != nil {
			t.Fatal(err)
		}
		m := newLabelMatch(matcher)
		var got []string
		for _, v := range values {
			if matches(m, v) {
				got = append(got, v)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %s, want %s", expr, got, want)
		}
	}
	const status, withA = "status status_change status_changex statusx xstatus xstatus_change", "a ab abc "
	f("status|status_change", status)
	f("status_change|status", status)
	f("status.*", status)
	f(".*status|status_change", status)
	f("status(|_change.*)", status)
	f("sta(tus|)", status)
	f(".*(status|status_change)", "status status_change xstatus xstatus_change")
	f("a|ab", withA+status)
	f("a|ab|abc", withA+status)
	f("a(b|)", withA+status)
	f(".*a(|b)", withA+status)
	f("a(.*|b)", withA+status)
	f("(?i)A|Ab", withA+status)
	f("ab|a|.*x", withA+status)
	f("x(a|.*)", "status_changex statusx xstatus xstatus_change")
	f("a(b)?", "a ab")
	f("a(b|.*c)", "ab abc")
	f("|a", "a")
	f("a|b|", "a b")
}

func matches(m stage.Stage, value string) bool {
	var l stage.Labels
	l.Reset(&entry.Labels{}, []entry.Pair{{Name: "v", Value: value}}, 0)
	_, ok := m.Process("", &l)
	return ok
}
