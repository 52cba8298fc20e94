package answer

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

func TestNumber(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := strings.ReplaceAll(Number(v), thin, "_"); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(9999, "9999")
	f(54238, "54_238")
	f(-1284113, "-1_284_113")
	f(-100, "-100")
	f(-12345, "-12_345")
	f(0.123456789, "0.12346")
	f(12.5, "12.5")
	f(1234567.25, "1_234_567.2")
	f(-12345.75, "-12_345.8")
	f(19999.97, "20_000")
	f(2e15, "2e+15")
	f(math.NaN(), "NaN")
	f(math.Inf(1), "+Inf")
}

func TestStep(t *testing.T) {
	f := func(query string, span, want time.Duration) {
		t.Helper()
		if got := Step(query, span); got != want {
			t.Errorf("%s over %s: %s, want %s", query, span, got, want)
		}
	}
	const day = 24 * time.Hour
	f(`{job="zimbra"}`, day, 0)
	f(`sum(count_over_time({job="zimbra"}[$__range]))`, day, 0)
	f(`sum(count_over_time({job="zimbra"}[$__auto]))`, 3*time.Hour, 5*time.Minute)
	f(`sum(rate({job="zimbra"}[$__interval]))`, time.Minute, time.Second)
	f(`sum by (level) (count_over_time({job="zimbra"}[5m]))`, 3*time.Hour, 5*time.Minute)
	f(`sum by (level) (count_over_time({job="zimbra"}[5m]))`, 30*day, 12*time.Hour)
	f(`sum(count_over_time({job="zimbra"}[1h])) / sum(count_over_time({job="zimbra"}[2h]))`, day, 2*time.Hour)
	f(`label_replace(sum(count_over_time({job="zimbra"}[1d])), "a", "b", "c", ".*")`, day, 0)
	f(`sum(count_over_time({job="zimbra"}[1m]))`, 3000*day, 900*time.Hour)
	f(`sum(count_over_time({`, day, 0)
	f(`vector(1)`, day, 0)
}

// course is a series with a point an hour.
func course(name string, values ...float64) engine.Series {
	s := engine.Series{Labels: []entry.Pair{{Name: "level", Value: name}}}
	for n, v := range values {
		if !math.IsNaN(v) {
			s.Points = append(s.Points, engine.Point{Time: int64(n) * 3_600_000, Value: v})
		}
	}
	return s
}

func TestRows(t *testing.T) {
	gap := math.NaN()
	a := Of(&engine.Result{Type: engine.Matrix, Series: []engine.Series{course("info", 1, 2, 12345, 3), course("error", 7, gap, 9, 8)}}, Options{Location: time.UTC})
	var got []string
	for _, r := range a.Rows {
		got = append(got, fmt.Sprintf("%v %s %s %d", r.Cells, strings.ReplaceAll(r.Peak, thin, "_"), r.Value, r.Share))
	}
	if text := strings.Join(got, "; "); text != "[info] 12_345 3 1000; [error] 9 8 0" || strings.Join(a.Heads, "") != "level" {
		t.Errorf("%s of %v", text, a.Heads)
	}
	if a.Chart == nil || len(a.Chart.Curves) != 2 || len(a.Chart.Curves[0].Parts) != 1 || len(a.Chart.Curves[1].Parts) != 2 || a.Zone != "UTC" {
		t.Errorf("%+v", a.Chart)
	}
	if x := a.Chart.X; len(x) != 7 || x[0].Text != "00:00" || x[6].Text != "03:00" {
		t.Errorf("%+v", x)
	}
	a = Of(&engine.Result{Type: engine.Vector, Series: []engine.Series{course("fatal", 1), course("info", 4)}}, Options{Location: time.UTC})
	if a.Chart != nil || len(a.Rows) != 2 || a.Rows[0].Value != "4" || a.Rows[1].Share != 250 {
		t.Errorf("%+v", a)
	}
	many := make([]engine.Series, MaxRows+1)
	if a = Of(&engine.Result{Type: engine.Vector, Series: many}, Options{Location: time.UTC}); !a.More || len(a.Rows) != MaxRows {
		t.Errorf("%d rows, more %v", len(a.Rows), a.More)
	}
	if a = Of(&engine.Result{Type: engine.Vector}, Options{Location: time.UTC}); !a.Empty {
		t.Error("nothing is not empty")
	}
	if a = Of(&engine.Result{Type: engine.Scalar, Scalar: engine.Point{Value: 7}}, Options{Location: time.UTC}); len(a.Rows) != 1 || a.Rows[0].Value != "7" {
		t.Errorf("%+v", a)
	}
}

