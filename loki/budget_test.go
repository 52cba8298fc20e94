package loki

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// TestBudget: whatever the server does, a push ends within the time that its
// context leaves, and uses it if trying again can help.
func TestBudget(t *testing.T) {
	const budget = 4 * time.Second
	f := func(name string, timeout time.Duration, answer transport, tries [2]int, took [2]time.Duration, after time.Duration) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c, _ := offline(t, func(r *http.Request) (*http.Response, error) { n++; return answer(r) }, func(o *Options) { o.Timeout = timeout })
				ctx, cancel := context.WithTimeout(t.Context(), budget)
				defer cancel()
				start := time.Now()
				r := c.Push(ctx, batchOf([]entry.Entry{at(logA, 0, "1")}))
				if d := time.Since(start); d < took[0] || d > took[1] || d > budget {
					t.Errorf("took %v, want between %v and %v", d, took[0], took[1])
				}
				if n < tries[0] || n > tries[1] {
					t.Errorf("%d tries, want between %d and %d", n, tries[0], tries[1])
				}
				if !r.Retry || r.Err == nil || r.After != after {
					t.Errorf("result %+v, want a retry after %v", r, after)
				}
			})
		})
	}
	hang := func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }
	status := func(code int, header ...string) transport {
		return func(*http.Request) (*http.Response, error) { return response(code, "", header...) }
	}
	slowBody := func(r *http.Request) (*http.Response, error) {
		resp, err := response(400, "")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) { // a byte a second, for ever
			select {
			case <-r.Context().Done():
				return 0, r.Context().Err()
			case <-time.After(time.Second):
				p[0] = 'x'
				return 1, nil
			}
		}))
		return resp, err
	}
	dur := func(a, b time.Duration) [2]time.Duration { return [2]time.Duration{a, b} }
	s := time.Second
	f("hangs", 0, hang, [2]int{1, 1}, dur(budget, budget), 0)
	f("hangs, with a timeout", s, hang, [2]int{2, 4}, dur(2*s, budget), 0)
	f("slow answer", 0, slowBody, [2]int{1, 2}, dur(budget, budget), 0)
	f("503", s, status(503), [2]int{4, 12}, dur(s, budget), 0)
	f("429", s, status(429), [2]int{4, 12}, dur(s, budget), 0)
	f("refused", s, func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }, [2]int{4, 12}, dur(s, budget), 0)
	f("Retry-After 1", s, status(429, "Retry-After", "1"), [2]int{4, 4}, dur(3*s, 3*s), s)
	f("Retry-After 3", s, status(503, "Retry-After", "3"), [2]int{2, 2}, dur(3*s, 3*s), 3*s)
	f("Retry-After 60", s, status(503, "Retry-After", "60"), [2]int{1, 1}, dur(0, 0), time.Minute)
	f("Retry-After a year", s, status(503, "Retry-After", "31536000"), [2]int{1, 1}, dur(0, 0), maxRetryAfter)
	f("401", s, status(401), [2]int{1, 1}, dur(0, 0), 0)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestBudgetOfSearch: the search for refused entries ends with the budget, and
// comes to its end over several pushes, with one letter for each.
func TestBudgetOfSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(r *http.Request) (*http.Response, error) {
			select {
			case <-r.Context().Done():
				return nil, r.Context().Err()
			case <-time.After(10 * time.Millisecond):
				return response(400, "words that nobody knows")
			}
		}
		c, _ := offline(t, refuse, nil)
		c.taken.Store(true)
		dead, pushes := 0, 0
		for again := true; again; pushes++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			r := c.Push(ctx, batchOf(lines(logA, 500, now, 1)))
			cancel()
			if time.Since(start) > time.Second {
				t.Fatalf("took %v", time.Since(start))
			}
			dead, again = dead+r.Dead, r.Retry && pushes < 1000
		}
		if dead != 500 || pushes < 10 {
			t.Errorf("%d letters in %d pushes, want 500 in many", dead, pushes)
		}
	})
}

// TestNoDeadline: without one, a push gives up after maxTries.
func TestNoDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c, _ := offline(t, func(*http.Request) (*http.Response, error) { n++; return response(503, "") }, nil)
		if r := c.Push(context.Background(), batchOf([]entry.Entry{at(logA, 0, "1")})); !r.Retry || n != maxTries {
			t.Errorf("%d tries, result %+v", n, r)
		}
	})
}

