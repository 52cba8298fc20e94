package mailcase

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/mailtrace"
)

// Story is what became of a mail.
type Story struct {
	MessageIDs []string    `json:"message_ids,omitempty"`
	From       string      `json:"from,omitempty"`
	User       string      `json:"user,omitempty"`      // login that submitted it
	ClientIP   string      `json:"client_ip,omitempty"` // of the person, where a line has it
	Via        string      `json:"via,omitempty"`       // "web, via mail.example.com": how it got to Postfix, if not by the client
	Size       string      `json:"size,omitempty"`      // bytes, as the first hop has it
	Begin      Stamp       `json:"begin"`
	End        Stamp       `json:"end"`
	QueueIDs   []string    `json:"queue_ids,omitempty"` // host/id, in order
	Complete   bool        `json:"complete"`            // nothing of it is in a queue
	Verdict    string      `json:"verdict,omitempty"`   // of the content filter
	Recipients []Recipient `json:"recipients,omitempty"`
	Summary    []string    `json:"summary"` // one sentence for each recipient
	Notices    []string    `json:"notifications,omitempty"`
	Stuck      string      `json:"stuck,omitempty"` // where it is, if not complete
}

// Recipient is what became of a mail for one of its recipients.
type Recipient struct {
	Address  string        `json:"address"`
	Outcome  string        `json:"outcome"` // delivered, bounced, deferred, discarded, blocked, rejected, unknown
	Relay    string        `json:"relay,omitempty"`
	DSN      string        `json:"dsn,omitempty"`
	Reason   string        `json:"reason,omitempty"` // of the last failure
	Deferred int           `json:"deferred,omitempty"`
	Mailbox  string        `json:"mailbox,omitempty"`       // folder on the mailstore
	Seconds  float64       `json:"after_seconds,omitempty"` // from the first line to the delivery, or to the last attempt
	After    time.Duration `json:"-"`                       // the same

	whole bool // the log counts seconds only
}

// Tell reads a case.
func Tell(c *Case) Story {
	events := c.Events()
	t := teller{story: Story{MessageIDs: c.MessageIDs, Complete: c.Complete()}, by: map[string]*Recipient{}}
	for _, g := range c.Groups {
		t.story.QueueIDs = append(t.story.QueueIDs, g.Host+"/"+g.QueueID)
	}
	if len(events) > 0 {
		t.story.Begin, t.story.End = events[0].Stamp(), events[len(events)-1].Stamp()
	}
	for _, e := range events {
		t.event(e)
	}
	t.finish(c, events)
	return t.story
}

type teller struct {
	story Story
	by    map[string]*Recipient
	order []string
}

func (t *teller) recipient(address string) *Recipient {
	key := strings.ToLower(address)
	r := t.by[key]
	if r == nil {
		r = &Recipient{Address: address, Outcome: "unknown"}
		t.by[key] = r
		t.order = append(t.order, key)
	}
	return r
}

func keep(to *string, v string) {
	if *to == "" {
		*to = v
	}
}

func (t *teller) event(e *Event) {
	action, outcome := e.Get("action"), e.Get("outcome")
	switch e.Service() {
	case "amavis":
		t.amavis(e)
		return
	case "zimbra-mailbox":
		t.mailstore(e, action)
		return
	}
	switch action {
	case "receive":
		keep(&t.story.User, e.Get("user"))
		if ip := e.Get("client_ip"); !mailtrace.IsLoopback(ip) {
			keep(&t.story.ClientIP, ip)
		}
	case "queue":
		keep(&t.story.From, e.Get("from"))
		keep(&t.story.Size, e.Get("size"))
	case "deliver":
		t.delivery(e, outcome)
	case "expire":
		for _, r := range t.by {
			if r.Outcome == "deferred" {
				r.Outcome = "bounced"
			}
		}
	default:
		if outcome == "rejected" && e.Get("to") != "" {
			r := t.recipient(e.Get("to"))
			r.Outcome, r.Reason = "rejected", e.Get("error")
		}
	}
}

// delivery reads what a delivery agent wrote. A hop inside of the mail system
// says nothing of the end; a recipient that an alias named is the alias's.
func (t *teller) delivery(e *Event, outcome string) {
	to := e.Get("to")
	if to == "" || outcome == "hop" {
		return
	}
	if alias := t.by[strings.ToLower(e.Get("orig_to"))]; alias != nil && alias.Outcome == "unknown" {
		delete(t.by, strings.ToLower(e.Get("orig_to")))
	}
	r := t.recipient(to)
	r.Relay, r.DSN = e.Get("relay"), e.Get("dsn")
	t.after(r, e)
	switch outcome {
	case "success":
		r.Outcome = "delivered"
	case "deferred":
		r.Outcome, r.Reason = "deferred", e.Get("error")
		r.Deferred++
	case "bounced", "discarded":
		if r.Outcome != "blocked" { // then the content filter has said more
			r.Outcome, r.Reason = outcome, e.Get("error")
		}
	}
}

// after keeps how long it took until an attempt. Postfix's own delay tells more
// where the first lines of the mail are missing.
func (t *teller) after(r *Recipient, e *Event) {
	at := e.Stamp()
	r.whole = at.Digits == 0 && t.story.Begin.Digits == 0
	r.After = max(at.Sub(t.story.Begin.Time), 0)
	if d, err := time.ParseDuration(e.Get("delay")); err == nil && d > r.After+time.Minute {
		r.After = d
	}
	r.Seconds = r.After.Seconds()
}

