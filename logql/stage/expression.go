package stage

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// newExpression compiles an expression for |~. One that is a text, or a choice
// of texts, is looked for as such; of another, a text that it cannot do without
// is looked for first.
func newExpression(expr string) (textMatcher, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("line filter: %w", err)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("line filter: %w", err)
	}
	tree = tree.Simplify()
	if m, ok := plainOf(tree, re); ok {
		return m, nil
	}
	return &expression{re: re, needle: required(tree)}, nil
}

type expression struct {
	re     *regexp.Regexp
	needle string // in every line that matches, or ""
}

func (e *expression) match(line string) bool {
	return strings.Contains(line, e.needle) && e.re.MatchString(line)
}

// plainOf returns a search for texts that says the same as the expression.
func plainOf(t *syntax.Regexp, re *regexp.Regexp) (textMatcher, bool) {
	t = trimAny(t)
	switch t.Op {
	case syntax.OpEmptyMatch:
		return substring(""), true
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase == 0 {
			return substring(string(t.Rune)), true
		}
		return foldOf(string(t.Rune), re)
	case syntax.OpAlternate:
		var all anyOf
		for _, sub := range t.Sub {
			m, ok := plainOf(sub, re)
			if !ok {
				return nil, false
			}
			all = append(all, m)
		}
		return all, true
	}
	return nil, false
}

// trimAny takes away brackets, and the .* at both ends of a sequence: they fit
// wherever the rest does.
func trimAny(t *syntax.Regexp) *syntax.Regexp {
	for t.Op == syntax.OpCapture {
		t = t.Sub[0]
	}
	if isAnyStar(t) {
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	}
	if t.Op != syntax.OpConcat {
		return t
	}
	sub := t.Sub
	for len(sub) > 0 && isAnyStar(sub[0]) {
		sub = sub[1:]
	}
	for len(sub) > 0 && isAnyStar(sub[len(sub)-1]) {
		sub = sub[:len(sub)-1]
	}
	switch len(sub) {
	case 0:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case 1:
		return trimAny(sub[0])
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: sub, Flags: t.Flags}
}

func isAnyStar(t *syntax.Regexp) bool {
	return t.Op == syntax.OpStar && (t.Sub[0].Op == syntax.OpAnyChar || t.Sub[0].Op == syntax.OpAnyCharNotNL)
}

// required returns the longest text that every match has, "" if none is known.
func required(t *syntax.Regexp) string {
	switch t.Op {
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase == 0 {
			return string(t.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(t.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range t.Sub {
			if s := required(sub); len(s) > len(best) {
				best = s
			}
		}
		return best
	}
	return ""
}

type anyOf []textMatcher

func (a anyOf) match(line string) bool {
	for _, m := range a {
		if m.match(line) {
			return true
		}
	}
	return false
}

// folded looks for a text of ASCII in any case. Two letters of other scripts
// fold to k and s (K of Kelvin, ſ): a line with such bytes goes to the expression.
type folded struct {
	lower string
	exact *regexp.Regexp // nil if no letter of the text has such a relative
}

func foldOf(text string, re *regexp.Regexp) (textMatcher, bool) {
	lower := strings.ToLower(text)
	for i := range len(lower) {
		if lower[i] >= utf8.RuneSelf {
			return nil, false
		}
	}
	f := &folded{lower: lower}
	if strings.ContainsAny(lower, "ks") {
		f.exact = re
	}
	return f, true
}

func (f *folded) match(line string) bool {
	if containsFold(line, f.lower) {
		return true
	}
	return f.exact != nil && (strings.Contains(line, "\u212a") || strings.Contains(line, "\u017f")) &&
		f.exact.MatchString(line)
}

// containsFold reports whether line holds the text, which is lower case ASCII,
// in any case.
func containsFold(line, lower string) bool {
	if lower == "" {
		return true
	}
	a, b := lower[0], upperOf(lower[0])
	for {
		i := strings.IndexByte(line, a)
		if a != b {
			if j := strings.IndexByte(line[:max(i, 0)], b); i < 0 {
				i = strings.IndexByte(line, b)
			} else if j >= 0 {
				i = j
			}
		}
		if i < 0 || len(line)-i < len(lower) {
			return false
		}
		if equalFold(line[i:i+len(lower)], lower) {
			return true
		}
		line = line[i+1:]
	}
}

func equalFold(s, lower string) bool {
	for i := range len(lower) {
		if c := s[i]; c != lower[i] && c != upperOf(lower[i]) {
			return false
		}
	}
	return true
}

func upperOf(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
