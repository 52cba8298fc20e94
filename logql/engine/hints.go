package engine

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// hinter goes through the stages of a query and finds what a source may leave
// out.
type hinter struct {
	hints Hints
	line  bool // the line is still the stored one
	meta  bool // the labels are still the stored ones
	names []string
	all   bool // any label may be looked at
	reads bool // the line is looked at
}

// logHints are the hints of a log query, whose answer has all there is.
func logHints(p *pipeline) Hints {
	h := hinter{line: true, meta: true}
	h.stages(p.order)
	h.hints.AllMeta = true
	return h.hints
}

// rangeHints are the hints of a range aggregation, whose series have the labels
// of group.
func rangeHints(e *logql.RangeAgg, p *pipeline, group *logql.Grouping) Hints {
	h := hinter{line: true, meta: true}
	h.stages(p.order)
	if e.Unwrap != nil {
		h.names = append(h.names, e.Unwrap.Label)
		for _, f := range e.Unwrap.Filters {
			h.filter(f)
		}
	}
	if group == nil || group.Without {
		h.all = true
	} else {
		h.names = append(h.names, group.Labels...)
	}
	h.hints.NoLine = !h.reads
	h.hints.NeedSize = e.Op == "bytes_over_time" || e.Op == "bytes_rate"
	h.hints.AllMeta = h.all
	if !h.all {
		slices.Sort(h.names)
		h.hints.MetaNames = append([]string{}, slices.Compact(h.names)...)
	}
	return h.hints
}

func (h *hinter) stages(list []logql.Stage) {
	for _, s := range list {
		switch s := s.(type) {
		case *logql.LineFilter:
			h.reads = true
			if h.line && s.Op == logql.LineContains && len(s.Any) == 1 && !s.Any[0].IP && s.Any[0].Text != "" {
				h.hints.Contains = append(h.hints.Contains, s.Any[0].Text)
			}
		case *logql.LabelFilterStage:
			if h.meta {
				h.required(s.Filter)
			}
			h.filter(s.Filter)
		case *logql.Parser, *logql.ExtractParser:
			// A parsed label's name depends on whether the metadata has it.
			h.reads, h.meta, h.all = true, false, true
			if p, ok := s.(*logql.Parser); ok && p.Kind == logql.ParserUnpack {
				h.line = false
			}
		case *logql.LineFormat:
			h.reads, h.line, h.all = true, false, true
		case *logql.Decolorize:
			h.reads, h.line = true, false
		case *logql.LabelFormat:
			h.meta, h.all, h.reads = false, true, true
		case *logql.Select:
			h.meta = false
			h.picks(s)
		}
	}
}

func (h *hinter) picks(s *logql.Select) {
	for _, p := range s.Picks {
		if p.Matcher != nil {
			h.names = append(h.names, p.Name)
		}
	}
}

// required finds comparisons that all entries of the answer must pass.
func (h *hinter) required(f logql.LabelFilter) {
	switch f := f.(type) {
	case *logql.LabelAnd:
		h.required(f.Left)
		h.required(f.Right)
	case *logql.LabelMatch:
		// What a label filter does with an expression is not what a Matcher does.
		text := f.Matcher.Op == logql.MatchEqual || f.Matcher.Op == logql.MatchNotEqual
		if text && f.Matcher.Name != stage.ErrorLabel && f.Matcher.Name != stage.DetailsLabel {
			h.hints.Meta = append(h.hints.Meta, f.Matcher)
		}
	}
}

// filter notes the names that a filter looks at.
func (h *hinter) filter(f logql.LabelFilter) {
	switch f := f.(type) {
	case *logql.LabelAnd:
		h.filter(f.Left)
		h.filter(f.Right)
	case *logql.LabelOr:
		h.filter(f.Left)
		h.filter(f.Right)
	case *logql.LabelMatch:
		h.names = append(h.names, f.Matcher.Name)
	case *logql.LabelIP:
		h.names = append(h.names, f.Name)
	case *logql.LabelCompare:
		h.names = append(h.names, f.Name)
	}
}
