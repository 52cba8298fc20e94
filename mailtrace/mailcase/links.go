package mailcase

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// awaited is what a line has said of a queue id before any line of it came.
type awaited struct {
	mail  *Case
	about bool // it is a notification about the mail, not the mail
}

// session is a connection to smtpd.
type session struct {
	open []*Event // since the mail that it took last
	last *Group
	peer string
}

// over reports whether a line is of a later session of the same process.
func (s *session) over(l *mailtrace.Line) bool {
	return l.Step() == mailtrace.Opens || mailtrace.OtherPeer(s.peer, l.Peer())
}

// met keeps the peer, once a line names it.
func (s *session) met(l *mailtrace.Line) {
	if s.peer == "" {
		s.peer = l.Peer()
	}
}

// postfix takes a line of Postfix: the mail that has its queue id gets it.
func (c *Cases) postfix(e *Event) {
	l := &c.line
	if l.QueueID == "" {
		c.collator.Add(e)
		c.place(e)
		if l.Outcome == "rejected" {
			c.refused(e)
		}
		return
	}
	k := hostID{l.Host, l.QueueID}
	if g := c.byQueue[k]; g != nil && g.seen.Another(l) {
		c.collator.forget(g)
		delete(c.byQueue, k)
	}
	got := c.collator.Add(e)
	g := c.byQueue[k]
	switch {
	case g == nil && l.Outcome == "rejected" && c.asked(e):
		c.refused(e)
		return
	case g == nil: // its first lines were not seen
		c.collator.adopt(e)
		g = c.byQueue[k]
	case got == g && (!g.Complete || l.Ends()):
		c.grow(caseOf(g), e)
	default:
		c.extra(caseOf(g), []*Event{e})
	}
	if l.Ends() && !g.Complete { // by postsuper, which collate.pl does not know
		g.Complete = true
		c.collator.forget(g)
		c.ended(g)
	}
	e.owner = g
	c.learn(g)
	c.links(g)
	if l.Component == "smtpd" {
		c.takes(g)
	}
}

// learn keeps what the line says of its group's queue id.
func (c *Cases) learn(g *Group) {
	l := &c.line
	g.seen.Begun = g.seen.Begun || l.Begins()
	g.seen.Ended = g.seen.Ended || l.Ends()
	if id := l.Identifies(); id != "" {
		g.seen.MessageID = id
	}
	if l.Component == "qmgr" && l.From != "" {
		g.from = l.From
	}
}

// started takes a group that the collator begins. It is a mail, unless the
// queue id is that of one that is known: a bounce's line may come after all of
// the notification's, the first line after one that was taken for the first.
func (c *Cases) started(g *Group) {
	k := hostID{g.Host, g.QueueID}
	old := c.byQueue[k]
	if old != nil {
		if c.line.QueueID != g.QueueID {
			c.collator.forget(g)
			c.extra(caseOf(old), g.Events)
			return
		}
		c.replace(old, g)
		return
	}
	mail := &Case{Groups: []*Group{g}, open: 1}
	mail.place = c.order.PushBack(mail)
	g.mail = mail
	c.byQueue[k] = g
	for _, e := range g.Events {
		switch id := e.Get("queue_id"); {
		case id == "" && e.Get("outcome") == "rejected": // takes has it
		case id == "" || id == g.QueueID || id == c.line.QueueID:
			c.grow(mail, e)
		}
	}
	if w, ok := c.awaited[k]; ok {
		delete(c.awaited, k)
		if w.about {
			c.notifies(w.mail.root(), k)
		} else {
			c.merge(w.mail.root(), caseOf(g))
		}
	}
}

// replace puts the group g in the place of old, whose lines are of the same mail.
func (c *Cases) replace(old, g *Group) {
	g.Events = append(slices.Clone(old.Events), g.Events...)
	g.mail, g.seen, g.from = caseOf(old), old.seen, old.from
	old.by = g
	for i, other := range g.mail.Groups {
		if other == old {
			g.mail.Groups[i] = g
		}
	}
	if old.Complete {
		g.mail.open++
	}
	c.byQueue[hostID{g.Host, g.QueueID}] = g
}

func (c *Cases) ended(g *Group) { caseOf(g).open-- }

// links joins the cases that a line of Postfix says are one mail.
func (c *Cases) links(g *Group) {
	l := &c.line
	mail := caseOf(g)
	if l.MessageID != "" {
		mail = c.identify(mail, l.MessageID)
	}
	mail = c.becomes(mail)
	if id := l.Before(); id != "" {
		mail = c.link(mail, hostID{l.Host, id})
	}
	if id := l.Notice(); id != "" {
		c.notifies(mail, hostID{l.Host, id})
	}
}

// becomes joins the mail with what the line says it is after this hop.
func (c *Cases) becomes(mail *Case) *Case {
	for list := c.line.After(); list != ""; {
		var id string
		if id, list = mailtrace.NextID(list); id == "" {
			break
		}
		mail = c.link(mail, hostID{c.line.Host, id})
	}
	return mail
}

