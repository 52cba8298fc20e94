package mailtrace

import (
	"hash/maphash"
	"sync"
	"time"
)

// Options bound a Memory. The zero value of a field takes its default.
type Options struct {
	Entries int           // mails, sessions and mailboxes; 0 means DefaultEntries
	Age     time.Duration // since the last line that named one; 0 means DefaultAge
}

// Defaults of Options. A mail that cannot be delivered stays in Postfix's queue
// for five days (maximal_queue_lifetime in postconf(5)), and each attempt is
// one more line of it.
const (
	DefaultEntries = 100_000
	DefaultAge     = 5 * 24 * time.Hour
)

const (
	// entryBytes is what an entry may take on average, what replaced it and
	// its place in the index included: with the default number 60 MB.
	entryBytes = 600
	indexBytes = 48 // of the 600: key and value of a Go map at its emptiest
	// segments is into how many pieces the memory is cut: the oldest piece is
	// forgotten as a whole.
	segments = 64
	// endedAge is how long a mail is known after Postfix removed it: lines of
	// other programs may reach syslog later. The queue id itself may be taken
	// by another mail at once; that mail's first line says so.
	endedAge = 10 * time.Minute
	// sessionAge bounds a connection whose end was not seen, and a job of
	// amavis: process ids come again.
	sessionAge = time.Hour
)

// Facts are what is known of one mail. Values are as the transform's metadata
// has them.
type Facts struct {
	MessageID         string // "<id@host>"
	OriginalMessageID string // of the mail that this one is a notification about
	QueueID           string
	From              string // envelope sender, "<>" for none
	User              string // who logged in to submit it; of a mailbox its owner
	ClientIP          string // of the first hop
}

// kind tells what a key names.
type kind uint8

const (
	kindMail    kind = iota + 1 // host, queue id
	kindSession                 // host, program, and process or job
	kindMailbox                 // host, mailbox id
)

// key names an entry by 64 bits of a seeded hash: two names that are in use at
// the same time do not meet.
type key uint64

// state of an entry.
type state uint8

const (
	begun     state = 1 << iota // the first line of the mail was seen
	ended                       // Postfix removed it
	ownID                       // its message-id is from a line of its own
	ambiguous                   // of a mailbox: several names were seen
	forgotten                   // of a session: it ended
	absent                      // of a mailbox in a Recalled: a line asked, and found none
)

// Memory keeps facts from chunk to chunk: entries one behind the other in
// segments that only grow, and an index of the latest of each name. It may be
// used by several goroutines.
type Memory struct {
	maxEntries  int
	maxBytes    int // of segments and Recalled
	segmentSize int
	age         int64
	seed        maphash.Seed
	known       knownOwners

	mu    sync.Mutex
	index map[key]place
	segs  []segment // oldest first
	first uint32    // number of segs[0]
	bytes int       // capacity of all segments
	held  int       // bytes of what Recalled hold
	runs  sync.Pool
}

// segment is a piece of the memory. Its bytes never change once they are
// written, so what was read from it may point into it.
type segment struct {
	data []byte
	live int // entries that the index names
}

// place is where an entry starts.
type place struct{ seg, offset uint32 }

// New makes a Memory.
func New(o Options) *Memory {
	if o.Entries <= 0 {
		o.Entries = DefaultEntries
	}
	if o.Age <= 0 {
		o.Age = DefaultAge
	}
	m := &Memory{
		maxEntries: o.Entries, maxBytes: o.Entries * (entryBytes - indexBytes), age: int64(o.Age),
		seed: maphash.MakeSeed(), index: make(map[key]place),
	}
	m.segmentSize = max(m.maxBytes/segments, 16*longestEntry)
	m.runs.New = func() any { return newRun(m) }
	return m
}

// key returns the key of a name; id is made of up to two parts.
func (m *Memory) key(k kind, host, id, id2 string) key {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	h := maphash.String(m.seed, id) + uint64(k)
	h = h*odd ^ h>>29 ^ maphash.String(m.seed, host)
	if id2 != "" {
		h = h*odd ^ h>>29 ^ maphash.String(m.seed, id2)
	}
	return key(h)
}

// Size returns the number of entries and the bytes that the memory takes, those
// held for chunks that will come again included.
func (m *Memory) Size() (entries, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.index), m.bytes + m.held + len(m.index)*indexBytes
}

// recall returns the entry of a name. now is the time of the line that asks, in ns.
func (m *Memory) recall(k key, now int64) (rec record, ok bool) {
	m.mu.Lock()
	p, ok := m.index[k]
	if ok {
		rec = decode(m.segs[p.seg-m.first].data[p.offset:])
		rec.old = int(p.seg-m.first) < len(m.segs)/2
	}
	m.mu.Unlock()
	if !ok || rec.state&forgotten != 0 || now-rec.time > m.lifetime(&rec) {
		return record{}, false
	}
	return rec, true
}

func (m *Memory) lifetime(rec *record) int64 {
	switch {
	case rec.kind == kindSession:
		return min(m.age, int64(sessionAge))
	case rec.state&ended != 0:
		return min(m.age, int64(endedAge))
	}
	return m.age
}

// store writes an entry; m.mu is held.
func (m *Memory) store(rec *record) {
	n := len(m.segs)
	if n == 0 || len(m.segs[n-1].data)+longestEntry > m.segmentSize {
		m.segs = append(m.segs, segment{data: make([]byte, 0, m.segmentSize)})
		m.bytes += m.segmentSize
		n++
	}
	s := &m.segs[n-1]
	if p, ok := m.index[rec.key]; ok {
		m.segs[p.seg-m.first].live--
	}
	m.index[rec.key] = place{m.first + uint32(n-1), uint32(len(s.data))}
	s.data = rec.encode(s.data)
	s.live++
}

// shrink forgets the oldest segments until the bounds hold; m.mu is held. One
// segment always stays.
func (m *Memory) shrink() {
	for len(m.segs) > 1 && (len(m.index) > m.maxEntries || m.bytes+m.held > m.maxBytes) {
		m.dropSegment()
	}
}

func (m *Memory) dropSegment() {
	s := &m.segs[0]
	for at := 0; at < len(s.data) && s.live > 0; {
		rec := decode(s.data[at:])
		if p := m.index[rec.key]; p.seg == m.first && p.offset == uint32(at) {
			delete(m.index, rec.key)
			s.live--
			if rec.kind == kindMailbox {
				m.slot(rec.key).Store(0)
			}
		}
		at += rec.size
	}
	m.bytes -= cap(s.data)
	m.segs[0] = segment{}
	m.segs = m.segs[1:]
	m.first++
}

// Recalled is what a Run took from the memory, for when its chunk comes again.
type Recalled struct {
	data []byte // entries one behind the other
}

// hold makes a Recalled of entries, which it copies.
func (m *Memory) hold(entries []byte) *Recalled {
	rc := &Recalled{data: append([]byte(nil), entries...)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held += len(rc.data)
	m.shrink()
	return rc
}

// Release says that a Recalled is not wanted any more; nil is allowed.
func (m *Memory) Release(rc *Recalled) {
	if rc == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held -= len(rc.data)
}

// Crowded reports whether half of the memory is held for chunks that will come
// again: the oldest of them should be released.
func (m *Memory) Crowded() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held > m.maxBytes/2
}
