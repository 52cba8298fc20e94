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
	return &expression{re: re, needed: needed(tree)}, nil
}

type expression struct {
	re     *regexp.Regexp
	needed []need // every line that matches has one of them, unless nil
}

func (e *expression) match(line string) bool {
	return (e.needed == nil || containsAny(line, e.needed)) && e.re.MatchString(line)
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

// maxNeeded bounds the texts of which a match has one.
const maxNeeded = 8

// need is a text that a line must have, in any case if it is folded: then it is
// lower case ASCII.
type need struct {
	text string
	fold bool
}

func (n need) in(line string) bool {
	if n.fold {
		return containsFold(line, n.text)
	}
	return strings.Contains(line, n.text)
}

// needed returns texts of which every match has one, the longest that are known;
// nil for none.
func needed(t *syntax.Regexp) []need {
	switch t.Op {
	case syntax.OpLiteral:
		return literalNeed(string(t.Rune), t.Flags&syntax.FoldCase != 0)
	case syntax.OpCapture, syntax.OpPlus:
		return needed(t.Sub[0])
	case syntax.OpConcat:
		var best []need
		for _, sub := range t.Sub {
			if list := needed(sub); shortest(list) > shortest(best) {
				best = list
			}
		}
		return best
	case syntax.OpAlternate:
		var all []need
		for _, sub := range t.Sub {
			list := needed(sub)
			if list == nil || len(all)+len(list) > maxNeeded {
				return nil
			}
			all = append(all, list...)
		}
		return all
	}
	return nil
}

// literalNeed leaves out what fits other bytes than its own: what stands for
// bytes that are no UTF-8; folded, all that is not ASCII, and k and s, which two
// letters beyond ASCII fold to.
func literalNeed(text string, fold bool) []need {
	if strings.ContainsRune(text, utf8.RuneError) {
		return nil
	}
	if !fold {
		return []need{{text, false}}
	}
	best := ""
	for piece := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return r >= utf8.RuneSelf || r == 'k' || r == 's'
	}) {
		if len(piece) > len(best) {
			best = piece
		}
	}
	if best == "" {
		return nil
	}
	return []need{{best, true}}
}

func shortest(list []need) int {
	if len(list) == 0 {
		return 0
	}
	n := len(list[0].text)
	for _, s := range list {
		n = min(n, len(s.text))
	}
	return n
}

func containsAny(line string, texts []need) bool {
	for _, t := range texts {
		if t.in(line) {
			return true
		}
	}
	return false
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
