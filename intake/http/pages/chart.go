package pages

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// The chart's measures, in units of its viewBox.
const (
	chartWidth  = 960
	chartHeight = 300
	chartLeft   = 52
	chartBottom = 268 // where the line of zero is
	chartTop    = 14
	chartRight  = 946
)

// maxCurves of one chart: more cannot be told apart.
const maxCurves = 8

// maxDots of a curve up to which each value is a dot of its own.
const maxDots = 40

// chart is curves over time, as SVG.
type chart struct {
	W, H, Left, TextX int
	X, Y              []tick
	Curves            []curve
	More              int // curves left out
}

type tick struct{ At, TextAt, Text string }

type curve struct {
	Class int
	Name  string
	Parts []string // polylines: a gap of time ends one
	Dots  []dot
}

type dot struct{ X, Y, Text string }

// chartOf draws the series with the greatest values; nil if there is only one
// time, of which a table says more.
func (p *Pages) chartOf(series []engine.Series) *chart {
	from, to, step, top, ok := extent(series)
	if !ok || from == to {
		return nil
	}
	list := slices.Clone(series)
	slices.SortStableFunc(list, func(x, y engine.Series) int { return compare(peak(y), peak(x)) })
	c := &chart{W: chartWidth, H: chartHeight, Left: chartLeft, TextX: chartLeft - 8, More: max(len(list)-maxCurves, 0)}
	top = c.axisY(top)
	p.axisX(c, from, to)
	x := func(ms int64) float64 {
		return chartLeft + float64(ms-from)/float64(to-from)*(chartRight-chartLeft)
	}
	y := func(v float64) float64 { return chartBottom - v/top*(chartBottom-chartTop) }
	for n, s := range list[:len(list)-c.More] {
		c.Curves = append(c.Curves, p.curveOf(n, s, step, x, y))
	}
	return c
}

func (p *Pages) curveOf(n int, s engine.Series, step int64, x func(int64) float64, y func(float64) float64) curve {
	c := curve{Class: n, Name: seriesName(s)}
	var part []string
	for k, pt := range s.Points {
		if k > 0 && pt.Time-s.Points[k-1].Time > step {
			c.Parts, part = append(c.Parts, strings.Join(part, " ")), nil
		}
		if math.IsNaN(pt.Value) || math.IsInf(pt.Value, 0) {
			continue
		}
		px, py := coord(x(pt.Time)), coord(y(max(pt.Value, 0)))
		part = append(part, px+","+py)
		if len(s.Points) <= maxDots {
			c.Dots = append(c.Dots, dot{px, py, fmt.Sprintf("%s: %s", time.UnixMilli(pt.Time).In(p.Location).Format("2006-01-02 15:04:05"), number(pt.Value))})
		}
	}
	if len(part) > 0 {
		c.Parts = append(c.Parts, strings.Join(part, " "))
	}
	return c
}

func seriesName(s engine.Series) string {
	var parts []string
	for _, l := range s.Labels {
		parts = append(parts, l.Value)
	}
	if len(parts) == 0 {
		return "Σ"
	}
	return strings.Join(parts, " ")
}

// extent is the first and last time, the least distance of two, and the
// greatest value.
func extent(series []engine.Series) (from, to, step int64, top float64, ok bool) {
	from, to, step = math.MaxInt64, math.MinInt64, math.MaxInt64
	for _, s := range series {
		for k, pt := range s.Points {
			ok = true
			from, to = min(from, pt.Time), max(to, pt.Time)
			if k > 0 {
				step = min(step, pt.Time-s.Points[k-1].Time)
			}
			if !math.IsNaN(pt.Value) && !math.IsInf(pt.Value, 0) {
				top = max(top, pt.Value)
			}
		}
	}
	return from, to, step, top, ok
}

func peak(s engine.Series) (top float64) {
	for _, pt := range s.Points {
		if !math.IsNaN(pt.Value) {
			top = max(top, pt.Value)
		}
	}
	return top
}

// axisY draws lines at round values and returns the value at the top.
func (c *chart) axisY(top float64) float64 {
	if top <= 0 {
		top = 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(top/4)))
	step := unit
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if step = unit * m; top/step <= 5 {
			break
		}
	}
	lines := math.Ceil(top / step)
	for n := 0.0; n <= lines; n++ {
		at := chartBottom - n/lines*(chartBottom-chartTop)
		c.Y = append(c.Y, tick{coord(at), coord(at + 4), number(n * step)})
	}
	return lines * step
}

func (p *Pages) axisX(c *chart, from, to int64) {
	layout := "15:04"
	if to-from > (36 * time.Hour).Milliseconds() {
		layout = "01-02 15:04"
	}
	const ticks = 6
	for n := int64(0); n < ticks; n++ {
		ms := from + (to-from)*(2*n+1)/(2*ticks)
		at := chartLeft + float64(ms-from)/float64(to-from)*(chartRight-chartLeft)
		c.X = append(c.X, tick{coord(at), strconv.Itoa(chartBottom + 22), time.UnixMilli(ms).In(p.Location).Format(layout)})
	}
}

func coord(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// number is a value for people: no more digits than say something.
func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 5, 64)
}
