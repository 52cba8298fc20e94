package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// colon looks at `"name":"value"`, `name: value` and headers.
func (c *scrubber) colon(i int) int {
	s := c.s
	name, start, quote := nameBefore(s, i)
	if name == "" && strings.HasSuffix(s[:i], "&quot;") {
		name, start, _ = nameBefore(s, i-len("&quot;"))
		quote = "&quot;"
	}
	from := i + 1
	ldif := false
	if from < len(s) && s[from] == ':' && quote == "" {
		if isClass(s, start, from+1) {
			return from + 1
		}
		from, ldif = from+1, true
	} else if i > 0 && s[i-1] == ':' {
		return i + 1
	}
	for from < len(s) && (s[from] == ' ' || s[from] == '\t' || quote != "" && (s[from] == '\n' || s[from] == '\r')) {
		from++
	}
	if from == len(s) {
		return from
	}
	if s[from] == '=' && from == i+1 { // "password := x"
		for from++; from < len(s) && s[from] == ' '; from++ {
		}
	}
	if i > 1 && s[i-1] == ']' && quote == "" && (scan.FoldEqual(name, "passwd") || scan.FoldEqual(name, "chpasswd")) {
		return i + 1 // a program and its number
	}
	secret := names.IsSecretKey(name) && shortPlace(s, start, name) ||
		(scan.FoldEqual(name, "_content") || quote != "" && scan.FoldEqual(name, "value")) && namedSecret(s, start, from)
	if !secret {
		if i > 0 && (s[i-1] == 'C' || s[i-1] == ']') { // a protocol trace: "C: PASS x"; a program's message
			return c.command(from)
		}
		if quote == "" && (phrase(s, start, name) || c.saidFor(start) && names.Strong(s[from:from+bareLen(s[from:])])) {
			return c.phrased(from)
		}
		return i + 1
	}
	if scan.FoldEqual(name, "session") && quote == "" && s[from] != '{' {
		return i + 1 // "IMAP session: closed"
	}
	if name == "PASS" && quote == "" && (strings.HasSuffix(s[:start], "--- ") || names.PlainWord(s[from:from+bareLen(s[from:])])) {
		return i + 1 // of a test
	}
	if quote == "" && isCall(s, start, name) {
		return i + 1 // "Unexpected token: name"
	}
	if ldif && !names.IsHeaderName(name) {
		return c.folded(from)
	}
	if _, n := quoteAt(s, from); n == 0 && quote == "" && from > i+1 && !names.IsHeaderName(name) && c.prosaic(from) {
		return i + 1
	}
	return c.named(from, name, quote, ':')
}

// isClass reports whether "Name::" is of a class or a package and no attribute
// of LDIF: a blank or base64 follows that.
func isClass(s string, start, i int) bool {
	n := 0
	for i+n < len(s) && (isWordByte(s[i+n]) || s[i+n] == '_') {
		n++
	}
	if n == 0 {
		return false
	}
	if start >= 2 && s[start-2:start] == "::" || names.IsCapital(s[start]) {
		return true
	}
	return i+n == len(s) || strings.IndexByte("(: ;,)", s[i+n]) >= 0 && names.PlainWord(s[i:i+n])
}

// isCall reports whether the token at start is one of a language that a parser
// did not expect.
func isCall(s string, start int, name string) bool {
	if !scan.FoldEqual(name, "token") {
		return false
	}
	before := strings.TrimRight(s[:start], " ")
	for _, w := range [...]string{"unexpected", "unrecognized", "unrecognised", "illegal"} {
		if len(before) >= len(w) && len(before) < start && scan.FoldEqual(before[len(before)-len(w):], w) {
			return true
		}
	}
	return false
}

// folded cuts a value of LDIF in base64, which goes on in lines that begin with
// a blank.
func (c *scrubber) folded(from int) int {
	s := c.s
	end := from + bareLen(s[from:])
	for strings.HasPrefix(s[end:], "\n ") && end+2 < len(s) && scan.KeyByte[s[end+2]] {
		n := bareLen(s[end+2:])
		if stop := end + 2 + n; n > 0 && (stop == len(s) || s[stop] == '\n') {
			end = stop
			continue
		}
		break
	}
	return c.cut(from, end)
}

// prosaic reports whether what follows a "password: " is a sentence and no
// value: a plain word with further words behind it.
func (c *scrubber) prosaic(from int) bool {
	s := c.s
	n := bareLen(s[from:])
	v := s[from : from+n]
	if strings.IndexFunc(v, func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' }) >= 0 && !names.PlainWord(v) {
		return false
	}
	rest := s[from+n:]
	if v == "new" || authScheme(v) && len(rest) > 1 && !names.PlainWord(rest[1:1+bareLen(rest[1:])]) {
		return false
	}
	return len(rest) > 1 && rest[0] == ' ' && (isWordByte(rest[1]) || rest[1] == '-' || rest[1] == '[' || rest[1] == '(')
}
