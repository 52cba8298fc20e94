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

// taggedBefore reports whether an IMAP tag stands before i: a word with a digit.
func taggedBefore(s string, i int) bool {
	w := strings.TrimRight(s[:i], " ")
	w = w[strings.LastIndexByte(w, ' ')+1:]
	return w != "" && len(w) <= 16 && strings.ContainsAny(w, "0123456789") && !strings.ContainsAny(w, ";=,@/")
}
