package pipeline

import (
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/metrics"
)

// stats counts what became of chunks.
type stats struct {
	results     [len(resultNames)]atomic.Int64
	duration    metrics.Histogram // of a flush
	lastSuccess atomic.Int64      // ns since 1970
	keptChunks  atomic.Int64      // whole or in part, in the dead-letter file
	lostChunks  atomic.Int64      // the same with the file turned off
}

// flushed counts a flush that began at start.
func (s *stats) flushed(r Result, start time.Time) {
	s.duration.Since(start)
	s.results[r].Add(1)
	if r == OK {
		s.lastSuccess.Store(time.Now().UnixNano())
	}
}
