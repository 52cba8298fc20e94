package transform

import (
	"strings"
	"time"
)

// digitsAt reports whether s has a decimal digit at each '0' of pattern and
// pattern's own byte elsewhere; a '_' of pattern is a digit or a blank.
func digitsAt(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := 0; i < len(pattern); i++ {
		switch c := s[i]; pattern[i] {
		case '0':
			if !isDigit(c) {
				return false
			}
		case '_':
			if !isDigit(c) && c != ' ' {
				return false
			}
		default:
			if c != pattern[i] {
				return false
			}
		}
	}
	return true
}

// twoPadded reads two digits of which the first may be a blank.
func twoPadded(s string, i int) int {
	if s[i] == ' ' {
		return digit(s[i+1])
	}
	return two(s, i)
}

// wall is a time of day on a date as a clock shows it.
type wall struct{ year, month, day, hour, minute, second int }

func (w *wall) valid() bool {
	return w.month >= 1 && w.month <= 12 && w.day >= 1 && w.day <= daysIn(w.year, w.month) &&
		w.hour <= 23 && w.minute <= 59 && w.second <= 60
}

// unix is the time in seconds since 1970 of a clock that shows UTC.
func (w *wall) unix() int64 {
	b := w.stamp()
	days, _ := isoDay(string(b[:]))
	return days*86400 + int64(w.hour)*3600 + int64(w.minute)*60 + int64(w.second)
}

// stamp writes "2006-01-02 15:04", the form that the clock remembers.
func (w *wall) stamp() [16]byte {
	b := [16]byte{4: '-', 7: '-', 10: ' ', 13: ':'}
	put := func(i, n int) { b[i], b[i+1] = byte('0'+n/10%10), byte('0'+n%10) }
	put(0, w.year/100)
	put(2, w.year%100)
	put(5, w.month)
	put(8, w.day)
	put(11, w.hour)
	put(14, w.minute)
	return b
}

// wall resolves a time of the clock's own zone; nano is the fraction of the
// second. It returns 0 for a time that does not exist.
func (c *clock) wall(w *wall, nano, arrival int64) int64 {
	if !w.valid() {
		return 0
	}
	b := w.stamp()
	t, _ := c.local(string(b[:]), int64(w.second)*1e9+nano, arrival)
	return t
}

// ctimeLen is the length of "Mon Jan _2 15:04:05 2006" that s starts with, the
// form of C's ctime(3) and of ClamAV's "%a %b %e %H:%M:%S %Y"; 0 if there is
// none. Copies often lose the padding of the day.
func ctimeLen(s string) int {
	if len(s) < 23 || s[3] != ' ' || s[7] != ' ' || monthOf(s[4:7]) == 0 || weekday(s[:3]) < 0 {
		return 0
	}
	if digitsAt(s[8:], "_0 00:00:00 0000") {
		return 24
	}
	if digitsAt(s[8:], "0 00:00:00 0000") {
		return 23
	}
	return 0
}

func weekday(s string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if s == d.String()[:3] {
			return int(d)
		}
	}
	return -1
}

// ctime resolves what ctimeLen found, n bytes long.
func (c *clock) ctime(s string, n int, arrival int64) int64 {
	day := digit(s[8])
	if n == 24 {
		day = twoPadded(s, 8)
	}
	w := wall{two(s, n-4)*100 + two(s, n-2), monthOf(s[4:7]), day, two(s, n-13), two(s, n-10), two(s, n-7)}
	return c.wall(&w, 0, arrival)
}

// clfLen is the length of "02/Jan/2006:15:04:05 -0700" that s starts with, 0 if
// there is none. The name of the month is in the language of the JVM's locale
// and may have a dot and several bytes a letter.
func clfLen(s string) int {
	if len(s) < 26 || s[2] != '/' || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0
	}
	const longest = 24 // bytes of a month's name
	i := strings.IndexByte(s[3:min(len(s), 3+longest)], '/')
	if i <= 0 {
		return 0
	}
	rest := s[3+i:]
	if !digitsAt(rest, "/0000:00:00:00 ") || len(rest) < 20 || rest[15] != '+' && rest[15] != '-' || !digitsAt(rest[16:], "0000") {
		return 0
	}
	return 3 + i + 20
}

