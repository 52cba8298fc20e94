// Package deliver pushes until Loki has everything, for commands that somebody
// watches: it waits while Loki is away, and ends when only a person can help.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/loki"
)

// The waits between two tries. Loki may ask for a longer one.
const (
	firstWait = 500 * time.Millisecond
	maxWait   = 30 * time.Second
)

// Push calls push until its result is not to be repeated. Between two calls it
// waits, each time twice as long, and tells waits why and for how long. The
// result is the sum of all calls.
//
// It ends with an error if ctx ends, or if the error of a push says that
// waiting does not help (loki.PushError.Retry). The context that push gets ends
// a while after ctx: what is on its way may finish, but a Loki that does not
// answer holds nobody who wants to end.
func Push(ctx context.Context, push func(context.Context) loki.Result, waits func(why error, d time.Duration)) (sum loki.Result, err error) {
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		r := bounded(ctx, push)
		sum.Accepted, sum.Late, sum.Dead = sum.Accepted+r.Accepted, sum.Late+r.Late, sum.Dead+r.Dead
		if !r.Retry {
			return sum, nil
		}
		if p, ok := errors.AsType[*loki.PushError](r.Err); ok && !p.Retry {
			return sum, fmt.Errorf("nothing more is sent: %w", r.Err)
		}
		d := max(wait, r.After)
		waits(r.Err, d)
		if err := Sleep(ctx, d); err != nil {
			return sum, err
		}
	}
}

// endGrace is how long a push may go on once ctx has ended. What it did not
// finish is sent again, with the same bytes.
const endGrace = 3 * time.Second

// bounded calls push with a context that ends endGrace after ctx.
func bounded(ctx context.Context, push func(context.Context) loki.Result) loki.Result {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(endGrace, cancel) })()
	return push(inner)
}

// Sleep waits for d; an error if ctx ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
