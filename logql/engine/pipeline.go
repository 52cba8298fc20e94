package engine

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// pipeline is the way of an entry through the stages of one log query.
type pipeline struct {
	matchers []*logql.Matcher
	order    []logql.Stage
	stages   stage.Chain
	labels   stage.Labels
	want     []string // the labels that parsers must set, nil for all
	line     []byte   // memory for lines of several parts
	lineless bool     // no stage looks at the line

	stream *entry.Labels // the last one, and whether the matchers take it
	fits   bool
}

// newPipeline makes the stages of a query, of which only the wanted labels
// matter, and not the line in the end if entries are counted. Errors name the
// stage, as Loki's do.
func newPipeline(log *logql.LogExpr, w *wanted, counted bool) (*pipeline, error) {
	p := &pipeline{matchers: log.Matchers}
	if w != nil && len(w.names) > 0 {
		p.want = w.names
		p.labels.Want(w.names)
	}
	stages := reordered(log.Stages)
	if counted {
		stages = unformatted(stages)
	}
	for _, s := range stages {
		made, err := newStage(s)
		if err != nil {
			return nil, badf("parse error : stage '%s' : %v", s, err)
		}
		if w.skips(s) || keepsAll(made) {
			continue
		}
		if w == nil || !w.grouped {
			p.try(s, made)
		}
		p.order = append(p.order, s)
		p.stages = append(p.stages, made)
	}
	return p, nil
}

// try has parsers try a filter that is of one label, and no part of an and or an
// or.
func (p *pipeline) try(s logql.Stage, made stage.Stage) {
	f, ok := s.(*logql.LabelFilterStage)
	if !ok {
		return
	}
	switch f := f.Filter.(type) {
	case *logql.LabelMatch:
		p.labels.Try(f.Matcher.Name, made)
	case *logql.LabelCompare:
		p.labels.Try(f.Name, made)
	case *logql.LabelIP:
		p.labels.Try(f.Name, made)
	}
}

// reordered puts line filters before the other stages, up to the next
// line_format or unpack, as Loki does. They see a line before decolorize changes
// it.
func reordered(list []logql.Stage) (out []logql.Stage) {
	var rest []logql.Stage
	for _, s := range list {
		switch {
		case filtersLine(s):
			out = append(out, s)
		case changesLine(s):
			out = append(append(out, rest...), s)
			rest = rest[:0]
		default:
			rest = append(rest, s)
		}
	}
	return append(out, rest...)
}

func filtersLine(s logql.Stage) bool {
	_, ok := s.(*logql.LineFilter)
	return ok
}

func changesLine(s logql.Stage) bool {
	if p, ok := s.(*logql.Parser); ok {
		return p.Kind == logql.ParserUnpack
	}
	_, ok := s.(*logql.LineFormat)
	return ok
}

// unformatted leaves out each line_format that nothing follows which reads the
// line, as Loki does where lines are only counted: their errors are not seen.
func unformatted(list []logql.Stage) (out []logql.Stage) {
	read := false
	for i := len(list) - 1; i >= 0; i-- {
		switch list[i].(type) {
		case *logql.LineFormat:
			if !read {
				continue
			}
		case *logql.LineFilter, *logql.Parser, *logql.ExtractParser:
			read = true
		}
		out = append(out, list[i])
	}
	slices.Reverse(out)
	return out
}

// process runs an entry through the pipeline and reports whether it stays; its
// labels are in p.labels then. A source may send more than it was asked for.
func (p *pipeline) process(e *entry.Entry) (string, bool) {
	if e.Labels != p.stream {
		p.stream, p.fits = e.Labels, matchAll(p.matchers, e.Labels)
	}
	if !p.fits {
		return "", false
	}
	line := e.Line
	if len(e.More) > 0 && !p.lineless {
		p.line = e.AppendLine(p.line[:0])
		line = string(p.line)
	}
	p.labels.Reset(e.Labels, e.Meta, e.Time)
	return p.stages.Process(line, &p.labels)
}

func matchAll(list []*logql.Matcher, labels *entry.Labels) bool {
	for _, m := range list {
		if !m.Matches(labels.Get(m.Name)) {
			return false
		}
	}
	return true
}

