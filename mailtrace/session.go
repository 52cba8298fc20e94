package mailtrace

// session is what one process does for one connection, or amavis in one job:
// lines without a queue id that stand around lines with one.
type session struct {
	key    key
	mails  []Ref
	from   int    // mails that an earlier chunk had
	closed bool   // its end was seen
	job    bool   // of amavis: all lines are of one mail
	strict bool   // a client: nothing goes on after its mail
	peer   string // of smtpd, "" until a line names it
	lines  int    // without a queue id since the last mail
	time   int64  // of its last line
}

// Place is where a line without a queue id stands in its session. The zero
// Place is nowhere.
type Place struct {
	session int32
	after   int32 // mails of the session before the line
	last    bool  // the line ends the session: it goes with the mail before it
}

// Known reports whether the place is one.
func (p Place) Known() bool { return p.session != 0 }

// Session names what writes lines one after the other.
type Session struct {
	Host    string
	Program string // "submission/smtpd", "smtp", "amavis"
	PID     string // process, or amavis's job
	Client  bool   // Postfix's smtp and lmtp: a line goes with the delivery that follows it
	Job     bool   // amavis: all lines go with the one mail of the job
	Peer    string // of smtpd, "" where the line does not say
}

func (r *Run) sessionKey(s *Session) key { return r.m.key(kindSession, s.Host, s.Program, s.PID) }

// Connect starts a session anew and returns the place of the line that says so.
func (r *Run) Connect(s Session, now int64) Place {
	return r.place(r.newSession(r.sessionKey(&s), &s, now), now)
}

// Line returns the place of a line without a queue id.
func (r *Run) Line(s Session, now int64) Place { return r.place(r.session(&s, now), now) }

// Last returns the place of a line that goes with the mail before it: what
// broke a session off.
func (r *Run) Last(s Session, now int64) Place {
	p := r.Line(s, now)
	p.last = true
	return p
}

// Disconnect is Last for the line that ends a session.
func (r *Run) Disconnect(s Session, now int64) Place {
	p := r.Last(s, now)
	r.sessions[p.session].closed = true
	return p
}

// Handles says that the session is at work on a mail.
func (r *Run) Handles(s Session, ref Ref, now int64) {
	k := r.sessionKey(&s)
	i := r.open[k]
	if i == 0 || r.sessions[i].over(&s) {
		if s.Client { // of clients only those matter that wrote a line without queue id
			return
		}
		i = r.newSession(k, &s, now)
	}
	se := &r.sessions[i]
	se.time = now
	se.met(&s)
	if n := len(se.mails); n > 0 && se.mails[n-1] == ref && se.lines == 0 {
		return
	}
	se.mails = append(se.mails, ref)
	se.lines = 0
}

func (r *Run) place(i int32, now int64) Place {
	se := &r.sessions[i]
	se.time = now
	se.lines++
	r.newest = max(r.newest, now)
	return Place{session: i, after: int32(len(se.mails))}
}

// session finds the session that goes on, or starts one with what an earlier
// chunk knew of it.
func (r *Run) session(s *Session, now int64) int32 {
	k := r.sessionKey(s)
	i, seen := r.open[k]
	if seen && !r.sessions[i].over(s) {
		r.sessions[i].met(s)
		return i
	}
	i = r.newSession(k, s, now)
	if seen || s.Client {
		return i
	}
	if rec, ok := r.recall(k, now); ok {
		ref := r.Mail(s.Host, rec.facts.QueueID, now)
		if !IsLoopback(s.Peer) && OtherPeer(r.mails[ref].facts.ClientIP, s.Peer) {
			return i
		}
		se := &r.sessions[i]
		se.mails, se.from = append(se.mails, ref), 1
	}
	return i
}

// over reports whether a line is of a later session of the same process.
func (se *session) over(s *Session) bool {
	return se.closed && !s.Job || OtherPeer(se.peer, s.Peer)
}

// met keeps the peer, once a line names it.
func (se *session) met(s *Session) {
	if se.peer == "" {
		se.peer = s.Peer
	}
}

func (r *Run) newSession(k key, s *Session, now int64) int32 {
	i := int32(len(r.sessions))
	if len(r.sessions) < cap(r.sessions) {
		r.sessions = r.sessions[:i+1]
	} else {
		r.sessions = append(r.sessions, session{})
	}
	se := &r.sessions[i]
	*se = session{key: k, mails: se.mails[:0], job: s.Job, strict: s.Client, peer: s.Peer, time: now}
	r.open[k] = i
	return i
}

// At returns the mail that a line without a queue id belongs to, as far as the
// chunk shows it. A line of a server that starts something goes with the mail
// that the session takes next, one that ends it with the mail it took last.
func (r *Run) At(p Place) Ref {
	se := &r.sessions[p.session]
	n := int(p.after)
	switch {
	case p.session == 0 || len(se.mails) == 0:
	case se.job:
		return se.mails[len(se.mails)-1]
	case p.last && n > 0:
		return se.mails[n-1]
	case !p.last && n < len(se.mails):
		return se.mails[n]
	}
	return 0
}
