package format

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// maxPlaceholder is the length of the longest placeholder, in bytes: a UUID in
// brackets.
const maxPlaceholder = 38

// IsPlaceholder reports whether a program wrote v because it had no value:
// dashes (access logs, Nextcloud), null, undefined, None and the like, alone or
// in brackets, and ids of zeros only, which W3C Trace Context makes invalid. A
// name that only begins like one is none.
func IsPlaceholder(v string) bool {
	if len(v) > maxPlaceholder {
		return false
	}
	if n := len(v); n > 0 && (v[0] == ' ' || v[n-1] == ' ') {
		v = strings.Trim(v, " ")
	}
	if n := len(v); n > 1 {
		switch {
		case v[0] == '(' && v[n-1] == ')', v[0] == '<' && v[n-1] == '>', v[0] == '[' && v[n-1] == ']', v[0] == '{' && v[n-1] == '}',
			v[0] == '"' && v[n-1] == '"', v[0] == '\'' && v[n-1] == '\'':
			v = strings.Trim(v[1:n-1], " ")
		}
	}
	if v == "" {
		return true
	}
	switch v[0] {
	case '-', '0', '\xe2':
		return strings.Trim(v, "-") == "" || v == "–" || v == "—" || isZeroID(v)
	}
	if len(v) > len("not available") {
		return false
	}
	var b [len("not available")]byte
	for i := range len(v) {
		b[i] = scan.LowerByte[v[i]]
	}
	switch string(b[:len(v)]) {
	case "null", "nil", "none", "undefined", "n/a", "n.a.", "not set", "not available", "unavailable", "unset", "unknown", "nan", "empty", "no value", "missing", "absent":
		return true
	}
	return false
}

// isZeroID reports whether s is an id of 16 or 32 zeros, or a UUID of zeros.
func isZeroID(s string) bool {
	const uuid = "00000000-0000-0000-0000-000000000000"
	return s == uuid || (len(s) == 16 || len(s) == 32) && strings.Trim(s, "0") == ""
}
