package logql

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// quick returns what an anchored expression does, if that is said without one.
// Dashboards write such expressions: all of a variable is .*, some of its values
// are a|b, a part of a value is .*part.*. They are tried on each entry.
func quick(expr string) func(string) bool {
	if strings.ContainsRune(expr, '\uFFFD') {
		return nil // it fits what is no UTF-8, too
	}
	if values := strings.Split(expr, "|"); !slices.ContainsFunc(values, func(v string) bool { return regexp.QuoteMeta(v) != v }) {
		return func(value string) bool { return slices.Contains(values, value) }
	}
	re, err := syntax.Parse("(?s:"+expr+")", syntax.Perl)
	if err != nil {
		return nil
	}
	parts := flat(nil, re)
	any := false
	for len(parts) > 0 && isAny(parts[0]) {
		any, parts = true, parts[1:]
	}
	switch {
	case len(parts) == 0 && any:
		return func(string) bool { return true }
	case len(parts) == 0:
		return func(value string) bool { return value == "" }
	case len(parts) == 1 && parts[0].Op == syntax.OpPlus && parts[0].Sub[0].Op == syntax.OpAnyChar:
		return func(value string) bool { return value != "" }
	case any && parts[0].Op == syntax.OpLiteral && parts[0].Flags&syntax.FoldCase == 0 && len(parts) > 1 && !slices.ContainsFunc(parts[1:], func(r *syntax.Regexp) bool { return !isAny(r) }):
		text := string(parts[0].Rune)
		if strings.ContainsRune(text, '\uFFFD') {
			return nil // it fits what is no UTF-8, too
		}
		return func(value string) bool { return strings.Contains(value, text) }
	}
	return nil
}

// flat appends the parts of an expression that follow one another.
func flat(dst []*syntax.Regexp, re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return dst
	case syntax.OpCapture:
		return flat(dst, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			dst = flat(dst, sub)
		}
		return dst
	}
	return append(dst, re)
}

// isAny reports whether an expression is .*
func isAny(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && re.Sub[0].Op == syntax.OpAnyChar
}
