package transform

import (
	"math/rand/v2"
	"testing"
)

// TestOrdinals compares with a map, over chunks of all sizes.
func TestOrdinals(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var o ordinals
	for chunk := range 60 {
		o.reset()
		seen := map[int64]int64{}
		start := r.Int64N(1 << 62)
		unit := []int64{1, 1e6, 1e9, 1 << 40}[r.IntN(4)]
		n := r.IntN([]int{1, 100, 3 * ordinalsMin}[chunk%3] + 1)
		for range n {
			at := start + unit*r.Int64N(int64(1+n/2))
			if got := o.next(at); got != seen[at] {
				t.Fatalf("chunk %d: %d came %d times before, got %d", chunk, at, seen[at], got)
			}
			seen[at]++
		}
	}
}

func TestOrdinalsGeneration(t *testing.T) {
	o := ordinals{gen: ^uint32(0) - 1}
	for range 4 { // over the turn of the counter
		o.reset()
		for want := range int64(3) {
			if got := o.next(7); got != want {
				t.Fatalf("generation %d: got %d, want %d", o.gen, got, want)
			}
		}
	}
}

func TestOrdinalsAllocs(t *testing.T) {
	var o ordinals
	o.reset()
	o.next(1)
	if n := testing.AllocsPerRun(100, func() {
		o.reset()
		for i := range int64(1000) {
			o.next(i * 1e6)
		}
	}); n != 0 {
		t.Errorf("%v allocations a chunk", n)
	}
}
