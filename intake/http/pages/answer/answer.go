// Package answer makes of the result of a question what a page shows: lines,
// rows with a value, and a chart of curves.
package answer

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// MaxRows is how many series a table has.
const MaxRows = 200

// Format is how times are written.
const Format = "2006-01-02 15:04:05"

// Options say how a result is shown.
type Options struct {
	Location *time.Location // of times
	Lines    int            // of a log query, the newest ones
}

// Answer is a result as a page shows it.
type Answer struct {
	Empty bool
	Zone  string // of its times
	Lines []Line
	Rows  []Row
	Heads []string // of the rows' cells
	More  bool     // lines or rows were left out
	Chart *Chart   // nil: there is no course over time
}

// Line is one entry of a log.
type Line struct {
	Time, Level, Where, Text string
	Fields                   []entry.Pair // what else is known of it
}

// Row is a series.
type Row struct {
	Cells       []string
	Value, Peak string // the last value, and the greatest
	Share       int    // of the greatest value of all rows, in thousandths
}

// Of makes the answer of a result.
func Of(r *engine.Result, o Options) *Answer {
	a := &Answer{Zone: time.Now().In(o.Location).Format("MST")}
	switch r.Type {
	case engine.Streams:
		a.lines(r.Streams, o)
	case engine.Scalar:
		a.Rows = []Row{{Value: Number(r.Scalar.Value), Share: 1000}}
	case engine.Matrix:
		a.Chart = chartOf(r.Series, o.Location)
		a.rows(r.Series, peak)
	default:
		a.rows(r.Series, last)
	}
	a.Empty = len(a.Lines)+len(a.Rows) == 0
	return a
}

func (a *Answer) lines(streams []engine.Stream, o Options) {
	type found struct {
		ns int64
		Line
	}
	var all []found
	for _, s := range streams {
		of := lineOf(s.Labels)
		for _, e := range s.Entries {
			l := of
			l.Time, l.Text = time.Unix(0, e.Time).In(o.Location).Format(Format+".000"), e.Text
			all = append(all, found{e.Time, l})
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return compare(y.ns, x.ns) })
	if o.Lines > 0 && len(all) > o.Lines {
		a.More, all = true, all[:o.Lines]
	}
	for _, x := range all {
		a.Lines = append(a.Lines, x.Line)
	}
	if len(all) > 0 { // summer and winter have different names
		a.Zone = time.Unix(0, all[0].ns).In(o.Location).Format("MST")
	}
}

// lineOf is what labels say of a line. What is the same for a whole ticket is
// left out.
func lineOf(labels []entry.Pair) (l Line) {
	for _, p := range labels {
		switch p.Name {
		case "platform", "ticket", "source", "archive", "job", "detected_level":
		case "level":
			l.Level = p.Value
		case "host", "log":
			l.Where = strings.TrimSpace(l.Where + " " + p.Value)
		default:
			l.Fields = append(l.Fields, p)
		}
	}
	return l
}

// rows are the series, the greatest first by what of them counts, a column a
// label.
func (a *Answer) rows(series []engine.Series, of func(engine.Series) float64) {
	for _, s := range series {
		for _, l := range s.Labels {
			if !slices.Contains(a.Heads, l.Name) {
				a.Heads = append(a.Heads, l.Name)
			}
		}
	}
	list := slices.Clone(series)
	slices.SortStableFunc(list, func(x, y engine.Series) int { return compare(of(y), of(x)) })
	most := 0.0
	if len(list) > 0 {
		most = of(list[0])
	}
	a.More = len(list) > MaxRows
	for _, s := range list[:min(len(list), MaxRows)] {
		r := Row{Value: Number(last(s)), Peak: Number(peak(s)), Cells: make([]string, len(a.Heads))}
		if most > 0 && !math.IsInf(most, 0) {
			r.Share = int(max(of(s), 0) / most * 1000)
		}
		for _, l := range s.Labels {
			r.Cells[slices.Index(a.Heads, l.Name)] = l.Value
		}
		a.Rows = append(a.Rows, r)
	}
}

func last(s engine.Series) float64 {
	if len(s.Points) == 0 {
		return 0
	}
	return s.Points[len(s.Points)-1].Value
}

func peak(s engine.Series) float64 {
	top := math.Inf(-1)
	for _, pt := range s.Points {
		if !math.IsNaN(pt.Value) {
			top = max(top, pt.Value)
		}
	}
	if math.IsInf(top, -1) {
		return 0
	}
	return top
}

func compare[N int64 | float64](a, b N) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Number is a value for people: no more digits than say something, its
// thousands apart.
func Number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return Count(int64(v))
	}
	if a := math.Abs(v); a >= 1000 && a < 1e15 {
		whole, part := math.Modf(v)
		text := strconv.FormatFloat(math.Abs(part), 'f', 1, 64)
		if text == "1.0" { // 1999.96
			return Count(int64(math.Round(v)))
		}
		return Count(int64(whole)) + text[1:]
	}
	return strconv.FormatFloat(v, 'g', 5, 64)
}

// thin is a space between thousands at which no line breaks.
const thin = "\u202f"

// Count is a whole number, its thousands apart from 10 000 on.
func Count(n int64) string {
	s, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		s, sign = s[1:], "-"
	}
	if len(s) < 5 {
		return sign + s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + thin + s[i:]
	}
	return sign + s
}
