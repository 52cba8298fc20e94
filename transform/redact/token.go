package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

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

// userinfo looks at the authority of a URL that starts at i:
// "user:password@host". What no port begins with is a password, which may hold
// the signs that end an authority; alone, what looks like a token is one.
func (c *scrubber) userinfo(i int) int {
	s := c.s
	end := i
	for end < len(s) && end < i+512 && s[end] > ' ' && strings.IndexByte(`/?#"<>\'`, s[end]) < 0 {
		end++
	}
	at := strings.LastIndexByte(s[i:end], '@')
	colon := strings.IndexByte(s[i:end], ':')
	if at < 0 && colon >= 0 && end < len(s) && end > i+colon+1 && strings.IndexByte("/?#", s[end]) >= 0 && scan.Number(s[i+colon+1:end]) != s[i+colon+1:end] && s[i] != '[' {
		for end < len(s) && end < i+512 && s[end] > ' ' && strings.IndexByte(`"<>\'`, s[end]) < 0 {
			end++
		}
		at = strings.LastIndexByte(s[i:end], '@')
	}
	switch {
	case at < 0:
		return i
	case colon < 0 || colon > at:
		if names.Random(s[i : i+at]) {
			return c.cut(i, i+at)
		}
		return i
	}
	return c.cut(i+colon+1, i+at)
}

// mixed reports whether v is of letters and digits, and of no more than they and
// what base64 has: no path, address or time.
func mixed(v string) bool {
	letters, digits := 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case scan.IsDigit(c):
			digits++
		case isWordByte(c):
			letters++
		case strings.IndexByte("_-+=/%~", c) < 0:
			return false
		}
	}
	return letters > 0 && digits > 0 && len(v) >= 6
}

// zimbraToken looks at a token of Zimbra that stands for itself:
// "0_<digest>_69643d33363a…", which is "id=36:…" in hexadecimal.
func (c *scrubber) zimbraToken(i int) int {
	s := c.s
	start := i
	for start > 0 && scan.IsHexDigit(s[start-1]) {
		start--
	}
	if i-start < 32 || start < 2 || s[start-1] != '_' {
		return i + 1
	}
	for start--; start > 0 && scan.IsDigit(s[start-1]); start-- {
	}
	end := i + 1
	for end < len(s) && scan.IsHexDigit(s[end]) {
		end++
	}
	return c.cut(start, end)
}

// pem looks at the block of a private key; it may run over several lines, or
// stand in one with its line ends escaped.
func (c *scrubber) pem(i int) int {
	s := c.s
	head := s[i:min(len(s), i+64)]
	n := strings.Index(head, "PRIVATE KEY")
	if n < 0 || strings.IndexByte(head[:n], '\n') >= 0 {
		return i + 1
	}
	from := i + n + len("PRIVATE KEY")
	for from < len(s) && s[from] == '-' {
		from++
	}
	end := len(s)
	if j := strings.Index(s[from:], "-----END "); j >= 0 {
		end = from + j
	} else if j := strings.IndexAny(s[from:], `"'`); j >= 0 {
		end = from + j
	}
	return c.cut(from, end)
}
