package redact

import "strings"

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
