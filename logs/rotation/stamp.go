package rotation

import (
	"bytes"
	"strings"
	"time"
)

// wall is the time that a line names, as it is written.
type wall struct {
	year                             int // 0: not written
	month, day, hour, minute, second int
	nano                             int64
	zone                             int   // seconds east of UTC
	zoned                            bool  // zone is written
	unix                             int64 // ns, if the line has the time as a number
}

func (w *wall) ok() bool {
	return w.month >= 1 && w.month <= 12 && w.day >= 1 && w.day <= 31 && w.hour < 24 && w.minute < 60 && w.second <= 60
}

func num(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1 << 20
		}
		n = n*10 + int(c-'0')
	}
	return n
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

func month(b []byte) int {
	if i := strings.Index(months, string(b)); i >= 0 && i%3 == 0 {
		return i/3 + 1
	}
	return 0
}

// stampOf finds the time that a line begins with, or that it has where its
// format puts it. It knows what the transform knows; a line without a time is
// mostly one that goes on with the line before.
func stampOf(b []byte) (w wall, ok bool) {
	if len(b) < 15 {
		return w, false
	}
	switch c := b[0]; {
	case c >= '0' && c <= '9':
		return digitStamp(b)
	case c >= 'A' && c <= 'Z':
		return w, syslogStamp(b, &w) || len(b) > 24 && b[3] == ' ' && ctimeStamp(b, &w)
	case c == '{':
		return jsonStamp(b)
	case c == '<':
		if i := bytes.IndexByte(b[:8], '>'); i > 0 {
			if b = b[i+1:]; len(b) > 2 && b[1] == ' ' {
				b = b[2:] // version of RFC 5424
			}
			return stampOf(b)
		}
	case c == '[':
		if w, ok := digitStamp(b[1:]); ok {
			return w, true
		}
	case c == '#' && bytes.HasPrefix(b, []byte("# Time: ")):
		return stampOf(b[len("# Time: "):])
	}
	return clfStamp(b)
}

func digitStamp(b []byte) (w wall, ok bool) {
	if len(b) >= 19 && (b[4] == '-' || b[4] == '/') && b[7] == b[4] && b[13] == ':' && b[16] == ':' && (b[10] == ' ' || b[10] == 'T') {
		w = wall{year: num(b[:4]), month: num(b[5:7]), day: num(b[8:10]), hour: num(b[11:13]), minute: num(b[14:16]), second: num(b[17:19])}
		w.fraction(b[19:])
		return w, w.year > 1969 && w.ok()
	}
	if len(b) >= 19 && b[2] == '/' && b[5] == '/' && b[10] == ' ' && b[13] == ':' && b[16] == ':' { // zmstat
		w = wall{year: num(b[6:10]), month: num(b[:2]), day: num(b[3:5]), hour: num(b[11:13]), minute: num(b[14:16]), second: num(b[17:19])}
		return w, w.year > 1969 && w.ok()
	}
	if len(b) >= 20 && b[2] == '-' && b[6] == '-' && b[11] == ' ' && b[14] == ':' { // Tomcat
		w = wall{year: num(b[7:11]), month: month(b[3:6]), day: num(b[:2]), hour: num(b[12:14]), minute: num(b[15:17]), second: num(b[18:20])}
		return w, w.year > 1969 && w.ok()
	}
	return clfStamp(b)
}

