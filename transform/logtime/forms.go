package logtime

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// isSeverity reports whether c is a letter that glog and Ruby's Logger write for
// a severity.
func isSeverity(c byte) bool { return strings.IndexByte("IWEFD", c) >= 0 }

// glogLen is the length of "E0802 16:49:04.242424", the severity and the time
// without a year of glog and klog; 0 if s does not start with it.
func glogLen(s string) int {
	const form = "0000 00:00:00.000000"
	if len(s) > len(form)+1 && isSeverity(s[0]) && scan.DigitsAt(s[1:], form) {
		return len(form) + 1
	}
	return 0
}

// glogTime resolves what glogLen found.
func (c *Clock) glogTime(s string, arrival int64) int64 {
	h, m, sec := scan.Two(s, 6), scan.Two(s, 9), scan.Two(s, 12)
	if h > 23 || m > 59 || sec > 60 {
		return 0
	}
	frac, _ := isoFraction(s[14:])
	t := c.syslog(scan.Two(s, 1), scan.Two(s, 3), h, m, sec, arrival-frac)
	if t == 0 {
		return 0
	}
	c.Local = t + frac
	return c.Local
}

// redisLen is the length of "12:M 02 Aug 2026 16:49:04.242", process, role and
// time of Redis and Valkey; 0 if s does not start with it.
func redisLen(s string) int {
	p := len(scan.Number(s))
	if p == 0 || len(s) < p+3 || s[p] != ':' || strings.IndexByte("CSMX", s[p+1]) < 0 || s[p+2] != ' ' {
		return 0
	}
	at := p + 3
	const form = "00 Aug 2026 16:49:04.242"
	t := s[at:]
	if len(t) < len(form)+2 || !scan.DigitsAt(t, "00 ") || MonthOf(t[3:6]) == 0 || !scan.DigitsAt(t[6:], " 0000 00:00:00.000 ") {
		return 0
	}
	return at + len(form)
}

// rubyLen is the length of "W, [2026-08-02T16:49:04.242424 #12] ", which Ruby's
// Logger and Rails write; 0 if s does not start with it.
func rubyLen(s string) int {
	if len(s) < 24 || !isSeverity(s[0]) && s[0] != 'A' || s[1] != ',' || s[2] != ' ' || s[3] != '[' {
		return 0
	}
	n := isoLen(s[4:])
	if n == 0 || !strings.HasPrefix(s[4+n:], " #") {
		return 0
	}
	return 4 + n
}

// JuliHeadLen is the length of "Aug 02, 2026 4:49:04 PM", the first line of
// java.util.logging's SimpleFormatter; 0 if s does not start with it. The level
// starts the second line.
func JuliHeadLen(s string) int {
	if len(s) < len("Aug 2, 2026 4:49:04 PM") || s[3] != ' ' || MonthOf(s[:3]) == 0 {
		return 0
	}
	i := 4 + len(scan.Number(s[4:min(len(s), 6)]))
	if i == 4 || !scan.DigitsAt(s[i:], ", 0000 ") {
		return 0
	}
	i += len(", 2026 ")
	h := len(scan.Number(s[i:min(len(s), i+2)]))
	if i += h; h == 0 || !scan.DigitsAt(s[i:], ":00:00 ") || len(s) < i+9 {
		return 0
	}
	if half := s[i+7 : i+9]; half != "AM" && half != "PM" {
		return 0
	}
	return i + 9
}

// juliTime resolves what JuliHeadLen found.
func (c *Clock) juliTime(s string, arrival int64) int64 {
	day := scan.Number(s[4:])
	rest := s[4+len(day)+2:]
	year, rest := rest[:4], rest[5:]
	hour := scan.Number(rest)
	rest = rest[len(hour):]
	h := scan.Atoi(hour)
	if h < 1 || h > 12 {
		return 0
	}
	if h %= 12; strings.HasSuffix(s, "PM") {
		h += 12
	}
	w := Wall{scan.Atoi(year), MonthOf(s[:3]), scan.Atoi(day), h, scan.Two(rest, 1), scan.Two(rest, 4)}
	return c.Wall(&w, 0, arrival)
}

// clockLen is the length of a time of day with its fraction and zone, or in a
// bracket before a level: "16:49:04.242", "16:49:04.242Z"; 0 if s does not start
// with it.
func clockLen(s string, bracket bool) int {
	if len(s) < 12 || !scan.DigitsAt(s, "00:00:00") {
		return 0
	}
	f := fractionLen(s[8:])
	n := 8 + f
	if strings.HasPrefix(s[n:], "Z") {
		n++
	}
	if n == len(s) || f == 0 && !bracket || s[n] != ' ' && s[n] != ']' {
		return 0
	}
	return n
}

