package mailtrace

import (
	"strings"
	"time"
)

// jobSlack is how long before the end of a chunk a job of amavis may have had
// its last line to be kept: what it still writes comes at once or never.
const jobSlack = int64(time.Second)

// touch is how much later a line may name an entry that has not changed before
// the memory is told; it keeps entries in use from being the oldest.
const touch = int64(time.Hour)

// Commit hands on to the memory what the chunk taught. It does nothing for a
// chunk that came before.
func (r *Run) Commit() {
	if r.retry != nil {
		return
	}
	m := r.m
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, ref := range r.current {
		ml := &r.mails[ref]
		if old := m.table[k]; ml.changed || old != nil && ml.time-old.time > touch {
			m.keep(k, &ml.facts, ml.state, ml.time)
		}
	}
	for k, i := range r.open {
		r.commitSession(k, &r.sessions[i])
	}
	for k, b := range r.boxes {
		if old := m.table[k]; b.changed || old != nil && b.time-old.time > touch {
			m.keep(k, &Facts{User: b.user}, b.state, b.time)
		}
	}
	m.shrink()
}

func (r *Run) commitSession(k key, se *session) {
	switch {
	case se.strict:
	case se.closed:
		r.m.remove(k)
	case len(se.mails) > se.from && (!se.job || r.newest-se.time <= jobSlack):
		id := r.mails[se.mails[len(se.mails)-1]].key.id
		r.m.keep(k, &Facts{QueueID: id}, 0, se.time)
	}
}

// keep stores a record of k; a name longer than any host or id is not kept.
func (m *Memory) keep(k key, f *Facts, s state, now int64) {
	if len(k.host) <= longest && len(k.id) <= longest && len(k.pid) <= longest {
		m.store(newRecord(k, f, s, now))
	}
}

// newRecord copies all text to one piece of memory of its own.
func newRecord(k key, f *Facts, s state, now int64) *record {
	rec := &record{key: k, facts: *f, state: s, time: now}
	rec.facts.QueueID = ""
	texts := [...]*string{&rec.key.host, &rec.key.id, &rec.key.pid, &rec.facts.MessageID, &rec.facts.OriginalMessageID,
		&rec.facts.From, &rec.facts.User, &rec.facts.ClientIP, &rec.facts.QueueID}
	if k.kind == kindSession {
		rec.facts.QueueID = f.QueueID
	}
	var b strings.Builder
	for _, t := range texts {
		if len(*t) > longest {
			*t = ""
		}
		rec.size += len(*t)
	}
	b.Grow(rec.size)
	for _, t := range texts {
		b.WriteString(*t)
	}
	whole := b.String()
	for _, t := range texts {
		n := len(*t)
		*t, whole = whole[:n], whole[n:]
	}
	if k.kind == kindMail {
		rec.facts.QueueID = rec.key.id
	}
	rec.size += recordSize
	return rec
}

// Keep returns what the run took from the memory, for when the chunk comes
// again; the caller releases it.
func (r *Run) Keep() *Recalled { return r.m.pin(r.recalled) }

// Close ends the run and drops every view into the chunk.
func (r *Run) Close() {
	clear(r.recalled)
	clear(r.mails)
	clear(r.current)
	clear(r.open)
	for _, b := range r.boxes {
		*b = mailbox{}
		r.free = append(r.free, b)
	}
	clear(r.boxes)
	for i := range r.sessions {
		se := &r.sessions[i]
		*se = session{mails: se.mails[:0]}
	}
	r.mails, r.sessions, r.recalled = r.mails[:1], r.sessions[:1], r.recalled[:0]
	r.retry, r.newest = nil, 0
	r.m.runs.Put(r)
}
