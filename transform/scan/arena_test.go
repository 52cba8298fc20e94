package scan

import (
	"strings"
	"testing"
)

func TestArenaKeepsWhatItHandedOut(t *testing.T) {
	var a Arena
	for round := range 3 {
		var got, want []string
		for i, n := range []int{1, 0, 100, arenaBlock - 5, 10, arenaBlock, arenaBlock + 1, 7, 3 * arenaBlock, 2} {
			w := strings.Repeat(string(rune('a'+i+round)), n)
			want = append(want, w)
			got = append(got, a.Copy(w))
			a.Alloc(5) // handed out, not kept
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("round %d: piece %d of %d bytes was overwritten", round, i, len(want[i]))
			}
		}
		a.Reset()
	}
	if n := testing.AllocsPerRun(100, func() { a.Copy("a short one"); a.Reset() }); n != 0 {
		t.Errorf("steady state allocates %v times", n)
	}
}
