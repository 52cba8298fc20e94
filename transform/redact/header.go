package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// authSchemes are the schemes of HTTP authentication that stay in the line, in
// lower case (IANA's registry, and what vendors write).
var authSchemes = names.NewWords(map[string]bool{
	"bearer": true, "basic": true, "negotiate": true, "ntlm": true, "zmauth": true, "digest": true, "token": true, "apikey": true, "api-key": true, "hawk": true,
	"oauth": true, "hoba": true, "mutual": true, "vapid": true, "dpop": true, "gnap": true, "privatetoken": true, "key": true, "jwt": true, "aws": true,
	"sharedkey": true, "sharedkeylite": true, "sharedaccesssignature": true, "signature": true, "concealed": true, "aws4-hmac-sha256": true, "scram-sha-1": true,
	"scram-sha-256": true, "googlelogin": true, "ssws": true, "genie-key": true, "genie": true, "kerberos": true, "wsse": true, "usernametoken": true,
})

func isScheme(w string) bool { return names.Has(authSchemes, w) }

// authScheme reports whether v is a scheme of HTTP authentication that is known
// wherever it stands, by itself, in front of its credential.
func authScheme(v string) bool {
	return scan.FoldEqual(v, "bearer") || scan.FoldEqual(v, "basic") || scan.FoldEqual(v, "negotiate") || scan.FoldEqual(v, "ntlm") || scan.FoldEqual(v, "zmauth")
}

// schemeValue cuts what stands behind a scheme, if it looks like no word.
func (c *scrubber) schemeValue(i int) int {
	s := c.s
	if i >= len(s) || s[i] != ' ' && s[i] != '\t' {
		return i
	}
	if q, n := quoteAt(s, i+1); n > 0 {
		i, _ = i+n, q
	}
	n := bareLen(s[i+1:])
	v := strings.TrimRight(s[i+1:i+1+n], ".:")
	if len(v) < 8 || names.PlainWord(v) || names.Has(mechanisms, v) || strings.IndexByte(v, '=') > 0 && strings.IndexByte(strings.TrimRight(v, "="), '=') > 0 {
		return i + 1
	}
	return c.cut(i+1, i+1+len(v))
}