// link makes one case of a mail and of what has or will have the queue id.
func (c *Cases) link(mail *Case, k hostID) *Case {
	if g := c.byQueue[k]; g != nil {
		return c.merge(caseOf(g), mail)
	}
	c.await(mail, k, false)
	return mail
}

func (c *Cases) await(mail *Case, k hostID, about bool) {
	if _, ok := c.awaited[k]; !ok {
		c.awaited[k] = awaited{mail, about}
		mail.awaits = append(mail.awaits, k)
	}
}

// notifies says that what has the queue id is a notification about the mail.
func (c *Cases) notifies(mail *Case, k hostID) {
	g := c.byQueue[k]
	if g == nil {
		c.await(mail, k, true)
		return
	}
	if child := caseOf(g); child != mail && child.about == nil {
		child.about = mail
		mail.Notices = append(mail.Notices, child)
		mail.matched = mail.matched || child.matched
	}
}

// place takes a line without a queue id of a session of smtpd.
func (c *Cases) place(e *Event) {
	l := &c.line
	if where, ok := l.Session(); !ok || where.Client {
		return
	}
	k := hostID{l.Host, l.PID}
	s := c.sessions[k]
	step := l.Step()
	if s == nil || s.over(l) {
		s = &session{}
		c.sessions[k] = s
	}
	s.met(l)
	switch {
	case step != mailtrace.Breaks && step != mailtrace.Closes:
		if len(s.open) < maxSession {
			s.open = append(s.open, e)
		}
	case s.last != nil && caseOf(s.last).place != nil:
		e.owner = s.last
		c.extra(caseOf(s.last), []*Event{e})
	}
	if step == mailtrace.Closes {
		delete(c.sessions, k)
	}
}

// takes says that the session of the line is at work on a mail now. Out of Loki
// a line has the queue id that the plugin placed it with.
func (c *Cases) takes(g *Group) {
	if c.line.PID == "" {
		return
	}
	k := hostID{c.line.Host, c.line.PID}
	s, step := c.sessions[k], c.line.Step()
	switch {
	case step == mailtrace.Closes:
		delete(c.sessions, k)
		return
	case step == mailtrace.Breaks:
		return
	case s == nil || s.over(&c.line):
		s = &session{}
		c.sessions[k] = s
	}
	s.met(&c.line)
	for _, e := range s.open {
		e.owner = g
		if e.Get("outcome") == "rejected" {
			caseOf(g).refusals = append(caseOf(g).refusals, e)
		}
	}
	s.open, s.last = nil, g
}

// now is the group that has taken the place of g, or g.
func (g *Group) now() *Group {
	for g.by != nil {
		g = g.by
	}
	return g
}

// foreign reports whether an event of a group is not of its mail: collate.pl
// has all lines of a session in each mail that it took.
func (g *Group) foreign(e *Event) bool {
	l := e.read()
	switch {
	case e.owner == nil:
		return l.QueueID == "" && l.Component == "smtpd" || l.QueueID != "" && l.QueueID != g.QueueID
	case caseOf(e.owner) == caseOf(g):
		return e.otherSender()
	}
	return l.NotificationID != g.QueueID && (l.Component != "smtpd" || !l.OfConnection())
}

// otherSender reports whether the event is a refusal of another mail than the
// one that its session took next.
func (e *Event) otherSender() bool {
	if e.owner == nil {
		return false
	}
	l := e.read()
	return mailtrace.OtherSender(l.Refused(), e.owner.now().from)
}

func (c *Cases) asked(e *Event) bool {
	return (c.query.Kind != All || c.query.Refusals) && c.query.Matches(e)
}

// refused keeps what a server did not take and what is asked for. Should its
// session take a mail later, the line is told with that mail too.
func (c *Cases) refused(e *Event) {
	if c.asked(e) {
		c.extra(c.loose(), []*Event{e})
	}
}

// other takes a line of any other log: it goes with the mail that its queue id
// or its message-id names.
func (c *Cases) other(e *Event) {
	l := &c.line
	if g := c.byQueue[hostID{l.Host, l.QueueID}]; g != nil && l.QueueID != "" {
		c.extra(caseOf(g), []*Event{e})
		return
	}
	if l.MessageID == "" {
		return
	}
	mail := c.byID[l.MessageID]
	if mail == nil {
		mail = c.identify(c.loose(), l.MessageID)
	}
	c.extra(mail.root(), []*Event{e})
}

// forget drops what would link a finished case with what comes.
func (c *Cases) forget(mail *Case) {
	for _, k := range mail.awaits {
		if w, ok := c.awaited[k]; ok && w.mail.root() == mail {
			delete(c.awaited, k)
		}
	}
	for _, k := range mail.jobs {
		if j := c.jobs[k]; j != nil && j.mail != nil && j.mail.root() == mail {
			delete(c.jobs, k)
		}
	}
}
