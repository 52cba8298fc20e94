package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zimbraloki/zimbraloki/loki"
)

// TestPush: how long is waited after each answer, and how it ends.
func TestPush(t *testing.T) {
	away := loki.Result{Retry: true, Err: &loki.PushError{Retry: true, Status: 503}}
	slow := loki.Result{Retry: true, Err: &loki.PushError{Retry: true, Status: 429}, After: 2 * time.Minute}
	disk := loki.Result{Retry: true, Err: errors.New("dead letter: no space left")}
	wrong := loki.Result{Retry: true, Err: &loki.PushError{Status: 401, Cure: "check http_user"}}
	f := func(results []loki.Result, waits string, sum loki.Result, want string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			var waited []string
			var whole time.Duration
			n := 0
			got, err := Push(t.Context(), func(context.Context) loki.Result { n++; return results[n-1] }, func(why error, d time.Duration) {
				if !errors.Is(why, results[n-1].Err) {
					t.Errorf("waits for %v, the push said %v", why, results[n-1].Err)
				}
				waited = append(waited, d.String())
				whole += d
			})
			if s := strings.Join(waited, " "); s != waits || time.Since(begin) != whole {
				t.Errorf("waited %s, %v in all; want %s", s, time.Since(begin), waits)
			}
			if got != sum || n != len(results) {
				t.Errorf("sum %+v of %d pushes, want %+v of %d", got, n, sum, len(results))
			}
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
	f([]loki.Result{{Accepted: 2, Late: 1}}, "", loki.Result{Accepted: 2, Late: 1}, "")
	part := away
	part.Accepted, part.Dead = 3, 1
	f([]loki.Result{part, disk, {Accepted: 1}}, "500ms 1s", loki.Result{Accepted: 4, Dead: 1}, "")
	f([]loki.Result{slow, away, {}}, "2m0s 1s", loki.Result{}, "")
	f([]loki.Result{away, away, away, away, away, away, away, away, {}}, "500ms 1s 2s 4s 8s 16s 30s 30s", loki.Result{}, "")
	f([]loki.Result{wrong}, "", loki.Result{}, "nothing more is sent: cannot push to : status 401 (check http_user)")
	f([]loki.Result{away, wrong}, "500ms", loki.Result{}, "check http_user")
}

// TestEnd: the end of the context ends a wait at once, and no push.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := Push(ctx, func(ctx context.Context) loki.Result {
			if _, ok := ctx.Deadline(); ok {
				t.Error("a push would be cut off")
			}
			return loki.Result{Retry: true, Err: fmt.Errorf("away")}
		}, func(error, time.Duration) {})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 3*time.Second {
			t.Errorf("error %v after %v", err, time.Since(begin))
		}
		if _, err := Push(ctx, func(context.Context) loki.Result { t.Error("pushed"); return loki.Result{} }, nil); err == nil {
			t.Error("no error")
		}
	})
}

// TestPushEnds: a push that hangs ends a while after ctx, not before.
func TestPushEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := Push(ctx, func(ctx context.Context) loki.Result {
			<-ctx.Done()
			return loki.Result{Retry: true, Err: &loki.PushError{Retry: true}}
		}, func(error, time.Duration) {})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != time.Minute+endGrace {
			t.Errorf("%v after %v", err, took)
		}
	})
}
