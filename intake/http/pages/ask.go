package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/http/pages/answer"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Question is LogQL about the logs of a ticket.
type Question struct {
	Ticket, Query string
	From, To      time.Time     // the zero times are the first and the last entry
	Step          time.Duration // of the points of a metric query; 0 = one value
	Lines         int           // of a log query, at most
}

// askForm is where a person asks.
type askForm struct {
	Number, Query, From, To, Zone string
	RangeError                    string
	Steps, Lines                  []option
	First                         []example
	Topics                        []exampleTopic
	Empty                         bool // there is nothing to ask

	whole, asked span
	step         time.Duration
	lines        int
}

// span is a range of times.
type span struct{ from, to time.Time }

type option struct {
	Value, Text string
	On          bool
}

// inputTimes are how a time may be written: as the answers have it, so that one
// of a line can be pasted, and shorter, or as browsers and programs do.
var inputTimes = []string{answer.Format, "2006-01-02 15:04", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04"}

// What a form offers: distances of points, and numbers of lines.
var (
	askSteps = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	askLines = []int{100, 250, 500, 1000}
)

const defaultLines = 250

// askForm is the form with what a request fills in: nothing, on the page of a
// ticket.
func (p *Pages) askForm(i *guard.Info, t model.Ticket, whole span, q url.Values) askForm {
	f := askForm{Number: t.Number, Query: strings.TrimSpace(q.Get("q")), whole: whole, Empty: whole.from.IsZero(), lines: defaultLines}
	whole.from, whole.to = whole.from.In(p.Location).Truncate(time.Second), whole.to.In(p.Location).Add(time.Second-1).Truncate(time.Second)
	f.Zone = whole.to.Format("MST")
	var ok, fine bool
	if f.From, f.asked.from, ok = p.inputTime(q.Get("from"), whole.from); !ok {
		f.RangeError = p.text(i, "ask.badtime")
	}
	if f.To, f.asked.to, fine = p.inputTime(q.Get("to"), whole.to); !fine {
		f.RangeError = p.text(i, "ask.badtime")
	}
	if ok && fine && f.From >= f.To && !f.Empty {
		f.RangeError = p.text(i, "ask.badrange")
	}
	step, _ := time.ParseDuration(q.Get("step"))
	f.Steps = []option{{"", p.text(i, "ask.stepauto"), step == 0}}
	for _, d := range askSteps {
		if d == step {
			f.step = d
		}
		f.Steps = append(f.Steps, option{d.String(), p.duration(i, d), d == step})
	}
	if n, _ := strconv.Atoi(q.Get("lines")); slices.Contains(askLines, n) {
		f.lines = n
	}
	for _, n := range askLines {
		f.Lines = append(f.Lines, option{strconv.Itoa(n), answer.Count(int64(n)), n == f.lines})
	}
	f.First, f.Topics = f.examples(i.Lang, t.Platform)
	return f
}

// inputTime is a time of a form: what is in the input, and the time itself, the
// zero time for that of the logs.
func (p *Pages) inputTime(text string, whole time.Time) (value string, at time.Time, ok bool) {
	if whole.IsZero() {
		return "", at, true
	}
	own := whole.Format(answer.Format)
	if text = strings.TrimSpace(text); text == "" || text == own {
		return own, at, true
	}
	for _, layout := range inputTimes {
		if at, err := time.ParseInLocation(layout, text, p.Location); err == nil {
			return at.Format(answer.Format), at, true
		}
	}
	return text, at, false
}

// duration is a distance of time for people.
func (p *Pages) duration(i *guard.Info, d time.Duration) string {
	for _, unit := range []struct {
		of  time.Duration
		key string
	}{{24 * time.Hour, "unit.d"}, {time.Hour, "unit.h"}, {time.Minute, "unit.min"}} {
		if d >= unit.of && d%unit.of == 0 {
			return fmt.Sprintf("%d\u00a0%s", d/unit.of, p.text(i, unit.key))
		}
	}
	return fmt.Sprintf("%d\u00a0%s", d/time.Second, p.text(i, "unit.s"))
}

type askView struct {
	view
	T       model.Ticket
	Ask     askForm
	Explore string
	Error   string // in the language of the page
	Said    string // what LogQL says, in English
	About   string // what was asked: the time, the distance of points
	Cut     string
	Whole   string // the same question over the whole time
	Answer  *answer.Answer
}

// maxQuery bounds a question, in characters as its field does.
const maxQuery = 5000

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	if p.Importer == nil {
		return model.ErrNotFound
	}
	ctx, q := r.Context(), r.URL.Query()
	t, err := p.Tickets.Ticket(ctx, i.Who, r.PathValue("number"))
	if err != nil {
		return err
	}
	whole, err := p.wholeTime(ctx, i, t.Number)
	if err != nil {
		return err
	}
	v := askView{view: p.base(r, i, "tickets", "ask.title"), T: t, Ask: p.askForm(i, t, whole, q), Explore: p.Importer.Explore(ctx, t.Number)}
	status := http.StatusOK
	switch {
	case v.Ask.Query == "" || q.Get("draft") != "" || v.Ask.Empty:
	case v.Ask.RangeError != "":
		status = http.StatusBadRequest
	case utf8.RuneCountInString(v.Ask.Query) > maxQuery:
		v.Error, status = p.text(i, "ask.long"), http.StatusBadRequest
	default:
		status, err = p.answer(ctx, i, &v)
	}
	if err != nil {
		return err
	}
	return p.render(w, i, status, "ask", v)
}