// authorization cuts the value of the header that starts at i: all but the
// scheme, up to the end of the line, of the brackets or of the quotes that it
// stands in. by is the sign between name and value: behind '=' the value is one
// of a map.
func (c *scrubber) authorization(i int, by byte) int {
	s := c.s
	if i < len(s) && s[i] == '[' {
		i++
		by = '['
	}
	if i >= c.headerStop {
		c.headerStop = headerEnd(s, i)
	}
	end := c.headerStop
	if by != ':' {
		if k := strings.IndexAny(s[i:end], "]}"); k >= 0 {
			end = i + k
		}
	}
	i = min(end, blanksEnd(s, i))
	v := s[i:end]
	k := blankAt(v)
	if k < 0 {
		if isScheme(v) || saysNo(v) {
			return end
		}
		return c.cut(i, i+bareLen(v))
	}
	if !isScheme(v[:k]) {
		switch {
		case saysNo(v):
			return i + k
		case by == '=' && !names.PlainWord(v[:k]):
			return c.cut(i, i+bareLen(v))
		case !names.PlainWord(v[:k]):
			return c.cut(i, i+len(strings.TrimRight(v, " \t\r")))
		}
	}
	for k < len(v) && (v[k] == ' ' || v[k] == '\t' || v[k] == '\r' || v[k] == '\n') {
		k++
	}
	if strings.HasPrefix(v[k:], `\`) {
		k += strings.IndexByte(v[k:], 't') + 1
	}
	v = strings.TrimRight(v, " \t\r")
	if by == '=' && k < len(v) && strings.IndexByte(strings.TrimRight(v[k:k+bareLen(v[k:])], "="), '=') < 0 {
		return c.cut(i+k, i+k+bareLen(v[k:])) // one word, the map goes on
	}
	return c.cut(i+k, max(i+k, i+len(v)))
}

// blankAt is where the first blank of v is, -1 if there is none; a tab may be
// escaped.
func blankAt(v string) int {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case ' ', '\t', '\r', '\n':
			return i
		case '\\':
			if strings.HasPrefix(strings.TrimLeft(v[i:], `\`), "t") {
				return i
			}
		}
	}
	return -1
}

// headerEnd is the end of the header's value at i: of its line, or of the text
// in quotes that it stands in. A quote behind '=' opens a parameter.
func headerEnd(s string, i int) int {
	end := lineEnd(s, i)
	if end+2 < len(s) && (s[end+1] == ' ' || s[end+1] == '\t') && isScheme(strings.Trim(s[i:end], " \t\r")) { // folded
		end = lineEnd(s, end+1)
	}
	for j := i; j < end; j++ {
		switch s[j] {
		case ';':
			if j+1 < end && s[j+1] == ']' { // the end of a context of Zimbra's
				return j
			}
		case '\\':
			if j+1 < end && (s[j+1] == 'n' || s[j+1] == 'r') {
				return j
			}
		case '"', '\'':
			k := j
			for k > i && s[k-1] == '\\' {
				k--
			}
			if k == i || s[k-1] != '=' {
				return k
			}
			q, n := quoteAt(s, k)
			j = closingQuote(s, k+n, q, n-1)
			for j < end && s[j] == '\\' {
				j++
			}
		}
	}
	return end
}

// noWords begin what is said of an authorization, which is no credential.
var noWords = names.NewWords(map[string]bool{
	"denied": true, "granted": true, "failed": true, "failure": true, "ok": true, "required": true, "success": true, "successful": true, "policy": true,
	"rejected": true, "accepted": true, "missing": true, "invalid": true, "expired": true, "not": true, "no": true, "is": true, "was": true, "error": true,
	"none": true, "needed": true, "for": true, "of": true, "user": true, "the": true, "disabled": true, "enabled": true, "unauthorized": true, "forbidden": true,
	"pending": true, "revoked": true, "unknown": true, "header": true, "allowed": true,
})

// saysNo reports whether v is a word or a sentence on authorization.
func saysNo(v string) bool {
	first, rest, more := strings.Cut(v, " ")
	if names.Has(noWords, strings.TrimRight(first, ",.:;")) {
		return true
	}
	if !more {
		return len(v) < 16 && names.PlainWord(v) && v[0] >= 'a' && scan.IsWord(v) && names.Has(noWords, v)
	}
	for w := range strings.FieldsSeq(rest) {
		if !names.PlainWord(w) {
			return false
		}
	}
	return names.PlainWord(first) && strings.Contains(rest, " ")
}

// cookies cuts the values of a Cookie header; of Set-Cookie the first of each
// cookie only, as the rest are attributes. A value goes on over blanks.
func (c *scrubber) cookies(i int, set bool) int {
	s := c.s
	ends := "\"'\\,)]}>"
	if i < len(s) && s[i] == '[' {
		i++
	}
	if i < len(s) && s[i] == '{' && isObject(s[i:]) {
		return c.pairs(i)
	}
	first := i
	for i < len(s) {
		n := 0
		for i+n < len(s) && s[i+n] > ' ' && s[i+n] < 0x7f && strings.IndexByte(`=;,"'\()[]{}<>`, s[i+n]) < 0 {
			n++
		}
		if i+n >= len(s) || s[i+n] != '=' {
			if i == first && n > 0 && (i+n == len(s) || s[i+n] != ' ') && !names.PlainWord(s[i:i+n]) {
				return c.cut(i, i+n) // of a name without a value, or cut
			}
			if i+n < len(s) && s[i+n] == ';' { // a flag
				i += n
			} else if n == 0 || i+n >= len(s) || s[i+n] != ' ' || i == first && !strings.HasPrefix(strings.TrimLeft(s[i+n:], " "), ";") {
				return i + n
			} else if k := strings.IndexAny(s[i+n:lineEnd(s, i)], ends+";"); k >= 0 && s[i+n+k] == ';' {
				i += n + k
			} else {
				return i + n
			}
		} else {
			from := i + n + 1
			i = c.cut(from, cookieEnd(s, from, ends))
		}
		if set && i+1 < len(s) && s[i] == ',' && s[i+1] == ' ' {
			return c.nextSetCookie(i)
		}
		if i >= len(s) || s[i] != ';' {
			return i
		}
		if set {
			return c.nextSetCookie(i)
		}
		for i < len(s) && (s[i] == ';' || s[i] == ' ' || s[i] == '\t') {
			i++
		}
		if i+1 < len(s) && s[i] == '\n' && (s[i+1] == ' ' || s[i+1] == '\t') { // folded
			i += 2
		}
	}
	return i
}

// cookieEnd is where the value of a cookie ends that starts at from.
func cookieEnd(s string, from int, ends string) int {
	stop := lineEnd(s, from)
	if q, k := quoteAt(s, from); k > 0 {
		if end := closingQuote(s, from+k, q, k-1) + k; end <= stop && (q == '"' || end < stop && s[end] == ';') {
			return end
		}
	}
	end := from
	for end < stop && s[end] != ';' {
		if strings.IndexByte("([{<", s[end]) >= 0 {
			if k := closedBefore(s, end, stop); k > 0 {
				end = k
				continue
			}
		}
		if strings.IndexByte(ends, s[end]) >= 0 && (s[end] != ',' || end+1 == stop || s[end+1] <= ' ' || s[end+1] == '"') {
			break
		}
		end++
	}
	return from + len(strings.TrimRight(s[from:end], " \t\r"))
}

