package mailcase

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// Group is the lines that one queue id has, and those of the sessions around
// them, in the order of the log.
type Group struct {
	Host     string
	Instance string // "postfix", or the name of another instance: "postfix-out"
	QueueID  string
	Events   []*Event
	Complete bool // Postfix removed the mail from its queue

	seq  int
	mail *Case
	seen mailtrace.Seen // of its queue id
	from string         // sender, by qmgr
	by   *Group         // the group that has taken its place
}

// Collator groups the lines of Postfix. Its rules are those of collate.pl, which
// Postfix's makers give away and administrators know: a mail begins with
// smtpd's session, with pickup or with cleanup, and ends with qmgr's "removed".
type Collator struct {
	groups  map[groupKey]*Group
	servers map[procKey]*server
	clients map[procKey][]*Event
	seq     int

	// Started is called for a new group, Ended for one that was removed.
	Started, Ended func(*Group)
}

type groupKey struct{ host, instance, id string }

type procKey struct{ host, instance, pid string }

// server is a session of smtpd.
type server struct {
	events []*Event
	group  *Group
}

// maxSession bounds the lines of a session that takes no mail: a client that
// tries passwords for hours.
const maxSession = 1000

// NewCollator makes a Collator; the functions may be nil.
func NewCollator(started, ended func(*Group)) *Collator {
	nothing := func(*Group) {}
	c := &Collator{
		groups: map[groupKey]*Group{}, servers: map[procKey]*server{}, clients: map[procKey][]*Event{},
		Started: nothing, Ended: nothing,
	}
	if started != nil {
		c.Started = started
	}
	if ended != nil {
		c.Ended = ended
	}
	return c
}

// Add takes the next line and returns the group it went to, nil for none yet.
func (c *Collator) Add(e *Event) *Group {
	if !e.isPostfix() {
		return nil
	}
	instance, _, _ := strings.Cut(e.Get("program"), "/")
	host, id := e.Host(), e.Get("queue_id")
	g, p := groupKey{host, instance, id}, procKey{host, instance, e.Get("pid")}
	switch e.Get("component") {
	case "smtpd":
		return c.server(e, g, p)
	case "smtp", "lmtp":
		return c.client(e, g, p)
	case "pickup":
		if e.Get("action") == "receive" && id != "" {
			return c.start(g, e)
		}
	case "cleanup":
		return c.cleanup(e, g)
	case "qmgr":
		return c.queue(e, g)
	case "bounce":
		return c.bounce(e, g)
	case "discard", "error", "local", "pipe", "virtual":
		if to := e.Get("action"); to == "deliver" || to == "verify" {
			return c.append(g, e)
		}
	}
	return nil
}

// start begins a group anew, with the events before e that belong to it.
func (c *Collator) start(k groupKey, events ...*Event) *Group {
	c.seq++
	g := &Group{Host: k.host, Instance: k.instance, QueueID: k.id, Events: slices.Clone(events), seq: c.seq}
	c.groups[k] = g
	c.Started(g)
	return g
}

// adopt begins a group with a line in its middle, which collate.pl does not.
func (c *Collator) adopt(e *Event) {
	instance, _, _ := strings.Cut(e.Get("program"), "/")
	c.start(groupKey{e.Host(), instance, e.Get("queue_id")}, e)
}

// append adds to a group if there is one.
func (c *Collator) append(k groupKey, events ...*Event) *Group {
	g := c.groups[k]
	if g != nil {
		g.Events = append(g.Events, events...)
	}
	return g
}

// server collects a session. Its lines before the first mail are that mail's;
// those after go with the mail that the session took last.
func (c *Collator) server(e *Event, k groupKey, p procKey) *Group {
	action := e.Get("action")
	if action == "connect" {
		c.servers[p] = &server{events: []*Event{e}}
		return nil
	}
	s := c.servers[p]
	if s == nil {
		s = &server{}
		c.servers[p] = s
	}
	if len(s.events) < maxSession {
		s.events = append(s.events, e)
	}
	if action == "receive" && k.id != "" && e.Get("repeat") == "" {
		s.group = c.start(k, s.events...)
		return s.group
	}
	if s.group != nil && !s.group.Complete {
		s.group.Events = append(s.group.Events, e)
	}
	if action == "disconnect" {
		delete(c.servers, p)
	}
	return s.group
}

// client collects what smtp and lmtp write before they name the mail.
func (c *Collator) client(e *Event, k groupKey, p procKey) *Group {
	events := c.clients[p]
	if len(events) < maxSession {
		events = append(events, e)
	}
	if k.id == "" || e.Get("action") != "deliver" && e.Get("action") != "verify" {
		c.clients[p] = events
		return nil
	}
	delete(c.clients, p)
	return c.append(k, events...)
}

// cleanup may be the first to name a mail: that of a bounce.
func (c *Collator) cleanup(e *Event, k groupKey) *Group {
	if k.id == "" {
		return nil
	}
	if g := c.append(k, e); g != nil {
		return g
	}
	return c.start(k, e)
}

func (c *Collator) queue(e *Event, k groupKey) *Group {
	g := c.append(k, e)
	if g != nil && e.Get("action") == "removed" {
		g.Complete = true
		delete(c.groups, k)
		c.Ended(g)
	}
	return g
}

// bounce goes with both mails; in the notification it comes first.
func (c *Collator) bounce(e *Event, k groupKey) *Group {
	notice := e.Get("notification_id")
	if notice == "" {
		return nil
	}
	g := c.append(k, e)
	k.id = notice
	if n := c.groups[k]; n != nil {
		n.Events = slices.Insert(n.Events, 0, e)
	} else {
		c.start(k, e)
	}
	return g
}

// Open returns the groups that were not removed, in the order they began.
func (c *Collator) Open() []*Group {
	var open []*Group
	for _, g := range c.groups {
		open = append(open, g)
	}
	slices.SortFunc(open, func(a, b *Group) int { return a.seq - b.seq })
	return open
}

// forget drops a group that is not wanted any more.
func (c *Collator) forget(g *Group) {
	k := groupKey{g.Host, g.Instance, g.QueueID}
	if c.groups[k] == g {
		delete(c.groups, k)
	}
}
