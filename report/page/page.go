// Package page writes a report for people: one HTML file that asks nothing of
// the network and runs no script, or Markdown; and for programs as JSON.
package page

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/report"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var style string

// Options are how a report is written.
type Options struct {
	Title    string
	Lang     string // "en" or "ru": what is shown first
	Location *time.Location
	Ask      string // the rest of an `ask` command: the paths, quoted for a shell

	// Link is the page that answers a query, or nil where only a command can.
	Link func(logQL string) string
}

// card is a number with its name.
type card struct {
	Name  findings.Text
	Value int64
	Bad   bool
}

// topic is a part of the page.
type topic struct {
	findings.Topic
	Results []report.Result
}

// list is a list of the mail part.
type list struct {
	Name  findings.Text
	Top   report.Top
	Bytes bool
}

// bar is a Bar of the timeline with its places in the picture.
type bar struct {
	report.Bar
	X, W, Y, H, EY, EH float64
}

type view struct {
	Options
	R                *report.Report
	Style            template.CSS
	Zone, Version    string
	Cards, MailCards []card
	Topics           []topic
	MailTops         []list
	Bars             []bar
	HasMail          bool
}

// HTML writes the page. What would steer a terminal, or turn the direction in
// which its neighbours are read, is written out.
func HTML(w io.Writer, r *report.Report, o Options) error {
	t, err := template.New("page").Funcs(o.funcs()).Parse(pageHTML)
	if err != nil {
		return err
	}
	m := &r.Mail
	v := view{
		Options: o, R: r, Style: template.CSS(style), Zone: o.zone(r.Last), Version: buildinfo.Version,
		Cards: cards(r), MailCards: mailCards(m), Topics: topics(r), MailTops: mailTops(m), Bars: bars(r.Timeline),
		HasMail: m.Received+m.Sent+m.Handed+m.Dropped+m.Deferrals+m.Bounced+m.Rejected > 0,
	}
	out := bufio.NewWriter(terminal.NewWriter(w))
	return errors.Join(t.Execute(out, v), out.Flush())
}

