package scan

import (
	"strings"
	"testing"
)

// TestEight: the pattern says of every byte at every place what a loop says.
func TestEight(t *testing.T) {
	const pattern = "0?-00:0?"
	p := EightOf(pattern)
	for i := range len(pattern) {
		for c := range 256 {
			s := []byte("12-34:56")
			s[i] = byte(c)
			want := pattern[i] == '?' || pattern[i] == '0' && IsDigit(byte(c)) || pattern[i] == byte(c) && c != '0'
			if got := p.At("x"+string(s)+"y", 1); got != want {
				t.Errorf("%q: %v", s, got)
			}
		}
	}
}

// TestEnds: at every place of texts of every length the first quote, or quote or
// backslash, is found.
func TestEnds(t *testing.T) {
	f := func(s string) {
		t.Helper()
		for i := range len(s) + 1 {
			quote, end := strings.IndexByte(s[i:], '"'), strings.IndexAny(s[i:], `"\`)
			if quote < 0 {
				quote = len(s) - i
			}
			if end < 0 {
				end = len(s) - i
			}
			if got := QuoteEnd(s, i); got != i+quote {
				t.Errorf("QuoteEnd(%q, %d) = %d", s, i, got)
			}
			if got := StringEnd(s, i); got != i+end {
				t.Errorf("StringEnd(%q, %d) = %d", s, i, got)
			}
		}
	}
	for n := range 20 {
		f(strings.Repeat("#]\u00a2", n)) // neighbours of both, and their bits with the top one
		for k := range n {
			b := []byte(strings.Repeat("!", n))
			b[k] = '"'
			f(string(b))
			b[k] = '\\'
			f(string(b))
		}
	}
}

// TestIndex: keys are found where the library finds them.
func TestIndex(t *testing.T) {
	f := func(s, key string) {
		t.Helper()
		if got, want := Index(s, key), strings.Index(s, key); got != want {
			t.Errorf("Index(%q, %q) = %d, want %d", s, key, got, want)
		}
		if key == "" {
			return
		}
		if got, want := LastIndex(s, key), strings.LastIndex(s, key); got != want {
			t.Errorf("LastIndex(%q, %q) = %d, want %d", s, key, got, want)
		}
	}
	f("", "")
	f("", "a=")
	f("a=", "a=")
	f("=a=b=", "a=")
	f("x a=1, ba=2, a=3", "a=")
	f("x a=1, ba=2, a=3", " a=")
	f("====", "==")
	f("a", "aa=")
	f("no key", "key=")
	f("abc", "")
}
