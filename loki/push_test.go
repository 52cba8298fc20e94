package loki

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

var (
	logA = set("host", "mail.example.com", "log", "a")
	logB = set("host", "mail.example.com", "log", "b")
)

// limits are Loki's defaults, at the time of the tests.
var limits = lokitest.Options{
	MaxLine: 262144, MaxAge: 7 * 24 * time.Hour, MaxFuture: 10 * time.Minute, Window: time.Hour,
	Now: func() time.Time { return now },
}

func TestPush(t *testing.T) {
	for _, compress := range []string{"snappy", "gzip", "none"} {
		x := setUp(t, limits, func(o *Options) { o.Compress, o.TenantID = compress, "fixed" })
		a, b := at(logA, 0, "1"), at(logB, 1, "2")
		a.Meta = []entry.Pair{{Name: "user", Value: "a@example.com"}, {Name: "action", Value: "ß"}}
		a.More = []string{"\tat com.example.A"}
		b.Tenant = "own"
		x.want(x.push(a, b), Result{Accepted: 2})
		want := []lokitest.Entry{
			{
				Tenant: "fixed", Labels: logA.Text, Time: now.UnixNano(), Line: "1\n\tat com.example.A", Copies: 1,
				Meta: []entry.Pair{{Name: "action", Value: "ß"}, {Name: "user", Value: "a@example.com"}},
			},
			{Tenant: "own", Labels: logB.Text, Time: now.UnixNano() + 1, Line: "2", Copies: 1},
		}
		if got := x.server.Entries(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", compress, got, want)
		}
	}
}

func TestPushNothing(t *testing.T) {
	x := setUp(t, limits, nil)
	x.want(x.push(), Result{})
	if n := len(x.server.Requests()); n != 0 {
		t.Errorf("%d requests for an empty batch", n)
	}
}

// TestOneStreamPerPush: Loki tells the truth about the last stream of a push
// only, so each push holds one.
func TestOneStreamPerPush(t *testing.T) {
	x := setUp(t, limits, nil)
	x.want(x.push(at(logA, 0, "new"), at(logB, 0, "new")), Result{Accepted: 2})
	x.want(x.push(at(logA, -2*time.Hour, "behind"), at(logB, 0, "b")), Result{Accepted: 2, Late: 1})
	x.stored("a:new a/late:behind b:b,new")
	for _, r := range x.server.Requests() {
		for _, e := range r.Entries {
			if e.Labels != r.Entries[0].Labels {
				t.Fatalf("a push holds %s and %s", r.Entries[0].Labels, e.Labels)
			}
		}
	}
}

// TestUnknownWords: entries that are refused in words that mean nothing are
// found by halves.
func TestUnknownWords(t *testing.T) {
	poison := limits
	poison.RefusePush = func(all []lokitest.Entry) string {
		for _, e := range all {
			if strings.HasPrefix(e.Line, "poison") {
				return "words that nobody knows"
			}
		}
		return ""
	}
	mixed := lines(logA, 100, now, time.Millisecond)
	for _, i := range []int{0, 17, 18, 99} {
		mixed[i].Line = "poison" + fmt.Sprint(i)
	}
	x := setUp(t, poison, nil)
	x.want(x.push(mixed...), Result{Accepted: 96, Dead: 4})
	x.letters("bad_request:poison0 bad_request:poison17 bad_request:poison18 bad_request:poison99")
	if missing, doubles := x.server.Compare(linesOf(mixed, "line"), number); missing != nil || doubles != nil {
		t.Errorf("missing %q, doubles %q", missing, doubles)
	}
	// Alone, it says nothing of itself until the server has taken something.
	x = setUp(t, poison, nil)
	x.want(x.push(at(logA, 0, "poison")), Result{Retry: true})
	x.letters("")
	x.want(x.push(at(logA, 1, "good")), Result{Accepted: 1})
	x.want(x.push(at(logA, 0, "poison")), Result{Dead: 1})
	x.letters("bad_request:poison")
}

