package loki

import (
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Batch collects the entries of one flush. The zero value is ready to use; a
// batch that is reused with Reset allocates nothing once it has grown. It is
// used by one goroutine at a time.
type Batch struct {
	arena    []byte   // all entries, encoded (appendEntry), in the order of Add
	refs     []ref    // one per entry, in the order of Add
	streams  []stream // in the order of their first entries
	tenants  []string // in the order of their first entries
	byLabels map[*entry.Labels]int32
	last     int32  // 1 + stream of the newest entry; 0: none
	fates    []Fate // of the parts, see Mark

	// Scratch of Push.
	chains   []int32       // entries stream by stream, each sorted by time
	progress []progress    // by stream
	raw      []byte        // a body before compression
	body     []byte        // a body as sent, JSON
	zip      snappyBlock   // a body as sent, protobuf
	sent     *atomic.Int32 // readers of body that the transport still holds
	gz       *gzip.Writer
	late     *Batch // entries that go once more in late streams
}

// ref is one entry.
type ref struct {
	time   int64 // ns
	off    int   // in arena
	size   int32 // in bytes, with tag and length
	stream int32
	next   int32 // next entry of the stream, -1 at the end
	part   int32 // see Mark
}

// stream is one label set of one tenant.
type stream struct {
	labels *entry.Labels
	origin *entry.Labels // labels before late="true" was added; nil: the same
	tenant int32         // in tenants
	// sameLabels is 1 + the next stream with these labels and another tenant;
	// 0: none.
	sameLabels int32
	head, tail int32 // entries
	n          int32
	unsorted   bool // an entry is older than the one before it
	from       int  // in chains
}

// Limits of what Reset keeps, several times of what a chunk of 2 MB needs.
const (
	maxKeptArena   = 32 << 20 // bytes
	maxKeptBody    = 8 << 20  // bytes
	maxKeptRefs    = 1 << 18  // entries
	maxKeptStreams = 1 << 12
)

// Reset empties b, and gives back the memory of an unusually large batch.
func (b *Batch) Reset() {
	b.arena = reuse(b.arena, maxKeptArena)
	b.refs = reuse(b.refs, maxKeptRefs)
	b.chains = reuse(b.chains, maxKeptRefs)
	b.raw = reuse(b.raw, maxKeptBody)
	b.body = reuse(b.body, maxKeptBody)
	b.zip.dst = reuse(b.zip.dst, maxKeptBody)
	if len(b.byLabels) > maxKeptStreams {
		b.byLabels = nil
	}
	clear(b.byLabels)
	// The labels belong to the caller: no reference to them may stay.
	clear(b.streams)
	clear(b.tenants)
	b.streams = reuse(b.streams, maxKeptStreams)
	b.tenants = reuse(b.tenants, maxKeptStreams)
	b.progress = reuse(b.progress, maxKeptStreams)
	b.last = 0
	b.fates = b.fates[:0]
	if b.late != nil {
		b.late.Reset()
	}
}

// reuse empties s, or drops it if it can hold more than limit elements.
func reuse[T any](s []T, limit int) []T {
	if cap(s) > limit {
		return nil
	}
	return s[:0]
}

// Len returns how many entries b holds.
func (b *Batch) Len() int { return len(b.refs) }

// Bytes returns the size of the encoded entries in bytes, before compression
// and without their labels.
func (b *Batch) Bytes() int { return len(b.arena) }

// Add encodes e into b. It copies what it needs but the labels, which must
// live, unchanged, until Reset.
func (b *Batch) Add(e *entry.Entry) {
	s := b.last - 1
	if s < 0 || b.streams[s].labels != e.Labels || b.tenants[b.streams[s].tenant] != e.Tenant {
		s = b.findStream(e.Labels, nil, e.Tenant)
	}
	off := len(b.arena)
	b.arena = appendEntry(b.arena, e)
	b.link(s, off, e.Time)
}

// Fate is what became of a part of a batch: entries in a late stream and in the
// dead-letter file.
type Fate struct{ Late, Dead int }

// Mark begins a part: the entries that are added from now on. It returns its
// number, to ask Fate for.
func (b *Batch) Mark() int {
	b.fates = append(b.fates, Fate{})
	return len(b.fates) - 1
}

// Fate says what became of a part in all pushes so far.
func (b *Batch) Fate(part int) Fate { return b.fates[part] }

// addEncoded adds entry i of from to the stream labels, of which the entries'
// own labels were origin.
func (b *Batch) addEncoded(from *Batch, i int32, labels, origin *entry.Labels) {
	r := &from.refs[i]
	s := b.findStream(labels, origin, from.tenants[from.streams[r.stream].tenant])
	off := len(b.arena)
	b.arena = append(b.arena, from.encoded(i)...)
	b.link(s, off, r.time)
	b.refs[len(b.refs)-1].part = r.part
}

// link makes the bytes of arena from off on the newest entry of stream s.
func (b *Batch) link(s int32, off int, time int64) {
	i := int32(len(b.refs))
	b.refs = append(b.refs, ref{time: time, off: off, size: int32(len(b.arena) - off), stream: s, next: -1, part: int32(len(b.fates) - 1)})
	st := &b.streams[s]
	if st.n == 0 {
		st.head = i
	} else {
		tail := &b.refs[st.tail]
		tail.next = i
		st.unsorted = st.unsorted || time < tail.time
	}
	st.tail = i
	st.n++
	b.last = s + 1
}

// findStream returns the stream of labels and tenant, a new one if needed.
func (b *Batch) findStream(labels, origin *entry.Labels, tenant string) int32 {
	first, ok := b.byLabels[labels]
	for s := first; ok; s = b.streams[s].sameLabels - 1 {
		if b.tenants[b.streams[s].tenant] == tenant {
			return s
		}
		if b.streams[s].sameLabels == 0 {
			break
		}
	}
	if b.byLabels == nil {
		b.byLabels = make(map[*entry.Labels]int32)
	}
	s := int32(len(b.streams))
	b.streams = append(b.streams, stream{labels: labels, origin: origin, tenant: b.findTenant(tenant)})
	if ok {
		b.streams[s].sameLabels = b.streams[first].sameLabels
		b.streams[first].sameLabels = s + 1
	} else {
		b.byLabels[labels] = s
	}
	return s
}

// findTenant returns the index of a tenant, of whose name it keeps a copy.
func (b *Batch) findTenant(name string) int32 {
	for i, t := range b.tenants {
		if t == name {
			return int32(i)
		}
	}
	b.tenants = append(b.tenants, strings.Clone(name))
	return int32(len(b.tenants) - 1)
}

// encoded returns the bytes of entry i. They are valid until the next Add.
func (b *Batch) encoded(i int32) []byte {
	r := &b.refs[i]
	return b.arena[r.off : r.off+int(r.size)]
}
