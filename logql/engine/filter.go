package engine

import (
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// Filter is a log query asked entry by entry, for whoever reads entries once
// and has many questions. It is for one goroutine.
type Filter struct{ pipe *pipeline }

// NewFilter makes a Filter. Entries stay as they would in count_over_time: a
// line_format at the end changes nothing.
func NewFilter(log *logql.LogExpr) (*Filter, error) {
	p, err := newPipeline(log, nil, true)
	if err != nil {
		return nil, err
	}
	return &Filter{p}, nil
}

// Selects reports whether the stream is one of the query's.
func (f *Filter) Selects(l *entry.Labels) bool { return matchAll(f.pipe.matchers, l) }

// Keeps reports whether the query has the entry.
func (f *Filter) Keeps(e *entry.Entry) bool {
	_, ok := f.pipe.process(e)
	return ok
}

// AnyOf returns texts of which every entry that the query has holds one; nil if none are known. Who has many queries can look for
// the texts of all of them at once.
func (f *Filter) AnyOf() []string {
	h := logHints(f.pipe)
	if len(h.Contains) > 0 {
		return h.Contains[:1]
	}
	if len(h.AnyOf) > 0 {
		return h.AnyOf[0]
	}
	return nil
}
