package source

import (
	"testing"
	"time"
)

func TestParams(t *testing.T) {
	at := func(clock string) time.Time {
		v, err := time.Parse("2006-01-02T15:04:05.999999999", "2026-08-02T"+clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	f := func(q Question, first, last, wantStart, wantEnd, wantQuery string) {
		t.Helper()
		p, err := q.Params(at(first).UnixNano(), at(last).UnixNano())
		if err != nil {
			t.Fatalf("%s to %s: %v", first, last, err)
		}
		if p.Start != at(wantStart).UnixNano() || p.End != at(wantEnd).UnixNano() || p.Query != wantQuery {
			t.Errorf("%s to %s: got %s to %s, %s; want %s to %s, %s", first, last,
				time.Unix(0, p.Start).UTC().Format("15:04:05.000000000"), time.Unix(0, p.End).UTC().Format("15:04:05.000000000"), p.Query, wantStart, wantEnd, wantQuery)
		}
	}
	count := Question{Query: `count_over_time({job="zimbra"}[$__range])`}
	f(count, "16:49:04.242", "16:49:09.100", "16:49:04", "16:49:11", `count_over_time({job="zimbra"}[7s])`)
	// The first entry stands at a whole second, which the range itself leaves out.
	f(count, "16:49:04", "16:49:09", "16:49:03", "16:49:10", `count_over_time({job="zimbra"}[7s])`)
	since := count
	since.Since, since.Until = at("16:00:00"), at("17:00:00")
	f(since, "16:49:04", "16:49:09", "16:00:00", "17:00:00", `count_over_time({job="zimbra"}[3600s])`)
}
