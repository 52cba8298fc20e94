package engine

import (
	"regexp/syntax"
	"strings"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// newLabelMatch makes the filter of a label by text. An expression is anchored
// at both ends, as that of a stream selector, unless it is made of texts and .*
// alone: what Loki makes of such a one looks for the text anywhere, and
// user=~"a.*" finds "maria".
func newLabelMatch(m *logql.Matcher) stage.Stage {
	if loose := newLooseMatch(m); loose != nil {
		return loose
	}
	return stage.NewStringFilter(m)
}

// fitter is what the filter of newLabelMatch asks of the label's value.
func fitter(m *logql.Matcher) func(value string) bool {
	if loose := newLooseMatch(m); loose != nil {
		return func(value string) bool { return loose.fits(value) != loose.negative }
	}
	return m.Matches
}

// newLooseMatch is nil for what is no such expression.
func newLooseMatch(m *logql.Matcher) *looseMatch {
	if m.Op == logql.MatchEqual || m.Op == logql.MatchNotEqual {
		return nil
	}
	re, err := syntax.Parse(m.Value, syntax.Perl)
	if err != nil { // the parser has tried it
		return nil
	}
	parts, ok := looseParts(unbracket(re.Simplify()))
	if !ok {
		return nil
	}
	return &looseMatch{name: m.Name, parts: parts, negative: m.Op == logql.MatchNotRegexp}
}

// keepsAll reports whether a stage keeps every entry as it is: | user=~".*",
// which dashboards write where nothing is chosen.
func keepsAll(s stage.Stage) bool {
	loose, ok := s.(*looseMatch)
	return ok && len(loose.parts) == 0 && !loose.negative
}

// loosePart is one alternative: a text that is the value, or is in it; or any
// text.
type loosePart struct {
	text     string
	anywhere bool
	some     bool // .+
	fold     bool // case does not count
}

type looseMatch struct {
	name     string
	parts    []loosePart // any; none fits all
	negative bool
}

// Process keeps the entry or drops it.
func (f *looseMatch) Process(line string, l *stage.Labels) (string, bool) {
	value, _ := l.Lookup(f.name)
	return line, f.fits(value) != f.negative
}

func (f *looseMatch) fits(value string) bool {
	for i := range f.parts {
		if f.parts[i].fits(value) {
			return true
		}
	}
	return len(f.parts) == 0
}

func (p *loosePart) fits(value string) bool {
	if p.some {
		return value != ""
	}
	text := p.text
	if p.fold {
		text, value = strings.ToLower(text), strings.ToLower(value)
	}
	if p.anywhere {
		return strings.Contains(value, text)
	}
	return value == text
}

// unbracket takes capturing brackets away.
func unbracket(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	for i := range re.Sub {
		re.Sub[i] = unbracket(re.Sub[i])
	}
	return re
}

func isAnything(re *syntax.Regexp) bool {
	return re.Op == syntax.OpEmptyMatch || re.Op == syntax.OpStar && re.Sub[0].Op == syntax.OpAnyCharNotNL
}

func literal(re *syntax.Regexp) loosePart {
	return loosePart{text: string(re.Rune), fold: re.Flags&syntax.FoldCase != 0}
}

// looseParts takes an expression apart if it is made of texts and .* alone. An
// alternative that fits everything is left out beside others, as in Loki.
func looseParts(re *syntax.Regexp) (parts []loosePart, ok bool) {
	switch {
	case isAnything(re):
		return nil, true
	case re.Op == syntax.OpLiteral:
		return []loosePart{literal(re)}, true
	case re.Op == syntax.OpPlus && re.Sub[0].Op == syntax.OpAnyCharNotNL:
		return []loosePart{{some: true}}, true
	case re.Op == syntax.OpAlternate:
		for _, sub := range re.Sub {
			more, ok := looseParts(sub)
			if !ok {
				return nil, false
			}
			parts = append(parts, more...)
		}
		return parts, true
	case re.Op == syntax.OpConcat:
		return looseConcat(re.Sub)
	}
	return nil, false
}

// looseConcat takes text.*, .*text, .*text.* and a text before alternatives.
func looseConcat(subs []*syntax.Regexp) ([]loosePart, bool) {
	var text *syntax.Regexp
	for i, sub := range subs {
		switch {
		case isAnything(sub):
		case sub.Op == syntax.OpLiteral && text == nil:
			text = sub
		case sub.Op == syntax.OpAlternate && text != nil && i == len(subs)-1:
			return prefixed(literal(text), sub, i > 1)
		default:
			return nil, false
		}
	}
	if text == nil {
		return nil, true
	}
	p := literal(text)
	p.anywhere = len(subs) > 1
	return []loosePart{p}, true
}

// prefixed are the alternatives with the text before each. Of a|ab, which is
// a(|b), Loki looks for the text anywhere, as if it were a.*.
func prefixed(prefix loosePart, re *syntax.Regexp, anywhere bool) (parts []loosePart, ok bool) {
	for _, sub := range re.Sub {
		if isAnything(sub) {
			parts = append(parts, loosePart{text: prefix.text, anywhere: true, fold: prefix.fold})
			continue
		}
		if sub.Op == syntax.OpConcat && isAnything(sub.Sub[0]) {
			return nil, false
		}
		more, ok := looseParts(sub)
		if !ok {
			return nil, false
		}
		for _, p := range more {
			if p.some {
				return nil, false
			}
			p.text, p.anywhere = prefix.text+p.text, p.anywhere || anywhere
			parts = append(parts, p)
		}
	}
	return parts, len(parts) > 0
}
