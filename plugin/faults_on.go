//go:build zimbraloki_faults

package main

import (
	"context"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/pipeline"
)

// faulty is a flusher with bugs, for the tests of the border to C. The tag of a
// chunk says which bug it meets.
type faulty struct {
	flusher
	mu   sync.Mutex
	seen map[string]bool
}

// withFaults lets f panic for chunks whose tag begins with
//
//	fault.panic  every time
//	fault.nil    every time, by a nil dereference
//	fault.once   the first time that the tag is seen, by a nil dereference
func withFaults(f flusher) flusher { return &faulty{flusher: f, seen: map[string]bool{}} }

func (f *faulty) Flush(ctx context.Context, tag string, chunk []byte) pipeline.Result {
	switch {
	case strings.HasPrefix(tag, "fault.panic"):
		panic("injected")
	case strings.HasPrefix(tag, "fault.nil"), strings.HasPrefix(tag, "fault.once") && f.first(tag):
		var p *int
		*p = len(chunk)
	}
	return f.flusher.Flush(ctx, tag, chunk)
}

// KeepChunk passes on to the flusher inside, as the instance would ask it.
func (f *faulty) KeepChunk(tag string, chunk []byte, reason string) error {
	return f.flusher.(chunkKeeper).KeepChunk(tag, chunk, reason)
}

func (f *faulty) first(tag string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.seen[tag]
	f.seen[tag] = true
	return !seen
}

// faultyFilter is a filter with bugs, by the same tags.
type faultyFilter struct{ chunkFilter }

// withFilterFaults lets c panic as withFaults does.
func withFilterFaults(c chunkFilter) chunkFilter { return faultyFilter{c} }

func (f faultyFilter) Apply(tag string, chunk []byte) ([]byte, bool) {
	switch {
	case strings.HasPrefix(tag, "fault.panic"):
		panic("injected")
	case strings.HasPrefix(tag, "fault.nil"):
		var p *int
		*p = len(chunk)
	}
	return f.chunkFilter.Apply(tag, chunk)
}
