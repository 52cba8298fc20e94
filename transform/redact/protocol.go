package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// word looks at a word that begins at i: commands of protocols and of the
// command line, and the schemes of HTTP.
func (c *scrubber) word(i int) int {
	s := c.s
	n := 1
	for i+n < len(s) && n < 24 && (isWordByte(s[i+n]) || scan.IsDigit(s[i+n])) {
		n++
	}
	w := s[i : i+n]
	if n >= 3 && w[:3] == "eyJ" {
		return c.jwt(i)
	}
	after := i + n
	if tokenShape[w[0]] {
		if k := c.formed(i); k > i {
			return k
		}
	}
	if n < 3 || after >= len(s) {
		return after
	}
	if toolShape[w[0]]>>n&1 != 0 && strings.IndexByte(" \t\"'-", s[after]) >= 0 && (s[after] != '-' || w == "mariadb" || w == "redis") {
		if t := tools[w]; t != nil && (t != &zimbraPW || i == 0 || strings.IndexByte(toolBefore, s[i-1]) >= 0) {
			return c.shell(after, t)
		}
	}
	if n < 4 || n > 12 {
		return after
	}
	switch scan.LowerByte[w[0]] {
	case 'b', 'n':
		if authScheme(w) {
			return c.schemeValue(after)
		}
	case 'a':
		if scan.FoldEqual(w, "auth") && quoteBefore(s, i) && strings.HasPrefix(s[after:], `" "`) {
			return c.redisAuth(after)
		}
		if scan.FoldEqual(w, "auth") || scan.FoldEqual(w, "authenticate") {
			return c.mechanism(after)
		}
	case 'l':
		if scan.FoldEqual(w, "login") && i > 0 && s[i-1] == ' ' {
			return c.login(i, after)
		}
		if w == "LOGIN" && quoteBefore(s, i) {
			return c.login(i, after)
		}
	case 'p':
		switch {
		case scan.FoldEqual(w, "pass") && (i == 0 || s[i-1] == '\n' || quoteBefore(s, i) || strings.HasSuffix(s[:i], " - ") || peerBefore(s, i)):
			return c.command(i)
		case w == "PASS" || w == "pass" && i > 1 && s[i-2] == ':':
			return c.lastWord(after)
		case w == "PLAIN" && i > 0 && s[i-1] == ' ':
			return c.schemeValue(after)
		case w == "password" && strings.HasSuffix(s[:i], "given ") && strings.HasPrefix(s[after:], ": "):
			return c.given(after + len(": "))
		case scan.FoldEqual(w, "password") || scan.FoldEqual(w, "passwd"):
			return c.prose(after)
		case w == "printf":
			return c.piped(after)
		case w == "prov" && (strings.HasPrefix(s[after:], "> ") || s[after] == ' ' && strings.HasSuffix(s[:i], "carbonio ")):
			return c.shell(after+strings.IndexByte(s[after:], ' '), &provTool)
		}
	case 'c':
		if w == "CONT" {
			return c.continued(after)
		}
		if scan.FoldEqual(w, "cookie") || scan.FoldEqual(w, "cookies") {
			return c.cookieObject(i, after)
		}
	case 'e':
		if w == "echo" {
			return c.piped(after)
		}
	case 'd', 'u':
		return c.saslResponse(i, after)
	case 'x', 'o':
		if scan.FoldEqual(w, "xoauth2") || scan.FoldEqual(w, "oauthbearer") {
			return c.schemeValue(after)
		}
	case 'i':
		if scan.FoldEqual(w, "identified") {
			return c.identified(after)
		}
		if scan.FoldEqual(w, "insert") {
			return c.inserted(after)
		}
	case 'r':
		if scan.FoldEqual(w, "replace") {
			return c.inserted(after)
		}
	}
	return after
}

// peerBefore reports whether the sign stands before i that programs put before
// what a peer said, or an escaped end of a line.
func peerBefore(s string, i int) bool {
	return i > 1 && (s[i-2] == '>' || s[i-2] == '<') && s[i-1] == ' ' || i > 1 && s[i-2] == '\\' && s[i-1] == 'n'
}

func quoteBefore(s string, i int) bool { return i > 0 && (s[i-1] == '"' || s[i-1] == '\'') }

