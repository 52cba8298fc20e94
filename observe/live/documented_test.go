package live_test

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/docqueries"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/observe/alerts"
	"github.com/zimbraloki/zimbraloki/observe/dash"
	"github.com/zimbraloki/zimbraloki/observe/expand"
	"github.com/zimbraloki/zimbraloki/questions"
)

// asked is a query and where it stands.
type asked struct {
	where, logql string
	points       bool // a panel over time: a metric query has points a minute apart
}

// observed are the queries of the dashboards, the recordings and the alerts.
func observed(t *testing.T) (list []asked) {
	t.Helper()
	add := func(where, expr string, v expand.Values, points bool) {
		q, err := expand.Expand(expr, v)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, asked{where, q, points})
	}
	for _, d := range dash.All() {
		for _, p := range d.Every() {
			for _, q := range p.Queries {
				if p.Source != dash.Prometheus {
					add(d.UID+": "+p.Title, q.Expr, defaults(d), !p.Instant())
				}
			}
		}
		if d.Restarts {
			add(d.UID+": mark", dash.Restarts, defaults(d), true)
			add(d.UID+": mark", dash.Fatals, defaults(d), true)
		}
	}
	for _, r := range alerts.Recordings() {
		add(r.Record, r.Expr, expand.Values{}, false)
	}
	for _, g := range alerts.Of(alerts.Loki) {
		for _, a := range g.Alerts {
			add(a.Name, a.Expr, expand.Values{}, false)
		}
	}
	return list
}

// optional are values for what a question may be told besides.
var optional = map[string]string{"user": samplelogs.Victim, "client-ip": samplelogs.Attacker, "name": "anna"}

// questioned are all questions, with the examples of their parameters, and then
// with those that may be left out.
func questioned(t *testing.T) (list []asked) {
	t.Helper()
	for _, q := range questions.All() {
		values := q.Examples()
		for _, more := range append([]string{""}, q.Optional()...) {
			if more != "" {
				values[more] = optional[more]
			}
			text, err := q.LogQL(values)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, asked{where: "question " + q.Name, logql: overRange(text)})
		}
	}
	for _, i := range samplelogs.Incidents {
		list = append(list, asked{where: "incident " + i.Name, logql: i.Query})
	}
	return list
}

// overRange puts in the range of time, as `ask` does.
func overRange(text string) string {
	return strings.ReplaceAll(text, "$__range", expand.Duration(span))
}

// documented are the queries of the READMEs and of docs.
func documented(t *testing.T) (list []asked) {
	t.Helper()
	queries, err := docqueries.Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		list = append(list, asked{where: q.File, logql: overRange(q.Text)})
	}
	return list
}
