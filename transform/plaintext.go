package transform

import "strings"

// Text is the format text.
var Text = Spec{
	Name:     "text",
	Doc:      "time and level found in a usual place, nothing else",
	From:     "programs that nobody told us of",
	Parse:    parsePlain,
	Fixture:  Fixture{File: "plaintext/lines.log", Example: "WARN pool", Alone: true},
	Question: `{job="zimbra", log="other"} | detected_level="warn"`,
	Traps:    "Only time and level are read. A time of day without a date is of the last day on which it can have been.",
}

// isPlainHead reports whether s starts with a time in a usual form.
func isPlainHead(s string) bool {
	_, n := plainStamp(s)
	return n > 0
}

// parsePlain reads the time and the level of a line of a program that nobody
// has met: a time in a usual form at the beginning, and a level word near it,
// or the keys of logfmt. False means that the line has neither.
func parsePlain(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	msg := s
	form, n := plainStamp(s)
	if form == plainClock && strings.Contains(d.head.path, "trace_log") {
		n = 0 // a damaged line of it: it may hold cookies, see unparsed
	}
	if n > 0 {
		d.time = in.clock.plainTime(form, s[:n], d.head.arrival)
		msg = s[n:]
	}
	if d.time == 0 {
		d.time = in.logfmtTime(s, d.head.arrival)
	}
	level := LevelUnknown
	if n > 0 {
		level = formLevel(form, s, msg, d.more)
	}
	if level == LevelUnknown {
		level = plainLevel(msg, n > 0)
	}
	if d.time == 0 && level == LevelUnknown {
		return false
	}
	if level != LevelUnknown { // else what an envelope said holds
		d.level = level
	}
	if d.log == "" {
		d.log = "other"
		if d.log4j != "" {
			d.log = d.log4j
		}
	}
	d.msg = strings.Trim(msg, " \r")
	if d.level >= LevelError {
		d.setNew(FieldError, firstLine(d.msg))
	}
	parseTrace(d)
	return true
}

// plainForm is a form in which programs write times.
type plainForm uint8

const (
	plainNone     plainForm = iota
	plainISO                // 2006-01-02 15:04:05,000 -0700, and its relatives
	plainCLF                // 02/Jan/2006:15:04:05 -0700
	plainCtime              // Mon Jan _2 15:04:05[.000000] 2006
	plainDMY                // 02.01.2006 15:04:05
	plainJuli               // 02-Jan-2006 15:04:05.000
	plainEpoch              // 1136214245.000
	plainClock              // 15:04:05.000
	plainGlog               // I0102 15:04:05.000000
	plainRuby               // I, [2006-01-02T15:04:05.000000
	plainRedis              // 12:M 02 Jan 2006 15:04:05.000
	plainJuliHead           // Jan 02, 2006 3:04:05 PM
)

// plainStamp finds the time that s starts with, a bracket before it or not; n
// is its length with the brackets, 0 if there is none.
func plainStamp(s string) (form plainForm, n int) {
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
	case isDigit(c):
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
		form = plainClock
	}
	n += open
	if open == 1 && n < len(s) && (s[n] == ']' || s[n] == ')' || s[n] == '>') {
		n++
	}
	return form, n
}

func digitStamp(t string) (plainForm, int) {
	if n := isoLen(t); n > 0 {
		return plainISO, n
	}
	if n := clfLen(t); n > 0 {
		return plainCLF, n
	}
	switch {
	case digitsAt(t, "00.00.0000 00:00:00"):
		return plainDMY, 19 + fractionLen(t[19:])
	case len(t) >= 20 && digitsAt(t, "00-") && t[6] == '-' && monthOf(t[3:6]) > 0 && digitsAt(t[6:], "-0000 00:00:00"):
		n := 20 + fractionLen(t[20:])
		if strings.HasPrefix(t[n:], " UTC]") {
			n += len(" UTC")
		}
		return plainJuli, n
	}
	n := len(number(t))
	if n != 10 && n != 13 && n != 16 || t[0] != '1' && t[0] != '2' {
		return plainNone, 0
	}
	n += fractionLen(t[n:])
	if n == len(t) || strings.IndexByte(" \t]):,|", t[n]) < 0 {
		return plainNone, 0
	}
	return plainEpoch, n
}

