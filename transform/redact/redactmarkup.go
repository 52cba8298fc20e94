package redact

import (
	"strings"

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
	secret := isSecretKey(name) && shortPlace(s, start, name) ||
		(scan.FoldEqual(name, "_content") || quote != "" && scan.FoldEqual(name, "value")) && namedSecret(s, start, from)
	if !secret {
		if i > 0 && (s[i-1] == 'C' || s[i-1] == ']') { // a protocol trace: "C: PASS x"; a program's message
			return c.command(from)
		}
		return i + 1
	}
	if scan.FoldEqual(name, "session") && quote == "" && s[from] != '{' {
		return i + 1 // "IMAP session: closed"
	}
	if name == "PASS" && quote == "" && (strings.HasSuffix(s[:start], "--- ") || plainWord(s[from:from+bareLen(s[from:])])) {
		return i + 1 // of a test
	}
	if quote == "" && isCall(s, start, name) {
		return i + 1 // "Unexpected token: name"
	}
	if ldif && !isHeaderName(name) {
		return c.folded(from)
	}
	if _, n := quoteAt(s, from); n == 0 && quote == "" && from > i+1 && !isHeaderName(name) && c.prosaic(from) {
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
	if start >= 2 && s[start-2:start] == "::" || isCapital(s[start]) {
		return true
	}
	return i+n == len(s) || strings.IndexByte("(: ;,)", s[i+n]) >= 0 && plainWord(s[i:i+n])
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

// jsonArray reports whether an array of values starts here, not a bracket of a
// sentence.
func jsonArray(s string) bool {
	s = strings.TrimLeft(s[1:], " \\\r\n\t")
	return s != "" && (s[0] == '"' || s[0] == '{' || s[0] == '\'' || s[0] == '[')
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
	if v == "new" || authScheme(v) && len(rest) > 1 && !plainWord(rest[1:1+bareLen(rest[1:])]) {
		return false
	}
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

// namedSecret reports whether the value in an object of JSON, whose key starts at
// start and which starts at from, is that of a secret: a member of the object
// says its name, `{"n":"userPassword","_content":"x"}`.
func namedSecret(s string, start, from int) bool {
	before := s[max(0, start-400):start]
	if k := strings.LastIndexAny(before, "{}"); k >= 0 {
		before = before[k+1:]
	}
	if nameMember(before) {
		return true
	}
	_, end, after := quoted(s, from)
	if after == 0 {
		end = from
	}
	behind := s[end:min(len(s), end+400)]
	if k := strings.IndexAny(behind, "{}"); k >= 0 {
		behind = behind[:k]
	}
	return nameMember(behind)
}

// nameMember reports whether members of an object have one that says the name of
// a secret.
func nameMember(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		key, _, quote := nameBefore(s, i)
		if quote == "" || !scan.FoldEqual(key, "n") && !scan.FoldEqual(key, "name") && !scan.FoldEqual(key, "key") {
			continue
		}
		from := i + 1
		for from < len(s) && s[from] == ' ' {
			from++
		}
		if inside, end, after := quoted(s, from); after > 0 && isSecretKey(s[inside:end]) {
			return true
		}
	}
	return false
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
			j = c.scalar(j, &key, session)
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
		if secretMember(key, session) && !plainKey(s[from:end]) {
			c.cut(from, end)
		}
		j = max(after, j+1)
	}
	return len(s)
}

// scalar looks at what stands without quotes at j of a container: a name, whose
// value is to come, or a number or text, which goes as a text in quotes does. It
// returns where to go on.
func (c *scrubber) scalar(j int, key *string, session bool) int {
	s := c.s
	n := 0
	for j+n < len(s) && s[j+n] > ' ' && strings.IndexByte("\"'\\,:={}[]", s[j+n]) < 0 {
		n++
	}
	if n == 0 {
		return j + 1
	}
	v := s[j : j+n]
	after := j + n
	for after < len(s) && s[after] == ' ' {
		after++
	}
	if after < len(s) && (s[after] == ':' || s[after] == '=') {
		*key = v
		return after + 1
	}
	if n > 1 && secretMember(*key, session) && !harmlessValue("token", v) && !plainKey(v) && (*key == "" || scan.Number(v) != v || isSecretKey(*key) || *key == "value") {
		return max(c.cut(j, j+n), j+n)
	}
	return j + n
}

// secretMember reports whether the value of this key in a secret container is
// a secret.
func secretMember(key string, session bool) bool {
	if session {
		return key == "" || key == "_content" || key == "id" || isSecretKey(key)
	}
	end, _ := lastSecretWord(key)
	return !has(openMembers, key) && (end < 0 || isSecretKey(key))
}

// openMembers of a secret that is an object say something on it.
var openMembers = newWords(map[string]bool{
	"type": true, "kind": true, "name": true, "user": true, "username": true, "login": true, "email": true, "account": true, "id": true, "scope": true,
	"scopes": true, "expires": true, "expires_in": true, "expiresin": true, "expires_at": true, "expiresat": true, "exp": true, "iat": true, "nbf": true,
	"lifetime": true, "created": true, "algorithm": true, "alg": true, "realm": true, "issuer": true, "iss": true, "aud": true, "audience": true, "sub": true,
	"host": true, "url": true, "uri": true, "path": true, "status": true, "state": true, "message": true, "error": true, "code": true, "provider": true,
	"length": true, "valid": true, "rule": true, "field": true, "count": true, "mode": true, "namespace": true, "version": true, "by": true, "encoding": true,
})

// plainKey reports whether a text inside of a container is the name of a
// schema rather than a value: "urn:zimbraAccount".
func plainKey(s string) bool { return strings.HasPrefix(s, "urn:") }

// element looks at the text behind a tag that ends at i: of an element whose
// name, or whose attribute n, name or key, says that it is a secret. All text in
// it goes, over lines, comments and further elements, up to its end.
func (c *scrubber) element(i int) int {
	s := c.s
	if c.tag < 0 || c.tag+1 >= i {
		return i + 1
	}
	tag := s[c.tag+1 : i]
	if tag[0] == '/' && (tag == "/key" || tag == "/name") {
		return c.sibling(i, len(tag)-1)
	}
	if !isWordByte(tag[0]) || tag[len(tag)-1] == '/' || strings.IndexByte(tag, '>') >= 0 || !secretTag(tag) {
		return i + 1
	}
	c.tag = -1
	if len(tag) == 3 && scan.FoldEqual(tag, "pwd") && i+1 < len(s) && harmlessValue(tag, s[i+1:]) {
		return i + 1
	}
	if i+1 < len(s) && s[i+1] == ' ' && !strings.Contains(s[i:], "</") { // "<password> is missing"
		return i + 1
	}
	depth, from := 0, i+1
	for from < len(s) {
		stop, end := len(s), ""
		if k := strings.IndexByte(s[from:], '<'); k >= 0 {
			stop = from + k
		}
		c.text(from, stop)
		rest := s[stop:]
		from = stop
		switch {
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		case strings.HasPrefix(rest, "<![CDATA["):
			k := strings.Index(rest, "]]>")
			if k < 0 {
				return c.cut(from+len("<![CDATA["), len(s))
			}
			c.cut(from+len("<![CDATA["), from+k)
			from += k + len("]]>")
			continue
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "</"):
			if depth--; depth < 0 {
				return max(from, c.done)
			}
			end = ">"
		case len(rest) > 1 && isWordByte(rest[1]) && depth < 8:
			end = ">"
			if k := strings.IndexByte(rest, '>'); k > 0 && rest[k-1] == '/' {
				depth--
			}
			depth++
		default:
			return max(from, c.done)
		}
		k := strings.Index(rest, end)
		if k < 0 {
			return max(from, c.done)
		}
		from += k + len(end)
	}
	return max(from, c.done)
}

