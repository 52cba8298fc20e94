package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// value cuts the value that starts at from. Where it ends is told by how it
// begins: a quote, a bracket, the scheme of a hash, a prefix of a language; else
// by what ends a value in a URL, a list or a sentence. quote is the quote of its
// name: a bare value of JSON gets a mark that leaves JSON.
func (c *scrubber) value(from int, name, quote string) int {
	s := c.s
	if from >= len(s) {
		return from
	}
	if k := yamlTag(s[from:]); k > 0 {
		from += k
	}
	if end := yamlBlock(s, from); end > 0 {
		return c.cut(blanksEnd(s, from+strings.IndexByte(s[from:], '\n')), end)
	}
	if n := prefixLen(s[from:]); n > 0 {
		from += n
	}
	if inside, end, after := quoted(s, from); after > 0 {
		if v := s[inside:end]; names.HarmlessValue(name, v) {
			return after
		}
		return max(c.cut(inside, end), c.done)
	}
	switch s[from] {
	case '{':
		return c.braced(from, name)
	case '[':
		return c.bracketed(from, name, quote)
	case '<':
		return c.angled(from, name)
	case '(':
		if end := closed(s, from); end > 0 && names.KeepValue(s[from:end]) {
			return end
		}
		if after := c.called(from); after > 0 {
			return after
		}
		for from+1 < len(s) && s[from+1] == ' ' {
			from++
		}
		if s[from] == ' ' {
			from++
		}
	}
	end := from + valueLen(s[from:])
	if end < len(s) && (s[end] == '(' || s[end] == ' ' && s[from:end] == "new" || s[end] == '{' && strings.HasSuffix(s[from:end], "[]")) {
		if after := c.called(end); after > 0 {
			return after
		}
		return from
	}
	if k := strings.Index(s[from:end], "#011"); k > 0 && strings.Contains(s[max(0, from-200):from], "#011") { // rsyslog's tab
		end = from + k
	}
	if k := strings.IndexByte(s[from:end], '?'); k > 0 && len(name) > 9 && scan.FoldEqual(name[len(name)-9:], "sessionid") {
		end = from + k // of the path, the query follows
	}
	if authScheme(s[from:end]) && end < len(s) && (s[end] == ' ' || s[end] == '\t') {
		from, end = end+1, end+1+bareLen(s[end+1:])
	}
	v := s[from:end]
	if strings.HasPrefix(v, "0x") && len(v) < 6 || len(v) == 1 || names.HarmlessValue(name, strings.TrimRight(v, ".,")) {
		return end
	}
	if strings.HasSuffix(quote, `"`) && len(quote) < 5 && end < len(s) && strings.IndexByte(",}] \n\r", s[end]) >= 0 {
		return c.cutAs(from, end, quote+names.Mark+quote)
	}
	return c.cut(from, end)
}

// yamlTag is the length of a tag or an anchor of YAML, and of PHP's type, before
// a value: "!!str x", "&a x", `string(12) "x"`.
func yamlTag(s string) int {
	k := strings.IndexByte(s[:min(len(s), 40)], ' ')
	if k < 2 || k+1 >= len(s) || s[k+1] <= ' ' {
		return 0
	}
	if t := s[:k]; (t[0] == '!' || t[0] == '&') && names.PlainWord(strings.TrimLeft(t, "!&")) || strings.HasPrefix(t, "string(") && t[k-1] == ')' {
		return k + 1
	}
	return 0
}

// yamlBlock is where a text of YAML ends that stands in the lines behind the "|"
// or ">" at i, 0 if none does.
func yamlBlock(s string, i int) int {
	if s[i] != '|' && s[i] != '>' {
		return 0
	}
	end := lineEnd(s, i)
	if v := strings.TrimRight(s[i+1:end], " \r"); v != "" && v != "-" && v != "+" {
		return 0
	}
	from := end
	for end+1 < len(s) && s[end+1] == ' ' {
		end = lineEnd(s, end+1)
	}
	if end == from {
		return 0
	}
	return end
}

// called cuts the first text in quotes of a call or a list that begins at i:
// PASSWORD('x') of SQL, Some("x"), new String('x'), ('x', 'y'). It returns 0 if
// there is none. What is written in capitals names what holds the secret.
func (c *scrubber) called(i int) int {
	s := c.s
	end := min(lineEnd(s, i), i+64)
	k := strings.IndexAny(s[i:end], "({")
	if k < 0 {
		return 0
	}
	from := i + k + 1
	for from < end && (s[from] == ' ' || s[from] == '(') {
		from++
	}
	from += prefixLen(s[from:])
	inside, stop, after := quoted(s, from)
	if after == 0 {
		return 0
	}
	if v := s[inside:stop]; strings.ToUpper(v) == v && names.PlainWord(v) {
		return after
	}
	return max(c.cut(inside, stop), c.done)
}