// mechanism looks at "AUTH PLAIN base64" and its like, in any letter case
// (RFC 4954 section 4).
func (c *scrubber) mechanism(i int) int {
	s := c.s
	if i >= len(s) || s[i] != ' ' {
		return i
	}
	n := 0
	for i+1+n < len(s) && (scan.KeyByte[s[i+1+n]] || s[i+1+n] == '-') {
		n++
	}
	if q, k := quoteAt(s, i+1); k > 0 && q == '"' { // ManageSieve
		return c.sieve(i + 1 + k)
	}
	m := s[i+1 : i+1+n]
	for _, known := range [...]string{"plain", "login", "xoauth2", "oauthbearer", "cram-md5", "digest-md5", "gssapi", "ntlm", "scram-", "external"} {
		if !scan.FoldPrefix(m, known) {
			continue
		}
		end := i + 1 + n
		if end+1 >= len(s) || s[end] != ' ' {
			return i
		}
		if k := bareLen(s[end+1:]); k > 1 {
			v := strings.TrimRight(s[end+1:end+1+k], ".:,")
			if looksBase64(v) {
				return c.cut(end+1, end+1+len(v))
			}
		}
		return i
	}
	return i
}

// redisAuth looks at `"AUTH" "x"` and `"AUTH" "user" "x"` of Redis behind the word.
func (c *scrubber) redisAuth(i int) int {
	s := c.s
	inside, end, after := quoted(s, i+2)
	if strings.HasPrefix(s[after:], ` "`) {
		inside, end, _ = quoted(s, after+1)
	}
	return c.cut(inside, end)
}

// sieve looks at ManageSieve's `AUTHENTICATE "PLAIN" "base64"` (RFC 5804) behind
// its first quote.
func (c *scrubber) sieve(i int) int {
	s := c.s
	n := scan.KeyLen(s[i:])
	rest := strings.TrimLeft(s[i+n:], "\\")
	if !names.Has(mechanisms, s[i:i+n]) || !strings.HasPrefix(rest, `" `) {
		return i
	}
	from := len(s) - len(rest) + 2
	if inside, end, after := quoted(s, from); after > 0 && looksBase64(s[inside:end]) {
		return c.cut(inside, end)
	}
	return i
}

// mechanisms of SASL follow each other where a server says what it knows.
var mechanisms = names.NewWords(map[string]bool{
	"login": true, "plain": true, "xoauth2": true, "cram-md5": true, "digest-md5": true, "oauthbearer": true, "ntlm": true, "gssapi": true, "external": true,
	"scram-sha-1": true, "scram-sha-256": true,
})

// looksBase64 reports whether v can be a response of SASL, and is no word.
func looksBase64(v string) bool {
	for i := 0; i < len(v); i++ {
		if !scan.KeyByte[v[i]] && strings.IndexByte("+/=-", v[i]) < 0 {
			return false
		}
	}
	body := strings.TrimRight(v, "=")
	return len(v) >= 4 && !names.Has(mechanisms, v) && !names.PlainWord(v) && strings.IndexByte(body, '=') < 0
}

