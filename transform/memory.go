package transform

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// memory is what a Transform keeps from one chunk to the next: the last head
// of each source, and for each chunk that is not acknowledged yet what was
// taken from there (the ledger), so that the chunk gives the same entries when
// it comes again, even after later chunks of the same source.
type memory struct {
	mu     sync.Mutex
	seed   maphash.Seed
	heads  map[string]*remembered
	ledger map[chunkID]*decision
	mails  *mailtrace.Memory // nil if mails are not followed
	tick   uint64            // order of use, for heads and ledger
}

type remembered struct {
	headMemory
	tick uint64
}

// decision holds, by source, what a chunk found in memory when it came first.
type decision struct {
	before map[string]headMemory
	first  int64               // when it came, ns; 0 if no record needed it
	mails  *mailtrace.Recalled // nil if mails are not followed
	tick   uint64
}

// recalled is what a chunk that came before took from the memory of mails.
func (d *decision) recalled() *mailtrace.Recalled {
	if d == nil {
		return nil
	}
	return d.mails
}

// chunkID knows a chunk by its bytes. 64 bits of a seeded hash and the length:
// two different chunks that wait at the same time do not meet.
type chunkID struct {
	hash uint64
	size int
}

const (
	maxHeads = 8192 // sources remembered; those longest unused go first
	// maxLedger is the number of unacknowledged chunks whose decisions are
	// kept. Fluent Bit has at most storage.max_chunks_up (128) chunks in
	// memory; 32 times that covers a long outage with files on disk.
	maxLedger = 4096
)

func (m *memory) init() {
	m.seed = maphash.MakeSeed()
	m.heads = make(map[string]*remembered)
	m.ledger = make(map[chunkID]*decision)
}

func (m *memory) id(tag string, chunk []byte) chunkID {
	var h maphash.Hash
	h.SetSeed(m.seed)
	h.WriteString(tag)
	h.WriteByte(0)
	h.Write(chunk)
	return chunkID{h.Sum64(), len(chunk)}
}

// begin returns the decisions of a chunk that came before, or nil.
func (m *memory) begin(tag string, chunk []byte) *decision {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.ledger) == 0 {
		return nil
	}
	return m.ledger[m.id(tag, chunk)]
}

// recall returns what is remembered of a source for this chunk.
func (r *Run) recall(key string) headMemory {
	if r.retry != nil {
		return r.retry.before[key]
	}
	m := &r.t.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.heads[key]; h != nil {
		return h.headMemory
	}
	return headMemory{}
}

// remember keeps the last heads of a chunk that came for the first time.
func (m *memory) remember(sources []*source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range sources {
		if !s.last.known {
			continue
		}
		m.tick++
		h := m.heads[s.key]
		if h == nil {
			if len(m.heads) >= maxHeads {
				m.dropHeads()
			}
			h = new(remembered)
			m.heads[s.key] = h
		}
		h.headMemory, h.tick = s.last, m.tick
		h.tenant = strings.Clone(h.tenant)
	}
}

// dropHeads forgets the eighth of the heads that is longest unused: to look for
// the oldest one again and again would cost a chunk of many sources minutes.
func (m *memory) dropHeads() {
	ticks := make([]uint64, 0, len(m.heads))
	for _, h := range m.heads {
		ticks = append(ticks, h.tick)
	}
	slices.Sort(ticks)
	last := ticks[len(ticks)/8]
	maps.DeleteFunc(m.heads, func(_ string, h *remembered) bool { return h.tick <= last })
}

// unacknowledged keeps the decisions of a chunk that will come again.
func (m *memory) unacknowledged(r *Run) {
	id := m.id(r.Tag, r.chunk)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tick++
	if d := m.ledger[id]; d != nil {
		d.tick = m.tick
		return
	}
	if len(m.ledger) >= maxLedger {
		m.dropDecision()
	}
	d := &decision{before: make(map[string]headMemory, len(r.order)), tick: m.tick, first: r.first}
	for _, s := range r.order {
		d.before[s.key] = s.before
	}
	m.ledger[id] = d
	if r.mail == nil {
		return
	}
	d.mails = r.mail.Keep()
	for len(m.ledger) > 1 && m.mails.Crowded() {
		m.dropDecision()
	}
}

// dropDecision forgets the chunk that has not come again for the longest time.
func (m *memory) dropDecision() {
	if d := dropOldest(m.ledger, func(d *decision) uint64 { return d.tick }); d != nil && m.mails != nil {
		m.mails.Release(d.mails)
	}
}

func (m *memory) acknowledged(tag string, chunk []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.ledger) == 0 {
		return
	}
	id := m.id(tag, chunk)
	if d := m.ledger[id]; d != nil && m.mails != nil {
		m.mails.Release(d.mails)
	}
	delete(m.ledger, id)
}

// dropOldest removes the value with the lowest tick and returns it.
func dropOldest[K comparable, V any](m map[K]V, tick func(V) uint64) (dropped V) {
	var oldest K
	low := ^uint64(0)
	for k, v := range m {
		if t := tick(v); t < low {
			oldest, dropped, low = k, v, t
		}
	}
	delete(m, oldest)
	return dropped
}
