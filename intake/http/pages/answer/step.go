package answer

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
)

// points is how many a curve has at most if nobody says otherwise.
const points = 80

// steps are the distances of points that people can read on a clock.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
}

// variables stand in queries for times: the range of the question, and the
// distance of its points.
var variables = strings.NewReplacer("$__range", "8760h", "$__interval", "1s", "$__rate_interval", "1s", "$__auto", "1s")

// Step is the distance of the points that suits a question over a time, 0 if its
// answer is one value or lines: it has points if its windows are shorter than a
// third of the time. They are no closer than the longest window, so that counts
// add up.
func Step(query string, span time.Duration) time.Duration {
	expr, err := logql.Parse(variables.Replace(query))
	if err != nil {
		return 0 // who answers says what is wrong
	}
	window := longest(expr)
	if window == 0 || window >= span/3 {
		return 0
	}
	least := max(window, (span+points-1)/points)
	for _, s := range steps {
		if s >= least {
			return s
		}
	}
	return least.Round(time.Second)
}

// longest is the longest window of a metric query, 0 if it has none.
func longest(expr logql.Expr) time.Duration {
	switch e := expr.(type) {
	case *logql.RangeAgg:
		return e.Range
	case *logql.VectorAgg:
		return longest(e.Inner)
	case *logql.LabelReplace:
		return longest(e.Inner)
	case *logql.BinaryExpr:
		return max(longest(e.Left), longest(e.Right))
	}
	return 0
}