// isoLen is the length of the time in an ISO 8601 form with its zone, or 0.
func isoLen(s string) int {
	if len(s) < 19 || !digitsAt(s, "0000") || !digitsAt(s[11:], "00:00:00") || !digitsAt(s[5:], "00") || !digitsAt(s[8:], "00") {
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
	if n := len(number(s[1:])); n > 0 {
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
		if len(z) == 3 || !keyByte[z[3]] {
			return n + 3
		}
	case n == 0 && strings.HasPrefix(z, "Z"):
		return 1
	case len(z) > 2 && (z[0] == '+' || z[0] == '-'):
		switch {
		case digitsAt(z[1:], "00:00"):
			return n + 6
		case digitsAt(z[1:], "0000"):
			return n + 5
		case n == 0 && digitsAt(z[1:], "00") && (len(z) == 3 || !keyByte[z[3]]):
			return 3
		}
	}
	return 0
}

// plainCtimeLen is ctimeLen, also with the fraction that Apache writes behind
// the seconds and with a zone before the year.
func plainCtimeLen(s string) int {
	if n := ctimeLen(s); n > 0 {
		return n
	}
	if len(s) < 26 || s[3] != ' ' || s[7] != ' ' || monthOf(s[4:7]) == 0 || weekday(s[:3]) < 0 || !digitsAt(s[8:], "_0 00:00:00") {
		return 0
	}
	n := 19 + fractionLen(s[19:])
	if n > 19 && digitsAt(s[n:], " 0000") {
		return n + 5
	}
	return 0
}

// plainTime resolves what plainStamp found; 0 for a time that does not exist.
func (c *clock) plainTime(form plainForm, s string, arrival int64) int64 {
	switch form {
	case plainGlog:
		return c.glogTime(s, arrival)
	case plainRuby:
		return c.plainISO(s[len("W, ["):], arrival)
	case plainRedis:
		s = s[strings.IndexByte(s, ' ')+1:]
	case plainJuliHead:
		return c.juliTime(s, arrival)
	}
	s = strings.Trim(s, "[]()<>")
	var w wall
	frac := int64(0)
	switch form {
	case plainISO:
		return c.plainISO(s, arrival)
	case plainCLF:
		return c.clf(s, len(s), arrival)
	case plainCtime:
		if n := ctimeLen(s); n > 0 {
			return c.ctime(s, n, arrival)
		}
		frac, _ = isoFraction(s[19 : len(s)-5])
		w = wall{two(s, len(s)-4)*100 + two(s, len(s)-2), monthOf(s[4:7]), twoPadded(s, 8), two(s, 11), two(s, 14), two(s, 17)}
	case plainDMY:
		frac, _ = isoFraction(s[19:])
		w = wall{two(s, 6)*100 + two(s, 8), two(s, 3), two(s, 0), two(s, 11), two(s, 14), two(s, 17)}
	case plainJuli:
		var zone string
		frac, zone = isoFraction(s[20:])
		w = wall{two(s, 7)*100 + two(s, 9), monthOf(s[3:6]), two(s, 0), two(s, 12), two(s, 15), two(s, 18)}
		if zone != "" && w.valid() {
			return w.unix()*1e9 + frac
		}
	case plainRedis:
		frac, _ = isoFraction(s[20:])
		w = wall{two(s, 7)*100 + two(s, 9), monthOf(s[3:6]), two(s, 0), two(s, 12), two(s, 15), two(s, 18)}
	case plainClock:
		return c.clockTime(s, arrival)
	case plainEpoch:
		t, _ := numberTime(s)
		return t
	}
	return c.wall(&w, frac, arrival)
}

// plainISO reads an ISO form after its separators were made the usual ones.
func (c *clock) plainISO(s string, arrival int64) int64 {
	if s[4] == '.' || s[10] == '-' || s[10] == '_' {
		var b [64]byte
		if len(s) > len(b) {
			return 0
		}
		copy(b[:], s)
		b[4], b[7], b[10] = '-', '-', ' '
		t, _ := c.isoTime(string(b[:len(s)]), arrival)
		return t
	}
	t, _ := c.isoTime(s, arrival)
	return t
}

// logfmtTime reads `time="…"`, ts=… or t=… of a line in logfmt, near its
// beginning.
func (in *Input) logfmtTime(s string, arrival int64) int64 {
	v := logfmtValue(s, "time", "ts", "t", "timestamp")
	if v == "" {
		return 0
	}
	if form, n := plainStamp(v); n == len(v) && n > 0 {
		return in.clock.plainTime(form, v, arrival)
	}
	t, _ := numberTime(v)
	return t
}

// logfmtValue returns the value of the first of the keys among the first pairs
// of s; "" if s is no logfmt.
func logfmtValue(s string, keys ...string) string {
	const pairs = 6
	for range pairs {
		s = trimSpaces(s)
		k := keyLen(s)
		if k == 0 || k >= len(s) || s[k] != '=' {
			return ""
		}
		key, rest := s[:k], s[k+1:]
		var v string
		if strings.HasPrefix(rest, `"`) {
			v, s, _ = strings.Cut(rest[1:], `"`)
		} else {
			v, s, _ = strings.Cut(rest, " ")
		}
		for _, want := range keys {
			if key == want {
				return v
			}
		}
	}
	return ""
}

// Where a level word may stand behind the time.
const (
	levelTokens = 6
	levelBytes  = 120
)

// plainLevel finds a level near the beginning of s. A word of prose is none: it
// must be in upper case, in brackets, before a colon or behind "level=".
func plainLevel(s string, stamped bool) Level {
	if l := wordLevel(logfmtValue(s, "level", "lvl", "severity", "loglevel")); l != LevelUnknown {
		return l
	}
	if !stamped {
		return leadingLevel(s)
	}
	s = s[:min(len(s), levelBytes)]
	for i, token := 0, ""; i < levelTokens && s != ""; i++ {
		token, s = levelToken(s)
		if l := tokenLevel(token); l != LevelUnknown {
			return l
		}
	}
	return LevelUnknown
}

// levelToken cuts the first word off s with the marks around it; blanks, colons
// and bars end it.
func levelToken(s string) (token, rest string) {
	s = strings.TrimLeft(s, " \t:|-")
	i := strings.IndexAny(s, " \t:|")
	if i < 0 {
		return s, ""
	}
	if s[i] == ':' {
		return s[:i+1], s[i+1:]
	}
	return s[:i], s[i:]
}

func tokenLevel(token string) Level {
	word := strings.Trim(token, "[](){}<>:,*")
	if strings.HasPrefix(word, "level=") {
		return wordLevel(strings.Trim(word[len("level="):], `"`))
	}
	if i := strings.LastIndexByte(word, '.'); i > 0 && strings.HasSuffix(token, ":") { // Monolog's channel
		if word = word[i+1:]; !isUpper(word) {
			return LevelUnknown
		}
	}
	l := wordLevel(word)
	if l == LevelUnknown || !isUpper(word) && len(word) == len(token) {
		return LevelUnknown
	}
	return l
}

// leadingLevel reads a level that s starts with: "ERROR: ", "[warn] ", "INFO ".
func leadingLevel(s string) Level {
	token, _ := levelToken(s[:min(len(s), 24)])
	if len(token) < 3 || !strings.HasPrefix(s, token) {
		return LevelUnknown
	}
	if i := strings.IndexByte(token, '['); i > 2 && strings.HasSuffix(token, "]") && isUpper(token[:i]) { // logrus: seconds since its start
		token = token[:i]
	}
	return tokenLevel(token)
}
