package stage

import (
	"errors"
	"fmt"
	"strings"
)

// LineOp is how a line filter looks at a line.
type LineOp uint8

// The line filters, in LogQL's spelling: |=, !=, |~, !~, |>, !>.
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

// Not reports whether the operator keeps what does not fit.
func (o LineOp) Not() bool { return o&1 != 0 }

// Text is one alternative of a line filter. With IP it is an address, a range
// or a net, as in |= ip("192.0.2.0/24").
type Text struct {
	Value string
	IP    bool
}

// LineFilter keeps entries whose line fits one of its texts, or none of them.
type LineFilter struct {
	op    LineOp
	texts []Text
	any   []textMatcher
}

// textMatcher is one alternative, ready to be asked.
type textMatcher interface{ match(line string) bool }

// NewLineFilter returns the filter, or the error of an expression that is none.
// Without alternatives it is an error, too.
func NewLineFilter(op LineOp, texts ...Text) (*LineFilter, error) {
	if len(texts) == 0 {
		return nil, errors.New("line filter: no text to look for")
	}
	f := &LineFilter{op: op, texts: texts}
	for _, t := range texts {
		m, err := newTextMatcher(op, t)
		if err != nil {
			return nil, err
		}
		f.any = append(f.any, m)
	}
	return f, nil
}

func newTextMatcher(op LineOp, t Text) (textMatcher, error) {
	switch {
	case t.IP && op > LineNotContains:
		return nil, fmt.Errorf("line filter: ip(%q) goes with |= and != only, not with %s", t.Value, op)
	case t.IP:
		set, err := parseIPSet(t.Value)
		if err != nil {
			return nil, err
		}
		return ipText{set}, nil
	case op <= LineNotContains:
		return substring(t.Value), nil
	case op <= LineNotMatches:
		return newExpression(t.Value)
	default:
		return newLinePattern(t.Value)
	}
}

// Process keeps the line or drops the entry.
func (f *LineFilter) Process(line string, _ *Labels) (string, bool) { return line, f.Keeps(line) }

// Keeps reports whether an entry with this line stays.
func (f *LineFilter) Keeps(line string) bool {
	for _, m := range f.any {
		if m.match(line) {
			return !f.op.Not()
		}
	}
	return f.op.Not()
}

// AnyOf returns texts of which every line that the filter keeps has one; nil if
// none are known.
func (f *LineFilter) AnyOf() (texts []string) {
	if f.op.Not() {
		return nil
	}
	for _, m := range f.any {
		list := needs(m)
		if list == nil || len(texts)+len(list) > maxNeeded {
			return nil
		}
		texts = append(texts, list...)
	}
	return texts
}

// needs returns texts of which every line that m fits has one.
func needs(m textMatcher) (texts []string) {
	switch m := m.(type) {
	case substring:
		if m != "" {
			return []string{string(m)}
		}
	case *expression:
		for _, n := range m.needed {
			if n.fold {
				return nil
			}
			texts = append(texts, n.text)
		}
	case anyOf:
		for _, one := range m {
			list := needs(one)
			if list == nil {
				return nil
			}
			texts = append(texts, list...)
		}
	}
	return texts
}

// Contains returns a text that every line which the filter keeps must have, or
// "": what a |= without alternatives looks for.
func (f *LineFilter) Contains() string {
	if f.op == LineContains && len(f.texts) == 1 && !f.texts[0].IP {
		return f.texts[0].Value
	}
	return ""
}

type substring string

func (s substring) match(line string) bool { return strings.Contains(line, string(s)) }

type ipText struct{ set *ipSet }

func (t ipText) match(line string) bool { return t.set.in(line) }
