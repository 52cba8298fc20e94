// Package ask answers LogQL from files, folders and archives, without a Loki:
// with the entries that the plugin would have sent. It can ask a Loki the same.
package ask

import (
	"context"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags"
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

// Answer is what came of a question.
type Answer struct {
	*engine.Result
	Partly bool // some files could not be read
}

// Run asks.
func Run(ctx context.Context, o Options) (*Answer, error) {
	if o.Loki != nil {
		p, err := o.params(0, 0)
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
	p, err := o.params(set.Span())
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

// params makes a question for the engine of what a person wrote; the logs go
// from first to last, ns, 0 for not known.
func (o *Options) params(first, last int64) (engine.Params, error) {
	q := source.Question{
		Query: o.Query, Limit: o.Limit, Direction: o.Direction, Since: o.Files.Since, Until: o.Files.Until, Step: o.Step, Ranged: o.Ranged,
	}
	return q.Params(first, last)
}
