package logtime

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// bsdStamp is the time of a header of syslog, taken apart.
type bsdStamp struct {
	Wall         // its Year is 0 if none is written
	nano   int64 // fraction of the second
	zone   string
	offset int64 // of the zone, seconds east of UTC
	zoned  bool  // offset is known
}

// BSDStampLen is the length of the time of RFC 3164 that s starts with, or of
// one of its relatives; 0 if there is none:
//
//	Jan _2 15:04:05        RFC 3164 section 4.1.2; copies lose the padding of the day
//	Jan _2 15:04:05.000    syslog-ng's ts_format(), Cisco
//	Jan _2 2006 15:04:05   templates of rsyslog, Cisco; 2006 Jan _2 too
//	Jan _2 15:04:05 EDT    with a zone, a name or ±hhmm
//	янв _2 15:04:05        the month in the language of the locale: journalctl
func BSDStampLen(s string) int {
	if n := rfc3164Len(s); n > 0 && (len(s) == n || s[n] == ' ' && (len(s) == n+1 || !mayGoOn(s[n+1]))) {
		return n
	}
	var b bsdStamp
	return b.scan(s)
}

// mayGoOn is a quick look at the byte behind the seconds and a blank: a year or
// a zone may start there.
func mayGoOn(c byte) bool { return scan.IsDigit(c) || 'A' <= c && c <= 'Z' || c == '+' || c == '-' }

// rfc3164Len is BSDStampLen for the form of the RFC in English.
func rfc3164Len(s string) int {
	if len(s) < 14 || s[3] != ' ' || MonthOf(s[:3]) == 0 {
		return 0
	}
	if len(s) >= 15 && s[6] == ' ' && s[9] == ':' && s[12] == ':' && (s[4] == ' ' || scan.IsDigit(s[4])) && scan.IsDigit(s[5]) &&
		scan.IsDigit(s[7]) && scan.IsDigit(s[8]) && scan.IsDigit(s[10]) && scan.IsDigit(s[11]) && scan.IsDigit(s[13]) && scan.IsDigit(s[14]) {
		return len("Jan _2 15:04:05") // nearly every line
	}
	i := 4
	if s[i] == ' ' {
		i++
	}
	n := len(scan.Number(s[i:min(len(s), i+3)]))
	if i += n; n < 1 || n > 2 || !scan.DigitsAt(s[i:], " 00:00:00") {
		return 0
	}
	return i + len(" 00:00:00")
}

// scan reads the stamp that s starts with and returns its length, or 0.
func (b *bsdStamp) scan(s string) int {
	i := 0
	if scan.DigitsAt(s, "0000 ") {
		b.Year, i = scan.Atoi(s[:4]), 5
	}
	const longest = 16 // bytes of a month's name
	n := strings.IndexByte(s[i:min(len(s), i+longest)], ' ')
	if n < 3 || len(s) < i+n+len(" 2 15:04:05") {
		return 0
	}
	name := s[i : i+n]
	if i += n + 1; s[i] == ' ' {
		i++
	}
	n = len(scan.Number(s[i:min(len(s), i+3)]))
	if n < 1 || n > 2 {
		return 0
	}
	b.Day = scan.Atoi(s[i : i+n])
	if i += n; b.Year == 0 && scan.DigitsAt(s[i:], " 0000 ") {
		b.Year, i = scan.Atoi(s[i+1:i+5]), i+5
	}
	if !scan.DigitsAt(s[i:], " 00:00:00") {
		return 0
	}
	if b.Month = anyMonth(name); b.Month == 0 {
		return 0
	}
	b.Hour, b.Minute, b.Second = scan.Two(s, i+1), scan.Two(s, i+4), scan.Two(s, i+7)
	i += len(" 00:00:00")
	if i < len(s) && s[i] == '.' {
		var rest string
		b.nano, rest = isoFraction(s[i:])
		i = len(s) - len(rest)
	}
	if b.Year == 0 && (scan.DigitsAt(s[i:], " 0000 ") || len(s) == i+5 && scan.DigitsAt(s[i:], " 0000")) {
		b.Year, i = scan.Atoi(s[i+1:i+5]), i+5
	}
	return i + b.scanZone(s[i:])
}

