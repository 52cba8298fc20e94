package mailtrace

// mailbox is what is known of a mailbox id on its host.
type mailbox struct {
	user    string
	state   state
	time    int64
	changed bool
}

func (r *Run) mailbox(host, id string, now int64) *mailbox {
	k := key{kind: kindMailbox, host: host, id: id}
	b := r.boxes[k]
	if b == nil {
		if n := len(r.free); n > 0 {
			b, r.free = r.free[n-1], r.free[:n-1]
		} else {
			b = new(mailbox)
		}
		*b = mailbox{}
		if rec := r.recall(k, now); rec != nil {
			b.user, b.state, b.time = rec.facts.User, rec.state, rec.time
		}
		r.boxes[k] = b
	}
	b.time = max(b.time, now)
	return b
}

// Owner says that a line names user and the id of a mailbox together. An id
// that was seen with two names gives none from then on: better no answer than
// a wrong one.
func (r *Run) Owner(host, id, user string, now int64) {
	b := r.mailbox(host, id, now)
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

// OwnerOf returns the name that lines before gave with the id, or "".
func (r *Run) OwnerOf(host, id string, now int64) string {
	return r.mailbox(host, id, now).user
}
