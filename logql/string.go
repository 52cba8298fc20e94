package logql

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// String returns the query on one line.
func (e *LogExpr) String() string { return string(e.append(nil)) }

func (e *LogExpr) append(b []byte) []byte {
	b = append(b, selector(e.Matchers)...)
	for _, s := range e.Stages {
		b = append(append(b, ' '), s.String()...)
	}
	return b
}

func selector(list []*Matcher) string {
	all := make([]string, len(list))
	for i, m := range list {
		all[i] = m.String()
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// quoteName puts a label's name in quotes where it has other letters than the
// data model of Prometheus.
func quoteName(name string) string {
	for i, r := range name {
		if r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r)) && (i == 0 || r < '0' || r > '9') {
			return strconv.Quote(name)
		}
	}
	return name
}

// String returns the filter as LogQL writes it. The alternatives of a negative
// one are filters of their own.
func (f *LineFilter) String() string {
	between := " or "
	if f.Op.Negative() {
		between = " " + f.Op.String() + " "
	}
	all := make([]string, len(f.Any))
	for i, m := range f.Any {
		all[i] = strconv.Quote(m.Text)
		if m.IP {
			all[i] = "ip(" + all[i] + ")"
		}
	}
	return f.Op.String() + " " + strings.Join(all, between)
}

// String returns the stage as LogQL writes it.
func (s *Parser) String() string {
	switch s.Kind {
	case ParserJSON:
		return "| json"
	case ParserLogfmt:
		return "| logfmt" + logfmtFlags(s.Strict, s.KeepEmpty)
	case ParserRegexp:
		return "| regexp " + strconv.Quote(s.Param)
	case ParserPattern:
		return "| pattern " + strconv.Quote(s.Param)
	}
	return "| unpack"
}

func logfmtFlags(strict, keepEmpty bool) (flags string) {
	if strict {
		flags += " --strict"
	}
	if keepEmpty {
		flags += " --keep-empty"
	}
	return flags
}

// String returns the stage as LogQL writes it.
func (s *ExtractParser) String() string {
	all := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		all[i] = f.Label + "=" + strconv.Quote(f.Expr)
	}
	word := "| json "
	if s.Kind == ParserLogfmt {
		word = "| logfmt" + logfmtFlags(s.Strict, s.KeepEmpty) + " "
	}
	return word + strings.Join(all, ",")
}

// String returns the stage as LogQL writes it.
func (s *LabelFilterStage) String() string { return "| " + s.Filter.String() }

// String returns the stage as LogQL writes it.
func (s *LineFormat) String() string { return "| line_format " + strconv.Quote(s.Template) }

// String returns the stage as LogQL writes it.
func (s *LabelFormat) String() string {
	all := make([]string, len(s.Formats))
	for i, f := range s.Formats {
		if f.Rename {
			all[i] = f.Name + "=" + f.Value
		} else {
			all[i] = f.Name + "=" + strconv.Quote(f.Value)
		}
	}
	return "| label_format " + strings.Join(all, ",")
}

// String returns the stage as LogQL writes it.
func (s *Select) String() string {
	all := make([]string, len(s.Picks))
	for i, p := range s.Picks {
		all[i] = p.Name
		if p.Matcher != nil {
			all[i] = p.Matcher.String()
		}
	}
	word := "| drop "
	if s.Keep {
		word = "| keep "
	}
	return word + strings.Join(all, ",")
}

// String returns the stage as LogQL writes it.
func (*Decolorize) String() string { return "| decolorize" }

// String returns the filter as LogQL writes it.
func (f *LabelAnd) String() string { return "( " + f.Left.String() + " , " + f.Right.String() + " )" }

// String returns the filter as LogQL writes it.
func (f *LabelOr) String() string { return "( " + f.Left.String() + " or " + f.Right.String() + " )" }

// String returns the filter as LogQL writes it.
func (f *LabelMatch) String() string { return f.Matcher.String() }

// String returns the filter as LogQL writes it.
func (f *LabelIP) String() string {
	op := "="
	if f.Negative {
		op = "!="
	}
	return f.Name + op + "ip(" + strconv.Quote(f.Addr) + ")"
}

