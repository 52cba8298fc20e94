// Package ask answers LogQL from files, folders and archives, without a Loki:
// with the entries that the plugin would have sent. It can ask a Loki the same.
package ask

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/source"
	"github.com/zimbraloki/zimbraloki/loki"
)

// Options are one question.
type Options struct {
	Query     string
	Limit     int // entries of a log query, 0 for all
	Direction engine.Direction
	// Step is the distance of the points of a metric query; 0 asks for one
	// value at the end.
	Step time.Duration
	// Ranged asks for points over the range even without a Step.
	Ranged bool
	Whole  bool // read every line, for comparison

	Files logs.Options // with the range of times
	Loki  *loki.Client // asked instead of files, unless nil
}

// points is how many a range has if nobody says otherwise.
const points = 60

// Answer is what came of a question.
type Answer struct {
	*engine.Result
	Partly bool // some files could not be read
}

// Run asks.
func Run(ctx context.Context, o Options) (*Answer, error) {
	if o.Loki != nil {
		p, err := o.Params(0, 0)
		if err != nil {
			return nil, flags.UsageError{Err: err}
		}
		r, err := remote(ctx, o.Loki, p)
		return &Answer{Result: r}, err
	}
	set, err := logs.Open(ctx, o.Files, nil)
	if err != nil {
		return nil, err
	}
	defer set.Close()
	p, err := o.Params(set.Span())
	if err != nil {
		return nil, flags.UsageError{Err: err}
	}
	src := &source.Source{Set: set, Config: o.Files.Config, Whole: o.Whole}
	r, err := engine.New(src, engine.Options{MaxSeries: maxSeries}).Query(ctx, p)
	if err != nil {
		return nil, err
	}
	return &Answer{r, set.Partly()}, nil
}

// maxSeries of one answer: more than Loki's 500, as nobody else waits.
const maxSeries = 20_000

// Params makes a question for the engine of what a person wrote; the logs go
// from first to last, ns, 0 for not known.
func (o *Options) Params(first, last int64) (engine.Params, error) {
	p := engine.Params{Start: first, End: last + int64(time.Second), Direction: o.Direction, Limit: o.Limit}
	if last == 0 {
		p.End = time.Now().UnixNano()
	}
	if first == 0 {
		p.Start = p.End - int64(time.Hour)
	}
	if !o.Files.Since.IsZero() {
		p.Start = o.Files.Since.UnixNano()
	}
	if !o.Files.Until.IsZero() {
		p.End = o.Files.Until.UnixNano()
	}
	// Whole seconds, as people and Loki's clients ask.
	p.Start -= mod(p.Start, int64(time.Second))
	p.End += mod(-p.End, int64(time.Second))
	if p.End <= p.Start {
		return p, fmt.Errorf("no time between %s and %s: --since and --until lie outside of the logs",
			time.Unix(0, p.Start).UTC().Format(time.RFC3339), time.Unix(0, p.End).UTC().Format(time.RFC3339))
	}
	span := time.Duration(p.End - p.Start)
	if p.Step = o.Step; p.Step == 0 {
		p.Step = max((span / points).Truncate(time.Second), time.Second)
	}
	p.Query = fill(o.Query, span, p.Step)
	expr, err := logql.Parse(p.Query)
	if err != nil {
		return p, err
	}
	if _, lines := expr.(*logql.LogExpr); !lines {
		p.Instant = o.Step == 0 && !o.Ranged
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
