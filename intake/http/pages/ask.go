package pages

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/questions"
)

// askForm is where a person asks.
type askForm struct {
	Number, Query string
	Examples      []example
}

type example struct{ Title, Query string }

// exampleNames are the questions that a support engineer asks first.
var exampleNames = []string{"errors-by-component", "fatal", "exceptions", "failed-logins", "queue-reasons", "bounces", "slow-soap", "top-senders"}

// maxExamples of questions that the page offers.
const maxExamples = 8

// examples are questions that need no parameter, those of exampleNames first.
func examples(lang string) (list []example) {
	all := questions.All()
	slices.SortStableFunc(all, func(a, b questions.Question) int {
		return rank(a.Name) - rank(b.Name)
	})
	for _, q := range all {
		if len(q.Params) > 0 || len(list) == maxExamples {
			continue
		}
		title := q.EN
		if lang == "ru" {
			title = q.RU
		}
		list = append(list, example{title, strings.Join(strings.Fields(q.Query), " ")})
	}
	return list
}

func rank(name string) int {
	if n := slices.Index(exampleNames, name); n >= 0 {
		return n
	}
	return len(exampleNames)
}

func (p *Pages) askForm(i *guard.Info, number, query string) askForm {
	return askForm{Number: number, Query: query, Examples: p.sets[i.Lang].examples}
}

type askView struct {
	view
	T              model.Ticket
	Ask            askForm
	Explore, Error string
	Answer         *answer
}

// maxQuery bounds a question, in bytes.
const maxQuery = 5000

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, i *guard.Info) error {
	number, query := r.PathValue("number"), strings.TrimSpace(r.URL.Query().Get("q"))
	if p.Importer == nil {
		return model.ErrNotFound
	}
	t, err := p.Tickets.Ask(r.Context(), i.Who, number, query)
	if err != nil {
		return err
	}
	v := askView{view: p.base(r, i, "tickets", "ask.title"), T: t, Ask: p.askForm(i, number, query), Explore: p.Importer.Explore(r.Context(), number)}
	status := http.StatusOK
	switch {
	case query == "":
	case len(query) > maxQuery:
		v.Error, status = p.text(i, "ask.long"), http.StatusBadRequest
	default:
		result, err := p.Importer.Ask(r.Context(), number, query, time.Time{}, time.Time{})
		if err != nil {
			// What LogQL says of a question is for who asked it.
			v.Error, status = err.Error(), http.StatusBadRequest
			break
		}
		v.Answer = p.answerOf(result)
	}
	return p.render(w, i, status, "ask", v)
}

// What of an answer a page shows.
const (
	maxLines = 500
	maxRows  = 200
)

// answer is a result as the page shows it: lines, or rows with a value, and a
// chart of curves.
type answer struct {
	Empty, Cut bool
	Count      int
	Lines      []line
	Heads      []string
	Rows       []row
	Chart      *chart
}

type line struct{ Time, Labels, Text string }

type row struct {
	Cells []string
	Value string
	Share int // of the greatest, in thousandths
}

func (p *Pages) answerOf(r *engine.Result) *answer {
	a := &answer{}
	switch r.Type {
	case engine.Streams:
		p.lines(a, r.Streams)
	case engine.Scalar:
		a.Rows = []row{{Value: number(r.Scalar.Value), Share: 1000}}
	default:
		rows(a, r.Series)
		if r.Type == engine.Matrix {
			a.Chart = p.chartOf(r.Series)
		}
	}
	a.Empty = len(a.Lines)+len(a.Rows) == 0
	return a
}

func (p *Pages) lines(a *answer, streams []engine.Stream) {
	type at struct {
		ns int64
		line
	}
	var all []at
	for _, s := range streams {
		labels := labelText(s.Labels)
		for _, e := range s.Entries {
			all = append(all, at{e.Time, line{time.Unix(0, e.Time).In(p.Location).Format("2006-01-02 15:04:05.000"), labels, e.Text}})
		}
	}
	slices.SortStableFunc(all, func(x, y at) int { return int(min(max(y.ns-x.ns, -1), 1)) })
	a.Count, a.Cut = len(all), len(all) > maxLines
	for _, x := range all[:min(len(all), maxLines)] {
		a.Lines = append(a.Lines, x.line)
	}
}

// labelText is a stream for people; what is the same for a whole ticket is left
// out.
func labelText(labels []entry.Pair) string {
	var parts []string
	for _, l := range labels {
		switch l.Name {
		case "platform", "ticket", "source", "service_name", "job":
			continue
		}
		parts = append(parts, l.Value)
	}
	return strings.Join(parts, " ")
}

// rows are the last values of series, the greatest first, a column a label.
func rows(a *answer, series []engine.Series) {
	for _, s := range series {
		for _, l := range s.Labels {
			if !slices.Contains(a.Heads, l.Name) {
				a.Heads = append(a.Heads, l.Name)
			}
		}
	}
	list := slices.Clone(series)
	slices.SortStableFunc(list, func(x, y engine.Series) int { return compare(last(y), last(x)) })
	a.Cut = len(list) > maxRows
	most := 0.0
	if len(list) > 0 {
		most = last(list[0])
	}
	for _, s := range list[:min(len(list), maxRows)] {
		v := row{Value: number(last(s)), Cells: make([]string, len(a.Heads))}
		if most > 0 {
			v.Share = int(max(last(s), 0) / most * 1000)
		}
		for _, l := range s.Labels {
			v.Cells[slices.Index(a.Heads, l.Name)] = l.Value
		}
		a.Rows = append(a.Rows, v)
	}
}

func last(s engine.Series) float64 {
	if len(s.Points) == 0 {
		return 0
	}
	return s.Points[len(s.Points)-1].Value
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
