package config

import (
	"fmt"
	"strings"
)

// Error is one property that cannot be used as it was written.
type Error struct {
	Where   string   // file:line of config_file, "" for the output section
	Key     string   // as it was looked up; for an alias "alias (name)"
	Value   string   // as written, *** for a secret, "" if the value does not matter
	Reason  string   // what is wrong with it
	Allowed []string // values that would do, if they can be listed
	Nearest string   // what was probably meant, "" if nothing is near
	Cure    string   // what to write or do, "" if Reason says it
}

// Error puts the parts into one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.Key)
	if e.Value != "" {
		fmt.Fprintf(&b, " %q", e.Value)
	}
	b.WriteString(": " + e.Reason)
	if len(e.Allowed) > 0 {
		b.WriteString(" (allowed: " + strings.Join(e.Allowed, ", ") + ")")
	}
	sep := "; "
	if e.Nearest != "" {
		fmt.Fprintf(&b, "; did you mean %q?", e.Nearest)
		sep = " "
	}
	if e.Cure != "" {
		b.WriteString(sep + e.Cure)
	}
	return b.String()
}

// badValue is an Error without its key and value: what the parsers of single
// values return.
func badValue(cure, reason string, args ...any) *Error {
	return &Error{Reason: fmt.Sprintf(reason, args...), Cure: cure}
}

// nearest returns the one of names that is fewest slips away from s, "" if
// that is more than a third of its letters.
func nearest(s string, names []string) string {
	best, bestDist := "", len(s)/3+1
	for _, n := range names {
		if d := distance(strings.ToLower(s), strings.ToLower(n)); d < bestDist {
			best, bestDist = n, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a (optimal string alignment, three rows).
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cur[j+1] = min(cur[j+1], before[j-1]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

// Near reports whether a is so near to b that it was probably meant to be it.
func Near(a, b string) bool { return nearest(a, []string{b}) != "" }
