package loki

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// scenario is pushes and what becomes of them. The same hold for the fake Loki
// and for the real one, so that each vouches for the other.
type scenario struct {
	name    string
	pushes  func(s *stage) [][]entry.Entry
	results []Result
	stored  string // see storedText
	letters string // see fixture.letters
}

// stage is where a scenario plays.
type stage struct {
	base time.Time // Loki's now
	a, b *entry.Labels
}

// at makes an entry of stream a.
func (s *stage) at(d time.Duration, line string) entry.Entry {
	return entry.Entry{Time: s.base.Add(d).UnixNano(), Labels: s.a, Line: line}
}

// of gives an entry other labels.
func of(l *entry.Labels, e entry.Entry) entry.Entry { e.Labels = l; return e }

// meta gives an entry a piece of metadata.
func meta(name, value string, e entry.Entry) entry.Entry {
	e.Meta = append(e.Meta, entry.Pair{Name: name, Value: value})
	return e
}

// tenant gives an entry a tenant.
func tenant(name string, e entry.Entry) entry.Entry { e.Tenant = name; return e }

// scenarioLimits are those of the scenarios: Loki's defaults, but for a line
// limit that is easily reached.
var scenarioLimits = lokitest.Options{
	MaxLine: 9, MaxAge: 7 * 24 * time.Hour, MaxFuture: 10 * time.Minute, Window: time.Hour,
	Now: func() time.Time { return now },
}

const day = 24 * time.Hour

func one(all ...entry.Entry) [][]entry.Entry { return [][]entry.Entry{all} }

func scenarios() []scenario {
	many := func(n int, d time.Duration, s *stage) (all []entry.Entry) {
		for i := range n {
			all = append(all, s.at(d+time.Duration(i)*time.Millisecond, fmt.Sprintf("%06d", n-i)))
		}
		return all
	}
	return []scenario{
		{"nothing wrong", func(s *stage) [][]entry.Entry {
			return one(s.at(0, "1"), of(s.b, meta("user", "x", s.at(0, "2"))), s.at(-time.Minute, "3"))
		}, []Result{{Accepted: 3}}, "a:1,3 b:2", ""},
		{"too long", func(s *stage) [][]entry.Entry {
			return one(s.at(0, "1"), s.at(1, "1234567890"), s.at(2, "123456789"))
		}, []Result{{Accepted: 2, Dead: 1}}, "a:1,123456789", "line_too_long:1234567890"},
		{"all too long", func(s *stage) [][]entry.Entry {
			return one(s.at(0, "123456789a"), s.at(1, "123456789ab"), s.at(2, "123456789b"))
		}, []Result{{Dead: 3}}, "", "line_too_long:123456789a line_too_long:123456789ab line_too_long:123456789b"},
		{"too new", func(s *stage) [][]entry.Entry {
			return one(s.at(9*time.Minute, "1"), s.at(11*time.Minute, "2"), s.at(12*time.Minute, "3"), s.at(12*time.Minute, "4"))
		}, []Result{{Accepted: 1, Dead: 3}}, "a:1", "too_new:2 too_new:3 too_new:4"},
		{"too old", func(s *stage) [][]entry.Entry {
			return one(s.at(-7*day-time.Hour, "1"), s.at(-7*day-time.Minute, "2"), s.at(-7*day+time.Minute, "3"), s.at(0, "4"))
		}, []Result{{Accepted: 2, Dead: 2}}, "a:3,4", "too_old:1 too_old:2"},
		{"many too old", func(s *stage) [][]entry.Entry {
			return one(append(many(2500, -8*day, s), s.at(0, "new"))...)
		}, []Result{{Accepted: 1, Dead: 2500}}, "a:new", "2500 letters"},
		{"of all kinds", func(s *stage) [][]entry.Entry {
			return one(s.at(-8*day, "old"), s.at(0, "1"), s.at(0, "long, long"), s.at(time.Hour, "new"), of(s.b, s.at(0, "2")))
		}, []Result{{Accepted: 2, Dead: 3}}, "a:1 b:2", "too_old:old line_too_long:long, long too_new:new"},
		{"hours apart in one push", func(s *stage) [][]entry.Entry {
			return one(s.at(-2*time.Minute, "3"), s.at(-3*time.Hour, "1"), s.at(-time.Hour, "2"))
		}, []Result{{Accepted: 3}}, "a:1,2,3", ""},
		{"behind", func(s *stage) [][]entry.Entry {
			return [][]entry.Entry{{s.at(0, "now")}, {s.at(-61*time.Minute, "1"), s.at(-59*time.Minute, "2")}}
		}, []Result{{Accepted: 1}, {Accepted: 2, Late: 1}}, "a:2,now a/late:1", ""},
		{"behind by days, in any order", func(s *stage) [][]entry.Entry {
			return [][]entry.Entry{
				{s.at(0, "now")},
				{s.at(-61*time.Minute, "1")},
				{s.at(-20*time.Hour, "2"), s.at(-10*time.Hour, "3")},
				{s.at(-23*time.Hour, "4"), s.at(-30*time.Hour, "5")},
			}
		}, []Result{{Accepted: 1}, {Accepted: 1, Late: 1}, {Accepted: 2, Late: 2}, {Accepted: 2, Late: 2}}, "a:now a/late:1 a/late/hour:2,3,4,5", ""},
		{"hidden behind", func(s *stage) [][]entry.Entry { // Loki's ingester hides what its distributor refused
			return [][]entry.Entry{
				{s.at(0, "now")},
				{s.at(-20*time.Minute, "long, long"), s.at(-20*time.Minute, "1"), s.at(-61*time.Minute, "2"), s.at(-20*time.Minute, "long, longer")},
			}
		}, []Result{{Accepted: 1}, {Accepted: 2, Late: 1, Dead: 2}}, "a:1,now a/late:2", "line_too_long:long, long line_too_long:long, longer"},
		{"many behind", func(s *stage) [][]entry.Entry {
			return [][]entry.Entry{{s.at(0, "now")}, append(many(2500, -2*time.Hour, s), s.at(-time.Minute, "in-time"))}
		}, []Result{{Accepted: 1}, {Accepted: 2501, Late: 2500}}, "2502 entries", ""},
		{"a tenant that is none", func(s *stage) [][]entry.Entry {
			return one(tenant("a/b", s.at(0, "1")), s.at(0, "2"), tenant("line\nfeed", s.at(0, "3")))
		}, []Result{{Accepted: 1, Dead: 2}}, "a:2", "bad_tenant:1 bad_tenant:3"},
		{"labels that are none", func(s *stage) [][]entry.Entry {
			return one(of(&entry.Labels{Text: `{a-b="c"}`}, s.at(0, "1")), s.at(0, "2"), of(&entry.Labels{Text: "{log=\"\xff\"}"}, s.at(0, "3")))
		}, []Result{{Accepted: 1, Dead: 2}}, "a:2", "bad_labels:1 bad_labels:3"},
		{"metadata without a name", func(s *stage) [][]entry.Entry { // Loki says 500
			return one(s.at(0, "1"), meta("", "x", s.at(0, "2")), s.at(0, "3"), meta("ok", "x", s.at(0, "4")), meta("---", "x", s.at(0, "5")))
		}, []Result{{Accepted: 3, Dead: 2}}, "a:1,3,4", "bad_metadata:2 bad_metadata:5"},
	}
}

