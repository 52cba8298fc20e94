package scan

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestValidUTF8(t *testing.T) {
	var a Arena
	f := func(in, want string) {
		t.Helper()
		if got := ValidUTF8(&a, in); got != want {
			t.Errorf("ValidUTF8(%q) = %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("plain", "plain")
	f("é€😀", "é€😀")
	f("a\x00b\rc\x7f", "a\x00b\rc\x7f") // valid, if odd
	f("\xff", "\uFFFD")
	f("a\xffb\xfec", "a\uFFFDb\uFFFDc")
	f("\xe2\x82", "\uFFFD\uFFFD") // a cut euro: one for each byte
	f("\xe2\x82é", "\uFFFD\uFFFDé")
	f("\xc0\x80", "\uFFFD\uFFFD")
	f("\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD") // a surrogate
	f("\uFFFD\xff", "\uFFFD\uFFFD")
	f(strings.Repeat("\xff", 9), strings.Repeat("\uFFFD", 9))
}

func FuzzValidUTF8(f *testing.F) {
	f.Add("a\xffé\xe2\x82", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		var a Arena
		got := ValidUTF8(&a, s)
		if want := string([]rune(s)); got != want { // Go's conversion replaces byte for byte too
			t.Fatalf("ValidUTF8(%q) = %q, want %q", s, got, want)
		}
		k := CutRunes(got, n)
		if n >= 0 && (k > n && k > 0 || !utf8.ValidString(got[:k]) || !utf8.ValidString(got[k:])) {
			t.Errorf("CutRunes(%q, %d) = %d", got, n, k)
		}
		if n >= 0 && k < len(got) && n-k >= utf8.UTFMax {
			t.Errorf("CutRunes(%q, %d) = %d cuts too much", got, n, k)
		}
	})
}

func TestCutRunes(t *testing.T) {
	f := func(in string, n, want int) {
		t.Helper()
		if got := CutRunes(in, n); got != want {
			t.Errorf("CutRunes(%q, %d) = %d, want %d", in, n, got, want)
		}
	}
	f("abc", 5, 3)
	f("abc", 3, 3)
	f("abc", 2, 2)
	f("abc", 0, 0)
	f("é", 1, 0)
	f("aé", 2, 1)
	f("a€b", 3, 1)
	f("a€b", 4, 4)
	f("😀", 3, 0)
	f("", 0, 0)
}
