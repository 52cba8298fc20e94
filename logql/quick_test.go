package logql

import (
	"regexp"
	"testing"
)

// FuzzQuick: where there is a quick way, it decides as the expression does.
func FuzzQuick(f *testing.F) {
	for _, expr := range []string{"", ".*", ".*.*", "(?i).*.*", ".+", "a|b|", "a.b", ".*a.*", "(?i).*a.*", "(.*)x.*", ".*|a", ".*a", "a.*", ".*?", "[^a]*", ".*a.*b.*", "\\w+", ".*\uFFFD.*", "(?-s:.*)"} {
		for _, value := range []string{"", "a", "b", "A", "xax", "a\nb", "\xff", "ab"} {
			f.Add(expr, value)
		}
	}
	f.Fuzz(func(t *testing.T, expr, value string) {
		re, err := regexp.Compile("^(?s:" + expr + ")$")
		if err != nil {
			t.Skip()
		}
		if q := quick(expr); q != nil && q(value) != re.MatchString(value) {
			t.Errorf("%q on %q: %t, the expression says %t", expr, value, q(value), re.MatchString(value))
		}
	})
}

// TestQuick: expressions of dashboards have a quick way.
func TestQuick(t *testing.T) {
	f := func(expr string, want bool) {
		t.Helper()
		if got := quick(expr) != nil; got != want {
			t.Errorf("%q: %t", expr, got)
		}
	}
	f(".*", true)
	f("(?i).*.*", true)
	f(".+", true)
	f("mail1|mail2", true)
	f(".*Relay access denied.*", true)
	f("(?i).*ann.*", false)
	f("a.c", false)
}