// sibling looks at the element behind one that says the name of a secret and
// ends at i: <key>password</key><string>x</string>; n is the length of its name.
func (c *scrubber) sibling(i, n int) int {
	s := c.s
	from := c.tag
	for from > 0 && c.tag-from < 100 && s[from-1] != '>' {
		from--
	}
	if from < n+2 || s[from-n-2] != '<' || !isSecretKey(strings.TrimSpace(s[from:c.tag])) {
		return i + 1
	}
	next := i + 1
	for next < len(s) && s[next] <= ' ' {
		next++
	}
	for range 3 { // XML-RPC's <value><string>
		if next+1 >= len(s) || s[next] != '<' || !isWordByte(s[next+1]) {
			break
		}
		k := strings.IndexByte(s[next:], '>')
		if k < 0 || s[next+k-1] == '/' {
			return i + 1
		}
		next += k + 1
	}
	if next == i+1 || strings.HasPrefix(s[next:], "</") {
		return i + 1
	}
	end := len(s)
	if k := strings.IndexByte(s[next:], '<'); k >= 0 {
		end = next + k
	}
	c.text(next, end)
	return max(i+1, c.done)
}

// text cuts s[from:to] without the blanks around it.
func (c *scrubber) text(from, to int) {
	v := strings.TrimLeft(c.s[from:to], " \t\r\n")
	from = to - len(v)
	if v = strings.TrimRight(v, " \t\r\n"); len(v) > 1 || len(v) == 1 && !scan.IsDigit(v[0]) {
		c.cut(from, from+len(v))
	}
}