// fraction reads what may follow the seconds: ",123", ".123456789", "Z",
// "+03:00", " +0300".
func (w *wall) fraction(b []byte) {
	if len(b) > 1 && (b[0] == ',' || b[0] == '.') {
		i, unit := 1, int64(100_000_000)
		for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
			w.nano += int64(b[i]-'0') * unit
			unit /= 10
		}
		b = b[i:]
	}
	if len(b) > 0 && b[0] == 'Z' {
		w.zoned = true
		return
	}
	if len(b) > 5 && b[0] == ' ' && (b[1] == '+' || b[1] == '-') {
		b = b[1:]
	}
	if len(b) < 5 || b[0] != '+' && b[0] != '-' {
		return
	}
	h, m := num(b[1:3]), -1
	switch {
	case b[3] == ':' && len(b) >= 6:
		m = num(b[4:6])
	case b[3] != ':':
		m = num(b[3:5])
	}
	if h < 0 || h > 18 || m < 0 || m > 59 {
		return
	}
	w.zone, w.zoned = (h*60+m)*60, true
	if b[0] == '-' {
		w.zone = -w.zone
	}
}

// syslogStamp reads "Jan _2 15:04:05" of RFC 3164.
func syslogStamp(b []byte, w *wall) bool {
	if b[3] != ' ' || b[6] != ' ' || b[9] != ':' || b[12] != ':' {
		return false
	}
	day := b[4:6]
	if day[0] == ' ' {
		day = day[1:]
	}
	*w = wall{month: month(b[:3]), day: num(day), hour: num(b[7:9]), minute: num(b[10:12]), second: num(b[13:15])}
	return w.ok()
}

// ctimeStamp reads "Sun Aug  2 16:49:04 2026".
func ctimeStamp(b []byte, w *wall) bool {
	if !syslogStamp(b[4:], w) || b[19] != ' ' {
		return false
	}
	w.year = num(b[20:24])
	return w.year > 1969
}

// clfStamp reads "[02/Aug/2026:16:49:04 +0300]" near the beginning of a line.
func clfStamp(b []byte) (w wall, ok bool) {
	b = b[:min(len(b), 400)]
	i := bytes.IndexByte(b, '[')
	for ; i >= 0 && len(b) > i+26; i++ {
		if s := b[i+1:]; s[2] == '/' && s[6] == '/' && s[11] == ':' && s[14] == ':' {
			w = wall{year: num(s[7:11]), month: month(s[3:6]), day: num(s[:2]), hour: num(s[12:14]), minute: num(s[15:17]), second: num(s[18:20])}
			w.fraction(s[20:])
			return w, w.year > 1969 && w.ok()
		}
		n := bytes.IndexByte(b[i+1:], '[')
		if n < 0 {
			break
		}
		i += n
	}
	return w, false
}

// timeKeys are the keys of JSON logs that hold the time of a line. A key of
// Docker's envelope stands last and is the only one that is not escaped.
var timeKeys = [...]string{`"time":`, `"@timestamp":`, `"timestamp":`, `"Timestamp":`, `"ts":`, `"@t":`, `"Time":`}

func jsonStamp(b []byte) (w wall, ok bool) {
	for _, k := range timeKeys {
		i := bytes.LastIndex(b[:min(len(b), 64<<10)], []byte(k))
		if i < 0 {
			continue
		}
		v := bytes.TrimLeft(b[i+len(k):], " ")
		if len(v) > 20 && v[0] == '"' {
			if w, ok = digitStamp(v[1:]); ok {
				return w, true
			}
		}
		if w.unix = epoch(v); w.unix > 0 {
			return w, true
		}
	}
	return w, false
}

// epoch reads a number of seconds, milli-, micro- or nanoseconds since 1970.
func epoch(b []byte) int64 {
	n, digits := int64(0), 0
	for ; digits < len(b) && digits < 19 && b[digits] >= '0' && b[digits] <= '9'; digits++ {
		n = n*10 + int64(b[digits]-'0')
	}
	switch {
	case digits < 9:
		return 0
	case n < 1e11:
		return n * 1e9
	case n < 1e14:
		return n * 1e6
	case n < 1e17:
		return n * 1e3
	}
	return n
}

// date returns the instant of w in a year, for a clock that shows loc.
func (w *wall) date(year int, loc *time.Location) time.Time {
	return time.Date(year, time.Month(w.month), w.day, w.hour, w.minute, w.second, int(w.nano), loc)
}
