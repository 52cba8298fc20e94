package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// colon looks at `"name":"value"`, `name: value` and headers.
func (c *scrubber) colon(i int) int {
	s := c.s
	name, start, quoted := nameBefore(s, i)
	if name == "" && strings.HasSuffix(s[:i], "&quot;") {
		name, start, _ = nameBefore(s, i-len("&quot;"))
		quoted = true
	}
	from := i + 1
	for from < len(s) && (s[from] == ' ' || s[from] == '\t') {
		from++
	}
	if from == len(s) {
		return from
	}
	secret := isSecretKey(name) && pwdPlace(s, start, name) ||
		(scan.FoldEqual(name, "_content") || quoted && scan.FoldEqual(name, "value")) && namedSecret(s[:start])
	if !secret {
		if i > 0 && s[i-1] == 'C' { // a protocol trace: "C: PASS x"
			return c.command(from)
		}
		return i + 1
	}
	if s[from] == '{' || s[from] == '[' && jsonArray(s[from:]) {
		return c.container(from, scan.FoldEqual(name, "session"))
	}
	if scan.FoldEqual(name, "session") && !quoted {
		return i + 1 // "IMAP session: closed"
	}
	if _, n := quoteAt(s, from); n > 0 {
		return c.value(from, name)
	}
	switch {
	case scan.FoldEqual(name, "cookie"):
		return c.cookies(from, false)
	case scan.FoldEqual(name, "set-cookie"):
		return c.cookies(from, true)
	case scan.FoldEqual(name, "authorization"), scan.FoldEqual(name, "proxy-authorization"):
		return c.authorization(from)
	case !quoted && from > i+1 && c.prosaic(from):
		return i + 1
	}
	return c.value(from, name)
}

// jsonArray reports whether an array of values starts here, not a bracket of a
// sentence.
func jsonArray(s string) bool {
	s = strings.TrimLeft(s[1:], " \\")
	return s != "" && (s[0] == '"' || s[0] == '{' || s[0] == '\'')
}

// prosaic reports whether what follows a "password: " is a sentence and no
// value: a plain word with further words behind it.
func (c *scrubber) prosaic(from int) bool {
	s := c.s
	n := bareLen(s[from:])
	v := s[from : from+n]
	if strings.IndexFunc(v, func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' }) >= 0 && !plainWord(v) {
		return false
	}
	rest := s[from+n:]
	return len(rest) > 1 && rest[0] == ' ' && (isWordByte(rest[1]) || rest[1] == '-' || rest[1] == '[' || rest[1] == '(')
}

// plainWord reports whether v looks like a word of a language: letters, all but
// the first of one case.
func plainWord(v string) bool {
	if v == "" || len(v) > 24 {
		return false
	}
	upper := 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case isCapital(c) || c == '_':
			upper++
		case !isWordByte(c) && c != '-' && c != '.' && c != ',' && c != ':':
			return false
		}
	}
	return upper == 0 || upper == len(v) || upper == 1 && isCapital(v[0])
}

