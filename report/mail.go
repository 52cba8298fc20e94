package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// mailCounter counts the lines of Postfix.
type mailCounter struct {
	location *time.Location
	mail     Mail
	hours    [24]Hour
	days     map[string]*Hour

	senders, sizes, recipients, recipientSizes     Counter
	domains, domainSizes, fromDomains, domainBytes Counter // of recipients, of senders
	deferred, bounced, rejected                    Counter
	grow                                           deferralHours
	queued                                         [2]map[queueID]queuedMail // the newer and the older
}

// queueID is a queue id of a host.
type queueID struct{ host, id string }

// queuedMail is what is known of a mail in a queue.
type queuedMail struct {
	size     int64 // bytes, 0 as long as it is not known
	received bool  // it came in by SMTP or pickup, not out of a filter
}

// maxDays and maxQueued bound the memory of a mailCounter.
const (
	maxDays   = 800
	maxQueued = 50_000
)

func newMailCounter(location *time.Location) mailCounter {
	return mailCounter{location: location, days: map[string]*Hour{}, grow: deferralHours{}, queued: [2]map[queueID]queuedMail{{}, {}}}
}

func (m *mailCounter) see(e *entry.Entry) {
	outcome := e.Get("outcome")
	if outcome == "rejected" {
		m.mail.Rejected++
		m.rejected.Add(reason(e), 1)
		m.count(e.Time, func(h *Hour) { h.Rejected++ })
		return
	}
	switch e.Get("action") {
	case "receive":
		m.receive(e)
	case "queue":
		m.queue(e)
	case "deliver":
		m.delivery(e, outcome)
	case "removed":
		id := m.id(e)
		delete(m.queued[0], id)
		delete(m.queued[1], id)
	}
}

func (m *mailCounter) id(e *entry.Entry) queueID {
	return queueID{e.Labels.Get("host"), e.Get("queue_id")}
}

func (m *mailCounter) know(id queueID) queuedMail {
	q, ok := m.queued[0][id]
	if !ok {
		q = m.queued[1][id]
	}
	return q
}

func (m *mailCounter) keep(id queueID, q queuedMail) {
	if len(m.queued[0]) >= maxQueued {
		m.queued[0], m.queued[1] = map[queueID]queuedMail{}, m.queued[0]
	}
	id.id = strings.Clone(id.id)
	m.queued[0][id] = q
}

// receive counts what comes in from others; smtpd of another name takes back what
// a filter was handed.
func (m *mailCounter) receive(e *entry.Entry) {
	program := strings.TrimPrefix(e.Get("program"), "postfix/")
	switch strings.TrimPrefix(strings.TrimPrefix(program, "submission/"), "smtps/") {
	case "smtpd", "postscreen", "pickup":
		m.mail.Received++
		m.count(e.Time, func(h *Hour) { h.Received++ })
		if id := m.id(e); id.id != "" {
			m.keep(id, queuedMail{received: true})
		}
	}
}

// queue counts the size of a mail once.
func (m *mailCounter) queue(e *entry.Entry) {
	size, err := strconv.ParseInt(e.Get("size"), 10, 64)
	id := m.id(e)
	q := m.know(id)
	if err != nil || q.size > 0 {
		return
	}
	q.size = size
	m.keep(id, q)
	if !q.received {
		return
	}
	from, domain := address(e.Get("from"))
	m.mail.ReceivedBytes += size
	m.senders.Add(from, 1)
	m.sizes.Add(from, size)
	if domain != "" && domain != "<>" {
		m.fromDomains.Add(domain, 1)
		m.domainBytes.Add(domain, size)
	}
}

func (m *mailCounter) delivery(e *entry.Entry, outcome string) {
	switch outcome {
	case "success":
		m.mail.Sent++
		to, domain := address(e.Get("to"))
		size := m.know(m.id(e)).size
		m.mail.SentBytes += size
		m.recipients.Add(to, 1)
		m.recipientSizes.Add(to, size)
		m.domains.Add(domain, 1)
		m.domainSizes.Add(domain, size)
		m.count(e.Time, func(h *Hour) { h.Sent++ })
	case "hop":
		m.mail.Handed++
	case "discarded":
		m.mail.Dropped++
	case "deferred":
		m.mail.Deferrals++
		m.grow.see(e.Time)
		m.deferred.Add(reason(e), 1)
		m.count(e.Time, func(h *Hour) { h.Deferrals++ })
	case "bounced":
		m.mail.Bounced++
		m.bounced.Add(reason(e), 1)
		m.count(e.Time, func(h *Hour) { h.Bounced++ })
	}
}

// address is an address with its domain in lower case, and the domain.
func address(a string) (whole, domain string) {
	at := strings.LastIndexByte(a, '@') + 1
	if domain = strings.ToLower(a[at:]); domain != a[at:] {
		a = a[:at] + domain
	}
	return a, domain
}

// reason is the code and the words of a refusal, with the domain it is about.
func reason(e *entry.Entry) string {
	to, text := e.Get("to"), e.Get("error")
	if text == "" {
		text = e.Get("reason")
	}
	if _, said, ok := strings.Cut(text, " said: "); ok {
		text = said
	}
	domain := to[strings.LastIndexByte(to, '@')+1:]
	if to != "" {
		text = strings.ReplaceAll(text, to, "…@"+domain)
	}
	return strings.TrimSpace(e.Get("dsn") + " " + domain + ": " + text)
}

func (m *mailCounter) count(at int64, add func(*Hour)) {
	t := time.Unix(0, at).In(m.location)
	add(&m.hours[t.Hour()])
	day := t.Format(time.DateOnly)
	h := m.days[day]
	if h == nil {
		if len(m.days) >= maxDays {
			return
		}
		h = &Hour{Name: day}
		m.days[day] = h
	}
	add(h)
}
