package mailtrace

// Ref names a mail of a Run; the zero Ref none.
type Ref int32

// Run follows the mails of one chunk. It belongs to one goroutine. The strings
// it is given must stay valid until Close.
type Run struct {
	m        *Memory
	again    bool           // the chunk came before
	retry    map[key]record // what the first run of it took
	recalled []byte         // what this one took, encoded

	mails    []mail // by Ref; the first stands for none
	current  map[key]Ref
	last     latest
	sessions []session // the first stands for none
	open     map[key]int32
	boxes    []mailbox
	box      map[key]int32
	newest   int64 // time of the newest line that named anything
}

// latest is the mail of the line before: mostly that of this one too.
type latest struct {
	host, id string
	ref      Ref
}

// mail is a mail as far as this chunk and what was recalled tell.
type mail struct {
	key      key
	facts    Facts
	state    state
	time     int64
	origin   Ref // the mail that it was before a content filter
	about    Ref // the mail that it is a notification about
	before   Ref // the mail that had its queue id before
	after    Ref // of a mail without a queue id: the one that it is after a filter
	resolved bool
	changed  bool
	old      bool // the memory will forget it soon
	replaced bool // its queue id names another mail now, or it has none
}

func newRun(m *Memory) *Run {
	return &Run{
		m: m, mails: make([]mail, 1), sessions: make([]session, 1),
		current: map[key]Ref{}, open: map[key]int32{}, box: map[key]int32{},
	}
}

// Begin starts to follow a chunk. rc is what a Run of the same chunk took
// before, nil if it comes for the first time.
func (m *Memory) Begin(rc *Recalled) *Run {
	r := m.runs.Get().(*Run)
	if rc == nil {
		return r
	}
	r.again, r.retry = true, make(map[key]record)
	for b := rc.data; len(b) > 0; {
		rec := decode(b)
		r.retry[rec.key] = rec
		b = b[rec.size:]
	}
	return r
}

// recall finds what is known of k from earlier chunks.
func (r *Run) recall(k key, now int64) (rec record, ok bool) {
	if r.again {
		rec, ok = r.retry[k]
		return rec, ok
	}
	if rec, ok = r.m.recall(k, now); ok {
		r.recalled = rec.encode(r.recalled)
	}
	return rec, ok
}

// Mail returns the mail that has the queue id on host. now is the time of the
// line, in ns.
func (r *Run) Mail(host, queueID string, now int64) Ref {
	ref, seen := r.find(host, queueID, now)
	if seen {
		return ref
	}
	m := &r.mails[ref]
	if rec, ok := r.recall(m.key, now); ok {
		m.facts, m.state, m.time, m.old = rec.facts, rec.state, max(rec.time, now), rec.old
	}
	return ref
}

// find returns the mail that has the queue id in this chunk, a new one if it
// has not been seen.
func (r *Run) find(host, queueID string, now int64) (ref Ref, seen bool) {
	r.newest = max(r.newest, now)
	if r.last.ref != 0 && r.last.id == queueID && r.last.host == host {
		ref = r.last.ref
	} else {
		k := r.m.key(kindMail, host, queueID, "")
		if ref, seen = r.current[k]; !seen {
			ref = r.add(mail{key: k, facts: Facts{QueueID: queueID}, time: now})
			r.last = latest{host, queueID, ref}
			return ref, false
		}
		r.last = latest{host, queueID, ref}
	}
	m := &r.mails[ref]
	m.time = max(m.time, now)
	return ref, true
}

func (r *Run) add(m mail) Ref {
	ref := Ref(len(r.mails))
	r.mails = append(r.mails, m)
	r.current[m.key] = ref
	return ref
}

// Start is Mail for the line with which a mail comes into the queue: smtpd's
// client=, pickup's uid=. A mail that had the queue id before is another one.
func (r *Run) Start(host, queueID string, now int64) Ref {
	ref, _ := r.find(host, queueID, now) // what an earlier chunk knew is of another mail
	if r.mails[ref].seen().anotherBegins() {
		ref = r.another(ref, now)
	}
	r.set(ref, begun)
	return ref
}

