package pipeline

import (
	"context"
	"testing"
)

// TestFlushAllocs: whatever the format, the allocations of a flush are those of
// its requests and its label sets, none is of a record.
func TestFlushAllocs(t *testing.T) {
	if testing.Short() {
		t.Skip("flushes 2 MB of every format several times")
	}
	const ofRequest, ofRecord = 50, 0.02 // net/http, the reader of the body; growth of what is kept between chunks
	eachFormat(t, func(name string, data []byte, _, records int64) {
		p, a := benchPipeline(t)
		flush := func() {
			if p.Flush(context.Background(), "zimbra", data) != OK {
				t.Fatalf("%s: flush did not end well", name)
			}
		}
		flush() // label sets, buffers
		a.requests = 0
		const flushes = 4
		n := testing.AllocsPerRun(flushes, flush)
		requests := float64(a.requests) / (flushes + 1)
		if n -= requests * ofRequest; n > ofRecord*float64(records) {
			t.Errorf("%s: %.0f allocations besides those of %.0f requests, for %d records", name, n, requests, records)
		}
	})
}
