// Package testtime reads the times and zones that tests name. Zones come from
// the program itself, so that a test does not depend on the machine's.
package testtime

import (
	"testing"
	"time"
	_ "time/tzdata" // zones, whatever the machine has
)

// Location returns the zone of a name: Europe/Berlin.
func Location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// Instant reads RFC 3339, in nanoseconds since 1970.
func Instant(t testing.TB, s string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}

// UTC writes nanoseconds since 1970 as RFC 3339 with milliseconds.
func UTC(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000Z07:00") }
