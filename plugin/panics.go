package main

import (
	"hash/maphash"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// maxPanics is how often a chunk may panic before it goes to the dead letter.
	maxPanics = 3
	// maxPanicChunks bounds the chunks that are remembered, the oldest goes
	// first. It only has to cover the chunks that Fluent Bit brings again at
	// the same time.
	maxPanicChunks = 256
	// maxPanicSites bounds the places whose stack counts as printed.
	maxPanicSites = 16
	// maxPanicFrames bounds a printed stack.
	maxPanicFrames = 16
)

// panicLedger remembers which chunks panicked, and where. Chunks are known by
// a hash of tag and bytes: Fluent Bit brings a retry byte for byte, but not
// always at the same address.
type panicLedger struct {
	mu     sync.Mutex
	seed   maphash.Seed
	counts map[uint64]int // never more than maxPanicChunks
	order  []uint64       // the keys of counts, oldest first
	sites  []string       // never more than maxPanicSites
}

func newPanicLedger() panicLedger {
	return panicLedger{seed: maphash.MakeSeed(), counts: map[uint64]int{}}
}

// count notes one panic of the chunk and returns how many there were.
func (l *panicLedger) count(tag string, chunk []byte) int {
	key := l.key(tag, chunk)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts[key] == 0 {
		if len(l.order) == maxPanicChunks {
			delete(l.counts, l.order[0])
			l.order = slices.Delete(l.order, 0, 1)
		}
		l.order = append(l.order, key)
	}
	l.counts[key]++
	return l.counts[key]
}

// forget drops the chunk. While nothing panicked it costs a lock.
func (l *panicLedger) forget(tag string, chunk []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return
	}
	key := l.key(tag, chunk)
	delete(l.counts, key)
	l.order = slices.DeleteFunc(l.order, func(k uint64) bool { return k == key })
}

// firstAt says whether the stack is new; past the limit none is.
func (l *panicLedger) firstAt(stack string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sites) == maxPanicSites || slices.Contains(l.sites, stack) {
		return false
	}
	l.sites = append(l.sites, stack)
	return true
}

func (l *panicLedger) key(tag string, chunk []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	_, _ = h.WriteString(tag)
	_ = h.WriteByte(0)
	_, _ = h.Write(chunk)
	return h.Sum64()
}

// panicStack describes the frames below a panic for a deferred function, the
// innermost first, in one line: "loki.(*Client).Push client.go:88 < …".
func panicStack() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	var names []string
	seen := false // whether the frames of the deferred functions are behind us
	for {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if seen && !inRuntime && f.Function != "" {
			names = append(names, frameName(f))
		}
		seen = seen || f.Function == "runtime.gopanic"
		if !more || len(names) == maxPanicFrames || strings.HasSuffix(f.Function, ".(*instance).flush") || strings.HasSuffix(f.Function, ".(*filterInstance).apply") {
			return strings.Join(names, " < ")
		}
	}
}

func frameName(f runtime.Frame) string {
	name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
	return name + " " + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
}
