package mailtrace

import "strings"

// Program is what wrote a line.
type Program uint8

// The programs whose lines have rules of their own. Any other line, opendkim's
// or a mailstore's, is of the mail whose queue id or message-id it names.
const (
	Other Program = iota
	Postfix
	Amavis
)

// Line is what was read of a line of a mail system. Values are as the
// transform's metadata has them, "" where the line does not say.
//
// Its methods are the rules by which lines and queue ids are linked. Run
// follows by them from chunk to chunk, package mailcase over whole logs.
type Line struct {
	Program   Program
	Repeated  bool   // syslog's "message repeated": the same line once more
	Time      int64  // ns
	Host      string // a queue id means something on its host only
	Component string // of Postfix: "smtpd", "qmgr"
	PID       string
	RequestID string // amavis's job
	Action    string
	Outcome   string
	Relay     string

	QueueID        string
	MessageID      string
	QueuedAs       string
	OrigQueueID    string
	NotificationID string

	From     string
	User     string
	ClientIP string
	IP       string // of the peer, if that is not the client
}

// Begins reports whether a mail comes into the queue with the line: smtpd's
// client= (src/smtpd/smtpd.c) and pickup's uid= (src/pickup/pickup.c). Each is
// written once for a mail, so one that syslog repeats is of the same mail.
func (l *Line) Begins() bool {
	return l.Program == Postfix && l.Action == "receive" && l.QueueID != "" && !l.Repeated
}

// Identifies returns the message-id if the line is the one that gives it to its
// queue id: cleanup's message-id= (src/cleanup/cleanup_message.c). A
// resent-message-id names no mail: RFC 5322 section 3.6.6 keeps the message-id
// of one that is sent again, and cleanup writes both.
func (l *Line) Identifies() string {
	if l.Program == Postfix && l.Action == "message-id" && l.QueueID != "" {
		return l.MessageID
	}
	return ""
}

// Ends reports whether Postfix is done with the mail: removed, by qmgr
// (src/qmgr/qmgr_active.c) or by who deletes it (src/postsuper/postsuper.c). Lines that come later are still of this mail, until
// Seen.Another says that its queue id was given to another one.
func (l *Line) Ends() bool { return l.Program == Postfix && l.Action == "removed" }

// Before returns the queue id that the mail had on this host before the line:
// orig_queue_id, the IDENT of XFORWARD, which names a mail on the up-stream
// host (XFORWARD_README). That is this host only if the peer is: a filter hands
// the IDENT on that it was given. A gateway's is of the gateway's own queue.
func (l *Line) Before() string {
	if l.OrigQueueID == "" {
		return ""
	}
	peer := l.IP
	if peer == "" {
		peer = l.ClientIP
	}
	if IsLoopback(peer) {
		return l.OrigQueueID
	}
	return ""
}

// After returns the queue ids that the mail has on this host after the line,
// which NextID splits. A delivery agent's "queued as" is an id of this host if
// the hop stays within the mail system; else it is the next host's. What amavis
// writes is, because it gives the mail back to the Postfix that it had it from.
func (l *Line) After() string {
	if l.QueuedAs == "" || l.Program == Postfix && l.Outcome != "hop" && l.Relay != "local" {
		return ""
	}
	return l.QueuedAs
}

