package engine

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// calculation is what a range aggregation does with its entries. There are
// three kinds: those that count, those that reckon entry by entry, and those
// that need all values of a window.
type calculation struct {
	count, size bool
	end         func(v, seconds float64) float64 // of count and size

	step func(c *cell, time int64, hash uint64, v float64)
	last func(c *cell, seconds float64) float64

	points func(list []sample, seconds, param float64) float64
}

func plain(v, _ float64) float64           { return v }
func perSecond(v, seconds float64) float64 { return v / seconds }

func cellValue(c *cell, _ float64) float64 { return c.a }

func addValue(c *cell, _ int64, _ uint64, v float64) {
	c.n++
	c.a += v
}

// calculations are the range aggregations by name.
var calculations map[string]calculation

func init() { //nolint:gochecknoinits // a table whose functions need helpers below
	calculations = map[string]calculation{
		"count_over_time":  {count: true, end: plain},
		"rate":             {count: true, end: perSecond},
		"bytes_over_time":  {size: true, end: plain},
		"bytes_rate":       {size: true, end: perSecond},
		"absent_over_time": {step: addValue, last: cellValue},
		"sum_over_time":    {step: addValue, last: cellValue},
		"avg_over_time":    {step: addValue, last: func(c *cell, _ float64) float64 { return c.a / float64(c.n) }},
		"max_over_time": {step: func(c *cell, _ int64, _ uint64, v float64) {
			if c.n++; c.n == 1 || v > c.a || math.IsNaN(c.a) {
				c.a = v
			}
		}, last: cellValue},
		"min_over_time": {step: func(c *cell, _ int64, _ uint64, v float64) {
			if c.n++; c.n == 1 || v < c.a || math.IsNaN(c.a) {
				c.a = v
			}
		}, last: cellValue},
		"first_over_time": {step: func(c *cell, t int64, h uint64, v float64) {
			if c.n++; c.n == 1 || t < c.time || t == c.time && h < c.hash {
				c.a, c.time, c.hash = v, t, h
			}
		}, last: cellValue},
		"last_over_time": {step: func(c *cell, t int64, h uint64, v float64) {
			if c.n++; c.n == 1 || t > c.time || t == c.time && h >= c.hash {
				c.a, c.time, c.hash = v, t, h
			}
		}, last: cellValue},
		"stdvar_over_time": {step: deviate, last: func(c *cell, _ float64) float64 { return c.b / float64(c.n) }},
		"stddev_over_time": {step: deviate, last: func(c *cell, _ float64) float64 {
			return math.Sqrt(c.b / float64(c.n))
		}},
		"quantile_over_time": {points: quantileOf},
		"rate_counter":       {points: counterRate},
	}
}

// unwrappedRate is rate over values.
var unwrappedRate = calculation{step: addValue, last: func(c *cell, seconds float64) float64 { return c.a / seconds }}

// deviate keeps mean (a) and the sum of squared deviations (b), as Welford does.
func deviate(c *cell, _ int64, _ uint64, v float64) {
	c.n++
	d := v - c.a
	c.a += d / float64(c.n)
	c.b += d * (v - c.a)
}

// slide calls the calculation for every window that has values.
func (w *windows) slide(points []sample, out []float64) {
	slices.SortStableFunc(points, func(a, b sample) int {
		switch {
		case a.time != b.time:
			return int(min(max(a.time-b.time, -1), 1))
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	param := 0.0
	if w.expr.Param != nil {
		param = *w.expr.Param
	}
	for k := range out {
		end := w.ev.at(k) - w.shift
		from := sort.Search(len(points), func(i int) bool { return points[i].time > end-w.width })
		to := sort.Search(len(points), func(i int) bool { return points[i].time > end })
		if from < to {
			out[k] = w.how.points(points[from:to], float64(w.width)/1e9, param)
		}
	}
}

func quantileOf(list []sample, _, q float64) float64 {
	values := make([]float64, len(list))
	for i := range list {
		values[i] = list[i].value
	}
	return quantile(values, q)
}

// quantile lies between the two values around it, as Prometheus has it.
func quantile(values []float64, q float64) float64 {
	switch {
	case math.IsNaN(q):
		return q
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	}
	slices.Sort(values)
	rank := q * float64(len(values)-1)
	lower := int(math.Floor(rank))
	upper := min(lower+1, len(values)-1)
	weight := rank - math.Floor(rank)
	return values[lower]*(1-weight) + values[upper]*weight
}

// counterRate is what a counter rose a second, over its resets. Like Loki it
// adds the rise before the first value that Prometheus would extrapolate, for a
// time of one nanosecond a millisecond of the range.
func counterRate(list []sample, seconds, _ float64) float64 {
	if len(list) < 2 {
		return 0
	}
	first, last := list[0], list[len(list)-1]
	rise := last.value - first.value
	for i := 1; i < len(list); i++ {
		if list[i].value < list[i-1].value {
			rise += list[i-1].value
		}
	}
	covered := float64(last.time-first.time) / 1e9
	before := seconds * 1000 / 1e9
	if rise > 0 && first.value >= 0 {
		before = min(before, covered*(first.value/rise))
	}
	between := covered / float64(len(list)-1)
	if before >= between*1.1 {
		before = between / 2
	}
	if between*1.1 <= 0 {
		before += between / 2
	}
	return rise * ((covered + before) / covered) / seconds
}

func sortPairs(pairs []entry.Pair) {
	slices.SortFunc(pairs, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
}

// sortedNames returns the names in order, each once.
func sortedNames(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