// another gives the queue id of ref to a new mail.
func (r *Run) another(ref Ref, now int64) Ref {
	m := &r.mails[ref]
	m.replaced = true
	r.last.ref = 0
	return r.add(mail{key: m.key, facts: Facts{QueueID: m.facts.QueueID}, time: now, before: ref})
}

func (m *mail) seen() Seen {
	s := Seen{Begun: m.state&begun != 0, Ended: m.state&ended != 0}
	if m.state&ownID != 0 {
		s.MessageID = m.facts.MessageID
	}
	return s
}

func (r *Run) set(ref Ref, s state) {
	if m := &r.mails[ref]; m.state&s != s {
		m.state |= s
		m.changed = true
	}
}

// Identify is Mail for the line that names the message-id, cleanup's. It starts
// another mail if the one before had ended or has another id: then the first
// line of this one was not seen.
func (r *Run) Identify(host, queueID, messageID string, now int64) Ref {
	ref := r.Mail(host, queueID, now)
	if r.mails[ref].seen().anotherHas(messageID) {
		ref = r.another(ref, now)
	}
	r.set(ref, ownID)
	r.learn(ref, &r.mails[ref].facts.MessageID, messageID)
	return ref
}

// learn sets a fact of ref if v is not empty.
func (r *Run) learn(ref Ref, fact *string, v string) {
	if v != "" && *fact != v {
		*fact = v
		r.mails[ref].changed = true
	}
}

// Known adds what a line says of the mail; empty values say nothing. A
// message-id does not replace one that the mail's own line gave.
func (r *Run) Known(ref Ref, f Facts) {
	m := &r.mails[ref]
	if m.facts.MessageID == "" {
		r.learn(ref, &m.facts.MessageID, f.MessageID)
	}
	r.learn(ref, &m.facts.From, f.From)
	r.learn(ref, &m.facts.User, f.User)
	r.learn(ref, &m.facts.ClientIP, f.ClientIP)
}

// End says that Postfix has removed the mail.
func (r *Run) End(ref Ref) { r.set(ref, ended) }

// Link says that child is what a content filter on the same host made of
// parent.
func (r *Run) Link(child, parent Ref) {
	if child != parent && r.mails[child].origin == 0 {
		r.mails[child].origin = parent
	}
}

// Notifies says that child is a notification about parent: a bounce, or a
// notice of delay.
func (r *Run) Notifies(child, parent Ref) {
	if child != parent && r.mails[child].about == 0 {
		r.mails[child].about = parent
	}
}

// Resolve completes the mails by what the ones before them know. It is called
// after the last line, or where no more lines can wait for what follows.
func (r *Run) Resolve() {
	for ref := range r.mails {
		r.mails[ref].resolved = false
	}
	for ref := 1; ref < len(r.mails); ref++ {
		r.resolve(Ref(ref), 8) // more filters than any chain has
	}
}

func (r *Run) resolve(ref Ref, depth int) {
	m := &r.mails[ref]
	if m.resolved || depth == 0 {
		return
	}
	m.resolved = true
	if m.about != 0 {
		r.resolve(m.about, depth-1)
		r.learn(ref, &m.facts.OriginalMessageID, r.mails[m.about].facts.MessageID)
	}
	if m.after != 0 {
		r.resolve(m.after, depth-1)
		id := m.facts.MessageID
		m.facts = r.mails[m.after].facts
		m.facts.QueueID = ""
		r.learn(ref, &m.facts.MessageID, id)
	}
	if m.origin == 0 {
		return
	}
	r.resolve(m.origin, depth-1)
	from := &r.mails[m.origin].facts
	// The first hop is the origin's: what this one has is the filter's.
	r.learn(ref, &m.facts.ClientIP, from.ClientIP)
	r.learn(ref, &m.facts.User, from.User)
	r.learn(ref, &m.facts.OriginalMessageID, from.OriginalMessageID)
	if m.facts.From == "" {
		r.learn(ref, &m.facts.From, from.From)
	}
	if m.facts.MessageID == "" {
		r.learn(ref, &m.facts.MessageID, from.MessageID)
	}
}

// Of returns what is known of a mail, nothing for the zero Ref. The result is
// valid until Close.
func (r *Run) Of(ref Ref) *Facts { return &r.mails[ref].facts }
