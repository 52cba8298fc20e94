package engine

import (
	"cmp"
	"math"
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// vectorAgg evaluates an aggregation over series.
func (ev *evaluation) vectorAgg(e *logql.VectorAgg) ([]*series, error) {
	if inner, ok := e.Inner.(*logql.RangeAgg); ok && atOnce(e, inner) {
		group := e.Group
		if group == nil {
			group = &logql.Grouping{}
		}
		return ev.rangeAgg(inner, group)
	}
	if inner, ok := e.Inner.(*logql.RangeAgg); ok && bestAtOnce(e, inner) {
		group := e.Group
		if group == nil {
			group = &logql.Grouping{}
		}
		held := ev.cells
		if list, err := ev.rangeAgg(inner, group); err == nil || ev.ctx.Err() != nil {
			return list, err
		}
		ev.cells = held // the error is that of the series in between
	}
	list, err := ev.eval(e.Inner)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case "sort", "sort_desc":
		return list, nil
	case "topk", "bottomk", "approx_topk":
		return ev.best(e, list), nil
	}
	var out []*series
	for _, g := range grouping(e.Group, list) {
		if s := ev.aggregate(e.Op, g); s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// atOnce reports whether entries may be put under the labels of the outer
// aggregation at once: a sum of sums. It spares the series in between, one for
// each user, say. What Loki's parsers look at depends on it, see wanted.
func atOnce(e *logql.VectorAgg, inner *logql.RangeAgg) bool {
	if inner.Group != nil {
		return false
	}
	if e.Op != "sum" {
		return false
	}
	switch inner.Op {
	case "count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum_over_time":
		return true
	}
	return false
}

// bestAtOnce is atOnce for the largest of largest values. There Loki keeps the
// series in between, which shows where parsers run.
func bestAtOnce(e *logql.VectorAgg, inner *logql.RangeAgg) bool {
	if inner.Group != nil || e.Op+"_over_time" != inner.Op || e.Op != "max" && e.Op != "min" {
		return false
	}
	return !slices.ContainsFunc(inner.Log.Stages, func(s logql.Stage) bool {
		switch s.(type) {
		case *logql.Parser, *logql.ExtractParser:
			return true
		}
		return false
	})
}

// group are the series that an aggregation makes one of.
type group struct {
	labels  []entry.Pair
	members []*series
}

// grouping puts series together by the labels that are kept.
func grouping(g *logql.Grouping, list []*series) (groups []*group) {
	place := map[string]*group{}
	var key []byte
	for _, s := range list {
		kept := keptLabels(g, s.labels)
		key = appendKey(key[:0], kept) // a label whose value is empty tells groups apart before it goes
		at, ok := place[string(key)]
		if !ok {
			if g != nil && g.Without {
				kept = filled(kept)
			}
			at = &group{labels: kept}
			place[string(key)] = at
			groups = append(groups, at)
		}
		at.members = append(at.members, s)
	}
	return groups
}

// keptLabels are the labels that a grouping leaves; no grouping leaves none.
func keptLabels(g *logql.Grouping, labels []entry.Pair) (kept []entry.Pair) {
	if g == nil {
		return nil
	}
	for _, p := range labels {
		if slices.Contains(g.Labels, p.Name) != g.Without {
			kept = append(kept, p)
		}
	}
	return kept
}

// filled leaves out labels whose value is empty: a series has such ones only
// until something reckons with its labels.
func filled(labels []entry.Pair) []entry.Pair {
	return slices.DeleteFunc(labels, func(p entry.Pair) bool { return p.Value == "" })
}

func (ev *evaluation) aggregate(op string, g *group) *series {
	out := &series{labels: g.labels, values: empty(ev.n)}
	for k := range out.values {
		c := cell{}
		for _, s := range g.members {
			if v := s.values[k]; !isNone(v) {
				fold(op, &c, v)
			}
		}
		if c.n > 0 {
			out.values[k] = folded(op, &c)
		}
	}
	return out
}

// fold takes one more value into an aggregation.
func fold(op string, c *cell, v float64) {
	switch op {
	case "max":
		largest(c, 0, 0, v)
	case "min":
		smallest(c, 0, 0, v)
	case "stddev", "stdvar":
		if c.n == 0 { // one value deviates by nothing, even an infinite one
			c.n, c.a = 1, v
			return
		}
		deviate(c, 0, 0, v)
	case "avg": // two infinite values have no mean in Loki
		if c.n++; c.n == 1 {
			c.a = v
			return
		}
		c.a += (v - c.a) / float64(c.n)
	default:
		addValue(c, 0, 0, v)
	}
}

func folded(op string, c *cell) float64 {
	switch op {
	case "count":
		return float64(c.n)
	case "stdvar":
		return c.b / float64(c.n)
	case "stddev":
		return math.Sqrt(c.b / float64(c.n))
	}
	return c.a
}

// best leaves in each group, at each instant, the largest values, or the
// smallest.
func (ev *evaluation) best(e *logql.VectorAgg, list []*series) []*series {
	var out []*series
	for _, g := range grouping(e.Group, list) {
		kept := make([]*series, len(g.members))
		for i, s := range g.members {
			kept[i] = &series{labels: s.labels, values: empty(ev.n)}
		}
		order := make([]int, 0, len(g.members))
		for k := range ev.n {
			order = order[:0]
			for i, s := range g.members {
				if !isNone(s.values[k]) {
					order = append(order, i)
				}
			}
			slices.SortStableFunc(order, func(a, b int) int {
				return rank(e.Op == "bottomk", g.members[a].values[k], g.members[b].values[k])
			})
			for _, i := range order[:min(e.Param, len(order))] {
				kept[i].values[k] = g.members[i].values[k]
			}
		}
		out = append(out, kept...)
	}
	return out
}

// rank orders the better value first; what is no number comes last.
func rank(smallest bool, a, b float64) int {
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return boolToInt(math.IsNaN(a)) - boolToInt(math.IsNaN(b))
	case smallest:
		return cmp.Compare(a, b)
	}
	return cmp.Compare(b, a)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
