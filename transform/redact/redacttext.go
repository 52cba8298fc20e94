package redact

import (
	"strings"

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
	if n < 4 || after >= len(s) {
		return after
	}
	switch scan.LowerByte[w[0]] {
	case 'b', 'n':
		if authScheme(w) {
			return c.schemeValue(after)
		}
	case 'l':
		if w == "LOGIN" && (c.spaced(i) || quoteBefore(s, i)) {
			return c.login(i, after)
		}
		if ldapCommands[w] && i > 0 && (s[i-1] == '/' || s[i-1] == ' ') {
			return c.shell(after, "w", false)
		}
	case 'p':
		if w == "PASS" && (i == 0 || s[i-1] == '\n' || quoteBefore(s, i)) {
			return c.command(i)
		}
		if w == "PLAIN" && c.spaced(i) && after < len(s) && s[after] == ' ' {
			return c.schemeValue(after)
		}
		if w == "password" && strings.HasSuffix(s[:i], "given ") && strings.HasPrefix(s[after:], ": ") {
			return c.given(after + len(": "))
		}
		if w == "password" || w == "passwd" {
			return c.prose(after)
		}
	case 'd', 'u':
		return c.saslResponse(i, after)
	case 'x':
		if scan.FoldEqual(w, "xoauth2") {
			return c.schemeValue(after)
		}
	case 'z':
		switch w {
		case "zmsoap", "zmmailbox":
			if i > 0 && (s[i-1] == '/' || s[i-1] == ' ') {
				return c.shell(after, "p", false)
			}
		case "zmprov":
			return c.shell(after, "p", true)
		}
	case 'm':
		if (w == "mysql" || w == "mysqldump" || w == "mysqladmin") && s[after] == ' ' {
			return c.mysql(after)
		}
	case 'c':
		if w == "curl" && s[after] == ' ' {
			return c.curl(after)
		}
	case 'i':
		if scan.FoldEqual(w, "identified") && scan.FoldPrefix(s[after:], " by ") {
			return c.prose(after + 3)
		}
	}
	return after
}

func (c *scrubber) spaced(i int) bool { return i > 0 && c.s[i-1] == ' ' }

func quoteBefore(s string, i int) bool { return i > 0 && (s[i-1] == '"' || s[i-1] == '\'') }

// jwt looks at a JSON Web Token: two texts in base64url or more, with dots
// between them (RFC 7519).
func (c *scrubber) jwt(i int) int {
	s := c.s
	dots, end := 0, i
	for end < len(s) && (scan.KeyByte[s[end]] || s[end] == '-' || s[end] == '.' && end+1 < len(s) && (scan.KeyByte[s[end+1]] || s[end+1] == '.')) {
		if s[end] == '.' {
			dots++
		}
		end++
	}
	if !knownJWT(s[i:end]) || dots == 0 || end-i < 20 || strings.IndexByte(s[i:end], '.') < 10 {
		return end
	}
	return c.cut(i, end)
}

// knownJWT reports whether s starts as a token whose header starts with one of
// the usual parameters (RFC 7515 section 4.1): the filter knows these.
func knownJWT(s string) bool {
	for _, t := range filterTriggers {
		if t[0] == 'e' && strings.HasPrefix(t, "eyj") && scan.FoldPrefix(s, t) {
			return true
		}
	}
	return false
}

// ldapCommands are OpenLDAP's tools that take a password by -w.
var ldapCommands = map[string]bool{
	"ldapsearch": true, "ldapmodify": true, "ldappasswd": true, "ldapadd": true, "ldapdelete": true, "ldapwhoami": true,
}

// authScheme reports whether v is a scheme of HTTP authentication whose
// parameter gives access (RFC 9110 section 11.4).
func authScheme(v string) bool {
	return scan.FoldEqual(v, "bearer") || scan.FoldEqual(v, "basic") || scan.FoldEqual(v, "negotiate") || scan.FoldEqual(v, "ntlm") || scan.FoldEqual(v, "zmauth")
}

// schemeValue cuts what stands behind a scheme, if it looks like no word.
func (c *scrubber) schemeValue(i int) int {
	s := c.s
	if i >= len(s) || s[i] != ' ' {
		return i
	}
	n := bareLen(s[i+1:])
	v := strings.TrimRight(s[i+1:i+1+n], ".:")
	if len(v) < 8 || plainWord(v) || strings.IndexByte(v, '=') > 0 && strings.IndexByte(strings.TrimRight(v, "="), '=') > 0 {
		return i + 1
	}
	return c.cut(i+1, i+1+len(v))
}