// wholeTime is from the first to the last entry of the archives of a ticket
// that were read.
func (p *Pages) wholeTime(ctx context.Context, i *guard.Info, number string) (s span, err error) {
	list, _, err := p.Tickets.Archives(ctx, i.Who, model.ArchiveFilter{Ticket: number})
	for _, a := range list {
		s.add(a.Import)
	}
	return s, err
}

func (s *span) add(m model.Import) {
	if !m.Reported || m.Entries == 0 || m.From.IsZero() {
		return
	}
	if s.from.IsZero() || m.From.Before(s.from) {
		s.from = m.From
	}
	if m.To.After(s.to) {
		s.to = m.To
	}
}

// answer asks and fills the view.
func (p *Pages) answer(ctx context.Context, i *guard.Info, v *askView) (status int, err error) {
	f := &v.Ask
	if _, err := p.Tickets.Ask(ctx, i.Who, f.Number, f.Query); err != nil { // that it was asked is in the trail
		return 0, err
	}
	long, from, to := f.over()
	step := f.step
	if step == 0 {
		step = answer.Step(f.Query, long)
	}
	result, err := p.Importer.Ask(ctx, Question{f.Number, f.Query, f.asked.from, f.asked.to, step, f.lines + 1})
	if err != nil {
		return p.unanswered(i, v, err)
	}
	v.Answer = answer.Of(result, answer.Options{Location: p.Location, Lines: f.lines})
	v.About = from.In(p.Location).Format(answer.Format) + " – " + to.In(p.Location).Format(answer.Format+" MST")
	if v.Answer.Chart != nil && step > 0 {
		v.About += " · " + fmt.Sprintf(p.text(i, "ask.every"), p.duration(i, step))
	}
	switch {
	case v.Answer.More && len(v.Answer.Lines) > 0:
		v.Cut = fmt.Sprintf(p.text(i, "ask.cutlines"), answer.Count(int64(f.lines)))
	case v.Answer.More:
		v.Cut = fmt.Sprintf(p.text(i, "ask.cutrows"), answer.Count(answer.MaxRows))
	}
	if f.asked != (span{}) {
		v.Whole = f.link(f.Query, false, false)
	}
	return http.StatusOK, nil
}

// over is the time that is asked about.
func (f *askForm) over() (long time.Duration, from, to time.Time) {
	from, to = f.whole.from, f.whole.to
	if !f.asked.from.IsZero() {
		from = f.asked.from
	}
	if !f.asked.to.IsZero() {
		to = f.asked.to
	}
	return to.Sub(from), from, to
}

// unanswered says why there is no answer, if it is for who asked; the error if
// it is not.
func (p *Pages) unanswered(i *guard.Info, v *askView, err error) (int, error) {
	var of *engine.Error
	var parse *logql.ParseError
	switch {
	case errors.As(err, &parse):
		v.Error, v.Said = p.text(i, "ask.wrong"), parse.Error()
		return http.StatusBadRequest, nil
	case !errors.As(err, &of):
		return 0, err
	case of.Status == http.StatusTooManyRequests:
		v.Error = p.text(i, "ask.busy")
	case of.Status == http.StatusGatewayTimeout:
		v.Error = p.text(i, "ask.slow")
	default:
		v.Error, v.Said = p.text(i, "ask.wrong"), of.Msg
	}
	return of.Status, nil
}

// link is the page with a question: only written into the form with draft, over
// the time that was chosen with timed.
func (f *askForm) link(query string, draft, timed bool) string {
	q := url.Values{"q": {query}}
	if draft {
		q.Set("draft", "1")
	}
	if timed && !f.asked.from.IsZero() {
		q.Set("from", f.From)
	}
	if timed && !f.asked.to.IsZero() {
		q.Set("to", f.To)
	}
	return "/tickets/ask/" + url.PathEscape(f.Number) + "/?" + q.Encode()
}
