package logtime

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

func TestClockLog4j(t *testing.T) {
	f := func(zone, stamp, arrival, want string) {
		t.Helper()
		got, ok := testClock(t, zone).Log4j(stamp+" ", testtime.Instant(t, arrival))
		if text := testtime.UTC(got); !ok || text != want {
			t.Errorf("%s %q arrived %s\n got %s %v\nwant %s", zone, stamp, arrival, text, ok, want)
		}
	}
	f("UTC", "2026-08-02 16:49:04,242", "2026-08-02T16:49:05Z", "2026-08-02T16:49:04.242Z")
	f("Europe/Berlin", "2026-08-02 16:49:04,242", "2026-08-02T14:49:05Z", "2026-08-02T14:49:04.242Z")
	f("Europe/Berlin", "2026-12-31 23:59:59,999", "2026-12-31T23:00:05Z", "2026-12-31T22:59:59.999Z")
	f("Europe/Berlin", "2027-01-01 00:00:00,000", "2026-12-31T23:00:05Z", "2026-12-31T23:00:00.000Z")
	f("America/New_York", "2026-07-04 09:30:00,001", "2026-07-04T13:30:00Z", "2026-07-04T13:30:00.001Z")
	f("Asia/Kathmandu", "2026-08-02 12:00:00,000", "2026-08-02T06:15:00Z", "2026-08-02T06:15:00.000Z")

	// The end of summer time repeats an hour: the arrival decides.
	f("Europe/Berlin", "2026-10-25 01:59:59,999", "2026-10-25T00:00:00Z", "2026-10-24T23:59:59.999Z")
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00.000Z")
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2026-10-25T01:20:00Z", "2026-10-25T00:30:00.000Z") // late, but not the second
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2026-10-25T01:29:30Z", "2026-10-25T01:30:00.000Z") // clocks differ a little
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00.000Z")
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2027-10-25T01:30:01Z", "2026-10-25T01:30:00.000Z") // read from an old file
	f("Europe/Berlin", "2026-10-25 02:30:00,000", "2026-10-24T10:00:00Z", "2026-10-25T00:30:00.000Z") // ahead of its time
	f("Europe/Berlin", "2026-10-25 03:00:00,000", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00.000Z")
	f("America/New_York", "2026-11-01 01:15:00,000", "2026-11-01T05:15:02Z", "2026-11-01T05:15:00.000Z")
	f("America/New_York", "2026-11-01 01:15:00,000", "2026-11-01T06:15:02Z", "2026-11-01T06:15:00.000Z")
	f("Australia/Lord_Howe", "2026-04-05 01:45:00,000", "2026-04-04T14:45:02Z", "2026-04-04T14:45:00.000Z") // half an hour
	f("Australia/Lord_Howe", "2026-04-05 01:45:00,000", "2026-04-04T15:15:02Z", "2026-04-04T15:15:00.000Z")

	// The start of summer time skips an hour: the offset from before holds.
	f("Europe/Berlin", "2026-03-29 01:59:59,999", "2026-03-29T01:00:00Z", "2026-03-29T00:59:59.999Z")
	f("Europe/Berlin", "2026-03-29 02:30:00,000", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00.000Z")
	f("Europe/Berlin", "2026-03-29 03:00:00,000", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00.000Z")
	f("America/New_York", "2026-03-08 02:30:00,000", "2026-03-08T07:30:00Z", "2026-03-08T07:30:00.000Z")
	f("Australia/Lord_Howe", "2026-10-04 02:10:00,000", "2026-10-03T15:40:00Z", "2026-10-03T15:40:00.000Z")

	f("UTC", "2028-02-29 12:00:00,000", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00.000Z")
	f("UTC", "2026-12-31 23:59:60,000", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z") // a leap second
	f("UTC", "2261-12-31 23:59:59,999", "2027-01-01T00:00:00Z", "2261-12-31T23:59:59.999Z")

	c := testClock(t, "UTC")
	for _, stamp := range []string{
		"2026-02-29 12:00:00,000", "2026-13-01 12:00:00,000", "2026-00-01 12:00:00,000", "2026-01-00 12:00:00,000",
		"2026-04-31 12:00:00,000", "2026-01-01 24:00:00,000", "2026-01-01 12:60:00,000", "2026-01-01 12:00:61,000",
		"1969-12-31 23:59:59,999", "2262-01-01 00:00:00,000", "9999-12-31 23:59:59,999",
	} {
		if got, ok := c.Log4j(stamp+" ", 0); ok {
			t.Errorf("%s is no time, got %s", stamp, testtime.UTC(got))
		}
	}
}

// TestLocalSecondsOracle compares with a search for every instant at which the
// clocks of a zone show a time.
func TestLocalSecondsOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "Pacific/Apia", "UTC"} {
		loc := testClock(t, zone).Loc
		for range 300 {
			wall := time.Date(2015+r.IntN(15), time.Month(1+r.IntN(12)), 1+r.IntN(31), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
			if near := nearChange(loc, wall); r.IntN(4) > 0 && !near.IsZero() {
				wall = near.Add(time.Duration(r.IntN(240)-120) * time.Minute)
			}
			first, second := localSeconds(loc, wall.Year(), int(wall.Month()), wall.Day(), wall.Hour(), wall.Minute())
			want := showing(loc, wall)
			if got := slices.Compact([]int64{first, second}); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s %s: got %v, want %v", zone, wall.Format("2006-01-02 15:04"), got, want)
			}
		}
	}
}

// nearChange is the wall time, before it, of the next change of offset after t.
func nearChange(loc *time.Location, t time.Time) time.Time {
	_, end := t.In(loc).ZoneBounds()
	if end.IsZero() {
		return end
	}
	_, off := end.Add(-time.Second).Zone()
	return end.UTC().Add(time.Duration(off) * time.Second).Truncate(time.Minute)
}

// showing lists the instants at which clocks show wall; for a time that a
// change of offset skips, the one that the offset from before gives.
func showing(loc *time.Location, wall time.Time) []int64 {
	var found []int64
	offsets := map[int]bool{}
	before := 0
	for at := wall.Add(-26 * time.Hour); at.Before(wall.Add(26 * time.Hour)); at = at.Add(15 * time.Minute) {
		_, off := at.In(loc).Zone()
		if len(offsets) == 0 {
			before = off
		}
		offsets[off] = true
	}
	for off := range offsets {
		if sec := wall.Unix() - int64(off); offsetAt(loc, sec) == off {
			found = append(found, sec)
		}
	}
	if len(found) == 0 {
		return []int64{wall.Unix() - int64(before)}
	}
	slices.Sort(found)
	return found
}

func TestClockSyslog(t *testing.T) {
	f := func(zone, stamp, arrival, want string) {
		t.Helper()
		got := testClock(t, zone).SyslogTime(stamp, testtime.Instant(t, arrival))
		text := "none"
		if got != 0 {
			text = testtime.UTC(got)
		}
		if text != want {
			t.Errorf("%s %q arrived %s\n got %s\nwant %s", zone, stamp, arrival, text, want)
		}
	}
	f("UTC", "Aug  2 16:49:04", "2026-08-02T16:49:05Z", "2026-08-02T16:49:04.000Z")
	f("UTC", "Aug 2 16:49:04", "2026-08-02T16:49:05Z", "2026-08-02T16:49:04.000Z")
	f("UTC", "Aug 22 16:49:04", "2026-08-22T16:49:05Z", "2026-08-22T16:49:04.000Z")
	f("Europe/Berlin", "Aug  2 16:49:04", "2026-08-02T16:49:05Z", "2026-08-02T14:49:04.000Z")
	// A year's turn, in both directions.
	f("UTC", "Dec 31 23:59:59", "2027-01-01T00:00:02Z", "2026-12-31T23:59:59.000Z")
	f("UTC", "Jan  1 00:00:01", "2026-12-31T23:59:59Z", "2027-01-01T00:00:01.000Z")
	f("America/New_York", "Dec 31 23:59:59", "2027-01-01T05:00:02Z", "2027-01-01T04:59:59.000Z")
	f("UTC", "Mar  1 12:00:00", "2026-08-02T16:49:05Z", "2026-03-01T12:00:00.000Z")
	f("UTC", "Nov  1 12:00:00", "2026-02-02T16:49:05Z", "2025-11-01T12:00:00.000Z")
	// A repeated hour.
	f("Europe/Berlin", "Oct 25 02:30:00", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00.000Z")
	f("Europe/Berlin", "Oct 25 02:30:00", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00.000Z")
	// 29 February of the year that has one.
	f("UTC", "Feb 29 12:00:00", "2028-02-29T12:00:01Z", "2028-02-29T12:00:00.000Z")
	f("UTC", "Feb 29 12:00:00", "2029-01-01T12:00:01Z", "2028-02-29T12:00:00.000Z")
	f("UTC", "Feb 29 12:00:00", "2026-08-02T12:00:01Z", "none")
	// rsyslog's high-precision template.
	f("Europe/Berlin", "2026-08-02T16:49:04.123456+03:00", "2026-08-02T16:49:05Z", "2026-08-02T13:49:04.123Z")
	f("UTC", "2026-08-02T16:49:04Z", "2026-08-02T16:49:05Z", "2026-08-02T16:49:04.000Z")
	for _, stamp := range []string{
		"Aug 32 16:49:04", "Apr 31 16:49:04", "Aug  0 16:49:04", "Aug  2 24:49:04", "Aug  2 16:60:04",
		"Aug  2 16:49:61", "Aug  2 1x:49:04", "2026-08-02T25:49:04Z", "9999-08-02T16:49:04Z",
	} {
		f("UTC", stamp, "2026-08-02T16:49:05Z", "none")
	}
}

func TestIsLog4jStamp(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := IsLog4jStamp(in); got != want {
			t.Errorf("IsLog4jStamp(%q) = %v", in, got)
		}
	}
	f("2026-08-02 16:49:04,242 INFO", true)
	f("2026-08-02 16:49:04,242", false) // nothing behind it
	f("2026-08-02 16:49:04.242 INFO", false)
	f("2026-08-02T16:49:04,242 INFO", false)
	f("2026-08-02 16:49:04,24x INFO", false)
	f("x026-08-02 16:49:04,242 INFO", false)
	f("", false)
	const stamp = "2026-08-02 16:49:04,242 "
	for i := range Log4jStampLen { // every byte counts
		f(stamp[:i]+"\x00"+stamp[i+1:], false)
	}
}
