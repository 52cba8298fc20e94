package metrics

import (
	"testing"
	"time"
)

func TestWriter(t *testing.T) {
	var w Writer
	w.Begin(Desc{"a_total", Counter, "Back\\slash and\nline", []string{"x", "y"}})
	w.Int(3, `q"\`+"\n", "b\xff")
	w.Int(1<<60, "", "")
	w.Begin(Desc{"b_seconds", Gauge, "Time", nil})
	w.Seconds(time.Unix(1790000000, 250e6))
	const want = `# HELP a_total Back\\slash and\nline
# TYPE a_total counter
a_total{x="q\"\\\n",y="b` + "\uFFFD" + `"} 3
a_total{x="",y=""} 1.152921504606847e+18
# HELP b_seconds Time
# TYPE b_seconds gauge
b_seconds 1790000000.25
`
	if got := string(w.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, 30 * time.Second, time.Hour} {
		h.Observe(d)
	}
	f := func(bucket int, want int64) {
		t.Helper()
		if n := h.buckets[bucket].Load(); n != want {
			t.Errorf("bucket %d has %d, want %d", bucket, n, want)
		}
	}
	f(0, 2) // the bound belongs to its bucket
	f(1, 1)
	f(len(bounds)-1, 1)
	f(len(bounds), 1)
	if n := testing.AllocsPerRun(100, func() { h.Since(time.Now()) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	for b.Loop() {
		h.Observe(40 * time.Millisecond)
	}
}
