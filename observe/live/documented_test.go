package live_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/logql"
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
		values := map[string]string{}
		for _, p := range q.Params {
			values[p.Name] = p.Example
		}
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

// Where LogQL stands in a text: blocks, spans of code, arguments of a shell.
var (
	block    = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)^ *```")
	inline   = regexp.MustCompile("`([^`\n]+)`|``(.+?)``")
	argument = regexp.MustCompile(`'([^'\n]+)'`)
)

// documented are the queries of the READMEs and of docs: what is in a block
// marked logql, and whatever else is LogQL, has a selector and is in code.
func documented(t *testing.T) (list []asked) {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../README.md", "../../README.ru.md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add := func(text string, must bool) {
			text = overRange(text)
			_, err := logql.Parse(text)
			if must && err != nil {
				t.Errorf("%s: %v\n\t%s", file, err, text)
			}
			if err == nil && (must || strings.Contains(text, "{")) {
				list = append(list, asked{where: filepath.Base(file), logql: text})
			}
		}
		prose := block.ReplaceAllStringFunc(string(data), func(whole string) string {
			m := block.FindStringSubmatch(whole)
			fenced(m[2], m[1] == "logql", add)
			return ""
		})
		for _, m := range inline.FindAllStringSubmatch(prose, -1) {
			add(strings.ReplaceAll(m[1]+m[2], `\|`, "|"), false) // so in tables
			arguments(m[1]+m[2], add)
		}
	}
	return list
}

// fenced adds what a block of code holds: one query a paragraph, or a line.
func fenced(text string, marked bool, add func(text string, must bool)) {
	if marked {
		for q := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
			add(q, true)
		}
		return
	}
	for line := range strings.Lines(text) {
		add(strings.TrimSpace(line), false)
		arguments(line, add)
	}
}

func arguments(text string, add func(text string, must bool)) {
	for _, m := range argument.FindAllStringSubmatch(text, -1) {
		add(m[1], false)
	}
}
