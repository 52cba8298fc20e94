package mailtrace

// mailbox is what is known of a mailbox id on its host.
type mailbox struct {
	key     key
	user    string
	state   state
	time    int64
	changed bool
	old     bool
}

func (r *Run) mailbox(host, id string, now int64) *mailbox {
	k := r.m.key(kindMailbox, host, id, "")
	i, ok := r.box[k]
	if !ok {
		i = int32(len(r.boxes))
		b := mailbox{key: k}
		if rec, ok := r.recall(k, now); ok {
			b.user, b.state, b.time, b.old = rec.facts.User, rec.state, rec.time, rec.old
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
