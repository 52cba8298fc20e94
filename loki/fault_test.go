package loki

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

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
func quick(o *Options) { o.BatchBytes, o.Timeout = minBatchBytes, 100*time.Millisecond }

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
			ctx, cancel := context.WithTimeout(x.Context(), time.Second)
			res := x.client.Push(ctx, batchOf(rest[:k]))
			cancel()
			if again = res.Retry; res.Dead > 0 || pushes > 1000 {
				x.Fatalf("%d pushes, %d entries are dead: %+v", pushes, res.Dead, x.records())
			}
		}
		rest = rest[k:]
	}
	if got := len(x.server.Requests()); got < 30 {
		x.Errorf("only %d requests", got)
	}
	x.Logf("%d pushes, %d requests, %d late, %d lines of log", pushes, len(x.server.Requests()), x.client.Stats().Late.Load(), len(x.log.messages()))
}
