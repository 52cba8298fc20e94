package logtime

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// testClock makes the clock of a zone.
func testClock(t testing.TB, zone string) *Clock {
	t.Helper()
	return &Clock{Loc: testtime.Location(t, zone)}
}
