package source

import (
	"fmt"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
)

// Question is LogQL about logs, as a person asks it.
type Question struct {
	Query     string // with Grafana's variables $__range, $__interval, $__rate_interval, $__auto
	Limit     int    // entries of a log query, 0 for all
	Direction engine.Direction
	// Since and Until are the range of times; zero for that of the logs.
	Since, Until time.Time
	// Step is the distance of the points of a metric query; 0 asks for one
	// value at the end.
	Step time.Duration
	// Ranged asks for points over the range even without a Step.
	Ranged bool
}

// points is how many a range has if nobody says otherwise.
const points = 60

// Params makes a question for the engine; the logs go from first to last, ns, 0
// for not known.
func (q *Question) Params(first, last int64) (engine.Params, error) {
	// A range aggregation leaves out the first instant of its range.
	p := engine.Params{Start: first - 1, End: last + int64(time.Second), Direction: q.Direction, Limit: q.Limit}
	if last == 0 {
		p.End = time.Now().UnixNano()
	}
	if first == 0 {
		p.Start = p.End - int64(time.Hour)
	}
	if !q.Since.IsZero() {
		p.Start = q.Since.UnixNano()
	}
	if !q.Until.IsZero() {
		p.End = q.Until.UnixNano()
	}
	// Whole seconds, as people and Loki's clients ask.
	p.Start -= mod(p.Start, int64(time.Second))
	p.End += mod(-p.End, int64(time.Second))
	if p.End <= p.Start {
		return p, fmt.Errorf("no time between %s and %s: --since and --until lie outside of the logs",
			time.Unix(0, p.Start).UTC().Format(time.RFC3339), time.Unix(0, p.End).UTC().Format(time.RFC3339))
	}
	span := time.Duration(p.End - p.Start)
	if p.Step = q.Step; p.Step == 0 {
		p.Step = max((span / points).Truncate(time.Second), time.Second)
	}
	p.Query = fill(q.Query, span, p.Step)
	expr, err := logql.Parse(p.Query)
	if err != nil {
		return p, err
	}
	if _, lines := expr.(*logql.LogExpr); !lines {
		p.Instant = q.Step == 0 && !q.Ranged
	}
	return p, nil
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// fill puts in what Grafana would for its variables.
func fill(query string, span, step time.Duration) string {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%ds", int64(d/time.Second)) }
	return strings.NewReplacer("$__range", seconds(span), "$__interval", seconds(step), "$__auto", seconds(step),
		"$__rate_interval", seconds(step)).Replace(query)
}
