package mailtrace

import "time"

// jobSlack is how long before the end of a chunk a job of amavis may have had
// its last line to be kept: what it still writes comes at once or never.
const jobSlack = int64(time.Second)

// Commit hands on to the memory what the chunk taught. It does nothing for a
// chunk that came before.
func (r *Run) Commit() {
	if r.again {
		return
	}
	m := r.m
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range r.mails {
		if ml := &r.mails[i]; (ml.changed || ml.old) && !ml.replaced {
			m.store(&record{key: ml.key, kind: kindMail, state: ml.state, time: ml.time, facts: ml.facts})
		}
	}
	for i := range r.sessions {
		r.commitSession(&r.sessions[i])
	}
	for i := range r.boxes {
		b := &r.boxes[i]
		if b.changed || b.old {
			m.store(&record{key: b.key, kind: kindMailbox, state: b.state, time: b.time, facts: Facts{User: b.user}})
		}
		if b.state&ambiguous != 0 || b.user != "" {
			m.slot(b.key).Store(m.mark(b.key, b.user, b.state))
		}
	}
	m.shrink()
}

func (r *Run) commitSession(se *session) {
	rec := record{key: se.key, kind: kindSession, time: se.time}
	switch {
	case se.key == 0 || se.strict:
		return
	case se.closed:
		if _, ok := r.m.index[se.key]; !ok {
			return
		}
		rec.state = forgotten
	case len(se.mails) == se.from, se.job && r.newest-se.time > jobSlack:
		return
	default:
		rec.facts.QueueID = r.mails[se.mails[len(se.mails)-1]].facts.QueueID
		if rec.facts.QueueID == "" {
			return
		}
	}
	r.m.store(&rec)
}

// Keep returns what the run took from the memory, for when the chunk comes
// again; the caller releases it.
func (r *Run) Keep() *Recalled { return r.m.hold(r.recalled) }

// Close ends the run and drops every view into the chunk.
func (r *Run) Close() {
	clear(r.mails)
	clear(r.boxes)
	clear(r.current)
	clear(r.open)
	clear(r.box)
	for i := range r.sessions {
		se := &r.sessions[i]
		*se = session{mails: se.mails[:0]}
	}
	r.mails, r.sessions, r.boxes, r.recalled = r.mails[:1], r.sessions[:1], r.boxes[:0], r.recalled[:0]
	r.again, r.retry, r.newest, r.last = false, nil, 0, latest{}
	r.m.runs.Put(r)
}