// closedBefore is where the brackets end that open at i and behind which a
// further cookie follows, 0 if none does.
func closedBefore(s string, i, stop int) int {
	k := strings.IndexByte(s[i:stop], ';')
	if k < 0 || strings.IndexByte(")]}>", s[i+k-1]) < 0 {
		return 0
	}
	return i + k
}

// nextSetCookie goes on to a further cookie of a list: "a=x; Path=/, b=y".
func (c *scrubber) nextSetCookie(i int) int {
	s := c.s
	stop := lineEnd(s, i)
	if k := strings.IndexAny(s[i:stop], "\"'\\]}"); k >= 0 {
		stop = i + k
	}
	for j := i; j < stop; j++ {
		if s[j] != ',' || j+1 >= stop || s[j+1] != ' ' {
			continue
		}
		n := scan.KeyLen(s[j+2 : stop])
		if n == 0 || j+2+n >= stop || s[j+2+n] != '=' {
			continue
		}
		return c.cookies(j+2, true)
	}
	return i
}

// cookieObject looks at a cookie as programs print it, behind the word at i:
// Cookie[sid=x], Cookies(sid=x), Cookie{name="sid", value="x"}, <Cookie sid=x for h>.
func (c *scrubber) cookieObject(at, i int) int {
	s := c.s
	closing := strings.IndexByte("[({", s[i])
	switch {
	case closing >= 0:
	case s[i] == ' ' && at > 0 && s[at-1] == '<':
		closing = 3
	case s[i] == ' ':
		k := scan.KeyLen(s[i+1:])
		if from := i + 2 + k; k > 0 && from < len(s) && s[from-1] == '=' && !names.Has(cookieParts, s[i+1:i+1+k]) {
			if v := s[from : from+bareLen(s[from:])]; mixed(v) && len(v) > 7 {
				return c.cut(from, from+len(v))
			}
		}
		return i
	default:
		return i
	}
	stop := lineEnd(s, i)
	if k := strings.IndexByte(s[i:stop], "])}>"[closing]); k >= 0 {
		stop = i + k
	}
	for j := i + 1; j < stop; j++ {
		if s[j] != '=' {
			continue
		}
		name := s[i+1 : j]
		name = name[strings.LastIndexAny(name, " ,;[({")+1:]
		if names.Has(cookieParts, name) || name == "" {
			continue
		}
		inside, end, after := quoted(s, j+1)
		if after == 0 {
			inside = j + 1
			end = inside
			for end < stop && strings.IndexByte(" ,;", s[end]) < 0 {
				end++
			}
		}
		j = max(c.cut(inside, min(end, stop)), j)
	}
	return max(i, c.done)
}

// cookieParts of a cookie that is printed are no secrets.
var cookieParts = names.NewWords(map[string]bool{
	"name": true, "domain": true, "path": true, "version": true, "maxage": true, "max-age": true, "max_age": true, "expires": true, "secure": true,
	"httponly": true, "comment": true, "samesite": true, "port": true, "persistent": true, "hostonly": true,
})

// listed looks at a name and its value as members of a list: ["Cookie","a=b"].
func (c *scrubber) listed(i int) int {
	s := c.s
	if i == 0 || s[i-1] != '"' && s[i-1] != '\'' && s[i-1] != ' ' {
		return i + 1
	}
	name, start, quote := nameBefore(s, i)
	if quote == "" || !names.IsSecretKey(name) {
		return i + 1
	}
	open := start - 1
	for open >= 0 && (s[open] == '"' || s[open] == '\'' || s[open] == '\\' || s[open] == ' ') {
		open--
	}
	from := i + 1
	for from < len(s) && s[from] == ' ' {
		from++
	}
	inside, end, after := quoted(s, from)
	if after == 0 || open < 0 {
		return i + 1
	}
	v := s[inside:end]
	pair := (s[open] == '[' || s[open] == '(') && after < len(s) && (s[after] == ']' || s[after] == ')')
	header := names.IsHeaderName(name) || strings.IndexByte(name, '-') >= 0
	if !pair && (!header || strings.IndexByte("[(,", s[open]) < 0) || names.PlainWord(v) || keyLen(v) == len(v) && names.IsSecretKey(v) {
		return i + 1
	}
	return c.cut(inside, end)
}

// parameter cuts the value of a parameter of a URL that is a secret if it looks
// like one: code, sig. loose names say other things too: key, sid.
func (c *scrubber) parameter(from int, loose bool) int {
	if from < c.bareFrom || from >= c.bareEnd { // else it is the rest of that value
		c.bareFrom, c.bareEnd = from, from+bareLen(c.s[from:])
	}
	n := c.bareEnd - from
	v := c.s[from : from+n]
	const looked = 512 // bytes that tell what the value is
	if len(v) < 6 || names.PlainWord(v) || loose && !mixed(v[:min(n, looked)]) || scan.Number(v) == v && len(v) < 9 {
		return from
	}
	return c.cut(from, from+n)
}
