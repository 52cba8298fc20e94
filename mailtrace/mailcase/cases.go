package mailcase

import (
	"container/list"
	"slices"
	"time"

	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// Case is one mail with all that was written of it.
type Case struct {
	Groups     []*Group // by queue id, in the order they began
	Extra      []*Event // of amavis, opendkim, mailstores
	MessageIDs []string
	Notices    []*Case // notifications about this mail

	about    *Case // the mail that this one is a notification about
	open     int   // groups that were not removed
	last     int64 // time of the newest event, ns
	matched  bool
	size     int
	into     *Case    // the case that took this one over
	refusals []*Event // of its session before it, of this sender's or of another's mail
	awaits   []hostID // queue ids that a line has linked and that have no group yet
	jobs     []hostID // jobs of amavis
	place    *list.Element
}

// Events returns all lines of the mail in the order of time.
func (c *Case) Events() []*Event {
	seen := map[*Event]bool{}
	var all []*Event
	add := func(e *Event) {
		if !seen[e] {
			seen[e] = true
			all = append(all, e)
		}
	}
	for _, g := range c.Groups {
		for _, e := range g.Events {
			if !g.foreign(e) {
				add(e)
			}
		}
	}
	for _, e := range c.Extra {
		if e.owner == nil || caseOf(e.owner) != c || !e.otherSender() {
			add(e)
		}
	}
	slices.SortStableFunc(all, func(a, b *Event) int {
		if a.Time != b.Time {
			return int(min(1, max(-1, a.Time-b.Time)))
		}
		return a.seq - b.seq
	})
	return all
}

// Complete reports whether Postfix was done with the mail on every host.
func (c *Case) Complete() bool { return c.open == 0 }

// settle is how long after its last line a mail is complete that Postfix has
// removed: amavis and the mailstores may write later.
const settle = int64(2 * time.Minute)

// Limits of what waits for its end, in bytes of events.
const (
	// DefaultLimit holds the mails of a day that are under way at the same
	// time on a host that is in trouble: some 200,000 events.
	DefaultLimit = 128 << 20
)

// Cases builds the cases of what a query asks for.
type Cases struct {
	query Query
	limit int
	found func(*Case)
	seq   int
	size  int
	now   int64

	collator *Collator
	line     mailtrace.Line      // of the event that is added
	byQueue  map[hostID]*Group   // the latest group of a queue id, of cases that are not finished
	awaited  map[hostID]awaited  // queue ids that a line has linked and that have no group yet
	byID     map[string]*Case    // message-id → case
	jobs     map[hostID]*job     // of amavis
	sessions map[hostID]*session // of smtpd, by process
	order    *list.List          // of *Case, the longest idle first

	// Dropped counts cases that were given up because too many were open.
	Dropped int
}

type hostID struct{ host, id string }

// NewCases makes a Cases. found gets each mail that the query asks for, when it
// is complete or at Finish. limit bounds what is kept of mails that are under
// way, in bytes; 0 means DefaultLimit.
func NewCases(q Query, limit int, found func(*Case)) *Cases {
	if limit <= 0 {
		limit = DefaultLimit
	}
	c := &Cases{
		query: q, limit: limit, found: found, byQueue: map[hostID]*Group{}, byID: map[string]*Case{},
		awaited: map[hostID]awaited{}, jobs: map[hostID]*job{}, sessions: map[hostID]*session{}, order: list.New(),
	}
	c.collator = NewCollator(c.started, c.ended)
	return c
}

// Add takes the next event. Events of one host come in the order of time; the
// hosts may come one after the other.
func (c *Cases) Add(e *Event) {
	c.seq++
	e.seq = c.seq
	c.now = e.Time
	c.line = e.read()
	switch c.line.Program {
	case mailtrace.Postfix:
		c.postfix(e)
	case mailtrace.Amavis:
		c.amavis(e)
	default:
		c.other(e)
	}
	if c.seq%1024 == 0 {
		c.settled()
	}
}

func caseOf(g *Group) *Case {
	g = g.now()
	for g.mail.into != nil {
		g.mail = g.mail.into
	}
	return g.mail
}

func (c *Case) root() *Case {
	for c.into != nil {
		c = c.into
	}
	return c
}

// grow accounts for an event that a case has got, and for what it tells of it.
func (c *Cases) grow(mail *Case, e *Event) {
	mail.last = max(mail.last, e.Time)
	n := e.size()
	mail.size += n
	c.size += n
	mail.matched = mail.matched || c.query.Matches(e)
	c.order.MoveToBack(mail.place)
	for c.size > c.limit && c.order.Len() > 1 {
		c.Dropped++
		c.finish(c.order.Front().Value.(*Case))
	}
}

// identify gives a case a message-id; the cases that had it are the same mail.
func (c *Cases) identify(mail *Case, id string) *Case {
	if slices.Contains(mail.MessageIDs, id) {
		return mail
	}
	mail.MessageIDs = append(mail.MessageIDs, id)
	if other := c.byID[id]; other != nil {
		return c.merge(other.root(), mail)
	}
	c.byID[id] = mail
	return mail
}

// merge makes one case of two.
func (c *Cases) merge(a, b *Case) *Case {
	if a == b {
		return a
	}
	a.Groups = append(a.Groups, b.Groups...)
	a.Extra = append(a.Extra, b.Extra...)
	a.Notices = append(a.Notices, b.Notices...)
	for _, n := range b.Notices {
		n.about = a
	}
	for _, id := range b.MessageIDs {
		if !slices.Contains(a.MessageIDs, id) {
			a.MessageIDs = append(a.MessageIDs, id)
		}
	}
	if a.about == nil {
		a.about = b.about
	}
	a.refusals = append(a.refusals, b.refusals...)
	a.awaits, a.jobs = append(a.awaits, b.awaits...), append(a.jobs, b.jobs...)
	a.open += b.open
	a.last = max(a.last, b.last)
	a.matched = a.matched || b.matched
	a.size += b.size
	c.order.Remove(b.place)
	c.order.MoveToBack(a.place)
	b.into, b.Groups, b.Extra, b.place = a, nil, nil, nil
	return a
}

// loose makes a case of lines that no queue id of Postfix goes with.
func (c *Cases) loose() *Case {
	mail := &Case{}
	mail.place = c.order.PushBack(mail)
	return mail
}

func (c *Cases) extra(mail *Case, lines []*Event) {
	mail.Extra = append(mail.Extra, lines...)
	for _, e := range lines {
		c.grow(mail, e)
		mail = mail.root()
	}
}

// settled finishes the cases to which nothing more can come.
func (c *Cases) settled() {
	for el := c.order.Front(); el != nil; {
		mail := el.Value.(*Case)
		el = el.Next()
		if idle := c.now - mail.last; idle >= 0 && idle <= settle {
			break // those behind have changed later
		}
		if mail.matched && c.query.Kind != All {
			continue // another host may have more of it
		}
		if mail.open == 0 && len(mail.Groups) > 0 && (mail.about == nil || mail.about.root().place == nil) {
			c.finish(mail)
		}
	}
}

// finish hands a case out if it is asked for, and forgets it.
func (c *Cases) finish(mail *Case) {
	c.order.Remove(mail.place)
	mail.place = nil
	c.size -= mail.size
	for _, g := range mail.Groups {
		c.collator.forget(g)
		if k := (hostID{g.Host, g.QueueID}); c.byQueue[k] == g {
			delete(c.byQueue, k)
		}
	}
	for _, id := range mail.MessageIDs {
		if other := c.byID[id]; other != nil && other.root() == mail {
			delete(c.byID, id)
		}
	}
	c.forget(mail)
	for _, e := range mail.refusals {
		mail.matched = mail.matched || !e.otherSender() && c.query.Matches(e)
	}
	notices := mail.Notices
	mail.Notices = nil
	for _, n := range notices {
		if n = n.root(); n != mail && !slices.Contains(mail.Notices, n) {
			mail.Notices = append(mail.Notices, n)
		}
	}
	if mail.matched {
		c.found(mail)
	}
}

// Finish hands out the mails that are left, in the order they began.
func (c *Cases) Finish() {
	c.leftJobs()
	var left []*Case
	for el := c.order.Front(); el != nil; el = el.Next() {
		left = append(left, el.Value.(*Case))
	}
	first := func(m *Case) int {
		n := c.seq
		for _, g := range m.Groups {
			n = min(n, g.Events[0].seq)
		}
		for _, e := range m.Extra {
			n = min(n, e.seq)
		}
		return n
	}
	slices.SortStableFunc(left, func(a, b *Case) int { return first(a) - first(b) })
	for _, mail := range left {
		c.finish(mail)
	}
}
