package logql

import (
	"strconv"
	"strings"
)

// wide is the number of characters from which Loki breaks an expression.
const wide = 100

// Pretty writes a query as Loki's format_query does: short parts on one line,
// long ones indented.
func Pretty(e Expr) string { return e.pretty(0) }

func indent(level int) string { return strings.Repeat("  ", level) }

// fits is for parts that stay on one line.
func fits(e Expr) bool { return len(e.String()) <= wide }

func (e *LogExpr) pretty(level int) string {
	if fits(e) {
		return indent(level) + e.String()
	}
	lines := []string{indent(level) + selector(e.Matchers)}
	for _, s := range e.Stages {
		lines = append(lines, prettyStage(s, level+1))
	}
	return strings.Join(lines, "\n")
}

// prettyStage indents a stage. Loki leaves decolorize where the selector is.
func prettyStage(s Stage, level int) string {
	if _, ok := s.(*Decolorize); ok {
		return s.String()
	}
	return indent(level) + s.String()
}

func (e *RangeAgg) pretty(level int) string {
	if fits(e) {
		return indent(level) + e.String()
	}
	lines := []string{indent(level) + e.Op + "("}
	if e.Param != nil {
		lines = append(lines, indent(level+1)+strconv.FormatFloat(*e.Param, 'f', -1, 64)+",")
	}
	log := indent(level+1) + e.logText()
	if len(e.logText()) > wide {
		log = e.prettyLog(level + 1)
	}
	log += " [" + FormatRange(e.Range) + "]"
	if e.Offset != 0 {
		log += " offset " + FormatRange(e.Offset)
	}
	lines = append(lines, log, indent(level)+")")
	s := strings.Join(lines, "\n")
	if e.Group != nil {
		s += e.Group.text(", ")
	}
	return s
}

func (e *RangeAgg) logText() string {
	s := e.Log.String()
	if e.Unwrap != nil {
		s += " " + strings.Join(e.Unwrap.stages(), " ")
	}
	return s
}

func (e *RangeAgg) prettyLog(level int) string {
	lines := []string{indent(level) + selector(e.Log.Matchers)}
	for _, s := range e.Log.Stages {
		lines = append(lines, prettyStage(s, level+1))
	}
	if e.Unwrap != nil {
		for _, s := range e.Unwrap.stages() {
			lines = append(lines, indent(level+1)+s)
		}
	}
	return strings.Join(lines, "\n")
}

func (e *VectorAgg) pretty(level int) string {
	if fits(e) {
		return indent(level) + e.String()
	}
	s := indent(level) + e.Op + e.shown(", ") + "(\n"
	if e.Param > 0 {
		s += indent(level+1) + strconv.Itoa(e.Param) + ",\n"
	}
	return s + e.Inner.pretty(level+1) + "\n" + indent(level) + ")"
}

func (e *BinaryExpr) pretty(level int) string {
	if fits(e) {
		return indent(level) + e.String()
	}
	return e.Left.pretty(level+1) + "\n" + indent(level) + e.operator() + "\n" + e.Right.pretty(level+1)
}

func (e *Literal) pretty(level int) string { return indent(level) + e.String() }

func (e *Vector) pretty(level int) string { return indent(level) + e.String() }

func (e *LabelReplace) pretty(level int) string {
	if fits(e) {
		return indent(level) + e.String()
	}
	args := e.arguments()
	for i := range args {
		args[i] = indent(level+1) + args[i]
	}
	return indent(level) + "label_replace(\n" + e.Inner.pretty(level+1) + ",\n" +
		strings.Join(args, ",\n") + "\n" + indent(level) + ")"
}
