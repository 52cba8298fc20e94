package engine

import (
	"math"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// calculation is what a range aggregation does with its values: it reckons them
// one by one and joins what is known of two times, or it slides over all values.
type calculation struct {
	size   bool // the value is the length of the line
	hashed bool // the order of values of one time counts

	step func(c *cell, time int64, hash uint64, v float64)
	join func(c, later *cell) // both have values
	last func(c *cell, seconds float64) float64

	slide func(w *windows, points []sample, out []float64)
}

func cellCount(c *cell, _ float64) float64            { return float64(c.n) }
func countPerSecond(c *cell, seconds float64) float64 { return float64(c.n) / seconds }
func cellValue(c *cell, _ float64) float64            { return c.a }
func perSecond(c *cell, seconds float64) float64      { return c.a / seconds }

func addValue(c *cell, _ int64, _ uint64, v float64) {
	c.n++
	c.a += v
}

func addCell(c, later *cell) {
	c.n += later.n
	c.a += later.a
}

func largest(c *cell, _ int64, _ uint64, v float64) {
	if c.n++; c.n == 1 || v > c.a || math.IsNaN(c.a) {
		c.a = v
	}
}

func smallest(c *cell, _ int64, _ uint64, v float64) {
	if c.n++; c.n == 1 || v < c.a || math.IsNaN(c.a) {
		c.a = v
	}
}

func first(c *cell, t int64, h uint64, v float64) {
	if c.n++; c.n == 1 || t < c.time || t == c.time && h < c.hash {
		c.a, c.time, c.hash = v, t, h
	}
}

func last(c *cell, t int64, h uint64, v float64) {
	if c.n++; c.n == 1 || t > c.time || t == c.time && h >= c.hash {
		c.a, c.time, c.hash = v, t, h
	}
}

// oneValue makes of a step, which keeps one value, the joining of two cells.
func oneValue(step func(*cell, int64, uint64, float64)) func(c, later *cell) {
	return func(c, later *cell) {
		n := c.n + later.n
		step(c, later.time, later.hash, later.a)
		c.n = n
	}
}

// deviate keeps mean (a) and the sum of squared deviations (b), as Welford does.
func deviate(c *cell, _ int64, _ uint64, v float64) {
	c.n++
	d := v - c.a
	c.a += d / float64(c.n)
	c.b += d * (v - c.a)
}

// joinDeviations is the same for two parts (Chan, Golub and LeVeque).
func joinDeviations(c, later *cell) {
	n := c.n + later.n
	d := later.a - c.a
	c.a += d * float64(later.n) / float64(n)
	c.b += later.b + d*d*float64(c.n)*float64(later.n)/float64(n)
	c.n = n
}

// calculations are the range aggregations by name.
var calculations = map[string]calculation{
	"count_over_time":  {step: addValue, join: addCell, last: cellCount},
	"rate":             {step: addValue, join: addCell, last: countPerSecond},
	"bytes_over_time":  {step: addValue, join: addCell, last: cellValue, size: true},
	"bytes_rate":       {step: addValue, join: addCell, last: perSecond, size: true},
	"absent_over_time": {step: addValue, join: addCell, last: cellCount},
	"sum_over_time":    {step: addValue, join: addCell, last: cellValue},
	"avg_over_time":    {step: addValue, join: addCell, last: func(c *cell, _ float64) float64 { return c.a / float64(c.n) }},
	"max_over_time":    {step: largest, join: oneValue(largest), last: cellValue},
	"min_over_time":    {step: smallest, join: oneValue(smallest), last: cellValue},
	"first_over_time":  {step: first, join: oneValue(first), last: cellValue, hashed: true},
	"last_over_time":   {step: last, join: oneValue(last), last: cellValue, hashed: true},
	"stdvar_over_time": {step: deviate, join: joinDeviations, last: func(c *cell, _ float64) float64 { return c.b / float64(c.n) }},
	"stddev_over_time": {step: deviate, join: joinDeviations, last: func(c *cell, _ float64) float64 {
		return math.Sqrt(c.b / float64(c.n))
	}},
	"quantile_over_time": {slide: quantiles},
	"rate_counter":       {slide: counterRates, hashed: true},
}

// unwrappedRate is rate over values.
var unwrappedRate = calculation{step: addValue, join: addCell, last: perSecond}

func sortPairs(pairs []entry.Pair) {
	slices.SortFunc(pairs, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
}

// sortedNames returns the names in order, each once.
func sortedNames(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