// clf resolves what clfLen found, n bytes long. A month whose name is in no
// list is the one of the arrival, if that is at most nearArrival away.
func (c *clock) clf(s string, n int, arrival int64) int64 {
	rest := s[n-20 : n]
	w := wall{two(rest, 1)*100 + two(rest, 3), 0, two(s, 0), two(rest, 6), two(rest, 9), two(rest, 12)}
	off := int64(two(rest, 16)*3600 + two(rest, 18)*60)
	if rest[15] == '-' {
		off = -off
	}
	name := s[3 : n-20]
	if w.month = monthOf(name); w.month == 0 {
		w.month = foreignMonth(name)
	}
	if w.month > 0 {
		if !w.valid() {
			return 0
		}
		return (w.unix() - off) * 1e9
	}
	for w.month = 1; w.month <= 12; w.month++ {
		if t := (w.unix() - off) * 1e9; w.valid() && apart(arrival, t) <= nearArrival {
			return t
		}
	}
	return 0
}

// nearArrival is how far a line may be from its arrival for the arrival to
// tell its date or month.
const nearArrival = int64(3 * 24 * time.Hour)

// foreignMonth reads an abbreviated month name in the languages that Java's
// locales write it in (Unicode CLDR and the JDK's older COMPAT data); a dot at
// its end does not count, nor does the case of ASCII letters.
func foreignMonth(s string) int {
	s = strings.TrimSuffix(s, ".")
	for i := range foreignMonths {
		for _, name := range foreignMonths[i] {
			if strings.EqualFold(s, name) {
				return i + 1
			}
		}
	}
	return 0
}

var foreignMonths = [12][]string{
	{"janv", "ene", "gen", "янв", "січ", "sty", "led", "tammi", "ocak", "oca", "ian", "jän", "1月", "1월", "ιαν", "siječ"},
	{"févr", "febr", "fev", "фев", "февр", "лют", "lut", "úno", "helmi", "şub", "2月", "2월", "φεβ"},
	{"mars", "mär", "märz", "mrt", "мар", "марта", "март", "бер", "mac", "bře", "maalis", "márc", "mrz", "3月", "3월", "μαρ"},
	{"avr", "abr", "апр", "квіт", "kwi", "dub", "huhti", "nis", "ápr", "4月", "4월", "απρ"},
	{"mai", "mei", "maj", "мая", "май", "трав", "kvě", "touko", "máj", "mag", "5月", "5월", "μαΐ", "maio", "mayıs"},
	{"juin", "juni", "giu", "июн", "июня", "черв", "cze", "čvn", "kesä", "haz", "jún", "iun", "6月", "6월", "ιουν"},
	{"juil", "juli", "lug", "июл", "июля", "лип", "lip", "čvc", "heinä", "tem", "júl", "iul", "7月", "7월", "ιουλ"},
	{"août", "ago", "авг", "серп", "sie", "srp", "elo", "ağu", "8月", "8월", "αυγ"},
	{"sept", "set", "сен", "сент", "вер", "wrz", "zář", "syys", "eyl", "szept", "9月", "9월", "σεπ"},
	{"okt", "out", "ott", "окт", "жовт", "paź", "říj", "loka", "eki", "10月", "10월", "οκτ"},
	{"nov", "ноя", "нояб", "лист", "lis", "marras", "kas", "noi", "11月", "11월", "νοε"},
	{"déc", "dez", "dic", "дек", "груд", "gru", "pro", "joulu", "ara", "des", "12月", "12월", "δεκ"},
}

// apart is how far two times are from each other.
func apart(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}

// syslogTime resolves a header's stamp; 0 if it names no time that exists.
func (c *clock) syslogTime(s string, arrival int64) int64 {
	if isDigit(s[0]) {
		if t, ok := c.isoTime(s, arrival); ok {
			return t
		}
		return 0
	}
	return c.syslogStamp(s, arrival)
}
