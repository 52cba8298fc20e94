package logtime

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestSyslogStampMemory: what a clock remembers of the line before changes no
// result, whatever the arrival: on both sides of a year's turn, around leap
// days, in the repeated hour and in the one that is left out.
func TestSyslogStampMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "UTC"} {
		used := *testClock(t, zone)
		base := []time.Time{
			time.Date(2026, 12, 31, 23, 59, 0, 0, used.Loc), time.Date(2027, 1, 1, 0, 0, 0, 0, used.Loc),
			time.Date(2028, 2, 29, 12, 0, 0, 0, used.Loc), time.Date(2026, 10, 25, 2, 30, 0, 0, used.Loc),
			time.Date(2026, 11, 1, 1, 30, 0, 0, used.Loc), time.Date(2027, 3, 28, 1, 59, 0, 0, used.Loc),
		}
		stamps := []string{"Mar 28 02:30:07", "Feb 29 12:00:01", "Feb 30 12:00:01", "Oct 25 02:30:00", "Jan 1 00:00:60"}
		for _, b := range base {
			stamps = append(stamps, b.Format(time.Stamp), b.Add(30*time.Second).Format(time.Stamp))
		}
		for range 4000 {
			s := stamps[r.IntN(len(stamps))]
			arrival := base[r.IntN(len(base))].Add(time.Duration(r.Int64N(int64(500*24*time.Hour))) - 250*24*time.Hour)
			if r.IntN(2) == 0 {
				arrival = base[r.IntN(len(base))].Add(time.Duration(r.Int64N(int64(3*time.Hour))) - time.Hour)
			}
			fresh := *testClock(t, zone)
			want := fresh.syslogStamp(s, arrival.UnixNano())
			if got := used.syslogStamp(s, arrival.UnixNano()); got != want {
				t.Fatalf("%s arriving %s: %s, want %s", s, arrival, time.Unix(0, got).In(used.Loc), time.Unix(0, want).In(used.Loc))
			}
		}
	}
}