// TestTooLarge: a body that is too large is sent in halves; a single entry
// that is, is asked about twice.
func TestTooLarge(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	tiny := limits
	tiny.MaxBody = 1000
	x := setUp(t, tiny, nil)
	x.want(x.push(at(logA, 0, long(500)), at(logA, 1, long(1200)), at(logA, 2, long(600))), Result{Accepted: 2, Dead: 1})
	x.stored("a:" + long(500) + "," + long(600))
	x.letters("too_large:" + long(1200))
	x.server.Script(lokitest.Fault{Status: 413})
	x.want(x.push(at(logA, 3, "1")), Result{Accepted: 1})
}

func linesOf(all []entry.Entry, prefix string) (out []string) {
	for _, e := range all {
		if strings.HasPrefix(e.Line, prefix) {
			out = append(out, e.Line)
		}
	}
	return out
}

// TestLetterIsWhole: nothing of a refused entry is lost, and late="true" is
// not among its labels.
func TestLetterIsWhole(t *testing.T) {
	so := limits
	so.MaxLine = 5
	x := setUp(t, so, nil)
	e := at(logA, 123456789, "head")
	e.Tenant, e.More, e.Meta = "own", []string{"second"}, []entry.Pair{{Name: "z", Value: "1"}, {Name: "a", Value: "2"}}
	old := at(logA, -8*24*time.Hour, "old")
	x.want(x.push(e, old), Result{Dead: 2})
	recs := x.letters("line_too_long:head\nsecond too_old:old")
	r := recs[0]
	if r.Tenant != "own" || r.Time != e.Time || !reflect.DeepEqual(r.Labels, logA.Pairs) || !reflect.DeepEqual(r.Meta, e.Meta) ||
		!strings.HasPrefix(r.Detail, "max entry size '5' bytes exceeded for stream") {
		t.Errorf("letter %+v", r)
	}
	if !reflect.DeepEqual(recs[1].Labels, logA.Pairs) {
		t.Errorf("labels of an old entry: %v", recs[1].Labels)
	}
}

// TestReplay: what stands in the dead-letter file becomes, sent again, the very
// entry that it was.
func TestReplay(t *testing.T) {
	so := limits
	so.MaxLine = 5
	x := setUp(t, so, nil)
	e := at(logA, 123456789, "a long line")
	e.Tenant, e.More, e.Meta = "own", []string{"and more"}, []entry.Pair{{Name: "z", Value: "ß"}, {Name: "a", Value: "\n"}}
	x.want(x.push(e), Result{Dead: 1})
	direct, replayed := setUp(t, limits, nil), setUp(t, limits, nil)
	direct.want(direct.push(e), Result{Accepted: 1})
	for _, r := range x.records() {
		again := entry.Entry{Time: r.Time, Labels: NewLabels(r.Labels), Tenant: r.Tenant, Line: r.Line, Meta: r.Meta}
		replayed.want(replayed.push(again), Result{Accepted: 1})
	}
	if a, b := direct.server.Entries(), replayed.server.Entries(); !reflect.DeepEqual(a, b) {
		t.Errorf("\n  direct %+v\nreplayed %+v", a, b)
	}
}

// TestLateLabels: late labels are a function of the labels and the time.
func TestLateLabels(t *testing.T) {
	f := func(stage int, text, want string) {
		t.Helper()
		l := set("job", "a", "zone", text)
		if got := lateLabels(l, stage, now.UnixNano()).Text; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if l.Text != labelsText(l.Pairs) || len(l.Pairs) != 2 {
			t.Errorf("the original was changed: %+v", l)
		}
	}
	f(stageLate, "x", `{job="a", late="true", zone="x"}`)
	f(stageHour, "\"\n", `{job="a", late="true", late_hour="2026-11-22T08", zone="\"\n"}`)
	if got := lateLabels(set("late", "false"), stageLate, 0).Text; got != `{late="true"}` {
		t.Errorf("%s", got)
	}
}

