// Package engine answers LogQL over any source of entries. Evaluation streams:
// its memory grows with the answer, not with the range of time.
package engine

import (
	"context"
	"errors"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// Direction is the order of time that a log query asks for.
type Direction uint8

// Backward, the newest first, is Loki's default.
const (
	Backward Direction = iota
	Forward
)

// Selection is what an evaluation asks a Source for.
type Selection struct {
	Matchers  []*logql.Matcher // all must fit the labels of the stream
	From, To  int64            // nanoseconds since 1970 UTC, From <= time < To
	Direction Direction
	Hints     Hints
}

// Hints tell a Source what it may leave out. To follow none of them is right,
// too: the engine filters again.
type Hints struct {
	// Contains are texts that the line of an entry must all contain, as they
	// stand (from the |= filters that come before any stage that changes lines).
	Contains []string
	// AnyOf are, for other filters, texts of each of which the line must contain
	// one.
	AnyOf [][]string
	// Meta are tests that the structured metadata (or, where it has no such
	// name, the stream) must all pass, known before any parser runs.
	Meta []Test
	// NoLine says that the text of the lines is not looked at, only times,
	// labels, metadata and, if NeedSize, the length of the line.
	NoLine, NeedSize bool
	// MetaNames, unless nil, are the only names of structured metadata that are
	// looked at; AllMeta overrides.
	MetaNames []string
	AllMeta   bool
	// Limit is the number of entries after which a source that is Ordered may
	// expect ErrStop; 0 is no limit.
	Limit int
}

// Test is what the value of one label must be. A label that an entry does not
// have counts as "". Any goroutine may ask.
type Test struct {
	Name string
	Fits func(value string) bool
}

// ErrStop is what a visitor returns when it has enough; Select then returns nil.
var ErrStop = errors.New("enough entries")

// Source is where entries come from.
type Source interface {
	// Select calls visit for every entry of the selection. Entry and strings
	// are valid until visit returns; labels of one stream are the same *Labels
	// during one Select. It ends with the error of visit (nil for ErrStop), of
	// the context, or of reading.
	Select(ctx context.Context, sel *Selection, visit func(*entry.Entry) error) error
	// Ordered reports whether entries come in the order of the Selection's
	// Direction (entries of one time in the order in which they were stored,
	// or the reverse of it).
	Ordered() bool
}
