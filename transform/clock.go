package transform

import "time"

// clock turns the local times of a log into instants. It belongs to one Run
// and remembers the last minute it resolved, because neighbouring lines share
// it. The zone's rules decide, never the time of now.
type clock struct {
	loc    *time.Location
	minute [16]byte // "2006-01-02 15:04" of the cached minute
	first  int64    // its start, seconds since 1970 UTC
	second int64    // its second occurrence when a DST change repeats it, else first
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

var monthNames = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// monthOf reads a three-letter English month name: 1 to 12, or 0.
func monthOf(s string) int {
	for i, m := range monthNames {
		if s == m {
			return i + 1
		}
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
			return t
		}
	}
	return 0
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }
