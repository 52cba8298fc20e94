package format

import "strings"

// Number says how LogQL asks a field that holds a number.
type Number struct {
	Unit    string // how the unit of the field begins
	Example string // a field
	Value   string // an example of a value
	Compare string // the filter behind the name of the field
	Unwrap  string // what unwrap gets, "%s" for the name
}

// numbers are the units in which fields hold numbers: one a field, so that a
// value can be compared with a number, or with a number and its unit.
var numbers = []Number{
	{"duration", "delay", "900.1s", "> 15m", "duration_seconds(%s)"},
	{"milliseconds", "duration_ms", "1234.5", "> 1000", "%s"},
	{"bytes", "size", "10485760", "> 1MB", "%s"},
	{"kB", "queue_kb", "20480", "> 10240", "%s"},
	{"integer", "recipients", "21", "> 20", "%s"},
	{"rows", "rows_examined", "10001", "> 10000", "%s"},
	{"percent", "warn_percent", "95", "> 90", "%s"},
	{"points", "score", "15.1", "> 15", "%s"},
}

// Numbers returns the units of numbers.
func Numbers() []Number { return numbers }

// Number returns how the field is asked, false if it holds no number, or does
// not always hold one.
func (d Description) Number() (Number, bool) {
	for _, n := range numbers {
		if d.Unit == n.Unit || strings.HasPrefix(d.Unit, n.Unit+" (") {
			return n, true
		}
	}
	return Number{}, false
}