// command looks at a line of POP3: "PASS secret", which may hold blanks. In
// small letters, and where no line of a protocol is sure to stand, the rest has
// to look like a password.
func (c *scrubber) command(i int) int {
	s := c.s
	if !scan.FoldPrefix(s[i:], "pass ") {
		return i
	}
	rest := s[i+len("pass "):]
	if strings.HasPrefix(rest, "NEW [") || strings.HasPrefix(rest, "OLD [") {
		return i // postscreen lets a client pass
	}
	from, end := i+len("PASS "), lineEnd(s, i)
	sure := strings.HasPrefix(s[i:], "PASS") && (i == 0 || s[i-1] == '\n' || quoteBefore(s, i) || strings.HasSuffix(s[:i], "C: ") || peerBefore(s, i))
	if k := strings.IndexAny(rest[:end-from], `"'\`); k >= 0 && (!sure || quoteBefore(s, i) || insideQuotes(s, i)) {
		end = from + k
	}
	if k := strings.Index(s[from:end], ";]"); k >= 0 { // the end of a context of Zimbra's
		end = from + k
	}
	v := strings.TrimRight(s[from:end], " \r")
	if first, rest, more := strings.Cut(v, " "); more && (scan.Number(first) == first || i == 0 && names.PlainWord(first) && names.PlainWord(rest)) { // "PASS 12 tests"
		return i
	}
	if !sure && (strings.IndexByte(v, ' ') >= 0 || names.PlainWord(v) || len(v) < 4 || strings.IndexByte(v, '=') > 0 || scan.IsDigit(s[from]) && len(scan.Number(v)) < 4) {
		return i
	}
	return c.cut(from, max(from, from+len(v)))
}

// insideQuotes reports whether i may stand in a text in quotes of its line.
func insideQuotes(s string, i int) bool {
	return strings.IndexByte(s[strings.LastIndexByte(s[:i], '\n')+1:i], '"') >= 0
}

// lastWord cuts the word that ends a text behind PASS, if it looks like no word
// of a language and no result of a check.
func (c *scrubber) lastWord(i int) int {
	s := c.s
	end := lineEnd(s, i)
	from := i
	for from < end && (s[from] == ' ' || s[from] == '"' || s[from] == '\'') {
		from++
	}
	v := strings.TrimRight(s[from:end], "\"'\\ \r")
	if from == i || !names.Random(v) {
		return i
	}
	return c.cut(from, from+len(v))
}

// login looks at IMAP's "tag LOGIN user password" (RFC 9051 section 6.2.3). What
// ends otherwise is a sentence.
func (c *scrubber) login(at, i int) int {
	s := c.s
	user, k := astring(s, i)
	if k == 0 {
		return i
	}
	pass, m := astring(s, k)
	if m == 0 {
		return i
	}
	rest := strings.TrimLeft(s[m:], " \r\"'\\])>}")
	if rest != "" && rest[0] != '\n' && !strings.HasPrefix(rest, ";]") && (s[m-1] == '"' || strings.IndexByte(`"\`, s[m]) < 0) {
		return i
	}
	quoted := s[k-1] == '"' || s[m-1] == '"' && s[m-1-len(pass)-1] == '"'
	if !quoted && (strings.IndexByte(strings.TrimRight(pass, "="), '=') >= 0 && !spoken(s, at) || !taggedBefore(s, at)) || user == "" {
		return i
	}
	if s[at] == 'l' && !quoted && names.PlainWord(pass) {
		return i
	}
	if s[m-1] == '"' && m-2-len(pass) >= 0 && s[m-2-len(pass)] == '"' {
		return c.cut(m-1-len(pass), m-1)
	}
	return c.cut(m-len(pass), m)
}

// spoken reports whether "C: a1 " stands before i, what a client said.
func spoken(s string, i int) bool {
	w := strings.TrimRight(s[:i], " ")
	return strings.HasSuffix(w[:strings.LastIndexByte(w, ' ')+1], "C: ")
}

// taggedBefore reports whether an IMAP tag stands before i: a word with a digit.
func taggedBefore(s string, i int) bool {
	w := strings.TrimRight(s[:i], " ")
	w = w[strings.LastIndexByte(w, ' ')+1:]
	return w != "" && len(w) <= 16 && strings.ContainsAny(w, "0123456789") && !strings.ContainsAny(w, ";=,@/")
}

// astring reads a blank and an atom or a quoted text; end is 0 if there is none.
func astring(s string, i int) (v string, end int) {
	if i >= len(s) || s[i] != ' ' {
		return "", 0
	}
	i++
	if i < len(s) && s[i] == '"' {
		end := closingQuote(s, i+1, '"', 0)
		if end >= len(s) || s[end] != '"' {
			return "", 0
		}
		return s[i+1 : end], end + 1
	}
	n := 0
	for i+n < len(s) && s[i+n] > ' ' && s[i+n] != '"' && s[i+n] != '\'' && s[i+n] != '\\' && !strings.HasPrefix(s[i+n:], ";]") {
		n++
	}
	if n == 0 {
		return "", 0
	}
	return s[i : i+n], i + n
}

// blanksEnd is where white space ends that begins at i; it may be escaped.
func blanksEnd(s string, i int) int {
	for i < len(s) {
		switch {
		case s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r':
			i++
		case s[i] == '\\':
			rest := strings.TrimLeft(s[i:], `\`)
			if rest == "" || strings.IndexByte("ntr", rest[0]) < 0 {
				return i
			}
			i = len(s) - len(rest) + 1
		default:
			return i
		}
	}
	return i
}