// TestLateMany: Loki names ten at most.
func TestLateMany(t *testing.T) {
	for _, n := range []int{9, 10, 11, 25, 2000} {
		x := setUp(t, limits, nil)
		x.want(x.push(at(logA, 0, "now")), Result{Accepted: 1})
		all := lines(logA, n, now.Add(-2*time.Hour), time.Millisecond)
		slices.Reverse(all)
		all = append(all, at(logA, -time.Minute, "in time"))
		x.want(x.push(all...), Result{Accepted: n + 1, Late: n})
		missing, doubles := x.server.Compare(numbers(n), number)
		if missing != nil || doubles != nil {
			t.Errorf("%d late entries: missing %d, doubles %d", n, len(missing), len(doubles))
		}
		if got := len(x.server.Requests()); got > 5 {
			t.Errorf("%d late entries took %d requests", n, got)
		}
	}
}

// TestAnswerIsLost: what was stored, though the answer did not come, is not
// stored again as late, also if its times are hours apart.
func TestAnswerIsLost(t *testing.T) {
	for _, broken := range []lokitest.Fault{
		{Status: 503, Store: true}, {Break: lokitest.BreakReset, Store: true}, {Break: lokitest.BreakHalf, Store: true},
	} {
		x := setUp(t, limits, nil)
		all := lines(logA, 300, now.Add(-10*time.Hour), 2*time.Minute)
		x.server.Script(lokitest.Fault{}, broken, lokitest.Fault{}, broken)
		x.want(x.push(all...), Result{Accepted: 300})
		missing, doubles := x.server.Compare(numbers(300), number)
		if missing != nil || doubles != nil {
			t.Errorf("%+v: missing %q, doubles %q", broken, missing, doubles)
		}
	}
}

// TestProgress: a batch that is pushed again goes on where it ended. The
// refused are buried once, and what is stored is not sent again.
func TestProgress(t *testing.T) {
	so := limits
	so.MaxLine = 9
	x := setUp(t, so, func(o *Options) { o.BatchBytes = minBatchBytes })
	all := append(lines(logB, 5, now, 1), lines(logA, 3000, now, time.Millisecond)...)
	all[1000].Line, all[1001].Line, all[2900].Line = "0123456789", "01234567890", "0123456789a"
	deny := make([]lokitest.Fault, 0, 100)
	for range 50 {
		deny = append(deny, lokitest.Fault{}, lokitest.Fault{Status: 401}) // which is not repeated at once
	}
	x.server.Script(deny...)
	pushes, accepted, dead := 0, 0, 0
	for again := true; again; pushes++ {
		r := x.push(all...)
		again, accepted, dead = r.Retry && pushes < 1000, accepted+r.Accepted, dead+r.Dead
	}
	if pushes < 5 || accepted != len(all)-3 || dead != 3 {
		t.Errorf("%d pushes, %d accepted, %d dead; want many, %d, 3", pushes, accepted, dead, len(all)-3)
	}
	x.letters("line_too_long:0123456789 line_too_long:01234567890 line_too_long:0123456789a")
	for _, e := range x.server.Entries() {
		if e.Copies > 1 {
			t.Fatalf("entry %q was sent %d times", e.Line, e.Copies)
		}
	}
	if n := x.client.ledger.n.Load(); n != 0 {
		t.Errorf("%d streams are remembered though all is done", n)
	}
}

// TestLetterCannotBeWritten: then nothing is lost, and the batch comes again.
func TestLetterCannotBeWritten(t *testing.T) {
	so := limits
	so.MaxLine = 5
	x := setUp(t, so, nil)
	whole := x.client.dead
	x.client.dead = brokenLetters{}
	r := x.push(at(logA, 0, "1"), at(logA, 0, "too long"))
	x.want(r, Result{Retry: true})
	if !strings.Contains(r.Err.Error(), "no space left") {
		t.Errorf("error %v", r.Err)
	}
	x.client.dead = whole
	x.want(x.push(at(logA, 0, "1"), at(logA, 0, "too long")), Result{Accepted: 1, Dead: 1})
	x.letters("line_too_long:too long")
}

