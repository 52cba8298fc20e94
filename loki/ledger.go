package loki

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// ledger remembers how far a push came that did not succeed, so that pushing
// the same batch again goes on from there: what Loki has is not sent again
// (its window may have moved on, and it would be stored a second time as
// late), what stands in the dead-letter file is not written there twice, and
// the search for refused entries makes progress however short the budget is.
//
// It is bounded, and forgetting is harmless: what is sent again is dropped by
// Loki as a duplicate. Safe for concurrent use.
type ledger struct {
	n  atomic.Int32 // len(of), to be asked without the lock
	mu sync.Mutex
	of map[ledgerKey]progress
	// order holds the keys, the oldest first; some may be gone from of.
	order []ledgerKey
}

// ledgerKey is the hash of a stream of a batch: tenant, labels and entries in
// order. 128 bits: a collision would lose entries.
type ledgerKey [2]uint64

// progress is how much of a stream needs no more sending.
type progress struct {
	done    int     // the first done entries
	settled []int32 // places, beyond done, of entries that were refused and kept elsewhere
}

// maxLedger bounds the streams that are remembered: hundreds of chunks.
const maxLedger = 4096

var ledgerSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// key hashes a stream of b. Call b.chain first.
func key(b *Batch, stream int32) (k ledgerKey) {
	s := &b.streams[stream]
	for i, seed := range ledgerSeeds {
		var h maphash.Hash
		h.SetSeed(seed)
		maphash.WriteComparable(&h, b.tenants[s.tenant])
		maphash.WriteComparable(&h, s.labels.Text)
		for _, r := range b.entries(stream) {
			h.Write(b.encoded(r)) // never fails
		}
		k[i] = h.Sum64()
	}
	return k
}

// load returns the progress of a stream.
func (l *ledger) load(b *Batch, stream int32) progress {
	if l.n.Load() == 0 {
		return progress{}
	}
	k := key(b, stream)
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.of[k]
	return progress{p.done, append([]int32(nil), p.settled...)}
}

// save remembers the progress of a stream.
func (l *ledger) save(b *Batch, stream int32, p progress) {
	if p.done == 0 && len(p.settled) == 0 {
		return
	}
	k := key(b, stream)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = make(map[ledgerKey]progress)
	}
	if _, ok := l.of[k]; !ok {
		l.order = append(l.order, k)
	}
	l.of[k] = progress{p.done, append([]int32(nil), p.settled...)}
	for len(l.of) > maxLedger || len(l.order) > 2*maxLedger {
		delete(l.of, l.order[0])
		l.order = l.order[1:]
	}
	l.n.Store(int32(len(l.of)))
}

// forget drops what is remembered of the streams of b.
func (l *ledger) forget(b *Batch) {
	if l.n.Load() == 0 {
		return
	}
	for s := range b.streams {
		k := key(b, int32(s))
		l.mu.Lock()
		delete(l.of, k)
		if len(l.of) == 0 {
			l.order = nil
		}
		l.n.Store(int32(len(l.of)))
		l.mu.Unlock()
	}
}

// settle notes that the entries that were lost, out of refs, are refused and
// kept elsewhere. refs is what follows the done entries.
func (p *progress) settle(refs []int32, losses []loss) {
	gone := make(map[int32]bool, len(losses))
	for i := range losses {
		gone[losses[i].ref] = true
	}
	for i, r := range refs {
		if gone[r] {
			p.settled = append(p.settled, int32(p.done+i))
		}
	}
}

// pending returns the entries of refs that are not settled. refs is what
// follows the done entries.
func (p *progress) pending(refs []int32) []int32 {
	if len(p.settled) == 0 {
		return refs
	}
	gone := make(map[int32]bool, len(p.settled))
	for _, at := range p.settled {
		gone[at] = true
	}
	left := make([]int32, 0, len(refs))
	for i, r := range refs {
		if !gone[int32(p.done+i)] {
			left = append(left, r)
		}
	}
	return left
}

// advance notes that the next n entries need no more sending.
func (p *progress) advance(n int) {
	p.done += n
	left := p.settled[:0]
	for _, at := range p.settled {
		if int(at) >= p.done {
			left = append(left, at)
		}
	}
	p.settled = left
}
