package answer

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
	chartRight  = 918
)

// maxCurves of one chart: more cannot be told apart.
const maxCurves = 8

// maxDots of a curve up to which each value is a dot of its own; of others only
// those that stand alone.
const maxDots = 40

// Chart is curves over time, as SVG.
type Chart struct {
	W, H, Left, TextX, ZoneAt int
	X, Y                      []Tick
	Curves                    []Curve
	More                      int // curves left out
}

// Tick is a mark of an axis.
type Tick struct{ At, TextAt, Text string }

// Curve is a series.
type Curve struct {
	Class int // of its colour
	Name  string
	Parts []string // polylines: a gap of time ends one
	Dots  []Dot
}

// Dot is one value.
type Dot struct{ X, Y, Text string }

// chartOf draws the series with the greatest values; nil if there is only one
// time, of which a table says more.
func chartOf(series []engine.Series, location *time.Location) *Chart {
	from, to, step, top, ok := extent(series)
	if !ok || from == to {
		return nil
	}
	list := slices.Clone(series)
	slices.SortStableFunc(list, func(x, y engine.Series) int { return compare(peak(y), peak(x)) })
	c := &Chart{W: chartWidth, H: chartHeight, Left: chartLeft, TextX: chartLeft - 8, ZoneAt: chartBottom + 22, More: max(len(list)-maxCurves, 0)}
	top = c.axisY(top)
	c.axisX(from, to, location)
	x := func(ms int64) float64 {
		return chartLeft + float64(ms-from)/float64(to-from)*(chartRight-chartLeft)
	}
	y := func(v float64) float64 { return chartBottom - v/top*(chartBottom-chartTop) }
	list = list[:len(list)-c.More]
	for n, class := range classes(list) {
		c.Curves = append(c.Curves, curveOf(class, list[n], step, location, x, y))
	}
	return c
}

// levelClass is the colour of a level: an error is red however many others it has.
var levelClass = map[string]int{"fatal": 3, "critical": 3, "error": 6, "warn": 4, "info": 0, "debug": 5, "trace": 7}

// classes are the colours of curves: of levels those that people expect, of other
// things one after the other.
func classes(list []engine.Series) []int {
	var plain, levels []int
	for n, s := range list {
		plain = append(plain, n)
		if len(s.Labels) != 1 || s.Labels[0].Name != "level" && s.Labels[0].Name != "detected_level" {
			continue
		}
		if class, ok := levelClass[s.Labels[0].Value]; ok && !slices.Contains(levels, class) {
			levels = append(levels, class)
		}
	}
	if len(levels) == len(list) {
		return levels
	}
	return plain
}

func curveOf(n int, s engine.Series, step int64, location *time.Location, x func(int64) float64, y func(float64) float64) Curve {
	c := Curve{Class: n, Name: seriesName(s)}
	var part []string
	var lone Dot
	end := func() {
		if len(part) == 1 && len(s.Points) > maxDots { // a line of one point is none
			c.Dots = append(c.Dots, lone)
		}
		if len(part) > 0 {
			c.Parts, part = append(c.Parts, strings.Join(part, " ")), nil
		}
	}
	for k, pt := range s.Points {
		if k > 0 && pt.Time-s.Points[k-1].Time > step {
			end()
		}
		if math.IsNaN(pt.Value) || math.IsInf(pt.Value, 0) {
			continue
		}
		px, py := coord(x(pt.Time)), coord(y(max(pt.Value, 0)))
		part = append(part, px+","+py)
		lone = Dot{px, py, fmt.Sprintf("%s: %s", time.UnixMilli(pt.Time).In(location).Format(Format+" MST"), Number(pt.Value))}
		if len(s.Points) <= maxDots {
			c.Dots = append(c.Dots, lone)
		}
	}
	end()
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

// axisY draws lines at round values and returns the value at the top.
func (c *Chart) axisY(top float64) float64 {
	if top < 1e-300 { // of less the step would be 0
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
		c.Y = append(c.Y, Tick{coord(at), coord(at + 4), Number(n * step)})
	}
	return lines * step
}

// axisX marks round times of the clock.
func (c *Chart) axisX(from, to int64, location *time.Location) {
	const most = 7
	every := steps[len(steps)-1]
	for _, s := range steps {
		if (to-from)/s.Milliseconds() < most {
			every = s
			break
		}
	}
	layout := "15:04"
	switch {
	case every < time.Minute:
		layout = "15:04:05"
	case every >= 24*time.Hour:
		layout = "01-02"
	case to-from > (24 * time.Hour).Milliseconds():
		layout = "01-02 15:04"
	}
	_, offset := time.UnixMilli(from).In(location).Zone()
	shift, step := int64(offset)*1000, every.Milliseconds()
	for ms := (from+shift+step-1)/step*step - shift; ms <= to; ms += step {
		at := chartLeft + float64(ms-from)/float64(to-from)*(chartRight-chartLeft)
		c.X = append(c.X, Tick{coord(at), strconv.Itoa(chartBottom + 22), time.UnixMilli(ms).In(location).Format(layout)})
	}
}

func coord(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
