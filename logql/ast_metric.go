package logql

import "time"

// Grouping is by (…) or without (…).
type Grouping struct {
	Labels  []string
	Without bool
}

// Unwrap makes a label the value of an entry.
type Unwrap struct {
	Label   string
	Convert string // "", "bytes", "duration", "duration_seconds"
	Filters []LabelFilter
}

// RangeAgg aggregates the entries of a window of time: count_over_time and
// its like.
type RangeAgg struct {
	Op     string
	Param  *float64 // of quantile_over_time
	Log    *LogExpr
	Unwrap *Unwrap // nil if entries count
	Range  time.Duration
	Offset time.Duration
	Group  *Grouping // nil for every label

	window string // the range as it was written
}

// VectorAgg aggregates the series of one instant: sum and its like.
type VectorAgg struct {
	Op    string
	Param int // of topk, bottomk, approx_topk
	Inner Expr
	Group *Grouping // nil if the query has none
}

// VectorMatching says which series of both sides belong together.
type VectorMatching struct {
	On      bool // on(…); otherwise ignoring(…)
	Labels  []string
	Card    Cardinality
	Include []string // the labels in the brackets of group_left or group_right
}

// Cardinality says which side may have several series for one of the other.
type Cardinality uint8

// What group_left and group_right say.
const (
	OneToOne  Cardinality = iota
	ManyToOne             // group_left
	OneToMany             // group_right
)

// BinaryExpr joins two values: arithmetic, comparison, or sets.
type BinaryExpr struct {
	Op          string
	Left, Right Expr
	Bool        bool // a comparison gives 0 or 1
	Matching    VectorMatching
}

// Literal is a number.
type Literal struct{ Value float64 }

// Vector is vector(number): one series without labels.
type Vector struct{ Value float64 }

// LabelReplace sets a label from another by an expression.
type LabelReplace struct {
	Inner                         Expr
	Dst, Replacement, Src, Regexp string
}

// IsSet reports whether a binary operator is one on sets: and, or, unless.
func IsSet(op string) bool { return op == "and" || op == "or" || op == "unless" }

// IsComparison reports whether a binary operator compares.
func IsComparison(op string) bool {
	switch op {
	case "==", "!=", ">", ">=", "<", "<=":
		return true
	}
	return false
}
