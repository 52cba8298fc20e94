package engine

import (
	"math"
	"math/bits"
	"slices"
)

// ranks are the values of a series in order of size, and how many of each are in
// the window, as a Fenwick tree: entering, leaving and asking take the logarithm
// of their number.
type ranks struct {
	values []float64
	tree   []int32
}

func (r *ranks) add(place int, n int32) {
	for i := place + 1; i < len(r.tree); i += i & -i {
		r.tree[i] += n
	}
}

// at returns the value that has n smaller ones in the window.
func (r *ranks) at(n int) float64 {
	place := 0
	for bit := 1 << (bits.Len(uint(len(r.tree))) - 1); bit > 0; bit >>= 1 {
		if next := place + bit; next < len(r.tree) && int(r.tree[next]) <= n {
			place, n = next, n-int(r.tree[next])
		}
	}
	return r.values[place]
}

// quantiles reckons quantile_over_time.
func quantiles(w *windows, points []sample, out []float64) {
	q := 0.0
	if w.expr.Param != nil {
		q = *w.expr.Param
	}
	if math.IsNaN(q) || q < 0 || q > 1 {
		w.ends(points, func(k, _, _ int) { out[k] = outside(q) })
		return
	}
	order := make([]int32, len(points)) // by size
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return bySize(points[a].value, points[b].value) })
	r := ranks{values: make([]float64, len(points)), tree: make([]int32, len(points)+1)}
	place := make([]int32, len(points)) // of each sample in that order
	for i, p := range order {
		r.values[i], place[p] = points[p].value, int32(i)
	}
	left, entered := 0, 0
	w.ends(points, func(k, from, to int) {
		for ; entered < to; entered++ {
			r.add(int(place[entered]), 1)
		}
		for ; left < from; left++ {
			r.add(int(place[left]), -1)
		}
		out[k] = r.quantile(q, to-from)
	})
}

// outside is the quantile of no number, and below 0 and above 1.
func outside(q float64) float64 {
	switch {
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	}
	return q
}

// bySize orders numbers, with what is none first.
func bySize(a, b float64) int {
	switch {
	case a < b || math.IsNaN(a) && !math.IsNaN(b):
		return -1
	case a > b || math.IsNaN(b) && !math.IsNaN(a):
		return 1
	}
	return 0
}

// quantile lies between the two values around it, as Prometheus has it; n values
// are in the window.
func (r *ranks) quantile(q float64, n int) float64 {
	rank := q * float64(n-1)
	lower := int(math.Floor(rank))
	weight := rank - math.Floor(rank)
	return r.at(lower)*(1-weight) + r.at(min(lower+1, n-1))*weight
}

// counterRates reckons rate_counter: what a counter rose a second, over its
// resets.
func counterRates(w *windows, points []sample, out []float64) {
	lost := make([]float64, len(points)) // by all resets up to each sample
	for i := 1; i < len(points); i++ {
		if lost[i] = lost[i-1]; points[i].value < points[i-1].value {
			lost[i] += points[i-1].value
		}
	}
	seconds := float64(w.width) / 1e9
	w.ends(points, func(k, from, to int) {
		out[k] = counterRate(points[from:to], lost[to-1]-lost[from], seconds)
	})
}

// counterRate is the rate in one window. Like Loki it adds the rise before the
// first value that Prometheus would extrapolate, for a time of one nanosecond a
// millisecond of the range.
func counterRate(list []sample, lost, seconds float64) float64 {
	if len(list) < 2 {
		return 0
	}
	first, last := &list[0], &list[len(list)-1]
	rise := last.value - first.value + lost
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
