package stage

import (
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/zimbraloki/zimbraloki/logql"
)

// CompareOp is how a label filter compares numbers.
type CompareOp uint8

// The comparisons of label filters, in LogQL's spelling: = (or ==), !=, >, >=, <, <=.
const (
	Equal CompareOp = iota
	NotEqual
	Greater
	GreaterEqual
	Less
	LessEqual
)

// String returns the operator as LogQL writes it.
func (o CompareOp) String() string {
	return [...]string{"==", "!=", ">", ">=", "<", "<="}[o]
}

func compare[T float64 | int64 | uint64](a T, op CompareOp, b T) bool {
	switch op {
	case Equal:
		return a == b
	case NotEqual:
		return a != b
	case Greater:
		return a > b
	case GreaterEqual:
		return a >= b
	case Less:
		return a < b
	default:
		return a <= b
	}
}

type stringFilter struct{ m *logql.Matcher }

// NewStringFilter keeps entries whose label fits: | name="text". A label that
// the entry does not have counts as "".
func NewStringFilter(m *logql.Matcher) Stage { return &stringFilter{m: m} }

func (f *stringFilter) Process(line string, l *Labels) (string, bool) {
	if f.m.Name == ErrorLabel {
		return line, f.m.Matches(l.errKind)
	}
	v, _ := l.Get(f.m.Name)
	return line, f.m.Matches(v)
}

type valueFilter[T float64 | int64 | uint64] struct {
	name  string
	op    CompareOp
	value T
	parse func(string) (T, error)
}

// NewNumberFilter keeps entries whose label is a number that compares so:
// | status >= 500. As with durations and bytes, an entry without the label
// goes; one whose value is none stays, with the error LabelFilterErr if it has
// none yet.
func NewNumberFilter(name string, op CompareOp, value float64) Stage {
	return &valueFilter[float64]{name, op, value, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }}
}

// NewDurationFilter is NewNumberFilter for durations, as Go writes them: | took > 1.5s.
func NewDurationFilter(name string, op CompareOp, value time.Duration) Stage {
	return &valueFilter[int64]{name, op, int64(value), func(s string) (int64, error) {
		d, err := time.ParseDuration(s)
		return int64(d), err
	}}
}

// NewBytesFilter is NewNumberFilter for sizes with a unit: | size > 5MB.
func NewBytesFilter(name string, op CompareOp, value uint64) Stage {
	return &valueFilter[uint64]{name, op, value, humanize.ParseBytes}
}

// Fits returns what a filter of a number, duration or size asks of the text of
// its label: one that it keeps, whether it compares so or is none. It is nil for
// other stages.
func Fits(s Stage) func(value string) bool {
	if f, ok := s.(interface{ fits(value string) bool }); ok {
		return f.fits
	}
	return nil
}

func (f *valueFilter[T]) fits(s string) bool {
	if s == "" {
		return false
	}
	v, err := f.parse(s)
	return err != nil || compare(v, f.op, f.value)
}

func (f *valueFilter[T]) Process(line string, l *Labels) (string, bool) {
	s, ok := l.Get(f.name)
	if !ok {
		return line, false
	}
	v, err := f.parse(s)
	if err != nil {
		if l.errKind == "" {
			l.SetErr(ErrFilter, err.Error())
		}
		return line, true
	}
	return line, compare(v, f.op, f.value)
}

type ipFilter struct {
	name string
	set  *ipSet
	not  bool
}

// NewIPFilter keeps entries whose label holds an address of ip, an address, a
// range (192.0.2.1-192.0.2.9) or a net (192.0.2.0/24); with not, the others.
// An entry with an error stays; without one and without the label it goes.
func NewIPFilter(name string, not bool, ip string) (Stage, error) {
	set, err := parseIPSet(ip)
	if err != nil {
		return nil, err
	}
	return &ipFilter{name: name, set: set, not: not}, nil
}

func (f *ipFilter) Process(line string, l *Labels) (string, bool) {
	if l.errKind != "" {
		return line, true
	}
	s, ok := l.Get(f.name)
	return line, ok && f.set.in(s) != f.not
}

type binaryFilter struct {
	left, right Stage
	and, both   bool
}

// NewAnd keeps entries that both filters keep; the second is not asked if the
// first says no. Both must be label filters, which leave the line as it is.
func NewAnd(left, right Stage) Stage { return &binaryFilter{left: left, right: right, and: true} }

// NewOr keeps entries that one filter keeps; the second is not asked if the
// first says yes. A NewAnd in the first asks both of its filters, as in Loki:
// the error that its second finds is seen by the second of the or.
func NewOr(left, right Stage) Stage {
	askBoth(left)
	return &binaryFilter{left: left, right: right}
}

func askBoth(s Stage) {
	if f, ok := s.(*binaryFilter); ok {
		f.both = f.and
		askBoth(f.left)
		askBoth(f.right)
	}
}

func (f *binaryFilter) Process(line string, l *Labels) (string, bool) {
	if _, ok := f.left.Process(line, l); ok != f.and {
		if f.both {
			f.right.Process(line, l)
		}
		return line, ok
	}
	_, ok := f.right.Process(line, l)
	return line, ok
}