// TestLonePoint: what stands alone between two gaps is a dot, since a line of one
// point is not seen.
func TestLonePoint(t *testing.T) {
	values := make([]float64, maxDots+20)
	values[10], values[12] = math.NaN(), math.NaN()
	c := chartOf([]engine.Series{course("info", values...)}, time.UTC)
	if len(c.Curves[0].Dots) != 1 || len(c.Curves[0].Parts) != 3 {
		t.Errorf("%d dots, %d parts", len(c.Curves[0].Dots), len(c.Curves[0].Parts))
	}
}

// TestColours: a level has its own colour, whatever came beside it.
func TestColours(t *testing.T) {
	f := func(want string, names ...string) {
		t.Helper()
		var list []engine.Series
		for n, name := range names {
			list = append(list, course(name, float64(10-n), 1))
		}
		var got []int
		for _, c := range chartOf(list, time.UTC).Curves {
			got = append(got, c.Class)
		}
		if text := fmt.Sprint(got); text != want {
			t.Errorf("%v: %s, want %s", names, text, want)
		}
	}
	f("[6]", "error")
	f("[4 6 3]", "warn", "error", "fatal")
	f("[0 1]", "warn", "unknown")
	f("[0 1]", "fatal", "critical") // of one colour, which would be told apart by nobody
}

// TestTiny: values next to nothing have an axis too.
func TestTiny(t *testing.T) {
	for _, v := range []float64{0, 5e-324, 1e-300, 1e308} {
		if c := chartOf([]engine.Series{course("info", v, v)}, time.UTC); len(c.Y) < 2 || len(c.Y) > 7 {
			t.Errorf("%g: %d lines", v, len(c.Y))
		}
	}
}

// TestRoundTimes: the marks of the axis are at round times of the zone's clock.
func TestRoundTimes(t *testing.T) {
	f := func(from, to string, zone *time.Location, want string) {
		t.Helper()
		var ms [2]int64
		for n, text := range []string{from, to} {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			ms[n] = at.UnixMilli()
		}
		c := &Chart{}
		c.axisX(ms[0], ms[1], zone)
		var got []string
		for _, x := range c.X {
			got = append(got, x.Text)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s to %s: %s, want %s", from, to, text, want)
		}
	}
	india := time.FixedZone("IST", 5*3600+1800)
	f("2026-03-01T08:07:00Z", "2026-03-01T11:59:00Z", time.UTC, "09:00 10:00 11:00")
	f("2026-03-01T08:07:00Z", "2026-03-01T11:59:00Z", india, "14:00 15:00 16:00 17:00")
	f("2026-03-01T08:00:01Z", "2026-03-01T08:00:30Z", time.UTC, "08:00:05 08:00:10 08:00:15 08:00:20 08:00:25 08:00:30")
	f("2026-03-01T08:00:00Z", "2026-03-03T08:00:00Z", time.UTC, "03-01 12:00 03-02 00:00 03-02 12:00 03-03 00:00")
	f("2026-03-01T08:00:00Z", "2026-03-31T08:00:00Z", time.UTC, "03-05 03-12 03-19 03-26")
}

func TestLines(t *testing.T) {
	labels := []entry.Pair{{Name: "archive", Value: "1"}, {Name: "host", Value: "mail"}, {Name: "level", Value: "error"}, {Name: "log", Value: "mailbox"}, {Name: "user", Value: "ivanov@example.org"}, {Name: "ticket", Value: "7"}}
	r := &engine.Result{Type: engine.Streams, Streams: []engine.Stream{{Labels: labels, Entries: []engine.Line{{Time: 1, Text: "old"}, {Time: 3e9, Text: "new"}}}, {Entries: []engine.Line{{Time: 2e9, Text: "between"}}}}}
	a := Of(r, Options{Location: time.UTC, Lines: 2})
	if len(a.Lines) != 2 || !a.More || a.Lines[0].Text != "new" || a.Lines[1].Text != "between" {
		t.Fatalf("%+v", a)
	}
	if got, want := fmt.Sprintf("%+v", a.Lines[0]), "{Time:1970-01-01 00:00:03.000 Level:error Where:mail mailbox Text:new Fields:[{Name:user Value:ivanov@example.org}]}"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if a = Of(r, Options{Location: time.UTC, Lines: 3}); a.More {
		t.Error("three of three are said to be cut")
	}
}
