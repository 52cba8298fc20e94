package loki

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
			{Tenant: "fixed", Labels: logA.Text, Time: now.UnixNano(), Line: "1\n\tat com.example.A", Copies: 1,
				Meta: []entry.Pair{{Name: "action", Value: "ß"}, {Name: "user", Value: "a@example.com"}}},
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
	x.stored("a:new a/true:behind b:b,new")
	for _, r := range x.server.Requests() {
		for _, e := range r.Entries {
			if e.Labels != r.Entries[0].Labels {
				t.Fatalf("a push holds %s and %s", r.Entries[0].Labels, e.Labels)
			}
		}
	}
}

// TestRefused: what Loki refuses for good is in the dead letters, the rest is
// stored, and the batch is done.
func TestRefused(t *testing.T) {
	f := func(name string, so lokitest.Options, result Result, stored, letters string, all ...entry.Entry) {
		t.Run(name, func(t *testing.T) {
			x := setUp(t, so, nil)
			x.want(x.push(all...), result)
			x.stored(stored)
			x.letters(letters)
		})
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	small := limits
	small.MaxLine = 5
	f("too long", small, Result{Accepted: 2, Dead: 1}, "a:1,12345", "line_too_long:123456",
		at(logA, 0, "1"), at(logA, 1, "123456"), at(logA, 2, "12345"))
	f("all too long", small, Result{Dead: 3}, "", "line_too_long:123456 line_too_long:1234567 line_too_long:12345678",
		at(logA, 0, "123456"), at(logA, 1, "1234567"), at(logA, 2, "12345678"))
	f("too new", limits, Result{Accepted: 1, Dead: 2}, "a:1", "too_new:2 too_new:3",
		at(logA, 10*time.Minute, "1"), at(logA, 10*time.Minute+1, "2"), at(logA, 11*time.Minute, "3"))
	f("too old", limits, Result{Accepted: 1, Dead: 2}, "a:3", "too_old:1 too_old:2",
		at(logA, -8*24*time.Hour, "1"), at(logA, -7*24*time.Hour-1, "2"), at(logA, -7*24*time.Hour, "3"))
	f("of all kinds", small, Result{Accepted: 2, Dead: 3}, "a:1 b:2", "too_old:old too_new:new line_too_long:long long",
		at(logA, -8*24*time.Hour, "old"), at(logA, 0, "1"), at(logA, 0, "long long"), at(logA, time.Hour, "new"), at(logB, 0, "2"))
	f("too far behind in one push", limits, Result{Accepted: 3}, "a:1,2,3", "", // sorted, nothing is behind
		at(logA, 2*time.Minute, "3"), at(logA, -time.Hour, "1"), at(logA, -3*time.Minute, "2"))
	f("a tenant that is none", limits, Result{Accepted: 1, Dead: 2}, "a:2", "bad_tenant:1 bad_tenant:3",
		entry.Entry{Labels: logA, Time: now.UnixNano(), Tenant: "a/b", Line: "1"}, at(logA, 0, "2"),
		entry.Entry{Labels: logA, Time: now.UnixNano(), Tenant: "line\nfeed", Line: "3"})
	f("labels that are none", limits, Result{Accepted: 1, Dead: 2}, "a:2", "bad_labels:1 bad_labels:3",
		at(&entry.Labels{Text: `{a-b="c"}`}, 0, "1"), at(logA, 0, "2"), at(&entry.Labels{Text: `{log="\xff`}, 0, "3"))
	noName := func(name, line string) entry.Entry {
		e := at(logA, 0, line)
		e.Meta = []entry.Pair{{Name: "ok", Value: "1"}, {Name: name, Value: "x"}}
		return e
	}
	f("metadata without a name", limits, Result{Accepted: 3, Dead: 2}, "a:1,3,4", "bad_metadata:2 bad_metadata:5", // Loki says 500
		at(logA, 0, "1"), noName("", "2"), at(logA, 0, "3"), at(logA, 0, "4"), noName("---", "5"))
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
	t.Run("in unknown words", func(t *testing.T) {
		x := setUp(t, poison, nil)
		x.want(x.push(mixed...), Result{Accepted: 96, Dead: 4})
		x.letters("bad_request:poison0 bad_request:poison17 bad_request:poison18 bad_request:poison99")
		if missing, doubles := x.server.Compare(linesOf(mixed, "line"), number); missing != nil || doubles != nil {
			t.Errorf("missing %q, doubles %q", missing, doubles)
		}
	})
	f("a single one in unknown words", poison, Result{Dead: 1}, "", "bad_request:poison", at(logA, 0, "poison"))
	x := setUp(t, limits, nil)
	passing := lokitest.Fault{Status: 413}
	x.server.Script(passing)
	x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1}) // a single entry is asked about twice
	tiny := limits
	tiny.MaxBody = 1000
	f("413", tiny, Result{Accepted: 2, Dead: 1}, "a:"+long(500)+","+long(600), "too_large:"+long(1200),
		at(logA, 0, long(500)), at(logA, 1, long(1200)), at(logA, 2, long(600)))
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

