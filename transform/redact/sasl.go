package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// saslTexts stand in a verbose log of Postfix before what one side of a login
// sent, decoded: the password, or the name and the password
// (src/xsasl/xsasl_cyrus_server.c, xsasl_cyrus_client.c).
var saslTexts = [...]string{
	"decoded response: ", "decoded initial response ",
	"uncoded initial reply: ", "uncoded client response ",
}

// saslResponse cuts what a text of saslTexts at i is followed by, up to the end
// of the line: it may hold anything.
func (c *scrubber) saslResponse(i, after int) int {
	s := c.s
	if before := s[max(0, i-40):i]; !strings.Contains(before, "xsasl_") || !strings.HasSuffix(before, ": ") {
		return after
	}
	for _, t := range saslTexts {
		if strings.HasPrefix(s[i:], t) {
			from := i + len(t)
			return c.cut(from, from+len(strings.TrimRight(s[from:lineEnd(s, from)], " \r")))
		}
	}
	return after
}

// given looks at what Dovecot's auth_verbose_passwords adds to a refused login,
// "(given password: my secret)": it may hold blanks and parentheses and goes up to
// the last one of the line.
func (c *scrubber) given(i int) int {
	end := lineEnd(c.s, i)
	if k := strings.LastIndexByte(c.s[i:end], ')'); k >= 0 {
		end = i + k
	}
	return c.cut(i, end)
}

// continued looks at what a client of Dovecot goes on with in a login, "CONT", a
// number and base64 with tabs between them, which auth_debug_passwords logs.
func (c *scrubber) continued(i int) int {
	s := c.s
	if !strings.HasSuffix(s[:i], "client in: CONT") {
		return i
	}
	from := i
	for range 2 {
		switch {
		case strings.HasPrefix(s[from:], "\t"):
			from++
		case strings.HasPrefix(s[from:], "#011"):
			from += 4
		case strings.HasPrefix(s[from:], `\t`):
			from += 2
		default:
			return i
		}
		if from-i < 5 {
			from += len(scan.Number(s[from:]))
		}
	}
	return c.cut(from, from+bareLen(s[from:]))
}

// compared looks at what Dovecot's auth_debug_passwords says of a password that
// is not the one that it has: "SHA512-CRYPT(x) != '$6$…'".
func (c *scrubber) compared(i int) int {
	s := c.s
	n := i
	for n > 0 && (names.IsCapital(s[n-1]) || scan.IsDigit(s[n-1]) || s[n-1] == '-' || s[n-1] == '.') {
		n--
	}
	if n == i || !names.IsCapital(s[n]) {
		return i
	}
	line := s[i+1 : lineEnd(s, i)]
	k := strings.LastIndex(line, ") != '")
	if k < 0 {
		return i
	}
	c.cut(i+1, i+1+k)
	inside := i + 1 + k + len(") != '")
	end := closingQuote(s, inside, '\'', 0)
	return c.cut(inside, end)
}