// TestNoDeadLetters: without a file the refused are counted and shown.
func TestNoDeadLetters(t *testing.T) {
	so := limits
	so.MaxLine = 5
	x := setUp(t, so, func(o *Options) { o.DeadLetter = nil })
	all := lines(logA, 30, now, 1)
	x.want(x.push(append(all, at(logA, 0, "ok"))...), Result{Accepted: 1, Dead: 30})
	if n := strings.Count(x.log.String(), "refuses an entry"); n != maxShown {
		t.Errorf("%d entries shown, want %d:\n%s", n, maxShown, x.log)
	}
	if !strings.Contains(x.log.String(), "line 0000") || !strings.Contains(x.log.String(), "entries=30") {
		t.Errorf("log:\n%s", x.log)
	}
	if s := x.client.Stats(); s.Dead(ReasonLineTooLong) != 30 || s.DeadTotal() != 30 || s.Accepted.Load() != 1 {
		t.Errorf("counted %d, %d dead, %d accepted", s.Dead(ReasonLineTooLong), s.DeadTotal(), s.Accepted.Load())
	}
}

// TestNotLoki: a server that refuses everything in its own words, and never
// took anything, gets no entry into the dead letters.
func TestNotLoki(t *testing.T) {
	id := 0
	f := func(name string, o lokitest.Options) {
		t.Helper()
		x := setUp(t, o, nil)
		for _, n := range []int{1, 2, probes, probes + 1, 100} {
			r := x.push(lines(logA, n, now, 1)...)
			x.want(r, Result{Retry: true})
			if r.Err == nil || !strings.Contains(r.Err.Error(), "nothing was ever accepted here") {
				t.Errorf("%s, %d entries: error %v", name, n, r.Err)
			}
			x.letters("")
		}
	}
	f("always the same", lokitest.Options{RefusePush: func([]lokitest.Entry) string { return "bad request" }})
	f("a number that counts", lokitest.Options{RefusePush: func([]lokitest.Entry) string {
		id++
		return fmt.Sprintf("Request rejected. Your support ID is: %d", id)
	}})
	f("always too large", lokitest.Options{MaxBody: 1})
}

// TestOneStreamFails: a stream that is over its rate, or whose tenant may not
// push, does not hold up the others; it comes again alone.
func TestOneStreamFails(t *testing.T) {
	for _, status := range []int{429, 403} {
		x := setUp(t, limits, nil)
		x.server.Script(lokitest.Fault{}, lokitest.Fault{Status: status, RetryAfter: "60"})
		first := []entry.Entry{at(set("log", "1"), 0, "1"), at(set("log", "2"), 0, "2"), at(set("log", "3"), 0, "3")}
		x.want(x.push(first...), Result{Retry: true, Accepted: 2})
		x.stored("1:1 3:3")
		x.want(x.push(first...), Result{Accepted: 1})
		x.stored("1:1 2:2 3:3")
	}
}

// TestNetworkFails: when there is no answer, other streams are not tried.
func TestNetworkFails(t *testing.T) {
	x := setUp(t, limits, nil)
	x.client.way.Fail("before")
	x.server.Script(lokitest.Fault{Status: 503})
	x.want(x.push(at(logA, 0, "1"), at(logB, 0, "2")), Result{Retry: true})
	if n := len(x.server.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	// Once something got through, it is worth trying again at once.
	x.server.Script(lokitest.Fault{}, lokitest.Fault{Status: 503})
	x.want(x.push(at(logA, 0, "1"), at(logB, 0, "2")), Result{Accepted: 2})
}

// TestResultSaysWhy: the error of a push is a *PushError.
func TestResultSaysWhy(t *testing.T) {
	x := setUp(t, limits, nil)
	x.server.Script(lokitest.Fault{Status: http.StatusForbidden, Body: "go away"})
	r := x.push(at(logA, 0, "1"))
	x.want(r, Result{Retry: true})
	var p *PushError
	if !errors.As(r.Err, &p) || p.Status != 403 || p.Body != "go away" || p.Cure == "" {
		t.Errorf("error %#v", r.Err)
	}
	if n := len(x.server.Requests()); n != 1 {
		t.Errorf("%d requests: what a person must mend is not repeated at once", n)
	}
	x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1})
}
