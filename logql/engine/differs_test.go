package engine

import (
	"fmt"
	"reflect"
	"testing"
)

// TestWhyLokiDiffers holds the reasons that docs/logql.md gives for differences
// against a real Loki, so that they are known to be so.
func TestWhyLokiDiffers(t *testing.T) {
	src := fixture()
	l := startLoki(t, src)
	ask := func(tenant string, q question) any {
		t.Helper()
		q.Start, q.End, q.Step, q.Direction = fixtureStart, fixtureStart+3600, 600, "forward"
		if q.Kind == "range" {
			q.End = fixtureEnd
		}
		q.Time = fixtureEnd
		v, text := l.ask(t, tenant, &q)
		if text != "" {
			t.Errorf("%s: %s", q.Q, text)
		}
		return v
	}
	chance := func(q question, most int) {
		t.Helper()
		seen := map[string]bool{}
		for range most {
			if seen[fmt.Sprint(ask(l.whole, q))] = true; len(seen) > 1 {
				return
			}
		}
		t.Errorf("%s: the same answer %d times", q.Q, most)
	}
	chance(question{Kind: "log", Limit: 3000, Q: `{app="web"} | logfmt a="status", b="status"`}, 20)
	chance(question{Kind: "instant", Limit: 100, Q: `topk(1, sum by (k) (count_over_time({app="tie"} [2h])))`}, 60)

	// The limit first, then the distance.
	const few = 9
	all := ask(l.whole, question{Kind: "log", Limit: 3000, Interval: 100, Q: `{app=~"mail|web"}`})
	cut := ask(l.whole, question{Kind: "log", Limit: few, Interval: 100, Q: `{app=~"mail|web"}`})
	if n, m := lineCount(all), lineCount(cut); n <= few || m >= few {
		t.Errorf("with an interval %d lines, with a limit of %d too %d", n, few, m)
	}

	// A label twice takes a group apart.
	once := ask(l.whole, question{Kind: "range", Limit: 100, Q: `sum by (app) (count_over_time({app="proxy"} [2h]))`})
	twice := ask(l.whole, question{Kind: "range", Limit: 100, Q: `sum by (app, app) (count_over_time({app="proxy"} [2h]))`})
	if reflect.DeepEqual(once, twice) {
		t.Error("by (app, app) is by (app)")
	}
}

// lineCount counts the lines of an answer to a log query.
func lineCount(answer any) (n int) {
	for _, row := range answer.(map[string]any)["result"].([]any) {
		n += len(row.([]any)[1].([]any))
	}
	return n
}
