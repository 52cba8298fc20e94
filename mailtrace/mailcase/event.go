package mailcase

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// Event is one log entry that was kept.
type Event struct {
	Time   int64 // ns since 1970-01-01 UTC
	Labels *entry.Labels
	Line   string
	Meta   []entry.Pair

	seq   int    // order in which the events came
	owner *Group // of Postfix: the mail that it is of, or that its session places it with
}

// NewEvent copies an entry, which may be a view into memory that is used again.
func NewEvent(e *entry.Entry) *Event {
	n := e.Size()
	for _, p := range e.Meta {
		n += len(p.Value)
	}
	b := e.AppendLine(make([]byte, 0, n))
	for _, p := range e.Meta {
		b = append(b, p.Value...)
	}
	all := string(b)
	ev := &Event{Time: e.Time, Labels: e.Labels, Meta: make([]entry.Pair, len(e.Meta))}
	ev.Line, all = all[:e.Size()], all[e.Size():]
	for i, p := range e.Meta { // names are the vocabulary's, or interned
		ev.Meta[i] = entry.Pair{Name: strings.Clone(p.Name), Value: all[:len(p.Value)]}
		all = all[len(p.Value):]
	}
	return ev
}

// Get returns a piece of metadata, or "".
func (e *Event) Get(name string) string {
	for i := range e.Meta {
		if e.Meta[i].Name == name {
			return e.Meta[i].Value
		}
	}
	return ""
}

// Host is the host that wrote the line, "" if it is not known.
func (e *Event) Host() string { return e.Labels.Get("host") }

// Service is what wrote the line: "submission/smtpd", "amavis", "zimbra-mailbox".
func (e *Event) Service() string {
	if c := e.Get("component"); c != "" && e.isPostfix() {
		if i := e.Get("instance"); i != "" {
			return i + "/" + c
		}
		return c
	}
	return e.Labels.Get("service_name")
}

func (e *Event) isPostfix() bool { return e.Labels.Get("service_name") == "postfix" }

// size is about what the event takes, in bytes.
func (e *Event) size() int {
	n := 120 + len(e.Line)
	for _, p := range e.Meta {
		n += 32 + len(p.Value)
	}
	return n
}

// read is the event as the rules of linking look at it.
func (e *Event) read() mailtrace.Line {
	l := mailtrace.Line{Time: e.Time, Host: e.Host()}
	switch e.Labels.Get("service_name") {
	case "postfix":
		l.Program = mailtrace.Postfix
	case "amavis":
		l.Program = mailtrace.Amavis
	}
	for i := range e.Meta {
		v := e.Meta[i].Value
		switch e.Meta[i].Name {
		case "repeat":
			l.Repeated = true
		case "component":
			l.Component = v
		case "pid":
			l.PID = v
		case "request_id":
			l.RequestID = v
		case "action":
			l.Action = v
		case "outcome":
			l.Outcome = v
		case "relay":
			l.Relay = v
		case "queue_id":
			l.QueueID = v
		case "message_id":
			l.MessageID = v
		case "queued_as":
			l.QueuedAs = v
		case "orig_queue_id":
			l.OrigQueueID = v
		case "notification_id":
			l.NotificationID = v
		case "from":
			l.From = v
		case "user":
			l.User = v
		case "client_ip":
			l.ClientIP = v
		case "ip":
			l.IP = v
		}
	}
	return l
}