// clockTime resolves a time of day: that of the last day on which it was
// written before it arrived.
func (c *Clock) clockTime(s string, arrival int64) int64 {
	frac, rest := isoFraction(s[8:])
	loc := c.Loc
	if rest == "Z" {
		loc = time.UTC
	}
	day := time.Unix(0, arrival).In(loc)
	for n := 1; n >= -1; n-- {
		y, m, d := day.AddDate(0, 0, n).Date()
		w := Wall{y, int(m), d, scan.Two(s, 0), scan.Two(s, 3), scan.Two(s, 6)}
		var t int64
		if loc == time.UTC {
			t = time.Date(y, m, d, w.Hour, w.Minute, w.Second, int(frac), loc).UnixNano()
		} else {
			t = c.Wall(&w, frac, arrival)
		}
		if t != 0 && t <= arrival+FutureSlack {
			return t
		}
	}
	return 0
}

// markedStamp finds the times before which something stands or that have a form
// of one program's own.
func markedStamp(s string) (PlainForm, int) {
	if s == "" || s[0] == '[' {
		return plainNone, 0
	}
	if scan.IsDigit(s[0]) {
		return PlainRedis, redisLen(s)
	}
	if n := glogLen(s); n > 0 {
		return PlainGlog, n
	}
	if n := rubyLen(s); n > 0 {
		return PlainRuby, n
	}
	return PlainJuliHead, JuliHeadLen(s)
}

// PlainForm is a form in which programs write times.
type PlainForm uint8

const (
	plainNone     PlainForm = iota
	plainISO                // 2006-01-02 15:04:05,000 -0700, and its relatives
	plainCLF                // 02/Jan/2006:15:04:05 -0700
	plainCtime              // Mon Jan _2 15:04:05[.000000] 2006
	plainDMY                // 02.01.2006 15:04:05
	plainJuli               // 02-Jan-2006 15:04:05.000
	plainEpoch              // 1136214245.000
	PlainClock              // 15:04:05.000
	PlainGlog               // I0102 15:04:05.000000
	PlainRuby               // I, [2006-01-02T15:04:05.000000
	PlainRedis              // 12:M 02 Jan 2006 15:04:05.000
	PlainJuliHead           // Jan 02, 2006 3:04:05 PM
)

// PlainStamp finds the time that s starts with, a bracket before it or not; n
// is its length with the brackets, 0 if there is none.
func PlainStamp(s string) (form PlainForm, n int) {
	if form, n = markedStamp(s); n > 0 {
		return form, n
	}
	open := 0
	if len(s) > 10 && (s[0] == '[' || s[0] == '(' || s[0] == '<') {
		open = 1
	}
	t := s[open:]
	if len(t) < 10 {
		return plainNone, 0
	}
	switch c := t[0]; {
	case scan.IsDigit(c):
		form, n = digitStamp(t)
	case 'A' <= c && c <= 'Z':
		if n = plainCtimeLen(t); n > 0 {
			form = plainCtime
		}
	}
	if n == 0 {
		if n = clockLen(t, open == 1); n == 0 {
			return plainNone, 0
		}
		form = PlainClock
	}
	n += open
	if open == 1 && n < len(s) && (s[n] == ']' || s[n] == ')' || s[n] == '>') {
		n++
	}
	return form, n
}

func digitStamp(t string) (PlainForm, int) {
	if n := isoLen(t); n > 0 {
		return plainISO, n
	}
	if n := ClfLen(t); n > 0 {
		return plainCLF, n
	}
	switch {
	case scan.DigitsAt(t, "00.00.0000 00:00:00"):
		return plainDMY, 19 + fractionLen(t[19:])
	case len(t) >= 20 && scan.DigitsAt(t, "00-") && t[6] == '-' && MonthOf(t[3:6]) > 0 && scan.DigitsAt(t[6:], "-0000 00:00:00"):
		n := 20 + fractionLen(t[20:])
		if strings.HasPrefix(t[n:], " UTC]") {
			n += len(" UTC")
		}
		return plainJuli, n
	}
	n := len(scan.Number(t))
	if n != 10 && n != 13 && n != 16 || t[0] != '1' && t[0] != '2' {
		return plainNone, 0
	}
	n += fractionLen(t[n:])
	if n == len(t) || strings.IndexByte(" \t]):,|", t[n]) < 0 {
		return plainNone, 0
	}
	return plainEpoch, n
}

// ISOStampLen is the length of "2006-01-02 15:04:05" with its fraction and zone,
// if s starts with it and a blank follows; 0 if not. Log4j's has a comma.
func ISOStampLen(s string) int {
	n := isoLen(s)
	if n == 0 || n == len(s) || s[n] != ' ' || s[4] != '-' || s[19] == ',' {
		return 0
	}
	return n
}

// isoLen is the length of the time in an ISO 8601 form with its zone, or 0.
func isoLen(s string) int {
	if len(s) < 19 || !scan.DigitsAt(s, "0000") || !scan.DigitsAt(s[11:], "00:00:00") || !scan.DigitsAt(s[5:], "00") || !scan.DigitsAt(s[8:], "00") {
		return 0
	}
	if c := s[4]; c != '-' && c != '/' && c != '.' || s[7] != c {
		return 0
	}
	if c := s[10]; c != 'T' && c != ' ' && c != 't' && c != '-' && c != '_' {
		return 0
	}
	n := 19 + fractionLen(s[19:])
	return n + zoneLen(s[n:])
}