// TestLate: what comes too late for its stream goes to a late stream, whatever
// the number and order; what is too late even there to one of its hour.
func TestLate(t *testing.T) {
	x := setUp(t, limits, nil)
	x.want(x.push(at(logA, 0, "now")), Result{Accepted: 1})
	x.want(x.push(at(logA, -61*time.Minute, "1"), at(logA, -59*time.Minute, "2")), Result{Accepted: 2, Late: 1})
	x.stored("a:2,now a/true:1")
	// An outage of a day, whose chunks come in any order.
	x.want(x.push(at(logA, -20*time.Hour, "3"), at(logA, -10*time.Hour, "4")), Result{Accepted: 2, Late: 2})
	x.want(x.push(at(logA, -23*time.Hour, "5"), at(logA, -24*time.Hour, "6")), Result{Accepted: 2, Late: 2})
	x.stored("a:2,now a/true:1 a/true/2026-11-21T08:6 a/true/2026-11-21T09:5 a/true/2026-11-21T12:3 a/true/2026-11-21T22:4")
	x.letters("")
	if got := x.client.Stats().Late.Load(); got != 5 {
		t.Errorf("%d late entries counted, want 5", got)
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
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if r := x.client.Push(ctx, batchOf(all)); !r.Retry {
			t.Fatalf("ctx is over: %+v", r)
		}
		for range 5 { // whoever pushes next begins where the last push ended
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			r := x.client.Push(ctx, batchOf(all))
			cancel()
			if !r.Retry {
				break
			}
		}
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
		deny = append(deny, lokitest.Fault{}, lokitest.Fault{Status: 503})
	}
	x.server.Script(deny...)
	pushes, accepted, dead := 0, 0, 0
	for again := true; again; pushes++ {
		ctx, cancel := context.WithTimeout(t.Context(), minAttempt)
		r := x.client.Push(ctx, batchOf(all))
		cancel()
		again, accepted, dead = r.Retry, accepted+r.Accepted, dead+r.Dead
	}
	if pushes < 5 || accepted != len(all)-3 || dead != 3 {
		t.Errorf("%d pushes, %d accepted, %d dead; want many, %d, 3", pushes, accepted, dead, len(all)-3)
	}
	x.letters("line_too_long:0123456789 line_too_long:01234567890 line_too_long:0123456789a")
	for _, e := range x.server.Entries() {
		if e.Copies > 2 { // a 400 makes the rest go again, once
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
	everything := lokitest.Options{RefusePush: func([]lokitest.Entry) string { return "bad request" }}
	x := setUp(t, everything, nil)
	r := x.push(lines(logA, 100, now, 1)...)
	x.want(r, Result{Retry: true})
	if !strings.Contains(r.Err.Error(), "nothing was ever accepted here") {
		t.Errorf("error %v", r.Err)
	}
	x.letters("")
	x.want(x.push(lines(logA, probes, now, 1)...), Result{Dead: probes}) // too few to tell
}

// TestRandomFaults: 30 % of the requests go wrong in every way that passes.
// After it all, every line is there, and once: whether the times of a chunk
// are milliseconds or hours apart, and whatever its streams and bodies.
func TestRandomFaults(t *testing.T) {
	var faults []lokitest.Fault
	for _, f := range lokitest.Faults() {
		if f.Partial == 0 {
			faults = append(faults, f)
		}
	}
	for seed, apart := range []time.Duration{time.Millisecond, time.Millisecond, 10 * time.Second, 10 * time.Second} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			x := setUp(t, lokitest.Options{Window: time.Hour}, quick)
			x.server.Random(uint64(seed), 0.3, faults...)
			const n = 3000
			x.pushAll(uint64(seed), lines(logA, n, now, apart))
			missing, doubles := x.server.Compare(numbers(n), number)
			if missing != nil || doubles != nil {
				t.Errorf("%d lines are missing, %d doubled: %.200q %.200q", len(missing), len(doubles), missing, doubles)
			}
		})
	}
}

// TestRandomPartial: among the faults are refusals that make no sense (too far
// behind, though there is nothing to be behind of). Then what was stored, and
// whose answer was lost, may stand in a late stream too; nothing is missing.
func TestRandomPartial(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			x := setUp(t, lokitest.Options{}, quick)
			x.server.Random(seed, 0.3)
			const n = 3000
			x.pushAll(seed, lines(logA, n, now, time.Millisecond))
			missing, _ := x.server.Compare(numbers(n), number)
			_, doubles := x.server.Compare(nil, func(e *lokitest.Entry) string {
				return e.Line + e.Label(labelLate) + e.Label(labelLateHour)
			})
			if missing != nil || doubles != nil {
				t.Errorf("%d lines are missing, %d doubled: %.200q %.200q", len(missing), len(doubles), missing, doubles)
			}
		})
	}
}

// quick makes bodies small and gives up hanging requests soon.
func quick(o *Options) { o.BatchBytes, o.Timeout = minBatchBytes, 30*time.Millisecond }

// pushAll pushes entries in batches of any size, spread over two streams, each
// until it is done.
func (x *fixture) pushAll(seed uint64, all []entry.Entry) {
	x.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range all {
		all[i].Labels = []*entry.Labels{logA, logB}[r.IntN(2)]
		all[i].Meta = []entry.Pair{{Name: "padding", Value: strings.Repeat("x", r.IntN(100))}}
	}
	pushes := 0
	for rest := all; len(rest) > 0; {
		k := min(1+r.IntN(600), len(rest))
		for again := true; again; pushes++ {
			ctx, cancel := context.WithTimeout(x.Context(), 400*time.Millisecond)
			res := x.client.Push(ctx, batchOf(rest[:k]))
			cancel()
			if again = res.Retry; res.Dead > 0 {
				x.Fatalf("%d entries are dead: %+v", res.Dead, x.records())
			}
		}
		rest = rest[k:]
	}
	if got := len(x.server.Requests()); got < 30 {
		x.Errorf("only %d requests", got)
	}
	x.Logf("%d pushes, %d requests, %d late, %d lines of log", pushes, len(x.server.Requests()), x.client.Stats().Late.Load(), len(x.log.messages()))
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
