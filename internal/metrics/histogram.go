package metrics

import (
	"sync/atomic"
	"time"
)

// bounds are the upper bounds of a Histogram's buckets: from a Loki next door
// to the longest flush_timeout that makes sense.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Histogram counts durations. The zero value is ready to use, by several
// goroutines.
type Histogram struct {
	buckets [len(bounds) + 1]atomic.Int64 // the last one has no bound
	sum     atomic.Int64                  // ns
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
}

// Since counts the time from start until now.
func (h *Histogram) Since(start time.Time) { h.Observe(time.Since(start)) }