// fractionLen is the length of ".123" or ",123".
func fractionLen(s string) int {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' {
		return 0
	}
	if n := len(scan.Number(s[1:])); n > 0 {
		return 1 + n
	}
	return 0
}

// zoneLen is the length of a zone, a blank before it counted: Z, UTC, GMT,
// ±hh:mm, ±hhmm; ±hh only without a blank.
func zoneLen(s string) int {
	n := 0
	if strings.HasPrefix(s, " ") {
		n = 1
	}
	z := s[n:]
	switch {
	case strings.HasPrefix(z, "UTC"), strings.HasPrefix(z, "GMT"):
		if len(z) == 3 || !scan.KeyByte[z[3]] {
			return n + 3
		}
	case n == 0 && strings.HasPrefix(z, "Z"):
		return 1
	case len(z) > 2 && (z[0] == '+' || z[0] == '-'):
		switch {
		case scan.DigitsAt(z[1:], "00:00"):
			return n + 6
		case scan.DigitsAt(z[1:], "0000"):
			return n + 5
		case n == 0 && scan.DigitsAt(z[1:], "00") && (len(z) == 3 || !scan.KeyByte[z[3]]):
			return 3
		}
	}
	return 0
}

// plainCtimeLen is CtimeLen, also with the fraction that Apache writes behind
// the seconds and with a zone before the year.
func plainCtimeLen(s string) int {
	if n := CtimeLen(s); n > 0 {
		return n
	}
	if len(s) < 26 || s[3] != ' ' || s[7] != ' ' || MonthOf(s[4:7]) == 0 || weekday(s[:3]) < 0 || !scan.DigitsAt(s[8:], "_0 00:00:00") {
		return 0
	}
	n := 19 + fractionLen(s[19:])
	if n > 19 && scan.DigitsAt(s[n:], " 0000") {
		return n + 5
	}
	return 0
}

// PlainTime resolves what PlainStamp found; 0 for a time that does not exist.
func (c *Clock) PlainTime(form PlainForm, s string, arrival int64) int64 {
	switch form {
	case PlainGlog:
		return c.glogTime(s, arrival)
	case PlainRuby:
		return c.plainISO(s[len("W, ["):], arrival)
	case PlainRedis:
		s = s[strings.IndexByte(s, ' ')+1:]
	case PlainJuliHead:
		return c.juliTime(s, arrival)
	}
	s = strings.Trim(s, "[]()<>")
	var w Wall
	frac := int64(0)
	switch form {
	case plainISO:
		return c.plainISO(s, arrival)
	case plainCLF:
		return c.Clf(s, len(s), arrival)
	case plainCtime:
		if n := CtimeLen(s); n > 0 {
			return c.Ctime(s, n, arrival)
		}
		frac, _ = isoFraction(s[19 : len(s)-5])
		w = Wall{scan.Two(s, len(s)-4)*100 + scan.Two(s, len(s)-2), MonthOf(s[4:7]), scan.TwoPadded(s, 8), scan.Two(s, 11), scan.Two(s, 14), scan.Two(s, 17)}
	case plainDMY:
		frac, _ = isoFraction(s[19:])
		w = Wall{scan.Two(s, 6)*100 + scan.Two(s, 8), scan.Two(s, 3), scan.Two(s, 0), scan.Two(s, 11), scan.Two(s, 14), scan.Two(s, 17)}
	case plainJuli:
		var zone string
		frac, zone = isoFraction(s[20:])
		w = Wall{scan.Two(s, 7)*100 + scan.Two(s, 9), MonthOf(s[3:6]), scan.Two(s, 0), scan.Two(s, 12), scan.Two(s, 15), scan.Two(s, 18)}
		if zone != "" && w.valid() {
			return w.unix()*1e9 + frac
		}
	case PlainRedis:
		frac, _ = isoFraction(s[20:])
		w = Wall{scan.Two(s, 7)*100 + scan.Two(s, 9), MonthOf(s[3:6]), scan.Two(s, 0), scan.Two(s, 12), scan.Two(s, 15), scan.Two(s, 18)}
	case PlainClock:
		return c.clockTime(s, arrival)
	case plainEpoch:
		t, _ := NumberTime(s)
		return t
	}
	return c.Wall(&w, frac, arrival)
}

// plainISO reads an ISO form after its separators were made the usual ones.
func (c *Clock) plainISO(s string, arrival int64) int64 {
	if s[4] == '.' || s[10] == '-' || s[10] == '_' {
		var b [64]byte
		if len(s) > len(b) {
			return 0
		}
		copy(b[:], s)
		b[4], b[7], b[10] = '-', '-', ' '
		t, _ := c.ISOTime(string(b[:len(s)]), arrival)
		return t
	}
	t, _ := c.ISOTime(s, arrival)
	return t
}