// TestOutage: during an outage the first push tries for its whole budget, the
// later ones once, so that a queue of them ends soon; the log says each error
// once, and the recovery once.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, answer := 0, transport(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED })
		c, log := offline(t, func(r *http.Request) (*http.Response, error) { n++; return answer(r) }, nil)
		push := func(want bool) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			if r := c.Push(ctx, batchOf([]entry.Entry{at(logA, 0, "1")})); r.Retry == want {
				t.Errorf("result %+v", r)
			}
			time.Sleep(time.Second)
		}
		push(false)
		if n < 4 {
			t.Errorf("%d tries of the first push", n)
		}
		n = 0
		start := time.Now()
		for range 10 {
			push(false)
		}
		if n != 10 || time.Since(start) != 10*time.Second {
			t.Errorf("%d tries of 10 more pushes in %v", n, time.Since(start))
		}
		answer = func(*http.Request) (*http.Response, error) { return response(401, "no org id") }
		push(false)
		push(false)
		answer = func(*http.Request) (*http.Response, error) { return response(204, "") }
		push(true)
		push(true)
		got := strings.Join(log.messages(), "|")
		const want = "cannot deliver, will be tried again|cannot deliver, will be tried again|Loki takes entries again"
		if got != want {
			t.Errorf("log\n got %s\nwant %s", got, want)
		}
		for _, s := range []string{"connection refused", "set tenant_id", "failures=13", "duration=13s"} {
			if !strings.Contains(log.String(), s) {
				t.Errorf("%q is not in the log:\n%s", s, log)
			}
		}
	})
}

// TestBodyLimit: too much at once makes bodies smaller, success larger again.
func TestBodyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst = 100_000 // bytes that may come at once, though never so many before
		most := 0
		c, _ := offline(t, func(r *http.Request) (*http.Response, error) {
			most = max(most, int(r.ContentLength))
			if r.ContentLength > burst {
				return response(429, "ingestion rate limit exceeded")
			}
			return response(204, "")
		}, func(o *Options) { o.Compress = "none" })
		all := lines(logA, 5000, now, time.Millisecond)
		for i := range all {
			all[i].Line += strings.Repeat("x", 100)
		}
		pushes := 0
		for again := true; again; pushes++ {
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			again = c.Push(ctx, batchOf(all)).Retry && pushes < 1000
			cancel()
		}
		if most < 5*burst || pushes > 6 {
			t.Errorf("%d pushes, bodies of up to %d bytes", pushes, most)
		}
		small := c.limit.get()
		for range 2000 {
			c.Push(t.Context(), batchOf(all[:1]))
		}
		if got := c.limit.get(); small >= DefaultBatchBytes || got != DefaultBatchBytes {
			t.Errorf("limit %d, later %d", small, got)
		}
	})
}

// TestLedgerIsBounded: endless failing batches cost bounded memory.
func TestLedgerIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("fills the memory of a ledger: not with -short")
	}
	var l ledger
	for i := range 10 * maxLedger {
		b := batchOf([]entry.Entry{{Time: int64(i), Labels: logA}})
		b.chain()
		l.save(b, 0, progress{done: 1})
		if i%3 == 0 {
			l.forget(b)
		}
	}
	if len(l.of) > maxLedger || len(l.order) > 2*maxLedger || int(l.n.Load()) != len(l.of) {
		t.Errorf("%d streams and %d keys are remembered, counted %d", len(l.of), len(l.order), l.n.Load())
	}
}

// TestProgressSet plays random steps against a plain model.
func TestProgressSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		refs := make([]int32, 50)
		for i := range refs {
			refs[i] = int32(100 + i)
		}
		var p progress
		settled := make(map[int32]bool)
		for p.done < len(refs) {
			left := refs[p.done:]
			var losses []loss
			for _, ref := range left {
				if r.IntN(10) == 0 && !settled[ref] {
					losses = append(losses, loss{ref: ref})
					settled[ref] = true
				}
			}
			p.settle(left, losses)
			n := 1 + r.IntN(len(left))
			pending := p.pending(left[:n])
			for _, ref := range left[:n] {
				if !settled[ref] {
					if len(pending) == 0 || pending[0] != ref {
						t.Fatalf("pending %v, want %d next", pending, ref)
					}
					pending = pending[1:]
				}
			}
			if len(pending) > 0 {
				t.Fatalf("%v are settled, but pending", pending)
			}
			p.advance(n)
		}
	}
}

// TestLongAnswers: of an answer ten times as long as is read, the entries that
// it names in what is read are found, and all others arrive; a wait is capped; a
// batch of ten times a body goes in bodies that are not larger.
func TestLongAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		most := 0
		refuse := true
		c, _ := offline(t, func(r *http.Request) (*http.Response, error) {
			most = max(most, int(r.ContentLength))
			if refuse {
				return response(503, strings.Repeat("x", 10*maxRefusalText), "Retry-After", "3000")
			}
			return response(204, "")
		}, func(o *Options) { o.Compress = "none" })
		all := lines(logA, 10, now, time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := c.Push(ctx, batchOf(all))
		if !r.Retry || r.After != maxRetryAfter || len(r.Err.Error()) > 4*maxQuoted {
			t.Errorf("retry %t after %s, an error of %d bytes", r.Retry, r.After, len(r.Err.Error()))
		}
		refuse = false
		time.Sleep(maxRetryAfter)
		all = lines(logA, 10*DefaultBatchBytes>>10, now, time.Millisecond)
		for i := range all {
			all[i].Line += strings.Repeat("x", 1<<10)
		}
		if r := c.Push(t.Context(), batchOf(all)); r.Accepted != len(all) || most > DefaultBatchBytes+64<<10 {
			t.Errorf("%+v, %d entries; bodies of up to %d bytes", r, len(all), most)
		}
	})
}