// namedSecret reports whether s ends with the name of an attribute as JSON of
// SOAP gives it, `"n":"userPassword",`, and that is a secret.
func namedSecret(s string) bool {
	s = s[max(0, len(s)-160):]
	s = strings.TrimRight(s, `"' \`)
	if !strings.HasSuffix(s, ",") {
		return false
	}
	name, start, quoted := nameBefore(s, len(s)-1)
	if !quoted || !isSecretKey(name) {
		return false
	}
	s = strings.TrimRight(s[:start], `"' \`)
	if !strings.HasSuffix(s, ":") {
		return false
	}
	key, _, _ := nameBefore(s, len(s)-1)
	return scan.FoldEqual(key, "n") || scan.FoldEqual(key, "name") || scan.FoldEqual(key, "key")
}

// container cuts the texts and numbers that stand in the object or array at i
// as values: all of them, or of a session what identifies it.
func (c *scrubber) container(i int, session bool) int {
	s := c.s
	depth, key := 0, ""
	for j := i; j < len(s); {
		switch s[j] {
		case '{', '[':
			depth++
			j++
			continue
		case '}', ']':
			if depth--; depth <= 0 {
				return j + 1
			}
			j++
			continue
		case '\n':
			if depth == 0 {
				return j
			}
		}
		q, n := quoteAt(s, j)
		if n == 0 {
			j++
			continue
		}
		from := j + n
		end := closingQuote(s, from, q, n-1)
		after := min(len(s), end+n)
		if rest := scan.TrimSpaces(s[after:]); rest != "" && rest[0] == ':' {
			key = s[from:end]
			j = after
			continue
		}
		if (key == "" || key == "_content" || key == "id" && session || !session && (isSecretKey(key) || key == "value")) && !plainKey(s[from:end]) {
			c.cut(from, end)
		}
		j = max(after, j+1)
	}
	return len(s)
}

// plainKey reports whether a text inside of a container is the name of a
// schema rather than a value: "urn:zimbraAccount".
func plainKey(s string) bool { return strings.HasPrefix(s, "urn:") }

// element looks at the text behind a tag that ends at i: of an element whose
// name, or whose attribute n, name or key, says that it is a secret. Tags may be
// escaped; the text ends with the next tag, lines on too.
func (c *scrubber) element(i int, open, end string) int {
	s := c.s
	low := max(0, i-400)
	lt := strings.LastIndex(s[low:i], open)
	if lt < 0 {
		return i + 1
	}
	if low+lt+len(open) > i+1-len(end) {
		return i + 1
	}
	tag := s[low+lt+len(open) : i+1-len(end)]
	if tag == "" || !isWordByte(tag[0]) || tag[len(tag)-1] == '/' {
		return i + 1
	}
	if strings.IndexByte(tag, '>') >= 0 || !secretTag(tag) {
		return i + 1
	}
	from := i + 1
	for blank := true; blank; {
		blank = false
		for _, p := range [...]string{"<value>", open + "value" + end} { // zmlocalconfig -m xml
			if k := len(s[from:]) - len(strings.TrimLeft(s[from:], " \r\n\t")); strings.HasPrefix(s[from+k:], p) {
				from, blank = from+k+len(p), true
			}
		}
	}
	if rest, ok := strings.CutPrefix(s[from:], "<![CDATA["); ok {
		from += len("<![CDATA[")
		if k := strings.Index(rest, "]]>"); k >= 0 {
			return c.cut(from, from+k)
		}
		return c.cut(from, len(s))
	}
	stop := len(s)
	if k := strings.Index(s[from:], open); k >= 0 {
		stop = from + k
	}
	text := strings.TrimLeft(s[from:stop], " \t\r\n")
	from = stop - len(text)
	return c.cut(from, from+len(strings.TrimRight(text, " \t\r\n")))
}

// secretTag reports whether the text of an element is secret: by its name,
// without a prefix, or by the name in an attribute.
func secretTag(tag string) bool {
	n := 0
	for n < len(tag) && (scan.KeyByte[tag[n]] || tag[n] == '-' || tag[n] == '.' || tag[n] == ':') {
		n++
	}
	if n < len(tag) && strings.IndexByte(" \t\r\n", tag[n]) < 0 {
		return false
	}
	name := tag[:n]
	if k := strings.LastIndexByte(name, ':'); k >= 0 {
		name = name[k+1:]
	}
	if isSecretKey(name) && !scan.FoldEqual(name, "cookie") {
		return true
	}
	for _, a := range [...]string{" n=", " name=", " key="} {
		k := strings.Index(tag[n:], a)
		if k < 0 {
			continue
		}
		v := tag[n+k+len(a):]
		if q, m := quoteAt(v, 0); m > 0 {
			if isSecretKey(v[m:closingQuote(v, m, q, m-1)]) {
				return true
			}
		}
	}
	return false
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
