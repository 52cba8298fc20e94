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

	senders, sizes, recipients, domains Counter
	deferred, bounced, rejected         Counter
	sized                               [2]map[string]bool // queue ids whose size was counted, the newer and the older
}

// maxDays and maxSized bound the memory of a mailCounter.
const (
	maxDays  = 800
	maxSized = 50_000
)

func newMailCounter(location *time.Location) mailCounter {
	return mailCounter{location: location, days: map[string]*Hour{}, sized: [2]map[string]bool{{}, {}}}
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
	case "queue":
		m.queued(e)
	case "deliver":
		m.delivery(e, outcome)
	}
}

// queued counts the size of a mail once for each of its queues.
func (m *mailCounter) queued(e *entry.Entry) {
	size, err := strconv.ParseInt(e.Get("size"), 10, 64)
	id := e.Get("queue_id")
	if err != nil || m.sized[0][id] || m.sized[1][id] {
		return
	}
	if len(m.sized[0]) >= maxSized {
		m.sized[0], m.sized[1] = map[string]bool{}, m.sized[0]
	}
	m.sized[0][strings.Clone(id)] = true
	from := e.Get("from")
	m.senders.Add(from, 1)
	m.sizes.Add(from, size)
}

func (m *mailCounter) delivery(e *entry.Entry, outcome string) {
	switch outcome {
	case "success":
		m.mail.Sent++
		to := e.Get("to")
		m.recipients.Add(to, 1)
		m.domains.Add(strings.ToLower(to[strings.LastIndexByte(to, '@')+1:]), 1)
		m.count(e.Time, func(h *Hour) { h.Sent++ })
	case "hop":
		m.mail.Handed++
	case "discarded":
		m.mail.Dropped++
	case "deferred":
		m.mail.Deferrals++
		m.deferred.Add(reason(e), 1)
		m.count(e.Time, func(h *Hour) { h.Deferrals++ })
	case "bounced":
		m.mail.Bounced++
		m.bounced.Add(reason(e), 1)
		m.count(e.Time, func(h *Hour) { h.Bounced++ })
	}
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
