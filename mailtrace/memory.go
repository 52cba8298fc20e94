package mailtrace

import (
	"sync"
	"time"
	"unsafe"
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
	// entryBytes is what an entry may take on average, its strings and its
	// share of the index included: with the default number of entries 60 MB.
	entryBytes = 600
	// endedAge is how long a mail is known after Postfix removed it: lines of
	// other programs may reach syslog later. The queue id itself may be taken
	// by another mail at once; that mail's first line says so.
	endedAge = 10 * time.Minute
	// sessionAge bounds a connection whose end was not seen, and a job of
	// amavis: process ids come again.
	sessionAge = time.Hour
	// longest is the size of a fact worth keeping, in bytes: a longer
	// message-id (RFC 5322 allows 998) is known within its chunk only.
	longest = 512
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
	kindMail    kind = iota // host, queue id
	kindSession             // host, program and process or job
	kindMailbox             // host, mailbox id
)

// key names an entry.
type key struct {
	kind     kind
	host, id string
	pid      string // of a session
}

// record is one entry. It never changes once it is in the memory, so a
// Recalled may share it.
type record struct {
	key   key
	facts Facts
	state state
	time  int64 // of the last line that named it, ns
	size  int   // bytes, an estimate that errs to the high side

	older, newer *record // in the order of use, while in the table
	stored       bool    // in the table
	pins         int     // Recalled that hold it
}

// state of a mail.
type state uint8

const (
	begun     state = 1 << iota // its first line was seen
	ended                       // Postfix removed it
	ownID                       // its message-id is from a line of its own
	ambiguous                   // of a mailbox: several names were seen
)

// recordSize is what a record takes without its text: itself, its key in the
// index with the index's free places, and what the allocator rounds up.
const recordSize = int(unsafe.Sizeof(record{})) + 2*int(unsafe.Sizeof(key{})) + 32

// Memory keeps facts from chunk to chunk. It may be used by several goroutines.
type Memory struct {
	maxEntries int
	maxBytes   int
	age        int64

	mu             sync.Mutex
	table          map[key]*record
	oldest, newest *record
	bytes          int // of the table, and of records that only Recalled hold
	pinned         int // of records that Recalled hold
	runs           sync.Pool
}

// New makes a Memory.
func New(o Options) *Memory {
	if o.Entries <= 0 {
		o.Entries = DefaultEntries
	}
	if o.Age <= 0 {
		o.Age = DefaultAge
	}
	m := &Memory{maxEntries: o.Entries, maxBytes: o.Entries * entryBytes, age: int64(o.Age), table: make(map[key]*record)}
	m.runs.New = func() any { return newRun(m) }
	return m
}

// Size returns the number of entries and the bytes that they take, those held
// for chunks that will come again included.
func (m *Memory) Size() (entries, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.table), m.bytes
}

// recall returns the entry that k names, or nil. now is the time of the line
// that asks, in ns.
func (m *Memory) recall(k key, now int64) *record {
	m.mu.Lock()
	rec := m.table[k]
	m.mu.Unlock()
	if rec == nil || now-rec.time > m.lifetime(rec) {
		return nil
	}
	return rec
}

func (m *Memory) lifetime(rec *record) int64 {
	switch {
	case rec.key.kind == kindSession:
		return min(m.age, int64(sessionAge))
	case rec.state&ended != 0:
		return min(m.age, int64(endedAge))
	}
	return m.age
}

// store puts rec in the place of what its key named; m.mu is held.
func (m *Memory) store(rec *record) {
	m.remove(rec.key)
	rec.stored = true
	m.table[rec.key] = rec
	rec.older = m.newest
	if m.newest != nil {
		m.newest.newer = rec
	} else {
		m.oldest = rec
	}
	m.newest = rec
	m.bytes += rec.size
}

// remove takes the entry of k out of the table; m.mu is held.
func (m *Memory) remove(k key) {
	rec := m.table[k]
	if rec == nil {
		return
	}
	delete(m.table, k)
	if rec.older != nil {
		rec.older.newer = rec.newer
	} else {
		m.oldest = rec.newer
	}
	if rec.newer != nil {
		rec.newer.older = rec.older
	} else {
		m.newest = rec.older
	}
	rec.older, rec.newer, rec.stored = nil, nil, false
	if rec.pins == 0 {
		m.bytes -= rec.size
	}
}

// shrink drops the entries longest unused until the bounds hold; m.mu is held.
func (m *Memory) shrink() {
	for m.oldest != nil && (len(m.table) > m.maxEntries || m.bytes > m.maxBytes) {
		m.remove(m.oldest.key)
	}
}

// Recalled is what a Run took from the memory. It holds its records until
// Release.
type Recalled struct {
	records []*record
}

// pin makes a Recalled of what a run took.
func (m *Memory) pin(records []*record) *Recalled {
	m.mu.Lock()
	defer m.mu.Unlock()
	rc := &Recalled{records: append([]*record(nil), records...)}
	for _, rec := range rc.records {
		if rec.pins++; rec.pins == 1 {
			m.pinned += rec.size
			if !rec.stored {
				m.bytes += rec.size
			}
		}
	}
	m.shrink()
	return rc
}

// Release lets go of what rc holds; nil is allowed.
func (m *Memory) Release(rc *Recalled) {
	if rc == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rec := range rc.records {
		if rec.pins--; rec.pins == 0 {
			m.pinned -= rec.size
			if !rec.stored {
				m.bytes -= rec.size
			}
		}
	}
}

// Crowded reports whether half of the memory is held for chunks that will come
// again: the oldest of them should be released.
func (m *Memory) Crowded() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pinned > m.maxBytes/2
}