// braced looks at a value that begins with '{': an object, a map of Java, the
// scheme of a hash, or braces only.
func (c *scrubber) braced(from int, name string) int {
	s := c.s
	if end := closed(s, from); end > 0 && names.KeepValue(s[from:end]) {
		return end
	}
	if isObject(s[from:]) {
		if names.IsCookieName(name) || scan.FoldEqual(name, "cookies") {
			return c.pairs(from)
		}
		return c.container(from, scan.FoldEqual(name, "session"))
	}
	end := from + 1
	for end < len(s) && s[end] != '}' && s[end] > ' ' && s[end] != '"' {
		end++
	}
	if end < len(s) && s[end] == '}' {
		next := end + 1
		if next+1 < len(s) && s[next] == ' ' && schemeOfHash(s[from+1:end]) && !names.PlainWord(s[next+1:next+1+bareLen(s[next+1:])]) {
			next++
		}
		if n := hashLen(s[next:]); n > 0 {
			return c.cut(from, next+n) // {SSHA}x
		}
		return c.cut(from+1, end)
	}
	if k := strings.IndexByte(s[end:min(lineEnd(s, end), from+256)], '}'); k > 0 && s[end] == ' ' { // a list
		return c.cut(from+1, end+k)
	}
	return c.cut(from+1, end)
}

// schemeOfHash reports whether v is one of crypt(3) and LDAP: SSHA512.
func schemeOfHash(v string) bool {
	if v == "" || len(v) > 20 || !names.IsCapital(v[0]) {
		return false
	}
	for i := range len(v) {
		if !names.IsCapital(v[i]) && !scan.IsDigit(v[i]) && v[i] != '-' && v[i] != '.' {
			return false
		}
	}
	return true
}

// isObject reports whether s begins with an object or a map: a name and its
// sign stand behind the brace.
func isObject(s string) bool {
	s = strings.TrimLeft(s[1:], " \t\r\n")
	if s == "" || s[0] == '"' || s[0] == '\'' || s[0] == '\\' || s[0] == '{' || s[0] == '}' || strings.HasPrefix(s, "&quot;") {
		return true
	}
	n := 0
	for n < len(s) && (scan.KeyByte[s[n]] || s[n] == '-' || s[n] == '.' || s[n] == ' ') {
		n++
	}
	return n > 0 && n < len(s) && (s[n] == ':' || s[n] == '=')
}

// pairs cuts every value of a map at i: {sid=x, lang:y}.
func (c *scrubber) pairs(i int) int {
	s := c.s
	stop := lineEnd(s, i)
	if k := strings.IndexByte(s[i:stop], '}'); k >= 0 {
		stop = i + k
	}
	for i++; i < stop; i++ {
		if s[i] != ':' && s[i] != '=' {
			continue
		}
		for i++; i < stop && s[i] == ' '; i++ {
		}
		if inside, end, after := quoted(s, i); after > 0 {
			c.cut(inside, min(end, stop))
			i = after
			continue
		}
		end := i
		for end < stop && s[end] != ',' && s[end] != ';' {
			end++
		}
		i = c.cut(i, end)
	}
	return max(stop, c.done)
}

// bracketed looks at a value in '[': a list of JSON or Java, or one value.
func (c *scrubber) bracketed(from int, name, quote string) int {
	s := c.s
	if end := closed(s, from); end > 0 && names.KeepValue(s[from:end]) {
		return end
	}
	if jsonArray(s[from:]) {
		return c.container(from, scan.FoldEqual(name, "session"))
	}
	end := lineEnd(s, from)
	k := strings.IndexByte(s[from:end], ']')
	if k < 0 {
		k = 1 + bareLen(s[from+1:end])
	}
	v := s[from+1 : from+k]
	if names.HarmlessValue(name, v) || scan.IsWord(v) && names.PlainWord(v) && quote == "" {
		return from + k
	}
	if strings.HasSuffix(quote, `"`) && len(quote) < 5 {
		return c.cutAs(from+1, from+k, quote+names.Mark+quote)
	}
	return c.cut(from+1, from+k)
}

// angled looks at a value in angle brackets.
func (c *scrubber) angled(from int, name string) int {
	s := c.s
	end := from + 1
	for end < len(s) && s[end] > ' ' && strings.IndexByte(`<>"'`, s[end]) < 0 && (s[end] != '/' || end > from+1 && end+1 < len(s) && s[end+1] != '>') {
		end++
	}
	if scan.FoldEqual(name, "session") || end == len(s) || s[end] != '>' || names.KeepValue(s[from:end+1]) || names.PlainWord(s[from+1:end]) {
		return from
	}
	return c.cut(from+1, end)
}

// closed is where the bracket that opens at i is closed within a short text,
// or 0.
func closed(s string, i int) int {
	if j := strings.IndexAny(s[i:min(len(s), i+16)], "]})"); j >= 0 {
		return i + j + 1
	}
	return 0
}
