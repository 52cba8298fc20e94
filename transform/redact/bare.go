package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// valueLen is bareLen for a value behind its name: a backslash that begins it,
// and a quote within a word, belong to it.
func valueLen(s string) int {
	n := 0
	if len(s) > 2 && s[0] == '\\' && scan.KeyByte[s[1]] && strings.IndexByte("nrtu", s[1]) < 0 {
		n = 1
	}
	for {
		n += bareLen(s[n:])
		if n == 0 || n+1 >= len(s) || s[n] != '\'' && s[n] != '"' && s[n] != '`' || !scan.KeyByte[s[n-1]] || !scan.KeyByte[s[n+1]] {
			return n
		}
		n++
	}
}

// hashLen is bareLen for a hash: one of crypt(3) has commas and pairs.
func hashLen(s string) int {
	n := bareLen(s)
	if s == "" || s[0] != '$' {
		return n
	}
	for n+1 < len(s) && s[n] == ',' && s[n+1] > ' ' && s[n+1] != '"' && s[n+1] != '\'' {
		n += 1 + bareLen(s[n+1:])
	}
	return n
}

func lineEnd(s string, i int) int {
	if j := strings.IndexByte(s[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(s)
}

// keyLen is the length of the name that s begins with.
func keyLen(s string) int {
	n := 0
	for n < len(s) && (scan.KeyByte[s[n]] || n > 0 && (s[n] == '-' || s[n] == '.')) {
		n++
	}
	return n
}

// bareLen is the length of a value without quotes. A comma ends it only where a
// further pair or a blank follows.
func bareLen(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n', '"', '\'', '&', ';', ')', ']', '}', '>', '<', '\\', '`':
			return i
		case '(':
			if _, n := quoteAt(s, i+1); n > 0 || isEscapedQuote(s[i+1:]) {
				return i
			}
		case ',':
			rest := s[i+1:]
			if rest == "" || rest[0] <= ' ' || rest[0] == '"' || rest[0] == '\'' || rest[0] == '{' || rest[0] == '\\' {
				return i
			}
			rest = strings.TrimPrefix(rest, "+") // a blank of a URL
			if k := keyLen(rest); k > 0 && k < len(rest) && (rest[k] == '=' || rest[k] == ':') {
				return i
			}
		}
	}
	return len(s)
}