// authorization cuts the value of the header: all but the scheme.
func (c *scrubber) authorization(i int) int {
	s := c.s
	end := lineEnd(s, i)
	if k := strings.IndexAny(s[i:end], `"'\]`); k >= 0 && !scan.FoldPrefix(s[i:], "digest") {
		end = i + k
	}
	if sp := strings.IndexByte(s[i:end], ' '); sp > 0 && (authScheme(s[i:i+sp]) || scan.FoldEqual(s[i:i+sp], "digest")) {
		return c.cut(i+sp+1, max(i+sp+1, i+sp+1+len(strings.TrimRight(s[i+sp+1:end], " \r"))))
	}
	return c.cut(i, i+bareLen(s[i:end]))
}

// cookies cuts the values of a Cookie header; of Set-Cookie the first only, as
// the rest are attributes.
func (c *scrubber) cookies(i int, set bool) int {
	s := c.s
	for i < len(s) {
		n := 0
		for i+n < len(s) && s[i+n] > ' ' && s[i+n] < 0x7f && strings.IndexByte(`=;,"'\()[]{}<>`, s[i+n]) < 0 {
			n++
		}
		if n == 0 || i+n >= len(s) || s[i+n] != '=' {
			return i + n
		}
		from := i + n + 1
		end := from
		if q, k := quoteAt(s, from); k > 0 && q == '"' && closingQuote(s, from+k, q, k-1)+k <= lineEnd(s, from) {
			end = closingQuote(s, from+k, q, k-1) + k
		} else {
			for end < len(s) && s[end] > ' ' && strings.IndexByte(`;"'\,)]}>`, s[end]) < 0 {
				end++
			}
		}
		end = min(end, len(s))
		i = c.cut(from, end)
		if set || i >= len(s) || s[i] != ';' {
			return i
		}
		for i < len(s) && (s[i] == ';' || s[i] == ' ') {
			i++
		}
	}
	return i
}