// inSession reports whether an attribute at i is one of an element session.
func (c *scrubber) inSession(i int) bool {
	tag := c.openTag(i)
	if j := strings.IndexByte(tag, ':'); j >= 0 && j < 12 {
		tag = tag[j+1:]
	}
	return scan.FoldPrefix(tag, "session")
}

// inNamedTag reports whether an attribute at i is one of a tag that says the
// name of a secret: <param name="password" value="x"/>.
func (c *scrubber) inNamedTag(i int) bool {
	if c.openTag(i) == "" {
		return false
	}
	end := min(len(c.s), i+400)
	if k := strings.IndexByte(c.s[i:end], '>'); k >= 0 {
		end = i + k
	}
	return secretTag(c.s[c.tag+1 : end])
}

// openTag is the tag that i stands in, up to i.
func (c *scrubber) openTag(i int) string {
	if c.tag < 0 || c.tag >= i || i-c.tag > 4096 {
		return ""
	}
	tag := c.s[c.tag+1 : i]
	if strings.IndexByte(tag, '>') >= 0 {
		return ""
	}
	return tag
}

// secretTag reports whether the text of an element is secret: by its name,
// without a prefix, or by the name in an attribute.
func secretTag(tag string) bool {
	n := 0
	for n < len(tag) && (scan.KeyByte[tag[n]] || tag[n] == '-' || tag[n] == '.' || tag[n] == ':' || tag[n] >= 0x80) {
		n++
	}
	if n < len(tag) && strings.IndexByte(" \t\r\n", tag[n]) < 0 {
		return false
	}
	name := tag[:n]
	if k := strings.LastIndexByte(name, ':'); k >= 0 {
		name = name[k+1:]
	}
	return isSecretKey(name) || namedTag(tag[n:])
}

// namedTag reports whether an attribute n, name or key in a tag is the name of a
// secret.
func namedTag(tag string) bool {
	for _, a := range [...]string{" n=", " name=", " key="} {
		k := strings.Index(tag, a)
		if k < 0 {
			continue
		}
		v := tag[k+len(a):]
		if q, m := quoteAt(v, 0); m > 0 {
			if isSecretKey(v[m:closingQuote(v, m, q, m-1)]) {
				return true
			}
		}
	}
	return false
}
