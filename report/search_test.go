package report

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestSearched: a finding with an expression over lines that many streams have is
// looked for by its texts; as an expression it would cost more than all others.
func TestSearched(t *testing.T) {
	c, err := New(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.watches {
		if strings.Contains(w.finding.LogQL, "|~ `") && w.bit == 0 && w.finding.Name != "certificate" {
			t.Errorf("%s: no texts are known of which every line has one of: %s", w.finding.Name, w.finding.LogQL)
		}
	}
}

// TestSearch holds the search against strings.Contains, over lines that are made
// of pieces of what is looked for.
func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := "ab c"
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	found := 0
	for range 2000 {
		s := new(search)
		want := map[int]string{}
		for bit := range 1 + r.IntN(20) {
			want[bit] = word(shortest + r.IntN(5))
			s.add([]string{want[bit]}, 1<<bit)
		}
		s.prepare()
		line := word(r.IntN(40))
		for range r.IntN(4) {
			one := want[r.IntN(len(want))]
			line += one[r.IntN(2):] + word(r.IntN(9))
		}
		got := s.in(line)
		for bit, text := range want {
			has := strings.Contains(line, text)
			if has != (got>>bit&1 == 1) {
				t.Fatalf("%q in %q: %v, want %v", text, line, !has, has)
			}
			if has {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d were found", found)
	}
	if none := new(search); true {
		none.prepare()
		if none.in("anything that is longer than the window"+strings.Repeat(" x", 200)) != 0 {
			t.Error("nothing was looked for")
		}
	}
}