// shortened counts what is too long to write down.
func shortened(text, unit string) string {
	if n := len(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })); n > 100 {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return text
}

func TestScenarios(t *testing.T) {
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			x := setUp(t, scenarioLimits, nil)
			sc.play(x, &stage{base: now, a: logA, b: logB})
			var all []storedEntry
			for _, e := range x.server.Entries() {
				all = append(all, storedEntry{e.Label("log"), e.Label(labelLate), e.Label(labelLateHour), e.Line})
				if e.Copies > 1 && sc.name != "hidden behind" {
					t.Errorf("entry %q was sent %d times", e.Line, e.Copies)
				}
			}
			sc.check(x, all)
			if got := len(x.server.Requests()); got > 25 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

// play pushes, and checks the results and the dead letters.
func (sc *scenario) play(x *fixture, s *stage) {
	x.Helper()
	for i, all := range sc.pushes(s) {
		x.want(x.push(all...), sc.results[i])
	}
	var letters []string
	for _, r := range x.records() {
		letters = append(letters, r.Reason+":"+r.Line)
	}
	if got := shortened(strings.Join(letters, " "), "letters"); got != sc.letters {
		x.Errorf("dead letters\n got %s\nwant %s", got, sc.letters)
	}
}

// check checks what is stored.
func (sc *scenario) check(x *fixture, all []storedEntry) {
	x.Helper()
	if got := shortened(storedText(all), "entries"); got != sc.stored {
		x.Errorf("stored\n got %s\nwant %s", got, sc.stored)
	}
}

// TestRealLoki plays the scenarios with a real Loki, if there is one: they
// depend on its limits.
func TestRealLoki(t *testing.T) {
	l := runtest.Real(t, lokirun.Options{Tenant: "test", Limits: map[string]any{
		"max_line_size": scenarioLimits.MaxLine, "reject_old_samples": true, "reject_old_samples_max_age": "168h", "creation_grace_period": "10m",
	}})
	for i, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			x := &fixture{T: t, dead: t.TempDir() + "/dead.jsonl", log: new(logBuffer)}
			w, err := deadletter.Open(deadletter.Options{Path: x.dead})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			x.client, err = NewClient(Options{URL: l.URL(), TenantID: "test", DeadLetter: w, Log: slog.New(slog.NewTextHandler(x.log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer x.client.Close()
			name := fmt.Sprint(i)
			sc.play(x, &stage{base: time.Now(), a: set("case", name, "log", "a"), b: set("case", name, "log", "b")})
			sc.check(x, query(t, l, `{case="`+name+`"}`))
		})
	}
}

func query(t *testing.T, l *lokirun.Server, selector string) (all []storedEntry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	found, err := l.Query(ctx, selector, time.Now().Add(-30*day), time.Now().Add(day), 0, lokirun.Forward)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		all = append(all, storedEntry{e.Labels["log"], e.Labels[labelLate], e.Labels[labelLateHour], e.Line})
	}
	return all
}
