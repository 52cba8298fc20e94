package engine

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// endless is a source that stops for its context alone.
type endless struct{ e entry.Entry }

func (endless) Ordered() bool { return true }

func (s endless) Select(_ context.Context, _ *Selection, visit func(*entry.Entry) error) error {
	for {
		if err := visit(&s.e); err != nil {
			return err
		}
	}
}

// TestLimits holds every bound of a query with the words of its error.
func TestLimits(t *testing.T) {
	src := fixture()
	f := func(p Params, o Options, status int, words string) {
		t.Helper()
		p.Start, p.End = fixtureStart*1e9, fixtureEnd*1e9
		if p.Step == 0 {
			p.Step = time.Minute
		}
		_, err := New(src, o).Query(t.Context(), p)
		var e *Error
		if !errors.As(err, &e) || e.Status != status || !strings.Contains(e.Msg, words) {
			t.Errorf("%s: got %v, want %d with %q", p.Query, err, status, words)
		}
	}
	count := `count_over_time({app="mail"}[5m])`
	f(Params{Query: count}, Options{MaxSeries: 100}, 400, "maximum number of series (100) reached for a single query")
	f(Params{Query: "sum(" + count + ")"}, Options{MaxCells: 100}, 400, "the query holds more than 100 values")
	f(Params{Query: count, Step: time.Second}, Options{MaxPoints: 7199}, 400, "exceeded maximum resolution of 7199 points per time series")
	f(Params{Query: count, Step: -1}, Options{}, 400, "zero or negative query resolution step widths are not accepted")
	f(Params{Query: `quantile_over_time(0.5, {app="mail"} | unwrap took_ms [5m]) by (app)`}, Options{MaxCells: 150}, 400, "holds more than 150 values")
	f(Params{Query: `{app="mail"}`}, Options{MaxEntries: 50}, 400, "the answer has more than 50 entries")
	f(Params{Query: `{app="mail"}`, Limit: 60}, Options{MaxEntries: 50}, 400, "the answer has more than 50 entries")
	f(Params{Query: `{app="mail"}`, Instant: true}, Options{}, 400, "log queries are not supported as an instant query type")
	f(Params{Query: `{app="mail"`}, Options{}, 400, "parse error")

	for _, p := range []Params{{Query: count}, {Query: "sum(" + count + ")"}} { // within the bounds
		p.Start, p.End, p.Step = fixtureStart*1e9, fixtureEnd*1e9, time.Minute
		if _, err := New(src, Options{MaxSeries: 160, MaxCells: 20_000, MaxPoints: 120}).Query(t.Context(), p); err != nil {
			t.Errorf("%s: %v", p.Query, err)
		}
	}
}

// TestLimitWithinBound: of a source without an order more entries are held than
// the answer has, and that is not too many.
func TestLimitWithinBound(t *testing.T) {
	for _, ordered := range []bool{true, false} {
		p := Params{Query: `{app="mail"}`, Start: fixtureStart * 1e9, End: fixtureEnd * 1e9, Limit: 50}
		res, err := New(saying{fixture(), ordered}, Options{MaxEntries: 50}).Query(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, s := range res.Streams {
			n += len(s.Entries)
		}
		if n != 50 {
			t.Errorf("ordered %v: %d entries, want 50", ordered, n)
		}
	}
}

// saying is a source that says whether it has an order.
type saying struct {
	Source
	ordered bool
}

func (s saying) Ordered() bool { return s.ordered }

// TestTimeout holds that a query ends with its time, and with its context.
func TestTimeout(t *testing.T) {
	src := endless{entry.Entry{Time: fixtureStart * 1e9, Labels: &entry.Labels{Pairs: pairsOf([]string{"app", "mail"})}, Line: "x"}}
	for _, query := range []string{`sum(count_over_time({app="mail"}[1h]))`, `{app="mail"} |= "nosuch"`, `{app="web"}`} {
		p := Params{Query: query, Start: fixtureStart * 1e9, End: fixtureEnd * 1e9, Step: time.Minute}
		_, err := New(src, Options{Timeout: time.Millisecond}).Query(t.Context(), p)
		var e *Error
		if !errors.As(err, &e) || e.Status != http.StatusGatewayTimeout || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want a time-out", query, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := New(src, Options{}).Query(ctx, p); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want it cancelled", query, err)
		}
	}
}
