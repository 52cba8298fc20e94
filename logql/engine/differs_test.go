package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// reasons asks a Loki for what shows why it answers otherwise.
type reasons struct {
	*testing.T
	l *real
}

// question is one of the fixture's first hour, a range of both.
func (r reasons) question(kind, q string, limit int) *question {
	out := &question{Kind: kind, Q: q, Start: fixtureStart, End: fixtureStart + 3600, Time: fixtureEnd, Step: 600, Limit: limit, Direction: "forward"}
	if kind == "range" {
		out.End = fixtureEnd
	}
	return out
}

func (r reasons) ask(q *question) any {
	r.Helper()
	v, text := r.l.ask(r.T, r.l.whole, q)
	if text != "" {
		r.Errorf("%s: %s", q.Q, text)
	}
	return v
}

// chance wants two answers to one question, to the last digit, among so many.
func (r reasons) chance(kind, query string, most int) {
	r.Helper()
	seen := map[string]bool{}
	for range most {
		_, text := r.l.fetch(r.T, r.l.whole, r.question(kind, query, 3000))
		_, result := taken(r.T, text)
		rows := strings.Split(string(result), `},{`) // streams and series have no order
		slices.Sort(rows)
		if seen[strings.Trim(strings.Join(rows, "\n"), "[]{}")] = true; len(seen) > 1 {
			return
		}
	}
	r.Errorf("%s: the same answer %d times", query, most)
}

// TestWhyLokiDiffers holds the reasons that docs/logql.md gives for differences
// against a real Loki, so that they are known to be so.
func TestWhyLokiDiffers(t *testing.T) {
	r := reasons{t, startLoki(t, fixture())}
	r.chance("log", `{app="web"} | logfmt a="status", b="status"`, 20)
	r.chance("instant", `topk(1, sum by (k) (count_over_time({app="tie"} [2h])))`, 60)
	r.chance("range", `stdvar(avg_over_time({app="mail"} | unwrap duration(took) [1h]) by (user, ip))`, 20)
	r.chance("range", `sum(avg_over_time({app="mail"} | unwrap duration(took) [1h]) by (user, ip))`, 20)
	r.chance("range", `label_replace(sum by (user) (count_over_time({app="mail"} [1h])), "user", "one", "", ".*")`, 20)

	// The limit first, then the distance.
	const few = 9
	q := r.question("log", `{app=~"mail|web"}`, 3000)
	q.Interval = 100
	all := r.ask(q)
	q.Limit = few
	if n, m := lineCount(all), lineCount(r.ask(q)); n <= few || m >= few {
		t.Errorf("with an interval %d lines, with a limit of %d too %d", n, few, m)
	}

	// A label twice takes a group apart.
	once := r.ask(r.question("range", `sum by (app) (count_over_time({app="proxy"} [2h]))`, 100))
	if same(once, r.ask(r.question("range", `sum by (app, app) (count_over_time({app="proxy"} [2h]))`, 100))) {
		t.Error("by (app, app) is by (app)")
	}

	// ip() beside an or is looked for as a text, and not between others.
	for ips, texts := range map[string]string{
		`ip("192.0.2.0/24") or ip("10.9.8.7")`:                    `"192.0.2.0/24" or "10.9.8.7"`,
		`ip("192.0.2.7") or ip("10.9.8.7")`:                       `"192.0.2.7" or "10.9.8.7"`,
		`ip("192.0.2.0/24") or ip("10.9.8.7") or ip("192.0.2.7")`: `"192.0.2.0/24" or "192.0.2.7"`,
	} {
		if !same(r.ask(r.question("log", `{app="proxy"} |= `+ips, 3000)), r.ask(r.question("log", `{app="proxy"} |= `+texts, 3000))) {
			t.Errorf("|= %s is not |= %s", ips, texts)
		}
	}

	// What is metadata in one entry is told as parsed, as of another with equal labels.
	metadata := func(query string) int {
		q := r.question("log", query, 3000)
		q.Categorize = true
		return strings.Count(fmt.Sprint(r.ask(q)), "structuredMetadata:map[ip:")
	}
	alone := metadata(`{app="mail"} | keep ip`)
	if n := metadata("{app=~\"mail|proxy\"} | regexp `^(?P<ip>[0-9a-f.:]+) - ` | keep ip"); alone == 0 || n >= alone {
		t.Errorf("of mail alone %d addresses are metadata, with those of the proxy %d", alone, n)
	}

	// Over time the digits are those of one value after the other.
	for _, op := range []string{"stddev", "stdvar", "avg"} {
		q := r.question("instant", op+`_over_time({app="web"} | logfmt | unwrap ratio | __error__="" [2h]) by (app)`, 100)
		answer, err := New(fixture(), Options{}).Query(t.Context(), q.params())
		if err != nil {
			t.Fatal(err)
		}
		_, text := r.l.fetch(t, r.l.whole, q)
		_, result := taken(t, text)
		if got := string(answer.AppendJSON(nil, false)); !strings.Contains(got, string(result)) {
			t.Errorf("%s: %s, not %s", q.Q, got, result)
		}
	}

	// Of a size behind unwrap a Loki that splits by time makes another one.
	q = r.question("instant", `sum(sum_over_time({app="mail"} | unwrap took_ms | size>3MiB [2h]))`, 100)
	exact := r.ask(q)
	if split, _ := r.l.ask(t, r.l.tenant, q); same(exact, split) {
		t.Error("a Loki that splits does not round a size behind unwrap")
	}
}

// lineCount counts the lines of an answer to a log query.
func lineCount(answer any) (n int) {
	for _, row := range answer.(map[string]any)["result"].([]any) {
		n += len(row.([]any)[1].([]any))
	}
	return n
}
