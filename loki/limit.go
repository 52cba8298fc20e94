package loki

import "sync/atomic"

// bodyLimit is how large a body may be before compression. It shrinks when
// Loki or a proxy finds bodies too large (413), or too much at once (429: a
// body larger than the burst that a tenant has could never pass), and grows
// again while all goes well. Safe for concurrent use.
type bodyLimit struct {
	most    int
	current atomic.Int64
	passed  atomic.Int64 // bodies taken since the last change
}

// growAfter is how many bodies must pass before the limit doubles.
const growAfter = 64

func newBodyLimit(most int) *bodyLimit {
	l := &bodyLimit{most: most}
	l.current.Store(int64(most))
	return l
}

func (l *bodyLimit) get() int { return int(l.current.Load()) }

// shrink notes that a body of size bytes was too much.
func (l *bodyLimit) shrink(size int) {
	l.passed.Store(0)
	l.current.Store(int64(max(min(l.get(), size)/2, minBatchBytes)))
}

// ok notes that a body passed.
func (l *bodyLimit) ok() {
	now := l.get()
	if now < l.most && l.passed.Add(1) >= growAfter {
		l.passed.Store(0)
		l.current.Store(int64(min(2*now, l.most)))
	}
}
