package ask

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-analyze/charts"
	"github.com/guptarohit/asciigraph"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// maxCurves of one chart: more can't be told apart.
const maxCurves = 8

// grid is a matrix with a value, maybe none, for each time.
type grid struct {
	times  []int64 // ms
	names  []string
	values [][]float64 // NaN for none
	more   int         // curves left out
}

// gridOf takes the curves with the greatest values.
func gridOf(r *engine.Result) grid {
	var g grid
	place := map[int64]int{}
	for i := range r.Series {
		for _, p := range r.Series[i].Points {
			place[p.Time] = 0
		}
	}
	for t := range place {
		g.times = append(g.times, t)
	}
	slices.Sort(g.times)
	for i, t := range g.times {
		place[t] = i
	}
	series := slices.Clone(r.Series)
	slices.SortStableFunc(series, func(a, b engine.Series) int {
		return -compareFloat(peak(a.Points), peak(b.Points))
	})
	g.more = max(len(series)-maxCurves, 0)
	for _, s := range series[:len(series)-g.more] {
		row := make([]float64, len(g.times))
		for i := range row {
			row[i] = math.NaN()
		}
		for _, p := range s.Points {
			row[place[p.Time]] = p.Value
		}
		g.names = append(g.names, name(s.Labels))
		g.values = append(g.values, row)
	}
	return g
}

func peak(points []engine.Point) float64 {
	top := math.Inf(-1)
	for _, p := range points {
		top = max(top, p.Value)
	}
	return top
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// name is what a curve is called: user=ivanov host=mail1.
func name(labels []entry.Pair) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + l.Value
	}
	return strings.Join(parts, " ")
}

const (
	chartHeight = 15 // lines
	axisWidth   = 12 // characters
)

// chart draws a matrix in the terminal, one curve below the other: without
// colours they could not be told apart in one.
func (p *printer) chart(r *engine.Result) error {
	g := gridOf(r)
	var b strings.Builder
	for i, values := range g.values {
		h := chartHeight
		if len(g.values) > 1 {
			h = chartHeight / 3
		}
		b.WriteString(asciigraph.Plot(stretch(values, max(p.width-axisWidth, 20)), asciigraph.Height(h), asciigraph.LowerBound(0)))
		b.WriteString("\n" + strings.Repeat(" ", 6) + g.names[i] + "\n\n")
	}
	if n := len(g.times); n > 0 {
		fmt.Fprintf(&b, "%s … %s\n", p.time(g.times[0]*1e6), p.time(g.times[n-1]*1e6))
	}
	if g.more > 0 {
		fmt.Fprintf(&b, "%d more curves with lower values: -o csv has all\n", g.more)
	}
	_, err := io.WriteString(p.w, b.String())
	return err
}

// stretch makes values as many as fit into a width: each several times, or the
// greatest of several. What is missing stays missing.
func stretch(values []float64, width int) []float64 {
	if times := width / max(len(values), 1); times > 0 {
		var out []float64
		for _, v := range values {
			out = append(out, slices.Repeat([]float64{v}, times)...)
		}
		return out
	}
	out := make([]float64, width)
	for i := range out {
		out[i] = math.NaN()
		for _, v := range values[i*len(values)/width : (i+1)*len(values)/width] {
			if math.IsNaN(out[i]) || v > out[i] {
				out[i] = v
			}
		}
	}
	return out
}

// The size of a picture, pixels.
const (
	pictureWidth  = 1200
	pictureHeight = 500
)

// picture draws a matrix as SVG or PNG.
func (p *printer) picture(r *engine.Result) error {
	if r.Type != engine.Matrix {
		return fmt.Errorf("-o %s draws values over time; this question has %s for an answer", p.form, r.Type)
	}
	g := gridOf(r)
	if len(g.values) == 0 {
		return fmt.Errorf("-o %s: there is nothing to draw; no entry fits the question", p.form)
	}
	for _, row := range g.values {
		for i, v := range row {
			if math.IsNaN(v) {
				row[i] = charts.GetNullValue()
			}
		}
	}
	times := make([]string, len(g.times))
	layout := "15:04"
	if n := len(g.times); g.times[n-1]-g.times[0] > (24 * time.Hour).Milliseconds() {
		layout = "01-02 15:04"
	}
	for i, t := range g.times {
		times[i] = time.UnixMilli(t).In(p.location).Format(layout)
	}
	out := charts.SVGOutputOptionFunc()
	if p.form == formPNG {
		out = charts.PNGOutputOptionFunc()
	}
	painter, err := charts.LineRender(g.values, out, charts.DimensionsOptionFunc(pictureWidth, pictureHeight),
		charts.TitleTextOptionFunc(p.title), charts.XAxisLabelsOptionFunc(times), charts.LegendLabelsOptionFunc(g.names))
	if err != nil {
		return err
	}
	data, err := painter.Bytes()
	if err != nil {
		return err
	}
	_, err = p.w.Write(data)
	return err
}
