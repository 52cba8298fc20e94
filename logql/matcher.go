// Package logql is the query language of Grafana Loki: text → syntax tree →
// text. It knows nothing of where entries come from (package engine evaluates).
//
// Source: grafana.com/docs/loki/latest/query, and what a Loki 3.7 answers.
package logql

import (
	"fmt"
	"regexp"
)

// MatchOp is how a Matcher compares.
type MatchOp uint8

// The operators of a matcher, in LogQL's own spelling: =, !=, =~, !~.
const (
	MatchEqual MatchOp = iota
	MatchNotEqual
	MatchRegexp
	MatchNotRegexp
)

// String returns the operator as LogQL writes it.
func (o MatchOp) String() string { return [...]string{"=", "!=", "=~", "!~"}[o] }

// Matcher is one comparison of a stream's label with a text. A label that the
// stream does not have counts as "". A regular expression is anchored at both
// ends (RE2 syntax).
type Matcher struct {
	Name  string
	Op    MatchOp
	Value string

	re    *regexp.Regexp
	quick func(string) bool // the same as re, where that needs no expression; else nil
}

// NewMatcher returns the matcher, or an error if its expression is none.
func NewMatcher(name string, op MatchOp, value string) (*Matcher, error) {
	m := &Matcher{Name: name, Op: op, Value: value}
	if op == MatchRegexp || op == MatchNotRegexp {
		// Compiled alone first, so that an error quotes what was written.
		if _, err := regexp.Compile(value); err != nil {
			return nil, fmt.Errorf("matcher of %s: %w", name, err)
		}
		re, err := regexp.Compile("^(?s:" + value + ")$")
		if err != nil {
			return nil, fmt.Errorf("matcher of %s: %w", name, err)
		}
		m.re, m.quick = re, quick(value)
	}
	return m, nil
}

// Matches reports whether the value of the label fits.
func (m *Matcher) Matches(value string) bool {
	switch m.Op {
	case MatchEqual:
		return value == m.Value
	case MatchNotEqual:
		return value != m.Value
	case MatchRegexp:
		return m.fits(value)
	default:
		return !m.fits(value)
	}
}

func (m *Matcher) fits(value string) bool {
	if m.quick != nil {
		return m.quick(value)
	}
	return m.re.MatchString(value)
}

// String returns the matcher as LogQL writes it.
func (m *Matcher) String() string { return fmt.Sprintf("%s%s%q", quoteName(m.Name), m.Op, m.Value) }
