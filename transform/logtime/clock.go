package logtime

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Clock turns the local times of a log into instants. It belongs to one Run
// and remembers the last minute it resolved, because neighbouring lines share
// it. The zone's rules decide, never the time of now.
type Clock struct {
	Loc    *time.Location
	minute [16]byte // "2006-01-02 15:04" of the cached minute
	first  int64    // its start, seconds since 1970 UTC
	second int64    // its second occurrence when a DST change repeats it, else first

	// Local is the time that was resolved last without a zone of its own, by the
	// clock's; ns. Whoever has a better source can tell such a time by it.
	Local int64

	stamp    [len("Jan 02 15:04:")]byte // beginning of the syslog stamp resolved last
	stampLen int                        // bytes of it; 0 for none that holds for other arrivals too
	stampAt  int64                      // the minute it names, ns
}

// FutureSlack is how far a line may be ahead of its arrival before its clock
// or zone is taken to be wrong. Loki refuses entries further ahead of its own
// clock than this (limits_config.creation_grace_period, 10m).
const FutureSlack = int64(10 * time.Minute)

// Log4jStampLen is the length of "2006-01-02 15:04:05,000".
const Log4jStampLen = 23

// IsLog4jStamp reports whether s starts with log4j's ISO8601 date:
// YYYY-MM-DD hh:mm:ss,mmm.
func IsLog4jStamp(s string) bool {
	return len(s) > Log4jStampLen && log4jDate.At(s, 0) && log4jHour.At(s, 8) && log4jSecond.At(s, 15)
}

// The parts of log4j's stamp; the last two share a digit.
var (
	log4jDate   = scan.EightOf("0000-00-")
	log4jHour   = scan.EightOf("00 00:00")
	log4jSecond = scan.EightOf("0:00,000")
)

// Log4j resolves the stamp that s starts with (see IsLog4jStamp), in
// nanoseconds since 1970 UTC; false if it names no day or hour that exists.
func (c *Clock) Log4j(s string, arrival int64) (int64, bool) {
	if s[:16] != string(c.minute[:]) && !c.resolve(s) {
		return 0, false
	}
	sec := scan.Two(s, 17)
	if sec > 60 {
		return 0, false
	}
	off := int64(sec)*1e9 + int64(scan.Digit(s[20])*100+scan.Two(s, 21))*1e6
	return c.choose(off, arrival), true
}

// maxYear is the last year of which every nanosecond fits into an int64.
const maxYear = 2261

// resolve caches the minute that s starts with.
func (c *Clock) resolve(s string) bool {
	y, mo, d, h, mi := scan.Two(s, 0)*100+scan.Two(s, 2), scan.Two(s, 5), scan.Two(s, 8), scan.Two(s, 11), scan.Two(s, 14)
	if y < 1970 || y > maxYear || mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 {
		return false
	}
	c.first, c.second = localSeconds(c.Loc, y, mo, d, h, mi)
	copy(c.minute[:], s[:16])
	return true
}

// foldSlack is how far a line may be ahead of its arrival when its arrival
// decides which of two hours it is from: two clocks on one network.
const foldSlack = int64(time.Minute)

// choose decides between the two occurrences of a repeated minute: the later
// one, unless the line would have arrived before it was written. off is
// nanoseconds into the minute.
func (c *Clock) choose(off, arrival int64) int64 {
	if c.Local = c.second*1e9 + off; c.Local > arrival+foldSlack {
		c.Local = c.first*1e9 + off
	}
	return c.Local
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

// MonthOf reads a three-letter English month name: 1 to 12, or 0.
func MonthOf(s string) int {
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
func (c *Clock) syslog(mo, d, h, mi, sec int, arrival int64) int64 {
	year := time.Unix(0, arrival).In(c.Loc).Year()
	for y := year + 1; y >= year-1; y-- {
		if mo < 1 || d < 1 || d > daysIn(y, mo) {
			continue
		}
		var m Clock
		m.first, m.second = localSeconds(c.Loc, y, mo, d, h, mi)
		if t := m.choose(int64(sec)*1e9, arrival); t <= arrival+syslogSlack {
			c.Local = t
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
func (c *Clock) syslogStamp(s string, arrival int64) int64 {
	f := len(s) - 8
	if !scan.IsDigit(s[f+6]) || !scan.IsDigit(s[f+7]) {
		return 0
	}
	sec := scan.Two(s, f+6)
	if sec > 60 {
		return 0
	}
	if n := f + 6; n == c.stampLen && s[:n] == string(c.stamp[:n]) {
		const mostOfYear = int64(300 * 24 * time.Hour)
		if t := c.stampAt + int64(sec)*1e9; t <= arrival+syslogSlack && arrival+syslogSlack < t+mostOfYear {
			c.Local = t
			return t
		}
	}
	for _, i := range [...]int{f, f + 1, f + 3, f + 4} {
		if !scan.IsDigit(s[i]) {
			return 0
		}
	}
	day := scan.Atoi(strings.TrimLeft(s[4:f-1], " "))
	h, m := scan.Two(s, f), scan.Two(s, f+3)
	if h > 23 || m > 59 {
		return 0
	}
	c.stampLen = 0
	t := c.syslog(MonthOf(s[:3]), day, h, m, sec, arrival)
	if c.stampLen < 0 {
		c.stampLen = copy(c.stamp[:], s[:f+6])
	}
	return t
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }
