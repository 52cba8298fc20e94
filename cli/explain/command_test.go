package explain

import (
	"io"
	"strings"
	"testing"
)

// TestArrival: what is no time of Fluent Bit's is a mistake in the command line.
func TestArrival(t *testing.T) {
	f := func(arrival, want string) {
		t.Helper()
		c := Command()
		c.SetArgs([]string{"--arrival", arrival})
		c.SetIn(strings.NewReader("x\n"))
		c.SetOut(io.Discard)
		c.SetErr(io.Discard)
		err := c.Execute()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", arrival, err, want)
		}
	}
	f("2026-08-02T16:49:04Z", "")
	f("1970-01-01T00:00:00Z", "")
	f("1969-12-31T23:59:59Z", "before 1970")
	f("1969-12-31T23:59:59.9Z", "before 1970")
	f("yesterday", "RFC 3339")
}