// command looks at a line of POP3: "PASS secret", which may hold blanks.
func (c *scrubber) command(i int) int {
	s := c.s
	rest, ok := strings.CutPrefix(s[i:], "PASS ")
	if !ok {
		return i
	}
	if strings.HasPrefix(rest, "NEW [") || strings.HasPrefix(rest, "OLD [") {
		return i // postscreen lets a client pass
	}
	from, end := i+len("PASS "), lineEnd(s, i)
	if k := strings.IndexAny(rest[:end-from], `"'\`); k >= 0 && quoteBefore(s, i) {
		end = from + k
	}
	return c.cut(from, max(from, from+len(strings.TrimRight(s[from:end], " \r"))))
}

// login looks at IMAP's "tag LOGIN user password" (RFC 9051 section 6.2.3) and
// at "AUTH LOGIN base64". What ends otherwise is a sentence.
func (c *scrubber) login(at, i int) int {
	s := c.s
	if strings.HasSuffix(s[:at], "AUTH ") || strings.HasSuffix(s[:at], "AUTHENTICATE ") {
		return c.schemeValue(i)
	}
	user, k := astring(s, i)
	if k == 0 {
		return i
	}
	pass, m := astring(s, k)
	if m == 0 {
		return i
	}
	rest := strings.TrimLeft(s[m:], " \r\"'\\])>")
	if rest != "" && rest[0] != '\n' {
		return i
	}
	quoted := s[k-1] == '"' || s[m-1] == '"' && s[m-1-len(pass)-1] == '"'
	if !quoted && (strings.IndexByte(strings.TrimRight(pass, "="), '=') >= 0 || !taggedBefore(s, at)) || user == "" {
		return i
	}
	if s[m-1] == '"' && m-2-len(pass) >= 0 && s[m-2-len(pass)] == '"' {
		return c.cut(m-1-len(pass), m-1)
	}
	return c.cut(m-len(pass), m)
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
	for i+n < len(s) && s[i+n] > ' ' && s[i+n] != '"' && s[i+n] != '\'' {
		n++
	}
	if n == 0 {
		return "", 0
	}
	return s[i : i+n], i + n
}

// prose looks at a quoted text behind the word password, at i: "password 'x'",
// "PASSWORD('x')", "identified by 'x'"; and at "ldap_bind password x".
func (c *scrubber) prose(i int) int {
	s := c.s
	from := i
	if from < len(s) && s[from] == '(' || from < len(s) && s[from] == '\'' {
		if from < 8 || !scan.FoldEqual(s[from-8:from], "password") || s[from] == '\'' {
			return i + 1
		}
		from++
	} else {
		if from >= len(s) || s[from] != ' ' {
			return i
		}
		from++
		if strings.HasSuffix(s[:i], "ldap_bind password") || i > 10 && (strings.HasSuffix(s[:i], "--password") || strings.HasSuffix(s[:i], "--passwd")) {
			return c.cut(from, from+bareLen(s[from:]))
		}
	}
	if q, n := quoteAt(s, from); n > 0 && q != '&' {
		end := closingQuote(s, from+n, q, n-1)
		if end < len(s) && end-from < 256 {
			return c.cut(from+n, end)
		}
	}
	return from
}

// arg reads the next argument of a command line.
func arg(s string, i int) (from, end int, ok bool) {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if i >= len(s) || strings.IndexByte(";|)\n\r", s[i]) >= 0 {
		return i, i, false
	}
	if s[i] == '"' || s[i] == '\'' {
		end = closingQuote(s, i+1, s[i], 0)
		return i + 1, end, end > i+1
	}
	end = i
	for end < len(s) && s[end] > ' ' && strings.IndexByte(`;|)"'`+"`", s[end]) < 0 {
		end++
	}
	return i, end, end > i
}

// next is where the argument behind the one that ends at end may begin.
func nextArg(s string, end int) int {
	if end < len(s) && (s[end] == '"' || s[end] == '\'') {
		return end + 1
	}
	return end
}

// passwordCommands of zmprov, and which of their arguments is the password.
var passwordCommands = map[string]int{
	"sp": 2, "setPassword": 2, "ca": 2, "createAccount": 2, "cps": 2, "checkPasswordStrength": 2, "aa": 0, "cds": 0,
}

// shell looks at the arguments of one of Zimbra's and LDAP's commands from i
// on: the value of the option opt, and with prov those of zmprov's commands.
func (c *scrubber) shell(i int, opt string, prov bool) int {
	s := c.s
	if i >= len(s) || s[i] != ' ' {
		return i
	}
	first := i
	left := -1 // arguments up to the password, -1 if none is to come
	for {
		from, end, ok := arg(s, i)
		if !ok || end-first > 4096 {
			return max(first, c.done) // what is left may be for other rules
		}
		w := s[from:end]
		i = nextArg(s, end)
		switch n, known := passwordCommands[w]; {
		case left == 1:
			c.cut(from, end)
			left = -1
		case left > 1:
			left--
		case w == "-"+opt || w == "--password":
			if from, end, ok := arg(s, i); ok {
				c.cut(from, end)
				i = nextArg(s, end)
			}
		case strings.HasPrefix(w, "--") && strings.IndexByte(w, '=') > 0:
			if k := strings.IndexByte(w, '='); isSecretKey(strings.TrimLeft(w[:k], "-")) {
				c.cut(from+k+1, end)
			}
		case prov && known && n > 0:
			left = n
		case prov && strings.IndexByte(w, '=') < 0 && isSecretKey(strings.TrimLeft(w, "+-")) && !scan.FoldPrefix(w, "check"):
			if from, end, ok := arg(s, i); ok {
				c.cut(from, end)
				i = nextArg(s, end)
			}
		}
	}
}

// mysql looks at the arguments of mysql, mysqldump and mysqladmin: "-pSECRET",
// "--password=SECRET".
func (c *scrubber) mysql(i int) int {
	s := c.s
	first := i
	for n := 0; n < 40; n++ {
		from, end, ok := arg(s, i)
		if !ok {
			break
		}
		if w := s[from:end]; len(w) > 2 && w[:2] == "-p" {
			c.cut(from+2, end)
		} else if rest, ok := strings.CutPrefix(w, "--password="); ok {
			c.cut(end-len(rest), end)
		}
		i = nextArg(s, end)
	}
	return max(first, c.done)
}

// curl looks at "-u user:password" and at headers given with -H, which the other
// rules know.
func (c *scrubber) curl(i int) int {
	s := c.s
	first := i
	for n := 0; n < 40; n++ {
		from, end, ok := arg(s, i)
		if !ok {
			break
		}
		i = nextArg(s, end)
		if w := s[from:end]; w == "-u" || w == "--user" {
			if from, end, ok := arg(s, i); ok {
				if k := strings.IndexByte(s[from:end], ':'); k >= 0 {
					return c.cut(from+k+1, end)
				}
			}
		}
	}
	return max(first, c.done)
}
