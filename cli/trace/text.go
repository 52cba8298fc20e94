package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
)

// textWriter prints mails for people.
type textWriter struct {
	out   *bufio.Writer
	loc   *time.Location
	width int
	brief bool // no timeline
}

// mail prints what is known of the mail, the timeline, then how it ended.
func (w *textWriter) mail(c *mailcase.Case, q *mailcase.Query) {
	s := mailcase.Tell(c)
	w.head(&s, q.Role(&s))
	events := c.Events()
	if w.brief && len(events) > 0 {
		w.field("began", events[0].Stamp().In(w.loc).Format("2006-01-02 15:04:05 -07:00"))
	}
	w.line("")
	if !w.brief {
		w.timeline(events)
		w.line("")
	}
	for _, sentence := range s.Summary {
		w.whole("  " + sentence)
	}
	if s.Stuck != "" {
		w.whole("  not finished: " + s.Stuck)
	}
	for _, n := range c.Notices {
		story := mailcase.Tell(n)
		w.whole("  notification " + strings.Join(story.MessageIDs, " ") + ": " + strings.Join(story.Summary, "; "))
	}
}

func (w *textWriter) head(s *mailcase.Story, role string) {
	title := strings.Join(s.MessageIDs, " ")
	if title == "" {
		title = "(no message-id was logged)"
	}
	w.line(title)
	w.field("who", role)
	from := s.From
	if from == "" {
		from = "<>"
	}
	w.field("from", from)
	w.field("login", s.User)
	client := s.ClientIP
	if s.Via != "" {
		client += ", " + s.Via
	}
	w.field("client", client)
	if s.Size != "" {
		w.field("size", s.Size+" bytes")
	}
	var to []string
	for _, r := range s.Recipients {
		to = append(to, r.Address)
	}
	w.field("to", strings.Join(to, ", "))
	w.field("filter", s.Verdict)
	w.field("queue ids", strings.Join(s.QueueIDs, ", "))
}

func (w *textWriter) field(name, value string) {
	if value != "" {
		w.whole(fmt.Sprintf("  %-10s %s", name, value))
	}
}

// timeline prints the lines in columns, the date where it changes.
func (w *textWriter) timeline(events []*mailcase.Event) {
	host, service, queue, clock := 0, 0, 0, 0
	for _, e := range events {
		host = max(host, len(e.Host()))
		clock = max(clock, len(e.Stamp().Clock(w.loc)))
		service = max(service, len(e.Service()))
		queue = max(queue, len(e.Get("queue_id")))
	}
	date := ""
	for _, e := range events {
		at := e.Stamp()
		if d := at.In(w.loc).Format("2006-01-02 -07:00"); d != date {
			date = d
			w.line("  " + d)
		}
		w.line(fmt.Sprintf("  %-*s  %-*s  %-*s  %-*s  %s", clock, at.Clock(w.loc), host, e.Host(), service, e.Service(),
			queue, e.Get("queue_id"), words(e)))
	}
}

// line prints one line, cut to the width.
func (w *textWriter) line(s string) {
	s = strings.TrimRight(terminal.Safe(s), " ")
	if w.width > 0 && utf8.RuneCountInString(s) > w.width {
		s = string([]rune(s)[:max(w.width-2, 0)]) + " …"
	}
	w.out.WriteString(s + "\n")
}

// whole prints one line that is not cut.
func (w *textWriter) whole(s string) {
	w.out.WriteString(terminal.Safe(s) + "\n")
}

// words is what a line says behind its head and its queue id: both stand in
// columns of their own.
func words(e *mailcase.Event) string {
	s, _, _ := strings.Cut(e.Line, "\n")
	if e.Labels.Get("log") == "mailbox" {
		if _, after, ok := strings.Cut(s, "] "+e.Get("component")+" - "); ok {
			return after
		}
	}
	for _, mark := range []string{"[" + e.Get("pid") + "]: ", " " + e.Get("pid") + " - - "} {
		if _, after, ok := strings.Cut(s, mark); ok {
			s = after
			break
		}
	}
	s = strings.TrimPrefix(strings.TrimLeft(s, " "), e.Get("queue_id")+": ")
	return s
}

// jsonEvent is one line of a mail.
type jsonEvent struct {
	Time     mailcase.Stamp    `json:"time"`
	Host     string            `json:"host,omitempty"`
	Service  string            `json:"service"`
	QueueID  string            `json:"queue_id,omitempty"`
	Metadata map[string]string `json:"metadata"`
	Line     string            `json:"line"`
}

// jsonMail is what -o json prints of a mail, on one line.
type jsonMail struct {
	mailcase.Story
	Role          string           `json:"role,omitempty"` // of whom was asked for: sent, received
	Notifications []mailcase.Story `json:"notification_stories,omitempty"`
	Events        []jsonEvent      `json:"events"`
}

func writeJSON(out *bufio.Writer, c *mailcase.Case, q *mailcase.Query) error {
	m := jsonMail{Story: mailcase.Tell(c), Events: []jsonEvent{}}
	m.Role = q.Role(&m.Story)
	for _, n := range c.Notices {
		m.Notifications = append(m.Notifications, mailcase.Tell(n))
	}
	for _, e := range c.Events() {
		meta := map[string]string{}
		for _, p := range e.Meta {
			meta[p.Name] = p.Value
		}
		m.Events = append(m.Events, jsonEvent{e.Stamp(), e.Host(), e.Service(), e.Get("queue_id"), meta, e.Line})
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(m)
}
