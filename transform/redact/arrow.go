package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// arrow looks at "name->value".
func (c *scrubber) arrow(i int) int {
	s := c.s
	name, start, quote := nameBefore(s, i-1)
	from := i + 1
	for from < len(s) && s[from] == ' ' {
		from++
	}
	if !names.IsSecretKey(name) || len(name) < 5 || start > 0 && s[start-1] == '>' || from == len(s) {
		return i + 1
	}
	if _, n := quoteAt(s, from); n == 0 {
		v := s[from : from+bareLen(s[from:])]
		if names.PlainWord(v) || strings.Contains(v, "(") || strings.HasSuffix(v, "-") {
			return i + 1
		}
	}
	return c.value(from, name, quote)
}

// auditValueLen is the length of the value of an audited attribute: up to the
// single ';' behind which the message ends or another pair starts. Text behind
// a ';' that some version did not double belongs to the value.
func auditValueLen(s string) int {
	for i := 0; ; {
		j := strings.IndexByte(s[i:], ';')
		if j < 0 {
			return len(s)
		}
		i += j
		switch rest := s[i+1:]; {
		case rest == "" || rest == "\r" || rest[0] == '\n':
			return i
		case rest[0] == ';':
			i += 2
			continue
		default:
			if n := scan.AttributeLen(strings.TrimPrefix(rest, " ")); n > 0 {
				return i
			}
		}
		i++
	}
}
