package logtime

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Wall is a time of day on a date as a clock shows it.
type Wall struct{ Year, Month, Day, Hour, Minute, Second int }

func (w *Wall) valid() bool {
	return w.Month >= 1 && w.Month <= 12 && w.Day >= 1 && w.Day <= daysIn(w.Year, w.Month) &&
		w.Hour <= 23 && w.Minute <= 59 && w.Second <= 60
}

// unix is the time in seconds since 1970 of a clock that shows UTC.
func (w *Wall) unix() int64 {
	b := w.stamp()
	days, _ := isoDay(string(b[:]))
	return days*86400 + int64(w.Hour)*3600 + int64(w.Minute)*60 + int64(w.Second)
}

// stamp writes "2006-01-02 15:04", the form that the clock remembers.
func (w *Wall) stamp() [16]byte {
	b := [16]byte{4: '-', 7: '-', 10: ' ', 13: ':'}
	put := func(i, n int) { b[i], b[i+1] = byte('0'+n/10%10), byte('0'+n%10) }
	put(0, w.Year/100)
	put(2, w.Year%100)
	put(5, w.Month)
	put(8, w.Day)
	put(11, w.Hour)
	put(14, w.Minute)
	return b
}

// Wall resolves a time of the clock's own zone; nano is the fraction of the
// second. It returns 0 for a time that does not exist.
func (c *Clock) Wall(w *Wall, nano, arrival int64) int64 {
	if !w.valid() {
		return 0
	}
	b := w.stamp()
	t, _ := c.local(string(b[:]), int64(w.Second)*1e9+nano, arrival)
	return t
}

// CtimeLen is the length of "Mon Jan _2 15:04:05 2006" that s starts with, the
// form of C's ctime(3) and of ClamAV's "%a %b %e %H:%M:%S %Y"; 0 if there is
// none. Copies often lose the padding of the day.
func CtimeLen(s string) int {
	if len(s) < 23 || s[3] != ' ' || s[7] != ' ' || MonthOf(s[4:7]) == 0 || weekday(s[:3]) < 0 {
		return 0
	}
	if scan.DigitsAt(s[8:], "_0 00:00:00 0000") {
		return 24
	}
	if scan.DigitsAt(s[8:], "0 00:00:00 0000") {
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

// Ctime resolves what CtimeLen found, n bytes long.
func (c *Clock) Ctime(s string, n int, arrival int64) int64 {
	day := scan.Digit(s[8])
	if n == 24 {
		day = scan.TwoPadded(s, 8)
	}
	w := Wall{scan.Two(s, n-4)*100 + scan.Two(s, n-2), MonthOf(s[4:7]), day, scan.Two(s, n-13), scan.Two(s, n-10), scan.Two(s, n-7)}
	return c.Wall(&w, 0, arrival)
}

// ClfLen is the length of "02/Jan/2006:15:04:05 -0700" that s starts with, 0 if
// there is none. The name of the month is in the language of the JVM's locale
// and may have a dot and several bytes a letter.
func ClfLen(s string) int {
	if len(s) < 26 || s[2] != '/' || !scan.IsDigit(s[0]) || !scan.IsDigit(s[1]) {
		return 0
	}
	const longest = 24 // bytes of a month's name
	i := strings.IndexByte(s[3:min(len(s), 3+longest)], '/')
	if i <= 0 {
		return 0
	}
	rest := s[3+i:]
	if !scan.DigitsAt(rest, "/0000:00:00:00 ") || len(rest) < 20 || rest[15] != '+' && rest[15] != '-' || !scan.DigitsAt(rest[16:], "0000") {
		return 0
	}
	return 3 + i + 20
}

// Clf resolves what ClfLen found, n bytes long. A month whose name is in no
// list is the one of the arrival, if that is at most nearArrival away.
func (c *Clock) Clf(s string, n int, arrival int64) int64 {
	rest := s[n-20 : n]
	w := Wall{scan.Two(rest, 1)*100 + scan.Two(rest, 3), 0, scan.Two(s, 0), scan.Two(rest, 6), scan.Two(rest, 9), scan.Two(rest, 12)}
	off := int64(scan.Two(rest, 16)*3600 + scan.Two(rest, 18)*60)
	if rest[15] == '-' {
		off = -off
	}
	name := s[3 : n-20]
	if w.Month = MonthOf(name); w.Month == 0 {
		w.Month = foreignMonth(name)
	}
	if w.Month > 0 {
		if !w.valid() {
			return 0
		}
		return (w.unix() - off) * 1e9
	}
	for w.Month = 1; w.Month <= 12; w.Month++ {
		if t := (w.unix() - off) * 1e9; w.valid() && Apart(arrival, t) <= nearArrival {
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
	{"avr", "avril", "abr", "апр", "квіт", "кві", "kwi", "dub", "huhti", "nis", "ápr", "4月", "4월", "απρ"},
	{"mai", "mei", "maj", "мая", "май", "трав", "тра", "kvě", "touko", "máj", "mag", "5月", "5월", "μαΐ", "maio", "mayıs"},
	{"juin", "juni", "giu", "июн", "июня", "черв", "чер", "cze", "čvn", "kesä", "haz", "jún", "iun", "6月", "6월", "ιουν"},
	{"juil", "juli", "lug", "июл", "июля", "лип", "lip", "čvc", "heinä", "tem", "júl", "iul", "7月", "7월", "ιουλ"},
	{"août", "ago", "авг", "серп", "сер", "sie", "srp", "elo", "ağu", "8月", "8월", "αυγ"},
	{"sept", "set", "сен", "сент", "вер", "wrz", "zář", "syys", "eyl", "szept", "9月", "9월", "σεπ"},
	{"okt", "out", "ott", "окт", "жовт", "жов", "paź", "říj", "loka", "eki", "10月", "10월", "οκτ"},
	{"nov", "ноя", "нояб", "лист", "lis", "marras", "kas", "noi", "11月", "11월", "νοε"},
	{"déc", "dez", "dic", "дек", "груд", "gru", "pro", "joulu", "ara", "des", "12月", "12월", "δεκ"},
}

// Apart is how far two times are from each other.
func Apart(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}

// LocalStampLen is the length of the time that s starts with and SyslogTime
// reads, in the forms in which programs stamp logs of their own: "Aug  2
// 16:49:04", the day padded or not, and "2026-08-02 16:49:04.123"; 0 if there is
// none or no blank behind it.
func LocalStampLen(s string) int {
	n := 0
	switch {
	case scan.DigitsAt(s, "0000-00-00"):
		n = isoLen(s)
	case len(s) > 4 && s[3] == ' ' && MonthOf(s[:3]) > 0:
		if n = len("Aug  2 16:49:04"); !scan.DigitsAt(s[4:], "_0 00:00:00") {
			n--
			if !scan.DigitsAt(s[4:], "0 00:00:00") {
				return 0
			}
		}
	}
	if n == 0 || len(s) <= n || s[n] != ' ' {
		return 0
	}
	return n
}
