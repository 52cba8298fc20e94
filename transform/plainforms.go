package transform

import (
	"strings"
	"time"
)

// letterLevel reads the letters that glog, klog, Ruby's Logger and MongoDB
// write for a severity.
func letterLevel(c byte) Level {
	switch c {
	case 'I':
		return LevelInfo
	case 'W':
		return LevelWarn
	case 'E':
		return LevelError
	case 'F':
		return LevelFatal
	case 'D':
		return LevelDebug
	}
	return LevelUnknown
}

// glogLen is the length of "E0802 16:49:04.242424", the severity and the time
// without a year of glog and klog; 0 if s does not start with it.
func glogLen(s string) int {
	const form = "0000 00:00:00.000000"
	if len(s) > len(form)+1 && letterLevel(s[0]) != LevelUnknown && digitsAt(s[1:], form) {
		return len(form) + 1
	}
	return 0
}

// glogTime resolves what glogLen found.
func (c *clock) glogTime(s string, arrival int64) int64 {
	h, m, sec := two(s, 6), two(s, 9), two(s, 12)
	if h > 23 || m > 59 || sec > 60 {
		return 0
	}
	frac, _ := isoFraction(s[14:])
	t := c.syslog(two(s, 1), two(s, 3), h, m, sec, arrival-frac)
	if t == 0 {
		return 0
	}
	return t + frac
}

// redisLen is the length of "12:M 02 Aug 2026 16:49:04.242", process, role and
// time of Redis and Valkey; 0 if s does not start with it.
func redisLen(s string) int {
	p := len(number(s))
	if p == 0 || len(s) < p+3 || s[p] != ':' || strings.IndexByte("CSMX", s[p+1]) < 0 || s[p+2] != ' ' {
		return 0
	}
	at := p + 3
	const form = "00 Aug 2026 16:49:04.242"
	t := s[at:]
	if len(t) < len(form)+2 || !digitsAt(t, "00 ") || monthOf(t[3:6]) == 0 || !digitsAt(t[6:], " 0000 00:00:00.000 ") {
		return 0
	}
	return at + len(form)
}

// redisLevel reads the mark behind the time: debug, verbose, notice, warning.
func redisLevel(rest string) Level {
	if len(rest) < 3 || rest[2] != ' ' {
		return LevelUnknown
	}
	switch rest[1] {
	case '.':
		return LevelDebug
	case '-', '*':
		return LevelInfo
	case '#':
		return LevelWarn
	}
	return LevelUnknown
}

// rubyLen is the length of "W, [2026-08-02T16:49:04.242424 #12] ", which Ruby's
// Logger and Rails write; 0 if s does not start with it.
func rubyLen(s string) int {
	if len(s) < 24 || letterLevel(s[0]) == LevelUnknown && s[0] != 'A' || s[1] != ',' || s[2] != ' ' || s[3] != '[' {
		return 0
	}
	n := isoLen(s[4:])
	if n == 0 || !strings.HasPrefix(s[4+n:], " #") {
		return 0
	}
	return 4 + n
}

// juliHeadLen is the length of "Aug 02, 2026 4:49:04 PM", the first line of
// java.util.logging's SimpleFormatter; 0 if s does not start with it. The level
// starts the second line.
func juliHeadLen(s string) int {
	if len(s) < len("Aug 2, 2026 4:49:04 PM") || s[3] != ' ' || monthOf(s[:3]) == 0 {
		return 0
	}
	i := 4 + len(number(s[4:min(len(s), 6)]))
	if i == 4 || !digitsAt(s[i:], ", 0000 ") {
		return 0
	}
	i += len(", 2026 ")
	h := len(number(s[i:min(len(s), i+2)]))
	if i += h; h == 0 || !digitsAt(s[i:], ":00:00 ") || len(s) < i+9 {
		return 0
	}
	if half := s[i+7 : i+9]; half != "AM" && half != "PM" {
		return 0
	}
	return i + 9
}

// juliTime resolves what juliHeadLen found.
func (c *clock) juliTime(s string, arrival int64) int64 {
	day := number(s[4:])
	rest := s[4+len(day)+2:]
	year, rest := rest[:4], rest[5:]
	hour := number(rest)
	rest = rest[len(hour):]
	h := atoi(hour)
	if h < 1 || h > 12 {
		return 0
	}
	if h %= 12; strings.HasSuffix(s, "PM") {
		h += 12
	}
	w := wall{atoi(year), monthOf(s[:3]), atoi(day), h, two(rest, 1), two(rest, 4)}
	return c.wall(&w, 0, arrival)
}

// juliSecond reports whether s is the second line of an event of
// java.util.logging whose first line is head: "SEVERE: failed".
func juliSecond(s, head string) bool {
	i := strings.IndexByte(s, ':')
	return i > 3 && i < 8 && juliHeadLen(head) > 0 && isUpper(s[:i]) && wordLevel(s[:i]) != LevelUnknown
}

// clockLen is the length of a time of day with its fraction and zone, or in a
// bracket before a level: "16:49:04.242", "16:49:04.242Z"; 0 if s does not start
// with it.
func clockLen(s string, bracket bool) int {
	if len(s) < 12 || !digitsAt(s, "00:00:00") {
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
func (c *clock) clockTime(s string, arrival int64) int64 {
	frac, rest := isoFraction(s[8:])
	loc := c.loc
	if rest == "Z" {
		loc = time.UTC
	}
	day := time.Unix(0, arrival).In(loc)
	for n := 1; n >= -1; n-- {
		y, m, d := day.AddDate(0, 0, n).Date()
		w := wall{y, int(m), d, two(s, 0), two(s, 3), two(s, 6)}
		var t int64
		if loc == time.UTC {
			t = time.Date(y, m, d, w.hour, w.minute, w.second, int(frac), loc).UnixNano()
		} else {
			t = c.wall(&w, frac, arrival)
		}
		if t != 0 && t <= arrival+futureSlack {
			return t
		}
	}
	return 0
}

// markedStamp finds the times before which something stands or that have a form
// of one program's own.
func markedStamp(s string) (plainForm, int) {
	if s == "" || s[0] == '[' {
		return plainNone, 0
	}
	if isDigit(s[0]) {
		return plainRedis, redisLen(s)
	}
	if n := glogLen(s); n > 0 {
		return plainGlog, n
	}
	if n := rubyLen(s); n > 0 {
		return plainRuby, n
	}
	return plainJuliHead, juliHeadLen(s)
}

// formLevel is the level that belongs to a form of time.
func formLevel(form plainForm, s, msg string, more []string) Level {
	switch form {
	case plainGlog, plainRuby:
		return letterLevel(s[0])
	case plainRedis:
		return redisLevel(msg)
	case plainJuliHead:
		if len(more) > 0 && juliSecond(more[0], s) {
			return leadingLevel(more[0])
		}
	}
	return LevelUnknown
}
