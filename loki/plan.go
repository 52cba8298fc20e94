package loki

import (
	"cmp"
	"slices"
	"time"
)

// A push holds entries of one stream only. Of a push with several streams Loki
// reports what its ingester refuses (too far behind, per-stream rate, number
// of streams) for the last stream alone: the others' losses hide behind a 204
// (v3.7.8 pkg/ingester/instance.go, Push). With one stream the answer is true.

// piece is what one push holds: entries of one stream, sorted by time.
type piece struct {
	stream int32
	refs   []int32
}

// bodySpan is how far apart in time the entries of one body may be. Loki
// refuses what is older than the newest entry of its stream by more than
// max_chunk_age/2, an hour by default. A body that was stored, and whose
// answer got lost, is sent again: if its own newest entry has moved that limit
// past its oldest, Loki refuses what it has, and it would end in the late
// stream a second time. 50 minutes leave room for what others push meanwhile.
const bodySpan = 50 * time.Minute

// maxSpans bounds how many bodies a stream of widely spread times is cut into:
// beyond it they span more than bodySpan.
const maxSpans = 16

// chain writes the entries into b.chains stream by stream, each stream sorted
// by time; entries of one instant keep their order. Of a sorted body Loki
// refuses as "too far behind" only what was so before this push, and those are
// the first ones.
func (b *Batch) chain() {
	b.chains = slices.Grow(b.chains[:0], len(b.refs))
	for i := range b.streams {
		s := &b.streams[i]
		s.from = len(b.chains)
		for r, n := s.head, s.n; n > 0; r, n = b.refs[r].next, n-1 {
			b.chains = append(b.chains, r)
		}
		if s.unsorted {
			slices.SortStableFunc(b.chains[s.from:], func(x, y int32) int {
				return cmp.Compare(b.refs[x].time, b.refs[y].time)
			})
		}
	}
}

// entries returns the entries of a stream, sorted. Call chain first.
func (b *Batch) entries(stream int32) []int32 {
	s := &b.streams[stream]
	return b.chains[s.from : s.from+int(s.n)]
}

// span returns how far apart the entries of one body of a stream may be.
func (b *Batch) span(refs []int32) time.Duration {
	if len(refs) == 0 {
		return bodySpan
	}
	// As unsigned: the difference of any two times fits.
	whole := uint64(b.refs[refs[len(refs)-1]].time) - uint64(b.refs[refs[0]].time)
	return max(bodySpan, time.Duration(whole/maxSpans+1))
}

// cut returns how many of refs go into the next body: what fits into limit
// bytes before compression and into span, at least one.
func (b *Batch) cut(stream int32, refs []int32, limit int, span time.Duration) int {
	size := streamHead + len(b.streams[stream].labels.Text)
	first := uint64(b.refs[refs[0]].time)
	for i, r := range refs {
		ref := &b.refs[r]
		size += int(ref.size)
		if i > 0 && (size > limit || uint64(ref.time)-first > uint64(span)) {
			return i
		}
	}
	return len(refs)
}

// streamHead is the most that a stream adds to a body besides its labels and
// entries, in bytes: two tags and two lengths.
const streamHead = 2 + 2*5