// JSON writes the report for programs.
func JSON(w io.Writer, r *report.Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

func (o *Options) funcs() template.FuncMap {
	both := func(en, ru string) template.HTML {
		return template.HTML(`<span class="en" lang="en">` + marked(en) + `</span><span class="ru" lang="ru">` + marked(ru) + `</span>`)
	}
	return template.FuncMap{
		"t":  func(t findings.Text) template.HTML { return both(t.EN, t.RU) },
		"tt": both,
		"num": func(n any) string {
			if i, ok := n.(int); ok {
				return say.Number(int64(i))
			}
			return say.Number(n.(int64))
		},
		"size":    say.Size,
		"formats": formats,
		"time":    o.time,
		"ask":     o.ask,
		"link":    o.link,
	}
}

// formats names what the lines of a log were recognised as.
func formats(t report.Top) string {
	var names []string
	for _, v := range t.Values {
		if v.Value != "unparsed" { // a column of its own
			names = append(names, v.Value)
		}
	}
	if t.More > 0 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// marked is a text of ours as HTML; what stands in backquotes is code.
func marked(s string) string {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		if part = template.HTMLEscapeString(part); i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		b.WriteString(part)
	}
	return b.String()
}

// zone names the zone of the times. The machine's own has no name that says
// anything elsewhere, but a distance from UTC.
func (o *Options) zone(ns int64) string {
	if o.Location == time.Local {
		return "UTC" + time.Unix(0, ns).In(o.Location).Format("-07:00")
	}
	return o.Location.String()
}

func (o *Options) time(ns int64) string {
	if ns == 0 {
		return "–"
	}
	return time.Unix(0, ns).In(o.Location).Format("2006-01-02 15:04:05")
}

// ask is the command that shows all entries of a finding.
func (o *Options) ask(query string) string {
	return "zimbraloki ask --limit 0 " + say.Quote(query) + " " + o.Ask
}

func (o *Options) link(query string) string {
	if o.Link == nil {
		return ""
	}
	return o.Link(query)
}

func cards(r *report.Report) []card {
	critical, warning := r.Told(findings.Critical), r.Told(findings.Warning)
	return []card{
		{findings.Text{EN: "urgent", RU: "срочно"}, critical, critical > 0},
		{findings.Text{EN: "to look at", RU: "проверить"}, warning, false},
		{findings.Text{EN: "entries", RU: "записей"}, r.Entries, false},
		{findings.Text{EN: "hosts", RU: "хостов"}, int64(len(r.Hosts.Values) + r.Hosts.More), false},
		{findings.Text{EN: "unparsed", RU: "не разобрано"}, r.Unparsed, false},
		{findings.Text{EN: "without a time of their own", RU: "без своего времени"}, r.Untimed, false},
	}
}

func mailCards(m *report.Mail) []card {
	return []card{
		{findings.Text{EN: "received", RU: "принято"}, m.Received, false},
		{findings.Text{EN: "delivered", RU: "доставлено"}, m.Sent, false},
		{findings.Text{EN: "handed to filters", RU: "передано фильтрам"}, m.Handed, false},
		{findings.Text{EN: "deferrals", RU: "откладываний"}, m.Deferrals, false},
		{findings.Text{EN: "bounced", RU: "возвращено"}, m.Bounced, false},
		{findings.Text{EN: "rejected", RU: "отклонено"}, m.Rejected, false},
		{findings.Text{EN: "discarded", RU: "выброшено"}, m.Dropped, false},
	}
}

func mailTops(m *report.Mail) []list {
	return []list{
		{findings.Text{EN: "Deferred: why", RU: "Отложено: почему"}, m.Deferred, false},
		{findings.Text{EN: "Bounced: why", RU: "Возвращено: почему"}, m.Bounces, false},
		{findings.Text{EN: "Rejected: why", RU: "Отклонено: почему"}, m.Rejects, false},
		{findings.Text{EN: "Domains of recipients", RU: "Домены получателей"}, m.Domains, false},
		{findings.Text{EN: "Domains of recipients by size", RU: "Домены получателей по объёму"}, m.DomainSize, true},
		{findings.Text{EN: "Domains of senders", RU: "Домены отправителей"}, m.From, false},
		{findings.Text{EN: "Domains of senders by size", RU: "Домены отправителей по объёму"}, m.FromSize, true},
		{findings.Text{EN: "Senders by mails", RU: "Отправители по числу"}, m.Senders, false},
		{findings.Text{EN: "Senders by size", RU: "Отправители по объёму"}, m.SenderSize, true},
		{findings.Text{EN: "Recipients by mails", RU: "Получатели по числу"}, m.Recipients, false},
		{findings.Text{EN: "Recipients by size", RU: "Получатели по объёму"}, m.RecipientSize, true},
	}
}

func topics(r *report.Report) (out []topic) {
	for _, t := range findings.Topics {
		part := topic{Topic: t}
		for _, f := range r.Findings {
			if f.Topic == t.Name {
				part.Results = append(part.Results, f)
			}
		}
		if len(part.Results) > 0 {
			out = append(out, part)
		}
	}
	return out
}

// bars gives all entries 100 units of height, and errors the 40 above them.
func bars(list []report.Bar) (out []bar) {
	var most, worst int64 = 1, 1
	for _, b := range list {
		most, worst = max(most, b.Entries), max(worst, b.Errors)
	}
	w := 1000 / float64(max(len(list), 1))
	for i, b := range list {
		h, e := 100*float64(b.Entries)/float64(most), 4+36*float64(b.Errors)/float64(worst)
		out = append(out, bar{b, float64(i) * w, w * 0.85, 150 - h, h, 42 - e, e})
	}
	return out
}
