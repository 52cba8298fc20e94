package engine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
)

// Options bound what a query may cost. Zero values are the defaults.
type Options struct {
	MaxSeries  int           // series of a metric query, 0 = 500 as in Loki
	MaxEntries int           // entries of a log query, 0 = no limit but the query's own
	MaxPoints  int           // steps of a range query, 0 = 11,000 as in Loki
	MaxCells   int           // what the aggregations of a query hold, at most 48 bytes each, 0 = 20 million
	Timeout    time.Duration // of one query, 0 = none
}

// Params are one question.
type Params struct {
	Query      string
	Start, End int64 // nanoseconds since 1970 UTC; an instant query is asked at End
	// Step is the distance of the points of a metric query over a range. The
	// range is widened to multiples of it, as Loki does by default.
	Step time.Duration
	// Interval leaves out entries that come sooner after the one before, of
	// whatever stream; 0 leaves out none.
	Interval  time.Duration
	Direction Direction
	Limit     int // entries of a log query, 0 = all
	Instant   bool
	// Categorize is that the answer is for a client which takes labels apart
	// (see Result.AppendJSON). Loki answers such a one with no streams, and no
	// error, where a stage of the pipeline cannot be made.
	Categorize bool
}

// Error is a query that has no answer.
type Error struct {
	Status int // what Loki's HTTP API answers: 400, 500, 504
	Msg    string
	cause  error
}

// Error returns Loki's words, where it has some.
func (e *Error) Error() string { return e.Msg }

// Unwrap returns what the source or the context said.
func (e *Error) Unwrap() error { return e.cause }

// badf is an error of the query.
func badf(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Msg: fmt.Sprintf(format, args...)}
}

// Engine answers queries over one source. It may be used by several goroutines
// if the source may.
type Engine struct {
	src Source
	opt Options
}

// New returns an engine over the source.
func New(src Source, opt Options) *Engine {
	if opt.MaxSeries == 0 {
		opt.MaxSeries = 500
	}
	if opt.MaxPoints == 0 {
		opt.MaxPoints = 11000
	}
	if opt.MaxCells == 0 {
		opt.MaxCells = 20_000_000
	}
	return &Engine{src: src, opt: opt}
}

// Query answers a question. Errors of the query, and of the answer's size, are
// *Error; others are those of the source and of the context.
func (e *Engine) Query(ctx context.Context, p Params) (*Result, error) {
	expr, err := logql.Parse(p.Query)
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Msg: err.Error(), cause: err}
	}
	if p.End < p.Start {
		return nil, badf("invalid range: the end is before the start; swap them")
	}
	if e.opt.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.opt.Timeout)
		defer cancel()
	}
	if log, ok := expr.(*logql.LogExpr); ok {
		if p.Instant {
			return nil, badf("log queries are not supported as an instant query type, please change your query to a range query type")
		}
		return e.logs(ctx, log, &p)
	}
	return e.metric(ctx, expr, &p)
}
