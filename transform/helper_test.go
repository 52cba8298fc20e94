package transform

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
)

// benchRun is a Run outside of a chunk.
func benchRun(tb testing.TB, o Options) *Run {
	tb.Helper()
	r := New(o).Begin("test", nil, func(*entry.Entry) {})
	tb.Cleanup(func() { r.Close(true) })
	return r
}

func lineOrEnd(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "(end)"
}
