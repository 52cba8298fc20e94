package loki

import (
	"sync/atomic"

	"github.com/zimbraloki/zimbraloki/internal/metrics"
)

// Stats counts what a client did since it was made. All counters only grow.
type Stats struct {
	Pushes   atomic.Int64 // batches pushed
	Retries  atomic.Int64 // … of which the caller was told to push again
	Requests atomic.Int64 // HTTP requests sent
	Again    atomic.Int64 // … of which were repeated within a push
	Splits   atomic.Int64 // bodies cut in half: too large, or to find what was refused
	RawBytes atomic.Int64 // bodies that Loki took, before compression
	Bytes    atomic.Int64 // … as sent
	Accepted atomic.Int64 // entries that Loki has
	Late     atomic.Int64 // … of which stand in a late stream

	Duration metrics.Histogram // of a request, its answer read

	verdicts [len(answerNames)]atomic.Int64
	dead     [numReasons]atomic.Int64
}

// Dead returns how many entries Loki refused for good for a reason.
func (s *Stats) Dead(r Reason) int64 { return s.dead[r].Load() }

// DeadTotal returns how many entries Loki refused for good.
func (s *Stats) DeadTotal() (n int64) {
	for i := range s.dead {
		n += s.dead[i].Load()
	}
	return n
}

// answerNames are the names of the verdicts, as counted.
var answerNames = [...]string{"ok", "retry", "config", "too_large", "refused"}

// Answers returns the ways in which a request can end.
func Answers() []string { return answerNames[:] }

// Answers returns how often a request ended in each way. Every way is there
// from the start.
func (s *Stats) Answers() map[string]int64 {
	m := make(map[string]int64, len(s.verdicts))
	for i, name := range answerNames {
		m[name] = s.verdicts[i].Load()
	}
	return m
}