// NextID splits the first queue id off a list of amavis, which writes
// "Q2/Q3" if it has sent several mails. id is "" at the end.
func NextID(list string) (id, rest string) {
	list = strings.TrimLeft(list, "/,; ")
	n := 0
	for n < len(list) && isAlphanumeric(list[n]) {
		n++
	}
	return list[:n], list[n:]
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// Notice returns the queue id of a notification about the mail: bounce's "sender
// non-delivery notification", "delay notification", "delivery status
// notification" (src/bounce/bounce_notify_service.c and its likes). It is a mail of its own. As a
// rule bounce's line comes after those of the notification's cleanup and qmgr,
// after its removal even.
func (l *Line) Notice() string { return l.NotificationID }

// IsLoopback reports whether an address is this host's.
func IsLoopback(ip string) bool { return strings.HasPrefix(ip, "127.") || ip == "::1" }

// Refused returns the sender of what a server did not take before there was a
// queue id, "" of any other line.
func (l *Line) Refused() string {
	if l.Program == Postfix && l.QueueID == "" && l.Outcome == "rejected" {
		return l.From
	}
	return ""
}

// OtherSender reports whether a refusal is of another mail than the one that its
// session took next, which is from the sender from: the two senders, where both
// are known, are not the same.
func OtherSender(refused, from string) bool {
	return refused != "" && from != "" && refused != from
}

// OfConnection reports whether the line says something of a server's connection
// as a whole, and so of each mail that it takes.
func (l *Line) OfConnection() bool { return l.Action == "connect" || l.Action == "tls" }

// Peer returns the address at the other end of smtpd's connection, "" where the
// line does not say. Behind a filter the client is another one.
func (l *Line) Peer() string {
	if l.Program != Postfix || l.Component != "smtpd" {
		return ""
	}
	if l.IP != "" {
		return l.IP
	}
	return l.ClientIP
}

// OtherPeer reports whether a line of a peer is of another connection than the
// one that its process had with the peer before: lines between are missing. Who
// connects from this host may speak for any client (XCLIENT, XFORWARD).
func OtherPeer(before, peer string) bool {
	return before != "" && peer != "" && before != peer && !IsLoopback(before)
}

// Session returns what the line is part of: a server's connection, a client's
// delivery, amavis's job. ok is false if lines of the program do not stand
// together: postscreen's one process serves all clients at the same time.
func (l *Line) Session() (s Session, ok bool) {
	s = Session{Host: l.Host, Program: l.Component, PID: l.PID, Peer: l.Peer()}
	switch {
	case l.Program == Amavis:
		s.Program, s.PID, s.Job = "amavis", l.RequestID, true
	case l.Program != Postfix:
		return s, false
	case l.Component == "smtpd":
	case l.Component == "smtp" || l.Component == "lmtp":
		s.Client = true
	default:
		return s, false
	}
	return s, s.PID != ""
}

// Step is where a line without a queue id stands in the session of a server.
type Step uint8

// A line goes with the mail that the session takes next, Opens in a session
// that starts with it. What breaks a session off or ends it goes with the mail
// that it took last.
const (
	Continues Step = iota
	Opens
	Breaks
	Closes
)

// Step returns the line's; those of clients and jobs all continue, because of
// a client a line goes with the delivery that follows, and of a job with its mail.
func (l *Line) Step() Step {
	if l.Program != Postfix {
		return Continues
	}
	switch l.Action {
	case "connect":
		if l.Component == "smtpd" {
			return Opens
		}
	case "disconnect":
		return Closes
	case "lost_connection", "timeout", "too_many_errors":
		return Breaks
	}
	return Continues
}

// Seen is what the lines so far say of the mail that has a queue id.
type Seen struct {
	Begun     bool   // its first line was seen
	Ended     bool   // Postfix removed it
	MessageID string // by the line that Identifies; not by amavis's, which may write it otherwise
}

// Another reports whether a line with the queue id of a mail is of another mail
// that has the queue id now: it begins one although there are lines that only
// a later one could follow, or gives a message-id although the mail had ended
// or has another; then the first line was not seen. A queue id may be given
// again at once: a short one is made of the inode and the microseconds of the
// time (enable_long_queue_ids in postconf(5)).
func (s Seen) Another(l *Line) bool {
	if l.Begins() {
		return s.anotherBegins()
	}
	id := l.Identifies()
	return id != "" && s.anotherHas(id)
}

func (s Seen) anotherBegins() bool { return s.Begun || s.Ended || s.MessageID != "" }

func (s Seen) anotherHas(messageID string) bool {
	return s.Ended || s.MessageID != "" && s.MessageID != messageID
}
