package logql

import "time"

// Expr is a query, or a part of one that has a value: *LogExpr, *RangeAgg,
// *VectorAgg, *BinaryExpr, *LabelReplace, *Literal, *Vector.
type Expr interface {
	// String is the query on one line, canonical, as Loki writes it.
	String() string
	append(b []byte) []byte
	pretty(level int) string
}

// LogExpr selects streams and sends their entries through a pipeline.
type LogExpr struct {
	Matchers []*Matcher
	Stages   []Stage
}

// Stage is one step of a pipeline: *LineFilter, *LabelFilterStage, *Parser,
// *ExtractParser, *LineFormat, *LabelFormat, *Select, *Decolorize.
type Stage interface{ String() string }

// LineOp is how a line filter compares.
type LineOp uint8

// The operators of line filters: |=, !=, |~, !~, |>, !>.
const (
	LineContains LineOp = iota
	LineNotContains
	LineMatches
	LineNotMatches
	LinePattern
	LineNotPattern
)

// String returns the operator as LogQL writes it.
func (o LineOp) String() string { return [...]string{"|=", "!=", "|~", "!~", "|>", "!>"}[o] }

// Negative reports whether the filter keeps lines that do not fit.
func (o LineOp) Negative() bool { return o%2 == 1 }

// LineMatch is one alternative of a line filter.
type LineMatch struct {
	Text string // text, expression, pattern, or addresses
	IP   bool   // ip("…")
}

// LineFilter keeps lines that fit one of the alternatives; a negative one keeps
// those that fit none.
type LineFilter struct {
	Op  LineOp
	Any []LineMatch
}

// ParserKind tells the parsers without further arguments.
type ParserKind uint8

// The parsers that take one text at most.
const (
	ParserJSON    ParserKind = iota // | json
	ParserLogfmt                    // | logfmt, with flags
	ParserRegexp                    // | regexp "…"
	ParserPattern                   // | pattern "…"
	ParserUnpack                    // | unpack
)

// Parser takes labels out of the line.
type Parser struct {
	Kind              ParserKind
	Param             string // of regexp and pattern
	Strict, KeepEmpty bool   // of logfmt
}

// Extraction is one label = "expression" of json or logfmt.
type Extraction struct{ Label, Expr string }

// ExtractParser takes named values out of a line of JSON or logfmt.
type ExtractParser struct {
	Kind              ParserKind // ParserJSON or ParserLogfmt
	Fields            []Extraction
	Strict, KeepEmpty bool // of logfmt
}

// LabelFilterStage keeps entries whose labels fit.
type LabelFilterStage struct{ Filter LabelFilter }

// LineFormat writes the line anew from a template.
type LineFormat struct{ Template string }

// Format is one assignment of label_format: to another label's value, or to
// what a template gives.
type Format struct {
	Name, Value string
	Rename      bool // Value is a label's name
}

// LabelFormat sets labels.
type LabelFormat struct{ Formats []Format }

// LabelPick names a label of drop or keep, with Matcher only where it fits.
type LabelPick struct {
	Name    string
	Matcher *Matcher // nil for the name alone
}

// Select is drop, or keep.
type Select struct {
	Keep  bool
	Picks []LabelPick
}

// Decolorize takes the colour codes of terminals out of the line.
type Decolorize struct{}

// LabelFilter is a condition on labels: *LabelAnd, *LabelOr, *LabelMatch,
// *LabelIP, *LabelCompare.
type LabelFilter interface{ String() string }

// LabelAnd is true where both are.
type LabelAnd struct{ Left, Right LabelFilter }

// LabelOr is true where one is.
type LabelOr struct{ Left, Right LabelFilter }

// LabelMatch compares a label as text.
type LabelMatch struct{ Matcher *Matcher }

// LabelIP compares a label with addresses.
type LabelIP struct {
	Name     string
	Negative bool // !=
	Addr     string
}

// ValueKind is what a label is read as before it is compared.
type ValueKind uint8

// The kinds of values of label filters.
const (
	ValueNumber ValueKind = iota
	ValueDuration
	ValueBytes
)

// CompareOp is how numbers compare.
type CompareOp uint8

// The comparisons of numbers: ==, !=, >, >=, <, <=.
const (
	CompareEqual CompareOp = iota
	CompareNotEqual
	CompareGreater
	CompareGreaterOrEqual
	CompareLess
	CompareLessOrEqual
)

// String returns the operator as LogQL writes it.
func (o CompareOp) String() string { return [...]string{"==", "!=", ">", ">=", "<", "<="}[o] }

// LabelCompare compares a label as number, duration or size.
type LabelCompare struct {
	Name     string
	Op       CompareOp
	Kind     ValueKind
	Number   float64       // ValueNumber
	Duration time.Duration // ValueDuration
	Bytes    uint64        // ValueBytes
}
