package samplelogs

import (
	"fmt"
	"time"
)

// mail is one on its way through the MTA.
type mail struct {
	id     string // message-id with brackets
	from   string // envelope; "" for a bounce
	to     []recipient
	size   int
	client peer   // of the first hop
	port   int    // of the client
	user   string // sasl login, "" for none
	way    way
	score  float64
	spf    string // "Pass", "Fail", …
	dkim   bool   // its signature is broken

	queueIDs []string // that it is to have, one after the other; new ones if empty
	about    string   // message-id of the mail that this is a notification about
	arrived  time.Time
	first    string // its first queue id
	headerID string // amavis' mail_id of the scan
}

// way is how a mail comes in.
type way uint8

const (
	inbound    way = iota // port 25, through postscreen
	submission            // port 587, with a password
	webmail               // from the mailstore
)

// recipient is one with what becomes of the mail for him: one outcome for each
// attempt, delivered when they are used up.
type recipient struct {
	address string
	fate    []outcome
}

// outcome is what a delivery attempt ends with, if not with success.
type outcome struct{ status, dsn, text string }

// outcomes by name; %[1]s is the recipient, %[2]s the server and its address.
var (
	greylisted  = outcome{"deferred", "4.2.0", "host %[2]s said: 450 4.2.0 <%[1]s>: Recipient address rejected: Greylisted, see http://postgrey.example.net/help/%[1]s (in reply to RCPT TO command)"}
	rateLimited = outcome{"deferred", "4.7.0", "host %[2]s said: 421 4.7.0 [192.0.2.25] Our system has detected an unusual rate of unsolicited mail. Rate limited, try again later (in reply to end of DATA command)"}
	unreachable = outcome{"deferred", "4.4.1", "connect to %[2]s:25: Connection timed out"}
	overQuota   = outcome{"deferred", "4.2.2", "host %[2]s said: 452 4.2.2 Over quota (in reply to RCPT TO command)"}
	userUnknown = outcome{"bounced", "5.1.1", "host %[2]s said: 550 5.1.1 <%[1]s>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)"}
	listed      = outcome{"bounced", "5.7.1", "host %[2]s said: 554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using dnsbl.example.net (in reply to RCPT TO command)"}
	storeDown   = outcome{"deferred", "4.4.1", "connect to mail.example.com[192.0.2.41]:7025: Connection refused"}
	storeIll    = outcome{"deferred", "4.0.0", "host %[2]s said: 451 4.0.0 Temporary message delivery failure try again (in reply to end of DATA command)"}
)

// hop is the writer of zimbra.log for one mail: its time only goes forward.
type hop struct {
	*world
	m *mail
	t time.Time
}

// pass lets some milliseconds go by.
func (h *hop) pass(low, high int) {
	h.t = h.t.Add(h.between(time.Duration(low)*time.Millisecond, time.Duration(high)*time.Millisecond))
}

func (h *hop) line(link Link, program string, pid int, format string, args ...any) {
	h.syslog("zimbra", mta, Line{Time: h.t, Mail: h.m.id, Link: link, About: h.m.about}, program, pid, format, args...)
}

// named writes a line that begins with a queue id.
func (h *hop) named(program string, pid int, format string, args ...any) {
	h.line(Named, program, pid, format, args...)
}

// send takes a mail through the MTA from t on.
func (w *world) send(m *mail, t time.Time) {
	h := &hop{w, m, t}
	m.arrived = t
	if m.port == 0 {
		m.port = 1024 + w.IntN(60000)
	}
	if m.size == 0 {
		m.size = 900 + w.IntN(60000)
	}
	h.receive()
	v := m.verdict()
	next := h.scan(m.first, v)
	if next != "" {
		h.deliver(next)
	}
}

func (h *hop) nextQueueID() (id string) {
	if len(h.m.queueIDs) == 0 {
		return h.queueID(h.t)
	}
	id, h.m.queueIDs = h.m.queueIDs[0], h.m.queueIDs[1:]
	return id
}

// messageID makes one of a mail program; the mailstore's are different.
func (w *world) messageID(t time.Time, from string) string {
	return fmt.Sprintf("<%s-%s@%s>", w.hex(8), t.UTC().Format("20060102150405"), domainOf(from))
}

func (w *world) zimbraID(t time.Time) string {
	return fmt.Sprintf("<%d.%d.%d.JavaMail.zimbra@example.com>", w.Uint32(), w.IntN(9000), t.UnixMilli())
}

// addresses lists recipients as amavis does.
func addresses(to []recipient) (s string) {
	for i, r := range to {
		if i > 0 {
			s += ","
		}
		s += "<" + r.address + ">"
	}
	return s
}
