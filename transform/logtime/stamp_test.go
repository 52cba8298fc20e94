package logtime

import (
	"testing"
	"time"
)

// TestStampsOracle: each form of time against package time, through a year with
// both changes of summer time, for lines that arrive a second after they were
// written.
func TestStampsOracle(t *testing.T) {
	c := testClock(t, "Europe/Berlin")
	loc := c.Loc
	forms := []struct {
		layout string
		unit   time.Duration
	}{
		{"2006-01-02 15:04:05,000", time.Millisecond},
		{"2006-01-02T15:04:05.000000Z07:00", time.Microsecond},
		{"2006/01/02 15:04:05", time.Second},
		{"2006/01/02-15:04:05", time.Second},
		{"[2006.01.02 15:04:05.000 -0700]", time.Millisecond},
		{"02/Jan/2006:15:04:05 -0700", time.Second},
		{time.ANSIC, time.Second},
		{"Mon Jan 02 15:04:05.000000 2006", time.Microsecond},
		{"02.01.2006 15:04:05.000", time.Millisecond},
		{"(02-Jan-2006 15:04:05.000)", time.Millisecond},
	}
	for at := time.Date(2026, 1, 1, 0, 30, 15, 123456789, loc); at.Year() == 2026; at = at.Add(7*time.Hour + 13*time.Minute + time.Second) {
		arrival := at.Add(time.Second).UnixNano()
		for _, f := range forms {
			s := at.Format(f.layout)
			form, n := PlainStamp(s + " x")
			if n != len(s) {
				t.Fatalf("%q: length %d of %d", s, n, len(s))
			}
			if got, want := c.PlainTime(form, s, arrival), at.Truncate(f.unit).UnixNano(); got != want {
				t.Fatalf("%q: %v, want %v", s, time.Unix(0, got).In(loc), time.Unix(0, want).In(loc))
			}
		}
	}
}

// TestStampsRefuse: what is no time, or is near to one.
func TestStampsRefuse(t *testing.T) {
	for _, s := range []string{
		"", "[", "2026-08-02", "2026-08-02 16:49", "2026-08/02 16:49:04", "02/Aug/2026 16:49:04", "Sun Xxx  2 16:49:04 2026",
		"123456789 x", "12345678901 x", "3785678544 x", "1785678544x", "(((((((((((", "02-Xxx-2026 16:49:04", "192.0.2.1 - - x",
	} {
		if form, n := PlainStamp(s); n != 0 {
			t.Errorf("PlainStamp(%q) = %d, %d", s, form, n)
		}
	}
}

func TestLocalStampLen(t *testing.T) {
	f := func(in string, want int) {
		t.Helper()
		if got := LocalStampLen(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
		if c := testClock(t, "Europe/Berlin"); want > 0 && c.SyslogTime(in[:want], 1785690000e9) == 0 {
			t.Errorf("%q: SyslogTime does not read it", in)
		}
	}
	f("Aug 02 16:49:04 x", 15)
	f("Aug  2 16:49:04 x", 15)
	f("Aug 2 16:49:04 x", 14)
	f("2026-08-02 16:49:04 x", 19)
	f("2026-08-02 16:49:04.123 x", 23)
	f("2026-08-02T16:49:04.123456+03:00 x", 32)
	for _, in := range []string{"", "Aug", "Aug 02 16:49:04", "Aug 02 16:49:04: x", "Foo 02 16:49:04 x", "Aug 02 16-49-04 x", "2026-08-02 16:49 x", "2026-08-02 16:49:04", "2026-08-02 16:49:04,x"} {
		f(in, 0)
	}
}
