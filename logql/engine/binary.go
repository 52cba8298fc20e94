package engine

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// binary evaluates an operator between two sides.
func (ev *evaluation) binary(e *logql.BinaryExpr) ([]*series, error) {
	l, leftNumber := e.Left.(*logql.Literal)
	r, rightNumber := e.Right.(*logql.Literal)
	switch {
	case leftNumber:
		list, err := ev.eval(e.Right)
		return ev.withNumber(e, list, func(v float64) (float64, float64) { return l.Value, v }), err
	case rightNumber:
		list, err := ev.eval(e.Left)
		return ev.withNumber(e, list, func(v float64) (float64, float64) { return v, r.Value }), err
	}
	left, err := ev.eval(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := ev.eval(e.Right)
	if err != nil {
		return nil, err
	}
	if logql.IsSet(e.Op) {
		return ev.sets(e, left, right), nil
	}
	return ev.match(e, left, right)
}

// withNumber reckons each value with a number; a comparison leaves the value.
func (ev *evaluation) withNumber(e *logql.BinaryExpr, list []*series, sides func(v float64) (l, r float64)) []*series {
	for _, s := range list {
		for k, v := range s.values {
			if isNone(v) {
				continue
			}
			l, r := sides(v)
			s.values[k] = calculate(e, l, r, v)
		}
	}
	return list
}

// calculate returns the value of an operator, or none where a comparison does
// not hold; kept is what a comparison leaves.
func calculate(e *logql.BinaryExpr, l, r, kept float64) float64 {
	v, holds := logql.Calculate(e.Op, l, r)
	if !logql.IsComparison(e.Op) {
		return v
	}
	switch {
	case e.Bool && holds:
		return 1
	case e.Bool:
		return 0
	case holds:
		return kept
	}
	return none
}

// signature is the text by which series of two sides belong together.
func signature(m *logql.VectorMatching, labels []entry.Pair) string {
	g := logql.Grouping{Labels: m.Labels, Without: !m.On}
	return string(appendKey(nil, keptLabels(&g, labels)))
}

// bySignature lists the places of series by their signature.
func bySignature(m *logql.VectorMatching, list []*series) map[string][]*series {
	by := map[string][]*series{}
	for _, s := range list {
		sig := signature(m, s.labels)
		by[sig] = append(by[sig], s)
	}
	return by
}

func anyAt(list []*series, k int) bool {
	for _, s := range list {
		if !isNone(s.values[k]) {
			return true
		}
	}
	return false
}

// sets evaluates and, or, unless.
func (ev *evaluation) sets(e *logql.BinaryExpr, left, right []*series) []*series {
	others := bySignature(&e.Matching, right)
	if e.Op == "or" {
		others = bySignature(&e.Matching, left)
		for _, s := range right {
			ev.leave(s, others[signature(&e.Matching, s.labels)], false)
		}
		return append(left, right...)
	}
	for _, s := range left {
		ev.leave(s, others[signature(&e.Matching, s.labels)], e.Op == "and")
	}
	return left
}

// leave takes the values of s away where one of the others is there, or where
// none is.
func (ev *evaluation) leave(s *series, others []*series, there bool) {
	for k := range s.values {
		if anyAt(others, k) != there {
			s.values[k] = none
		}
	}
}

// conflict is a pair of sides that cannot be matched. Loki answers it with 500.
func conflict(msg string) error { return &Error{Status: http.StatusInternalServerError, Msg: msg} }

// match evaluates an operator between series that belong together.
func (ev *evaluation) match(e *logql.BinaryExpr, left, right []*series) ([]*series, error) {
	m := &e.Matching
	many, one, side := left, right, "right"
	if m.Card == logql.OneToMany {
		many, one, side = right, left, "left"
	}
	ones := bySignature(m, one)
	for _, list := range ones {
		for k := range ev.n {
			if count(list, k) > 1 {
				return nil, conflict("found duplicate series on the " + side +
					" hand-side;many-to-many matching not allowed: matching labels must be unique on one side")
			}
		}
	}
	if m.Card == logql.OneToOne {
		if err := ev.single(bySignature(m, many), ones); err != nil {
			return nil, err
		}
	}
	results := map[string][]*series{}
	var out []*series
	for _, s := range many {
		sig := signature(m, s.labels)
		for _, o := range ones[sig] {
			made := &series{labels: joinedLabels(m, s.labels, o.labels), values: empty(ev.n)}
			met := &series{values: empty(ev.n)} // before a comparison leaves values out
			for k := range made.values {
				if isNone(s.values[k]) || isNone(o.values[k]) {
					continue
				}
				l, r := s.values[k], o.values[k]
				if m.Card == logql.OneToMany {
					l, r = r, l
				}
				made.values[k], met.values[k] = calculate(e, l, r, l), 1
			}
			if m.Card != logql.OneToOne {
				key := string(appendKey(nil, made.labels))
				results[key] = append(results[key], met)
			}
			out = append(out, made)
		}
	}
	return out, ev.unique(results)
}

// single refuses several series for one of the other side, even if a comparison
// holds for none of them.
func (ev *evaluation) single(many, ones map[string][]*series) error {
	for sig, list := range many {
		for k := range ev.n {
			if count(list, k) > 1 && anyAt(ones[sig], k) {
				return conflict("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
			}
		}
	}
	return nil
}

func count(list []*series, k int) (n int) {
	for _, s := range list {
		if !isNone(s.values[k]) {
			n++
		}
	}
	return n
}

// unique refuses several results of the same labels.
func (ev *evaluation) unique(results map[string][]*series) error {
	for _, list := range results {
		for k := range ev.n {
			if count(list, k) > 1 {
				return conflict("multiple matches for labels: grouping labels must ensure unique matches")
			}
		}
	}
	return nil
}

// joinedLabels are the labels of a result: those of the side with many series,
// with the ones that group_left or group_right takes over.
func joinedLabels(m *logql.VectorMatching, many, one []entry.Pair) []entry.Pair {
	labels := slices.Clone(many)
	if m.Card == logql.OneToOne {
		labels = keptLabels(&logql.Grouping{Labels: m.Labels, Without: !m.On}, many)
	}
	for _, name := range m.Include {
		labels = slices.DeleteFunc(labels, func(p entry.Pair) bool { return p.Name == name })
		for _, p := range one {
			if p.Name == name && p.Value != "" {
				labels = append(labels, p)
			}
		}
	}
	sortPairs(labels)
	return filled(labels)
}

// labelReplace sets a label of each series from another one.
func (ev *evaluation) labelReplace(e *logql.LabelReplace) ([]*series, error) {
	list, err := ev.eval(e.Inner)
	if err != nil {
		return nil, err
	}
	re := regexp.MustCompile("^(?:" + e.Regexp + ")$") // the parser has tried it
	for _, s := range list {
		value := ""
		for _, p := range s.labels {
			if p.Name == e.Src {
				value = p.Value
			}
		}
		at := re.FindStringSubmatchIndex(value)
		if at == nil {
			continue
		}
		made := string(re.ExpandString(nil, e.Replacement, value, at))
		s.labels = slices.DeleteFunc(slices.Clone(s.labels), func(p entry.Pair) bool { return p.Name == e.Dst })
		s.labels = filled(append(s.labels, entry.Pair{Name: e.Dst, Value: made}))
		sortPairs(s.labels)
	}
	return list, nil
}
