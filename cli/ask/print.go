package ask

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// form is how an answer is written.
type form string

const (
	formText form = "text"
	formJSON form = "json"
	formRows form = "jsonl"
	formCSV  form = "csv"
	formRaw  form = "raw"
	formSVG  form = "svg"
	formPNG  form = "png"
)

var forms = []form{formText, formJSON, formRows, formCSV, formRaw, formSVG, formPNG}

// picture reports whether the form shows points over time only.
func (f form) picture() bool { return f == formSVG || f == formPNG }

// printer writes answers.
type printer struct {
	w        io.Writer
	form     form
	forward  bool // the oldest first
	location *time.Location
	title    string
	asked    bool // the query says in which order series come
	width    int  // of the terminal, characters
}

func (p *printer) print(r *engine.Result) error {
	switch {
	case p.form == formJSON:
		out := append([]byte(`{"status":"success","data":`), r.AppendJSON(nil, false)...)
		_, err := p.w.Write(append(out, "}\n"...))
		return err
	case p.form.picture():
		return p.picture(r)
	case p.form == formRows:
		return p.rows(r)
	case p.form == formCSV:
		return p.csv(r)
	}
	switch r.Type {
	case engine.Streams:
		return p.lines(r)
	case engine.Matrix:
		return p.chart(r)
	case engine.Scalar:
		_, err := fmt.Fprintln(p.w, number(r.Scalar.Value))
		return err
	default:
		return p.table(r)
	}
}

// line is an entry with its labels.
type line struct {
	engine.Line
	labels []entry.Pair
}

// sorted puts the entries of all streams in the order that was asked for.
func (p *printer) sorted(r *engine.Result) (all []line) {
	for i := range r.Streams {
		for _, e := range r.Streams[i].Entries {
			all = append(all, line{e, r.Streams[i].All})
		}
	}
	slices.SortStableFunc(all, func(a, b line) int {
		if p.forward {
			return cmp.Compare(a.Time, b.Time)
		}
		return cmp.Compare(b.Time, a.Time)
	})
	return all
}

func (p *printer) time(ns int64) string {
	return time.Unix(0, ns).In(p.location).Format("2006-01-02T15:04:05.000Z07:00")
}

func (p *printer) lines(r *engine.Result) error {
	var b strings.Builder
	for _, l := range p.sorted(r) {
		if p.form == formText {
			b.WriteString(p.time(l.Time) + " ")
			if host := get(l.labels, "host"); host != "" {
				b.WriteString(host + " ")
			}
		}
		b.WriteString(l.Text + "\n")
	}
	_, err := io.WriteString(p.w, b.String())
	return err
}

func get(labels []entry.Pair, name string) string {
	for _, l := range labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// table writes a vector as people read it: values, then labels in columns, the
// largest value first.
func (p *printer) table(r *engine.Result) error {
	names := columns(r)
	w := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	if p.form == formText && len(names) > 0 {
		fmt.Fprintln(w, "VALUE\t"+strings.ToUpper(strings.Join(names, "\t")))
	}
	series := slices.Clone(r.Series)
	if !p.asked {
		slices.SortStableFunc(series, func(a, b engine.Series) int { return cmp.Compare(b.Points[0].Value, a.Points[0].Value) })
	}
	for i := range series {
		s := &series[i]
		row := []string{rounded(s.Points[0].Value)}
		for _, n := range names {
			row = append(row, get(s.Labels, n))
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return w.Flush()
}

// columns are the names of all labels, sorted.
func columns(r *engine.Result) (names []string) {
	seen := map[string]bool{}
	add := func(labels []entry.Pair) {
		for _, l := range labels {
			if !seen[l.Name] {
				seen[l.Name] = true
				names = append(names, l.Name)
			}
		}
	}
	for i := range r.Series {
		add(r.Series[i].Labels)
	}
	for i := range r.Streams {
		add(r.Streams[i].All)
	}
	slices.Sort(names)
	return names
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// rounded is number without what reckoning adds behind the twelfth digit.
func rounded(v float64) string {
	if short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64); err == nil {
		v = short
	}
	return number(v)
}

// row is an entry or a point as an object of JSON.
type row struct {
	Time   string            `json:"time"`
	Labels map[string]string `json:"labels"`
	Line   *string           `json:"line,omitempty"`
	Value  string            `json:"value,omitempty"` // NaN is no number of JSON
}

// each calls f for every entry and every point.
func (p *printer) each(r *engine.Result, f func(ns int64, labels []entry.Pair, text string) error) error {
	for _, l := range p.sorted(r) {
		if err := f(l.Time, l.labels, l.Text); err != nil {
			return err
		}
	}
	series := r.Series
	if r.Type == engine.Scalar {
		series = []engine.Series{{Points: []engine.Point{r.Scalar}}}
	}
	for i := range series {
		for _, pt := range series[i].Points {
			if err := f(pt.Time*1e6, series[i].Labels, number(pt.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *printer) rows(r *engine.Result) error {
	enc := json.NewEncoder(p.w)
	enc.SetEscapeHTML(false)
	return p.each(r, func(ns int64, labels []entry.Pair, text string) error {
		o := row{Time: time.Unix(0, ns).In(p.location).Format(time.RFC3339Nano), Labels: map[string]string{}}
		for _, l := range labels {
			o.Labels[l.Name] = l.Value
		}
		if r.Type == engine.Streams {
			o.Line = &text
		} else {
			o.Value = text
		}
		return enc.Encode(o)
	})
}

func (p *printer) csv(r *engine.Result) error {
	names := columns(r)
	w := csv.NewWriter(p.w)
	last := "value"
	if r.Type == engine.Streams {
		last = "line"
	}
	if err := w.Write(append(append([]string{"time"}, names...), last)); err != nil {
		return err
	}
	err := p.each(r, func(ns int64, labels []entry.Pair, text string) error {
		rec := []string{time.Unix(0, ns).In(p.location).Format(time.RFC3339Nano)}
		for _, n := range names {
			rec = append(rec, get(labels, n))
		}
		return w.Write(append(rec, text))
	})
	w.Flush()
	return cmp.Or(err, w.Error())
}
