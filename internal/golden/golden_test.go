package golden

import "testing"

func TestFirstDifference(t *testing.T) {
	f := func(got, want string, line int, g, w string) {
		t.Helper()
		n, a, b, same := firstDifference([]byte(got), []byte(want))
		if n != line || a != g || b != w || same != (line == 0) {
			t.Errorf("%q and %q: line %d, %q and %q; want line %d, %q and %q", got, want, n, a, b, line, g, w)
		}
	}
	f("", "", 0, "", "")
	f("a\nb\n", "a\nb\n", 0, "", "")
	f("a\nb\n", "a\nc\n", 2, "b", "c")
	f("a\n", "a", 2, "", "(end)")
	f("a", "a\nb", 2, "(end)", "b")
	f("", "a", 1, "", "a")
	f("a\r\n", "a\n", 1, "a\r", "a")
}
