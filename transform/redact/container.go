package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// jsonArray reports whether an array of values starts here, not a bracket of a
// sentence.
func jsonArray(s string) bool {
	s = strings.TrimLeft(s[1:], " \\\r\n\t")
	return s != "" && (s[0] == '"' || s[0] == '{' || s[0] == '\'' || s[0] == '[')
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
		if quote == "" || !scan.FoldEqual(key, "n") && !scan.FoldEqual(key, "name") && !scan.FoldEqual(key, "key") && !scan.FoldEqual(key, "id") && !scan.FoldEqual(key, "param") {
			continue
		}
		from := i + 1
		for from < len(s) && s[from] == ' ' {
			from++
		}
		if inside, end, after := quoted(s, from); after > 0 && names.IsSecretKey(s[inside:end]) {
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
	if n > 1 && secretMember(*key, session) && !names.HarmlessValue("token", v) && !plainKey(v) && (*key == "" || scan.Number(v) != v || names.IsSecretKey(*key) || *key == "value") {
		return max(c.cut(j, j+n), j+n)
	}
	return j + n
}

// secretMember reports whether the value of this key in a secret container is
// a secret.
func secretMember(key string, session bool) bool {
	if session {
		return key == "" || key == "_content" || key == "id" || names.IsSecretKey(key)
	}
	end, _ := names.LastSecretWord(key)
	return !names.Has(openMembers, key) && (end < 0 || names.IsSecretKey(key))
}

// openMembers of a secret that is an object say something on it.
var openMembers = names.NewWords(map[string]bool{
	"type": true, "kind": true, "name": true, "user": true, "username": true, "login": true, "email": true, "account": true, "id": true, "scope": true,
	"scopes": true, "expires": true, "expires_in": true, "expiresin": true, "expires_at": true, "expiresat": true, "exp": true, "iat": true, "nbf": true,
	"lifetime": true, "created": true, "algorithm": true, "alg": true, "realm": true, "issuer": true, "iss": true, "aud": true, "audience": true, "sub": true,
	"host": true, "url": true, "uri": true, "path": true, "status": true, "state": true, "message": true, "error": true, "code": true, "provider": true,
	"length": true, "valid": true, "rule": true, "field": true, "count": true, "mode": true, "namespace": true, "version": true, "by": true, "encoding": true,
})

// plainKey reports whether a text inside of a container is the name of a
// schema rather than a value: "urn:zimbraAccount".
func plainKey(s string) bool { return strings.HasPrefix(s, "urn:") }