func newStage(s logql.Stage) (stage.Stage, error) {
	switch s := s.(type) {
	case *logql.LineFilter:
		return newLineFilter(s)
	case *logql.LabelFilterStage:
		return newLabelFilter(s.Filter, printed)
	case *logql.Parser:
		return newParser(s)
	case *logql.ExtractParser:
		return newExtractor(s)
	case *logql.LineFormat:
		return stage.NewLineFormat(s.Template)
	case *logql.LabelFormat:
		list := make([]stage.LabelFormat, len(s.Formats))
		for i, f := range s.Formats {
			list[i] = stage.LabelFormat{Name: f.Name, Value: f.Value, Rename: f.Rename}
		}
		return stage.NewLabelFormat(list)
	case *logql.Select:
		list := make([]stage.Pick, len(s.Picks))
		for i, p := range s.Picks {
			list[i] = stage.Pick{Name: p.Name, Matcher: p.Matcher}
		}
		if s.Keep {
			return stage.NewKeep(list), nil
		}
		return stage.NewDrop(list), nil
	default:
		return stage.NewDecolorize(), nil
	}
}

func newLineFilter(f *logql.LineFilter) (stage.Stage, error) {
	texts := make([]stage.Text, 0, len(f.Any))
	for _, m := range f.Any {
		texts = append(texts, stage.Text{Value: narrowed(f.Op, m), IP: m.IP})
	}
	return stage.NewLineFilter(stage.LineOp(f.Op), essential(f.Op, texts)...)
}

func newParser(s *logql.Parser) (stage.Stage, error) {
	switch s.Kind {
	case logql.ParserJSON:
		return stage.NewJSON(), nil
	case logql.ParserLogfmt:
		return stage.NewLogfmt(s.Strict, s.KeepEmpty), nil
	case logql.ParserRegexp:
		return stage.NewRegexp(s.Param)
	case logql.ParserPattern:
		return stage.NewPattern(s.Param)
	default:
		return stage.NewUnpack(), nil
	}
}

func newExtractor(s *logql.ExtractParser) (stage.Stage, error) {
	list := make([]stage.Expression, len(s.Fields))
	for i, f := range s.Fields {
		list[i] = stage.Expression{Name: f.Label, Expr: f.Expr}
	}
	if s.Kind == logql.ParserJSON {
		return stage.NewJSONExpr(list)
	}
	return stage.NewLogfmtExpr(s.Strict, s.KeepEmpty, list)
}

// newLabelFilter makes a filter, that of a size with what sized makes of it.
func newLabelFilter(f logql.LabelFilter, sized func(uint64) uint64) (stage.Stage, error) {
	switch f := f.(type) {
	case *logql.LabelAnd:
		return newPair(f.Left, f.Right, sized, stage.NewAnd)
	case *logql.LabelOr:
		return newPair(f.Left, f.Right, sized, stage.NewOr)
	case *logql.LabelMatch:
		return newLabelMatch(f.Matcher), nil
	case *logql.LabelIP:
		return stage.NewIPFilter(f.Name, f.Negative, f.Addr)
	default:
		c := f.(*logql.LabelCompare)
		op := stage.CompareOp(c.Op)
		switch c.Kind {
		case logql.ValueDuration:
			return stage.NewDurationFilter(c.Name, op, c.Duration), nil
		case logql.ValueBytes:
			return stage.NewBytesFilter(c.Name, op, sized(c.Bytes)), nil
		default:
			return stage.NewNumberFilter(c.Name, op, c.Number), nil
		}
	}
}

// printed is a size as format_query writes it: Loki prints a query and reads it
// again before it asks, so that 10MiB becomes 10MB.
func printed(size uint64) uint64 {
	if n, ok := logql.ParseBytes(logql.FormatBytes(size)); ok {
		return n
	}
	return size
}

// asWritten is a size in a filter behind unwrap, which Loki does not print.
func asWritten(size uint64) uint64 { return size }

func newPair(left, right logql.LabelFilter, sized func(uint64) uint64, join func(left, right stage.Stage) stage.Stage) (stage.Stage, error) {
	l, err := newLabelFilter(left, sized)
	if err != nil {
		return nil, err
	}
	r, err := newLabelFilter(right, sized)
	if err != nil {
		return nil, err
	}
	return join(l, r), nil
}
