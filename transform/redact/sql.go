package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// identified looks at SQL's "IDENTIFIED BY 'x'", "IDENTIFIED BY PASSWORD 'x'" and
// "IDENTIFIED WITH plugin BY 'x'", or "AS 'x'".
func (c *scrubber) identified(i int) int {
	s := c.s
	from := i
	from = blanksEnd(s, i)
	if from == i {
		return i
	}
	if scan.FoldPrefix(s[from:], "with ") || scan.FoldPrefix(s[from:], "via ") {
		from += strings.IndexByte(s[from:], ' ') + 1
		for from < len(s) && (scan.KeyByte[s[from]] || strings.IndexByte("'\"`\\", s[from]) >= 0) {
			from++
		}
	}
	with := from > blanksEnd(s, i)
	from = blanksEnd(s, from)
	word := from
	for from < len(s) && isWordByte(s[from]) {
		from++
	}
	if !names.Has(beforeHash, s[word:from]) || !with && !scan.FoldEqual(s[word:from], "by") || blanksEnd(s, from) == from {
		return i
	}
	from = blanksEnd(s, from)
	if scan.FoldPrefix(s[from:], "password(") {
		return from // is looked at as such
	}
	for _, p := range [...]string{"password ", "random password", "values "} {
		if scan.FoldPrefix(s[from:], p) {
			from += len(p)
		}
	}
	if inside, end, after := quoted(s, from); after > 0 {
		return c.cut(inside, end)
	}
	n := bareLen(s[from:])
	if names.PlainWord(s[from : from+n]) {
		return from
	}
	return c.cut(from, from+n)
}

// prose looks at a quoted text behind the word password, at i: "password 'x'",
// "PASSWORD('x')", "PASSWORD FOR 'u'@'h' = 'x'"; and at "ldap_bind password x".
func (c *scrubber) prose(i int) int {
	s := c.s
	from := i
	if from < len(s) && s[from] == '(' || from < len(s) && s[from] == '\'' {
		if from < 8 || !scan.FoldEqual(s[from-8:from], "password") || s[from] == '\'' {
			return i + 1
		}
		from++
	} else {
		if from = blanksEnd(s, i); from == i {
			return i
		}
		if strings.HasSuffix(s[:i], "ldap_bind password") {
			return c.cut(from, from+bareLen(s[from:]))
		}
		if scan.FoldPrefix(s[from:], "for ") {
			return c.passwordFor(from)
		}
	}
	if n := prefixLen(s[from:]); n > 0 {
		from += n
	}
	if q, n := quoteAt(s, from); n > 0 && q != '&' {
		end := closingQuote(s, from+n, q, n-1)
		if end < len(s) && end-from < 256 {
			return c.cut(from+n, end)
		}
	}
	if scan.FoldPrefix(s[from:], "in (") || scan.FoldPrefix(s[from:], "not in (") {
		open := from + strings.IndexByte(s[from:], '(') + 1
		return max(c.row(open, min(open+1024, len(s)), 1<<63-1, true), c.done)
	}
	if strings.HasPrefix(s[from:], "$$") { // of PostgreSQL
		if k := strings.Index(s[from+2:], "$$"); k > 0 {
			return c.cut(from+2, from+2+k)
		}
	}
	if s[i] == ' ' { // see spoken
		return i
	}
	return from
}

// passwordFor looks at "SET PASSWORD FOR 'u'@'h' = 'x'".
func (c *scrubber) passwordFor(i int) int {
	s := c.s
	end := min(lineEnd(s, i), i+256)
	k := strings.IndexByte(s[i:end], '=')
	if k < 0 {
		return i
	}
	from := i + k + 1
	for from < end && s[from] == ' ' {
		from++
	}
	if inside, stop, after := quoted(s, from); after > 0 {
		return c.cut(inside, stop)
	}
	return i
}

// beforeHash are the words of SQL that stand before a password or its hash.
var beforeHash = names.NewWords(map[string]bool{"by": true, "as": true, "using": true})
