package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// many returns n entries of a day, of all kinds of lines that benchmarks ask
// for.
func many(n int) *memory {
	m := &memory{}
	var streams []*entry.Labels
	for _, app := range []string{"mail", "api", "web"} {
		streams = append(streams, &entry.Labels{Pairs: pairsOf([]string{"app", app, "host", "m1"})})
	}
	for i := range n {
		e := entry.Entry{Time: fixtureStart*1e9 + int64(i)*86400e9/int64(n), Labels: streams[i%3]}
		switch i % 3 {
		case 0:
			e.Line = "cmd=Login; result=ok"
			e.Meta = pairsOf([]string{"level", []string{"info", "warn"}[i%2], "took_ms", fmt.Sprint(i % 977), "user", fmt.Sprint("u", i%50)})
		case 1:
			e.Line = fmt.Sprintf(`{"level":%q,"ms":%d,"user":{"name":"u%d","roles":["x"]},"msg":"report built","took":"12ms","ok":true}`,
				[]string{"info", "error"}[i%2], i%977, i%50)
		default:
			e.Line = fmt.Sprintf(`ts=2026-03-02 level=info status=%d duration=%d.%dms path=/v1/item msg="request done" bytes=%d`, 200+i%3, i%977, i%10, i)
		}
		m.entries = append(m.entries, e)
	}
	return m
}

// dayQueries are what dashboards ask.
var dayQueries = []struct {
	name, query string
	step        time.Duration
}{
	{"labelfilter", `sum(count_over_time({app="mail"} | level="warn" [5m]))`, 5 * time.Minute},
	{"json", `sum by (level) (count_over_time({app="api"} | json [5m]))`, 5 * time.Minute},
	{"logfmt", `quantile_over_time(0.95, {app="web"} | logfmt | unwrap duration(duration) [5m]) by (status)`, 5 * time.Minute},
	{"day", `sum by (user) (sum_over_time({app="mail"} | unwrap took_ms [1d]))`, time.Minute},
	{"daymax", `max_over_time({app="mail"} | unwrap took_ms [1d]) by (user)`, time.Minute},
	{"dayquantile", `quantile_over_time(0.95, {app="mail"} | unwrap took_ms [1d]) by (level)`, time.Minute},
}

func (m *memory) day(tb testing.TB, query string, step time.Duration) *Result {
	tb.Helper()
	r, err := New(m, Options{}).Query(context.Background(), Params{
		Query: query, Start: fixtureStart * 1e9, End: (fixtureStart + 86400) * 1e9, Step: step,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// BenchmarkDay tells the entries a second of queries over a day; those of [1d]
// have each entry in 1,440 windows.
func BenchmarkDay(b *testing.B) {
	m := many(300_000)
	for _, q := range dayQueries {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.day(b, q.query, q.step)
			}
			b.ReportMetric(float64(len(m.entries)/3*b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// TestDayGarbage holds that an entry costs no allocation: ten times as many
// entries cost few more, what they are kept in.
func TestDayGarbage(t *testing.T) {
	few, lots := many(3000), many(30_000)
	for _, q := range dayQueries {
		count := func(m *memory) float64 { return testing.AllocsPerRun(2, func() { m.day(t, q.query, q.step) }) }
		if more := count(lots) - count(few); more > 900 {
			t.Errorf("%s: %.0f allocations for 9,000 entries", q.name, more)
		}
	}
}
