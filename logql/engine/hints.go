package engine

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
	"github.com/zimbraloki/zimbraloki/logql/stage/template"
)

// hinter goes through the stages of a query and finds what a source may leave
// out.
type hinter struct {
	hints   Hints
	want    []string // the labels that parsers must set, nil for all
	line    bool     // the line is still the stored one
	derived bool     // the line was made of labels alone
	meta    bool     // the labels are still the stored ones
	names   []string // whose values count
	tests   []Test   // of names of which only that counts
	all     bool     // any label may be looked at
	reads   bool     // the stored line is looked at
}

// logHints are the hints of a log query, whose answer has all there is.
func logHints(p *pipeline) Hints {
	h := hinter{line: true, meta: true, want: p.want}
	h.stages(p)
	h.hints.AllMeta = true
	return h.hints
}

// rangeHints are the hints of a range aggregation, whose series have the labels
// of group.
func rangeHints(e *logql.RangeAgg, p *pipeline, group *logql.Grouping) *hinter {
	h := &hinter{line: true, meta: true, want: p.want}
	h.stages(p)
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
	h.hints.NeedSize = h.line && calculations[e.Op].size
	h.hints.AllMeta = h.all
	if !h.all {
		slices.Sort(h.names)
		h.names = slices.Compact(h.names)
		h.hints.MetaNames = append([]string{}, h.names...)
		for _, t := range h.tests {
			h.hints.MetaNames = append(h.hints.MetaNames, t.Name)
		}
		slices.Sort(h.hints.MetaNames)
		h.hints.MetaNames = slices.Compact(h.hints.MetaNames)
	}
	return h
}

func (h *hinter) stages(p *pipeline) {
	for i, s := range p.order {
		switch s := s.(type) {
		case *logql.LineFilter:
			h.read()
			if made, ok := p.stages[i].(*stage.LineFilter); ok && h.line {
				h.lines(made)
			}
		case *logql.LabelFilterStage:
			if h.meta {
				h.required(s.Filter)
			}
			h.filter(s.Filter)
		case *logql.Parser:
			h.parser(s.Kind == logql.ParserUnpack)
		case *logql.ExtractParser:
			h.parser(true)
		case *logql.LineFormat:
			h.line = false
			if plain := h.template(s.Template); plain {
				h.derived = true
			} else {
				h.read() // where it fails the line stays
			}
		case *logql.Decolorize:
			h.read()
			h.line = false
		case *logql.LabelFormat:
			h.meta = false
			h.formats(s.Formats)
		case *logql.Select:
			h.meta = false
			h.picks(s)
		}
	}
}

// lines notes what a filter of lines cannot do without.
func (h *hinter) lines(f *stage.LineFilter) {
	if text := f.Contains(); text != "" {
		h.hints.Contains = append(h.hints.Contains, text)
	} else if texts := f.AnyOf(); texts != nil {
		h.hints.AnyOf = append(h.hints.AnyOf, texts)
	}
}

// read notes that a stage looks at the line.
func (h *hinter) read() { h.reads = h.reads || !h.derived }

// parser notes what a parser looks at: the line, and by what names labels are
// there already, since what it finds is named after that.
func (h *hinter) parser(any bool) {
	h.read()
	h.meta = false
	if any {
		h.line = false
	}
	if any || h.want == nil {
		h.all = true
		return
	}
	for _, name := range h.want {
		for more := true; more; name, more = strings.CutSuffix(name, stage.ExtractedSuffix) {
			h.names = append(h.names, name)
		}
	}
}

// template notes what a template looks at, and reports whether it is texts and
// labels only.
func (h *hinter) template(text string) (plain bool) {
	t, err := template.New("", text)
	if err != nil {
		h.reads, h.all = true, true
		return false
	}
	names, alone := t.Names()
	if !alone {
		h.reads, h.all = true, true
	}
	h.names = append(h.names, names...)
	return t.Plain()
}

func (h *hinter) formats(list []logql.Format) {
	for _, f := range list {
		h.names = append(h.names, f.Name)
		if f.Rename {
			h.names = append(h.names, f.Value)
		} else {
			h.template(f.Value)
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

// required finds tests that all entries of the answer must pass.
func (h *hinter) required(f logql.LabelFilter) {
	switch f := f.(type) {
	case *logql.LabelAnd:
		h.required(f.Left)
		h.required(f.Right)
	case *logql.LabelMatch:
		if name := f.Matcher.Name; name != stage.ErrorLabel && name != stage.DetailsLabel {
			h.hints.Meta = append(h.hints.Meta, Test{name, fitter(f.Matcher)})
		}
	case *logql.LabelCompare:
		if made, err := newLabelFilter(f, printed); err == nil && f.Name != stage.ErrorLabel && f.Name != stage.DetailsLabel {
			h.hints.Meta = append(h.hints.Meta, Test{f.Name, stage.Fits(made)})
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
		h.tests = append(h.tests, Test{f.Matcher.Name, fitter(f.Matcher)})
	case *logql.LabelIP:
		h.names = append(h.names, f.Name)
	case *logql.LabelCompare:
		h.names = append(h.names, f.Name)
	}
}
