package transform

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// TestOddRecords: what a forward client may send is delivered: a body that is
// no map, a record without a time.
func TestOddRecords(t *testing.T) {
	tr := New(Options{Host: "h"})
	var b chunk.Builder
	b.Bare(0, "a bare text")
	b.Bare(0, 42)
	once := func() (lines []string, times []int64) {
		r := tr.Begin("t", b.Bytes(), func(e *entry.Entry) {
			lines, times = append(lines, string(e.AppendLine(nil))), append(times, e.Time)
		})
		if err := Chunk(r, b.Bytes()); err != nil {
			t.Fatal(err)
		}
		r.Close(false)
		return
	}
	lines, times := once()
	if len(lines) != 2 || lines[0] != "a bare text" || lines[1] != "42" {
		t.Errorf("lines %q", lines)
	}
	_, again := once()
	for i := range times {
		if times[i] <= 0 || times[i] != again[i] {
			t.Errorf("entry %d: time %d, on the retry %d; want one time, not 0", i, times[i], again[i])
		}
	}
}
