package transform

import (
	"strings"
	"time"
)

// clock turns the local times of a log into instants. It belongs to one Run
// and remembers the last minute it resolved, because neighbouring lines share
// it. The zone's rules decide, never the time of now.
type clock struct {
	loc    *time.Location
	minute [16]byte // "2006-01-02 15:04" of the cached minute
	first  int64    // its start, seconds since 1970 UTC
	second int64    // its second occurrence when a DST change repeats it, else first

	stamp    [len("Jan 02 15:04:")]byte // beginning of the syslog stamp resolved last
	stampLen int                        // bytes of it; 0 for none that holds for other arrivals too
	stampAt  int64                      // the minute it names, ns
}

// futureSlack is how far a line may be ahead of its arrival before its clock
// or zone is taken to be wrong. Loki refuses entries further ahead of its own
// clock than this (limits_config.creation_grace_period, 10m).
const futureSlack = int64(10 * time.Minute)

func digit(c byte) int { return int(c - '0') }

func isDigit(c byte) bool { return c-'0' < 10 }

func two(s string, i int) int { return digit(s[i])*10 + digit(s[i+1]) }

// log4jStampLen is the length of "2006-01-02 15:04:05,000".
const log4jStampLen = 23

// isLog4jStamp reports whether s starts with log4j's ISO8601 date:
// YYYY-MM-DD hh:mm:ss,mmm.
func isLog4jStamp(s string) bool {
	if len(s) <= log4jStampLen || s[4] != '-' || s[7] != '-' || s[10] != ' ' ||
		s[13] != ':' || s[16] != ':' || s[19] != ',' {
		return false
	}
	const digits = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<5 | 1<<6 | 1<<8 | 1<<9 | 1<<11 | 1<<12 |
		1<<14 | 1<<15 | 1<<17 | 1<<18 | 1<<20 | 1<<21 | 1<<22
	for i := 0; i < log4jStampLen; i++ {
		if digits&(1<<i) != 0 && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// log4j resolves the stamp that s starts with (see isLog4jStamp), in
// nanoseconds since 1970 UTC; false if it names no day or hour that exists.
func (c *clock) log4j(s string, arrival int64) (int64, bool) {
	if s[:16] != string(c.minute[:]) && !c.resolve(s) {
		return 0, false
	}
	sec := two(s, 17)
	if sec > 60 {
		return 0, false
	}
	off := int64(sec)*1e9 + int64(digit(s[20])*100+two(s, 21))*1e6
	return c.choose(off, arrival), true
}

// maxYear is the last year of which every nanosecond fits into an int64.
const maxYear = 2261

// resolve caches the minute that s starts with.
func (c *clock) resolve(s string) bool {
	y, mo, d, h, mi := two(s, 0)*100+two(s, 2), two(s, 5), two(s, 8), two(s, 11), two(s, 14)
	if y < 1970 || y > maxYear || mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 {
		return false
	}
	c.first, c.second = localSeconds(c.loc, y, mo, d, h, mi)
	copy(c.minute[:], s[:16])
	return true
}

// foldSlack is how far a line may be ahead of its arrival when its arrival
// decides which of two hours it is from: two clocks on one network.
const foldSlack = int64(time.Minute)

// choose decides between the two occurrences of a repeated minute: the later
// one, unless the line would have arrived before it was written. off is
// nanoseconds into the minute.
func (c *clock) choose(off, arrival int64) int64 {
	if second := c.second*1e9 + off; second <= arrival+foldSlack {
		return second
	}
	return c.first*1e9 + off
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// localSeconds returns the first and the second instant, in seconds since 1970
// UTC, at which clocks in loc show the given time; they differ only in the
// hour that the end of summer time repeats. A time that the start of summer
// time skips is read with the offset from before the change.
func localSeconds(loc *time.Location, y, mo, d, h, mi int) (first, second int64) {
	wall := time.Date(y, time.Month(mo), d, h, mi, 0, 0, time.UTC).Unix()
	const day = 24 * 60 * 60
	_, before := time.Unix(wall-day, 0).In(loc).Zone()
	_, after := time.Unix(wall+day, 0).In(loc).Zone()
	a, b := wall-int64(before), wall-int64(after)
	if before == after {
		return a, a
	}
	aOK, bOK := offsetAt(loc, a) == before, offsetAt(loc, b) == after
	switch {
	case aOK && bOK:
		return min(a, b), max(a, b)
	case bOK:
		return b, b
	default:
		return a, a
	}
}

func offsetAt(loc *time.Location, sec int64) int {
	_, off := time.Unix(sec, 0).In(loc).Zone()
	return off
}

// monthOf reads a three-letter English month name: 1 to 12, or 0.
func monthOf(s string) int {
	switch s {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}

// syslogSlack is how far a date without a year may be ahead of its arrival: a
// zone that is set wrong. Further ahead it is of the year before.
const syslogSlack = int64(24 * time.Hour)

// syslog resolves the date of RFC 3164 §4.1.2, which has neither year nor
// zone: it is of the latest year in which the line does not come from the
// future, so that a line of 31 December that arrives on 1 January gets the old
// year. It returns 0 for a day that none of the three years around has.
func (c *clock) syslog(mo, d, h, mi, sec int, arrival int64) int64 {
	year := time.Unix(0, arrival).In(c.loc).Year()
	for y := year + 1; y >= year-1; y-- {
		if mo < 1 || d < 1 || d > daysIn(y, mo) {
			continue
		}
		var m clock
		m.first, m.second = localSeconds(c.loc, y, mo, d, h, mi)
		if t := m.choose(int64(sec)*1e9, arrival); t <= arrival+syslogSlack {
			c.stampLen, c.stampAt = 0, m.first*1e9
			if m.first == m.second {
				c.stampLen = -1
			}
			return t
		}
	}
	return 0
}

// syslogStamp resolves "Jan  2 15:04:05", s, as syslog does; 0 if it names no
// time that exists. Neighbouring lines are mostly of one minute, so that of the
// last one is tried first: its year is right for every arrival that is not
// before it and not most of a year behind it.
func (c *clock) syslogStamp(s string, arrival int64) int64 {
	f := len(s) - 8
	if !isDigit(s[f+6]) || !isDigit(s[f+7]) {
		return 0
	}
	sec := two(s, f+6)
	if sec > 60 {
		return 0
	}
	if n := f + 6; n == c.stampLen && s[:n] == string(c.stamp[:n]) {
		const mostOfYear = int64(300 * 24 * time.Hour)
		if t := c.stampAt + int64(sec)*1e9; t <= arrival+syslogSlack && arrival+syslogSlack < t+mostOfYear {
			return t
		}
	}
	for _, i := range [...]int{f, f + 1, f + 3, f + 4} {
		if !isDigit(s[i]) {
			return 0
		}
	}
	day := atoi(strings.TrimLeft(s[4:f-1], " "))
	h, m := two(s, f), two(s, f+3)
	if h > 23 || m > 59 {
		return 0
	}
	c.stampLen = 0
	t := c.syslog(monthOf(s[:3]), day, h, m, sec, arrival)
	if c.stampLen < 0 {
		c.stampLen = copy(c.stamp[:], s[:f+6])
	}
	return t
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }
