package mailtrace

import (
	"hash/maphash"
	"sync/atomic"
)

// mailbox is what is known of a mailbox id on its host.
type mailbox struct {
	key     key
	user    string
	state   state
	time    int64
	changed bool
	old     bool
}

// begin finds or makes the mailbox of k; asked says that a line depends on it.
func (r *Run) begin(k key, now int64, asked bool) *mailbox {
	i, ok := r.box[k]
	if !ok {
		i = int32(len(r.boxes))
		b := mailbox{key: k}
		if rec, ok := r.recall(k, now); ok {
			b.user, b.state, b.time, b.old = rec.facts.User, rec.state&^absent, rec.time, rec.old
		} else if asked && !r.again {
			rec := record{key: k, kind: kindMailbox, state: absent}
			r.recalled = rec.encode(r.recalled)
		}
		r.boxes = append(r.boxes, b)
		r.box[k] = i
	}
	b := &r.boxes[i]
	b.time = max(b.time, now)
	return b
}

// Owner says that a line names user and the id of a mailbox together. An id
// that was seen with two names gives none from then on: better no answer than
// a wrong one.
func (r *Run) Owner(host, id, user string, now int64) {
	k := r.m.key(kindMailbox, host, id, "")
	if r.passes(k, user) {
		return
	}
	b := r.begin(k, now, false)
	switch b.user {
	case user:
	case "":
		if b.state&ambiguous == 0 {
			b.user, b.changed = user, true
		}
	default:
		b.user, b.state, b.changed = "", b.state|ambiguous, true
	}
}

// passes reports whether a name tells nothing new, and did not the first time.
// A chunk that comes again may not ask the memory, which goes on: it takes each
// name for new, unless the first time a later line asked and found none. Then
// this one had passed.
func (r *Run) passes(k key, user string) bool {
	if !r.again {
		slot := r.m.slot(k).Load()
		return slot == r.m.mark(k, user, 0) || slot == r.m.mark(k, "", ambiguous)
	}
	_, begun := r.box[k]
	return !begun && r.retry[k].state&absent != 0
}

// OwnerOf returns the name that lines before gave with the id, or "".
func (r *Run) OwnerOf(host, id string, now int64) string {
	return r.begin(r.m.key(kindMailbox, host, id, ""), now, true).user
}

// knownSlots is of how many mailboxes it can be told without a look at the
// index that the memory has what a line says; they take 128 KB.
const knownSlots = 1 << 14

type knownOwners [knownSlots]atomic.Uint64

// slot holds the mark of a mailbox, or that of another one.
func (m *Memory) slot(k key) *atomic.Uint64 { return &m.known[k%knownSlots] }

// mark stands for an owner, or for there being several.
func (m *Memory) mark(k key, user string, s state) uint64 {
	if s&ambiguous != 0 {
		return uint64(k) | 1
	}
	return (uint64(k) ^ maphash.String(m.seed, user)) &^ 1
}