func (t *teller) amavis(e *Event) {
	verdict := e.Get("verdict")
	if verdict == "" {
		return
	}
	text := verdict + " " + e.Get("category")
	if v := e.Get("virus"); v != "" {
		text += " (" + v + ")"
	}
	if s := e.Get("score"); s != "" {
		text += ", score " + s
	}
	if t.story.Verdict == "" || verdict == "Blocked" {
		t.story.Verdict = text
	}
	keep(&t.story.From, e.Get("from"))
	if verdict != "Blocked" {
		return
	}
	for to := range strings.SplitSeq(e.Get("to"), ",") {
		if to != "" {
			r := t.recipient(to)
			r.Outcome, r.Reason = "blocked", text
		}
	}
}

// mailstore reads mailbox.log: the folder that the mail was put into.
func (t *teller) mailstore(e *Event, action string) {
	switch action {
	case "add":
		if folder := e.Get("folder"); folder != "" && e.Get("user") != "" {
			if r := t.by[strings.ToLower(e.Get("user"))]; r != nil {
				r.Mailbox = folder
			}
		}
	case "send":
		keep(&t.story.User, e.Get("user"))
		t.written(e)
	}
}

// written says that a person wrote the mail in a program that the mailstore
// serves. To Postfix the client is the mailstore.
func (t *teller) written(e *Event) {
	ip := e.Get("client_ip")
	if t.story.Via != "" || ip == "" || mailtrace.IsLoopback(ip) {
		return
	}
	t.story.ClientIP = ip
	t.story.Via = program(e.Line) + "via " + orUnknownHost(e.Host())
}

// program tells by the name of the thread what the mail was written with.
func program(line string) string {
	switch {
	case strings.Contains(line, "/Microsoft-Server-ActiveSync"):
		return "ActiveSync, "
	case strings.Contains(line, "/service/soap"):
		return "web, "
	}
	return ""
}

func (t *teller) finish(c *Case, events []*Event) {
	s := &t.story
	for _, key := range t.order {
		if r := t.by[key]; r != nil {
			s.Recipients = append(s.Recipients, *r)
			s.Summary = append(s.Summary, r.sentence())
		}
	}
	for _, n := range c.Notices {
		s.Notices = append(s.Notices, n.MessageIDs...)
	}
	if !s.Complete {
		s.Stuck = stuck(c, events)
	}
	if len(s.Summary) == 0 {
		s.Summary = []string{noRecipient(s)}
	}
}

func noRecipient(s *Story) string {
	if s.Complete {
		return "no line says what became of it"
	}
	return "no attempt to deliver it was logged"
}

// sentence says in words what became of the mail for the recipient.
func (r *Recipient) sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", r.Address)
	if r.Deferred > 0 {
		fmt.Fprintf(&b, "deferred %s: %s", times(r.Deferred), orUnknown(r.Reason))
		if r.Outcome == "deferred" {
			return b.String() + "; still waiting at the end of the log"
		}
		b.WriteString("; ")
	}
	switch r.Outcome {
	case "delivered":
		fmt.Fprintf(&b, "delivered to %s after %s", r.Relay, r.took())
		if r.Mailbox != "" {
			fmt.Fprintf(&b, ", into the folder %s", r.Mailbox)
		}
	case "bounced":
		fmt.Fprintf(&b, "returned to the sender: %s", orUnknown(r.Reason))
	case "rejected":
		fmt.Fprintf(&b, "refused: %s", orUnknown(r.Reason))
	case "blocked":
		fmt.Fprintf(&b, "stopped by the content filter: %s", r.Reason)
	case "discarded":
		b.WriteString("discarded")
	default:
		b.WriteString("no line says what became of it")
	}
	return b.String()
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func orUnknown(s string) string {
	if s == "" {
		return "no reason was logged"
	}
	return s
}

// took is how long it took, as exactly as the log says.
func (r *Recipient) took() string {
	if r.whole && r.After >= time.Second && r.After < time.Minute {
		return fmt.Sprintf("%d s", int(r.After.Seconds()))
	}
	return short(r.After)
}

// short writes a duration as people do: two units at most.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond: // the log has whole seconds
		return "less than a second"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// stuck says where a mail is that Postfix has not removed everywhere.
func stuck(c *Case, events []*Event) string {
	var open []string
	for _, g := range c.Groups {
		if !g.Complete {
			open = append(open, g.QueueID+" on "+orUnknownHost(g.Host))
		}
	}
	last := events[len(events)-1]
	where := "in the queue as " + strings.Join(open, ", ")
	for _, e := range slices.Backward(events) {
		if e.Get("action") == "deliver" {
			return fmt.Sprintf("%s; last attempt at %s by %s: %s", where, e.Get("relay"), e.Service(), orUnknown(orElse(e.Get("error"), e.Get("status"))))
		}
	}
	return fmt.Sprintf("%s; the last line is of %s", where, last.Service())
}

func orUnknownHost(s string) string { return orElse(s, "an unknown host") }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