// String returns the filter as LogQL writes it; a size is rounded, as Loki does.
func (f *LabelCompare) String() string {
	v := strconv.FormatFloat(f.Number, 'f', -1, 64)
	switch f.Kind {
	case ValueDuration:
		v = f.Duration.String()
	case ValueBytes:
		v = FormatBytes(f.Bytes)
	}
	return f.Name + f.Op.String() + v
}

// String returns the grouping with a space before it.
func (g *Grouping) String() string { return g.text(",") }

func (g *Grouping) text(comma string) string {
	word := " by ("
	if g.Without {
		word = " without ("
	}
	return word + strings.Join(g.Labels, comma) + ")"
}

// shown returns the grouping of a vector aggregation, without an empty by().
func (e *VectorAgg) shown(comma string) string {
	if e.Group == nil || !e.Group.Without && len(e.Group.Labels) == 0 {
		return ""
	}
	return e.Group.text(comma)
}

// String returns the query on one line.
func (e *RangeAgg) String() string { return string(e.append(nil)) }

func (e *RangeAgg) append(b []byte) []byte {
	b = append(append(b, e.Op...), '(')
	if e.Param != nil {
		b = append(strconv.AppendFloat(b, *e.Param, 'f', -1, 64), ',')
	}
	b = e.Log.append(b)
	if e.Unwrap != nil {
		for _, s := range e.Unwrap.stages() {
			b = append(append(b, ' '), s...)
		}
	}
	b = append(append(append(b, '['), FormatRange(e.Range)...), ']')
	if e.Offset != 0 {
		b = append(append(b, " offset "...), e.Offset.String()...)
	}
	b = append(b, ')')
	if e.Group != nil {
		b = append(b, e.Group.String()...)
	}
	return b
}

// stages are | unwrap and the filters behind it.
func (u *Unwrap) stages() []string {
	label := u.Label
	if u.Convert != "" {
		label = u.Convert + "(" + label + ")"
	}
	list := []string{"| unwrap " + label}
	for _, f := range u.Filters {
		list = append(list, "| "+f.String())
	}
	return list
}

// String returns the query on one line.
func (e *VectorAgg) String() string { return string(e.append(nil)) }

func (e *VectorAgg) append(b []byte) []byte {
	b = append(append(append(b, e.Op...), e.shown(",")...), '(')
	if e.Param > 0 {
		b = append(strconv.AppendInt(b, int64(e.Param), 10), ',')
	}
	return append(e.Inner.append(b), ')')
}

// operator is a binary operator with its modifiers. Loki leaves two spaces
// where a group could stand.
func (e *BinaryExpr) operator() string {
	op := e.Op
	if e.Bool {
		op += " bool"
	}
	m := &e.Matching
	if !m.On && len(m.Labels) == 0 && m.Card == OneToOne {
		return op
	}
	if m.On {
		op += " on ("
	} else {
		op += " ignoring ("
	}
	op += strings.Join(m.Labels, ",") + ") "
	if m.Card != OneToOne {
		op += [...]string{"", "group_left", "group_right"}[m.Card]
		if len(m.Include) > 0 {
			op += " (" + strings.Join(m.Include, ",") + ")"
		}
	}
	return op
}

// String returns the query on one line.
func (e *BinaryExpr) String() string { return string(e.append(nil)) }

func (e *BinaryExpr) append(b []byte) []byte {
	b = e.Left.append(append(b, '('))
	b = append(append(append(b, ' '), e.operator()...), ' ')
	return append(e.Right.append(b), ')')
}

// String returns the number.
func (e *Literal) String() string { return fmt.Sprint(e.Value) }

func (e *Literal) append(b []byte) []byte { return append(b, e.String()...) }

// String returns the query on one line.
func (e *Vector) String() string { return fmt.Sprintf("vector(%f)", e.Value) }

func (e *Vector) append(b []byte) []byte { return append(b, e.String()...) }

// String returns the query on one line.
func (e *LabelReplace) String() string { return string(e.append(nil)) }

func (e *LabelReplace) append(b []byte) []byte {
	b = append(e.Inner.append(append(b, "label_replace("...)), ',')
	return append(append(b, strings.Join(e.arguments(), ",")...), ')')
}

func (e *LabelReplace) arguments() []string {
	return []string{strconv.Quote(e.Dst), strconv.Quote(e.Replacement), strconv.Quote(e.Src), strconv.Quote(e.Regexp)}
}