// scanZone reads a zone behind a blank and returns the length of both.
func (b *bsdStamp) scanZone(s string) int {
	if len(s) < 2 || s[0] != ' ' {
		return 0
	}
	word := s[1:]
	if i := strings.IndexByte(word, ' '); i >= 0 {
		word = word[:i]
	}
	if word != "" && (word[0] == '+' || word[0] == '-') {
		if off, ok := isoZone(word); ok {
			b.offset, b.zoned = off, true
			return 1 + len(word)
		}
		return 0
	}
	minutes, ok := zoneNames[word]
	if !ok {
		return 0
	}
	b.zone, b.zoned, b.offset = word, minutes != ambiguous, int64(minutes)*60
	return 1 + len(word)
}

// ambiguous stands for the offset of a zone's name that several zones have.
const ambiguous = 1 << 12

// zoneNames are the names of zones that stand behind a time, with their offsets
// from UTC in minutes: of RFC 5322 section 4.3 and of the tz database. A host is
// never named so.
var zoneNames = map[string]int{
	"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "EET": 120, "EEST": 180,
	"MSK": 180, "MSD": 240, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
	"AKST": -540, "AKDT": -480, "HST": -600, "NZST": 720, "NZDT": 780, "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630,
	"AWST": 480, "JST": 540, "KST": 540, "SAST": 120, "HKT": 480, "SGT": 480, "PKT": 300, "BRT": -180, "ART": -180,
	"CST": ambiguous, "IST": ambiguous, "BST": ambiguous, "AST": ambiguous, "ADT": ambiguous, "NST": ambiguous, "NDT": ambiguous,
}

// IsZoneName reports whether s is the name of a zone, as it stands behind a time.
func IsZoneName(s string) bool {
	_, ok := zoneNames[s]
	return ok
}

// anyMonth reads a month's name in any language that is known, in any case.
func anyMonth(s string) int {
	if m := MonthOf(s); m > 0 {
		return m
	}
	s = strings.TrimSuffix(s, ".")
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(s, m.String()[:3]) {
			return int(m)
		}
	}
	return foreignMonth(s)
}

// SyslogTime resolves a header's stamp; 0 if it names no time that exists or is
// empty.
func (c *Clock) SyslogTime(s string, arrival int64) int64 {
	if s == "" {
		return 0
	}
	if scan.IsDigit(s[0]) && s[4] == '-' {
		if t, ok := c.ISOTime(s, arrival); ok {
			return t
		}
		return 0
	}
	if rfc3164Len(s) == len(s) {
		return c.syslogStamp(s, arrival)
	}
	var b bsdStamp
	if b.scan(s) != len(s) {
		return 0
	}
	return c.bsdTime(&b, arrival)
}

// bsdTime resolves a stamp that has more than RFC 3164's. A zone whose time
// would be after the arrival is not believed: the word is a mistake of the
// template, the time is of the clock's own zone.
func (c *Clock) bsdTime(b *bsdStamp, arrival int64) int64 {
	if b.Hour > 23 || b.Minute > 59 || b.Second > 60 {
		return 0
	}
	if b.zoned {
		if t := b.inZone(arrival); t != 0 && t <= arrival+FutureSlack {
			return t
		}
	}
	if b.Year != 0 {
		return c.Wall(&b.Wall, b.nano, arrival)
	}
	t := c.syslog(b.Month, b.Day, b.Hour, b.Minute, b.Second, arrival-b.nano)
	if t == 0 {
		return 0
	}
	c.Local = t + b.nano
	return c.Local
}

// inZone is the time by the stamp's own zone; without a year it is of the
// latest in which it does not come from the future.
func (b *bsdStamp) inZone(arrival int64) int64 {
	w, year, last := b.Wall, b.Year, b.Year
	if year == 0 {
		year = time.Unix(0, arrival).UTC().Year() + 1
		last = year - 2
	}
	for ; year >= last; year-- {
		w.Year = year
		if t := (w.unix()-b.offset)*1e9 + b.nano; w.valid() && (year == b.Year || t <= arrival+syslogSlack) {
			return t
		}
	}
	return 0
}
