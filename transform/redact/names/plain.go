package names

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// pwdTwo are the ends of what pwd may be joined to.
var pwdTwo = [...]string{"db", "er", "in", "op", "ap"}

// PlainWord reports whether v looks like a word of a language: letters, all but
// the first of one case.
func PlainWord(v string) bool {
	if v == "" || len(v) > 24 {
		return false
	}
	upper := 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case IsCapital(c) || c == '_':
			upper++
		case !(scan.KeyByte[c] && c != '_' && !scan.IsDigit(c)) && c != '-' && c != '.' && c != ',' && c != ':':
			return false
		}
	}
	return upper == 0 || upper == len(v) || upper == 1 && IsCapital(v[0])
}

// Strong reports whether v looks like a password that somebody chose, and like no
// word, name, path or number: long enough, with digits and letters of both cases.
func Strong(v string) bool {
	lower, upper, digit := false, false, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case scan.IsDigit(c):
			digit = true
		case IsCapital(c):
			upper = true
		case scan.KeyByte[c] && c != '_':
			lower = true
		case strings.IndexByte("_-+=!#$%^*~", c) < 0:
			return false
		}
	}
	return len(v) >= 8 && lower && upper && digit
}

// Random reports whether v looks like a token and not like a name: long, with
// digits and letters of both cases.
func Random(v string) bool {
	lower, upper, digits := 0, 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case scan.IsDigit(c):
			digits++
		case IsCapital(c):
			upper++
		case scan.KeyByte[c] && c != '_':
			lower++
		case c != '_' && c != '-':
			return false
		}
	}
	return len(v) >= 10 && digits > 0 && (upper > 0 && lower > 0 || len(v) >= 20)
}
