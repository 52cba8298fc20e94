package logtime

import (
	"math"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// ISOTime reads the times that programs and container runtimes write: RFC 3339
// with a fraction of any length behind a dot or a comma, 'T' or a blank before
// the hour, '-' or '/' in the date, and as zone Z, UTC, ±hh:mm, ±hhmm, ±hh (a
// blank before it, Java's "[Europe/Moscow]" after it are passed over) or none:
// then it is a time of the zone that the clock has. Nanoseconds since 1970 UTC.
func (c *Clock) ISOTime(s string, arrival int64) (int64, bool) {
	if len(s) < 19 || !isISODate(s) {
		return 0, false
	}
	day, ok := isoDay(s)
	h, mi, sec := scan.Two(s, 11), scan.Two(s, 14), scan.Two(s, 17)
	if !ok || h > 23 || mi > 59 || sec > 60 {
		return 0, false
	}
	nano, rest := isoFraction(s[19:])
	if rest == "" {
		return c.local(s, int64(sec)*1e9+nano, arrival)
	}
	off, ok := isoZone(rest)
	t := day*86400 + int64(h)*3600 + int64(mi)*60 + int64(sec) - off
	return t*1e9 + nano, ok && day > -maxISODays && day < maxISODays
}

// maxISODays keeps nanoseconds inside an int64: 1707 to 2232.
const maxISODays = 96000

// isISODate checks the punctuation and digits of "2006-01-02T15:04:05".
func isISODate(s string) bool {
	if s[4] != '-' && s[4] != '/' || s[7] != s[4] {
		return false
	}
	if t := s[10]; t != 'T' && t != ' ' && t != 't' {
		return false
	}
	return isoDate.At(s, 0) && isoHour.At(s, 8) && isoSecond.At(s, 11)
}

// The parts of an ISO time; the last two share hour and minute.
var (
	isoDate   = scan.EightOf("0000?00?")
	isoHour   = scan.EightOf("00?00:00")
	isoSecond = scan.EightOf("00:00:00")
)

// isoDay returns the days since 1970 of the date that s starts with; false if
// there is no such day.
func isoDay(s string) (int64, bool) {
	y, mo, d := scan.Two(s, 0)*100+scan.Two(s, 2), scan.Two(s, 5), scan.Two(s, 8)
	if mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) {
		return 0, false
	}
	if mo <= 2 { // the year of this count starts in March, so that the leap day ends it
		y, mo = y-1, mo+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(mo-3)+2)/5 + d - 1
	return int64(days) - 719468, true
}

func daysIn(y, mo int) int {
	switch mo {
	case 2:
		if leap(y) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// isoFraction reads a fraction of a second, ".123" or ",123"; digits after the
// ninth are dropped.
func isoFraction(s string) (nano int64, rest string) {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !scan.IsDigit(s[1]) {
		return 0, s
	}
	i := 1
	for ; i < len(s) && scan.IsDigit(s[i]); i++ {
		if i <= len(nanoUnits) {
			nano += int64(scan.Digit(s[i])) * nanoUnits[i-1]
		}
	}
	return nano, s[i:]
}

// nanoUnits are what the digits of a fraction count for.
var nanoUnits = [...]int64{1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}

// isoZone reads a zone and returns its offset from UTC in seconds.
func isoZone(s string) (off int64, ok bool) {
	if s == "Z" {
		return 0, true
	}
	s = strings.TrimPrefix(s, " ")
	if i := strings.IndexByte(s, '['); i > 0 && s[len(s)-1] == ']' {
		s = s[:i]
	}
	switch s {
	case "Z", "z", "UTC", "GMT":
		return 0, true
	}
	if len(s) < 3 || s[0] != '+' && s[0] != '-' || !scan.IsDigit(s[1]) || !scan.IsDigit(s[2]) {
		return 0, false
	}
	off = int64(scan.Two(s, 1)) * 3600
	if m := strings.TrimPrefix(s[3:], ":"); len(m) == 2 && scan.IsDigit(m[0]) && scan.IsDigit(m[1]) && m[0] < '6' {
		off += int64(scan.Two(m, 0)) * 60
	} else if m != "" {
		return 0, false
	}
	if s[0] == '-' {
		off = -off
	}
	return off, off > -24*3600 && off < 24*3600
}

// local resolves the minute that s starts with in the clock's own zone; off is
// nanoseconds into it.
func (c *Clock) local(s string, off, arrival int64) (int64, bool) {
	var m [16]byte
	copy(m[:], s)
	m[4], m[7], m[10] = '-', '-', ' '
	if m != c.minute && !c.resolve(string(m[:])) {
		return 0, false
	}
	return c.choose(off, arrival), true
}

// NumberTime reads a time given as a number since 1970. Its size tells the
// unit: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds,
// else nanoseconds. Numbers below 1e8 (1973) are no dates but durations or
// counters.
func NumberTime(s string) (int64, bool) {
	const longest = 19 // digits of an int64
	whole, i := int64(0), 0
	for ; i < min(len(s), longest) && scan.IsDigit(s[i]); i++ {
		whole = whole*10 + int64(scan.Digit(s[i]))
	}
	if i < len(s) && strings.ContainsAny(s[i:], "eE") {
		return floatTime(s)
	}
	unit := timeUnit(whole)
	if unit == 0 || i < len(s) && s[i] != '.' {
		return 0, false
	}
	nano := whole * unit
	for i++; i < len(s) && unit > 1; i++ {
		if !scan.IsDigit(s[i]) {
			return 0, false
		}
		unit /= 10
		nano += int64(scan.Digit(s[i])) * unit
	}
	return nano, nano > 0
}

// timeUnit is the unit of a time in nanoseconds, 0 for what is no time or lies
// beyond 2262, where nanoseconds leave an int64.
func timeUnit(n int64) int64 {
	unit := int64(1)
	switch {
	case n < 1e8:
		return 0
	case n < 1e11:
		unit = 1e9
	case n < 1e14:
		unit = 1e6
	case n < 1e17:
		unit = 1e3
	}
	if n >= math.MaxInt64/unit {
		return 0
	}
	return unit
}

// floatTime is NumberTime for a number with an exponent, "1.749112947148e9".
func floatTime(s string) (int64, bool) {
	if len(s) > 40 {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 1e8) || f >= math.MaxInt64 {
		return 0, false
	}
	unit := timeUnit(int64(f))
	whole, frac := math.Modf(f)
	return int64(whole)*unit + int64(frac*float64(unit)), unit > 0
}
