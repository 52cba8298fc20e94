package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// spoken looks at a value behind a blank at i that has no sign before it: what
// looks like a password is one behind "password", "token is", "password for ann
// set to", and in quotes or not behind the name in a configuration: "bindpw x".
func (c *scrubber) spoken(i int) int {
	s := c.s
	from := i + 1
	inside, end, after := quoted(s, from)
	if after == 0 {
		inside, end = from, from+bareLen(s[from:])
	}
	v := s[inside:end]
	if after == 0 {
		v = strings.TrimRight(v, ".,:!?")
	}
	if !names.Strong(v) && (after == 0 || !mixed(v)) || !c.said(i) {
		return i + 1
	}
	return c.cut(inside, inside+len(v))
}

// fillers may stand between a secret's name and the secret itself.
var fillers = names.NewWords(map[string]bool{
	"is": true, "was": true, "to": true, "set": true, "changed": true, "now": true, "as": true, "be": true, "reset": true, "from": true, "like": true, "=": true,
	"generated": true, "updated": true,
})

// said reports whether the words before the blank at i name a secret.
func (c *scrubber) said(i int) bool {
	s := c.s
	told := false // a verb stands between
	for range 6 {
		name, start, quote := nameBefore(s, i)
		if name == "" {
			return false
		}
		if i-start > len(name)+len(quote) && s[i-1] != ' ' {
			return false
		}
		if phrase(s, start, name) {
			return true
		}
		if names.IsSecretKey(name) && len(name) < 40 && shortPlace(s, start, name) && !names.IsHeaderName(name) && !scan.FoldEqual(name, "session") {
			return len(name) > 3 || spokenPlace(s, start, name)
		}
		if start == 0 || s[start-1] != ' ' {
			return false
		}
		i = start - 1
		if names.Has(fillers, name) {
			told = true
			continue
		}
		before, at, _ := nameBefore(s, i)
		if !told || !scan.FoldEqual(before, "for") && !scan.FoldEqual(before, "of") || at == 0 || s[at-1] != ' ' {
			return false
		}
		i = at - 1
	}
	return false
}

// spokenPlace reports whether the filter finds a name of two or three letters
// that a blank follows.
func spokenPlace(s string, start int, name string) bool {
	end := start + len(name)
	for i := range edgedTriggers {
		t := &edgedTriggers[i]
		if len(t.text) == len(name) && scan.FoldEqual(name, t.text) && t.fits(s, start) {
			return true
		}
	}
	return start == 0 && startsShort(s) && end < len(s)
}

// strongBehind reports whether one of the three words behind i is a password by
// its look.
func strongBehind(s string, i int) bool {
	for range 3 {
		for i < len(s) && (s[i] == ' ' || s[i] == '\'' || s[i] == '"') {
			i++
		}
		n := bareLen(s[i:])
		if n == 0 {
			return false
		}
		if names.Strong(strings.TrimRight(s[i:i+n], ".,:!?")) {
			return true
		}
		i += n
	}
	return false
}

// phrases are names of secrets in two words; the filter knows each.
var phrases = [...]string{
	"api key", "secret key", "your code", "access key", "session key", "signing key", "encryption key", "shared key", "auth key", "master key",
	"verification code", "otp code", "pin code", "security code", "one-time code", "sms code", "confirmation code", "recovery code", "activation code", "backup code",
}

// phrase reports whether the word name at start ends one of phrases.
func phrase(s string, start int, name string) bool {
	if len(name) < 3 || len(name) > 4 || start < 4 || name[0]|0x20 != 'k' && name[0]|0x20 != 'c' {
		return false
	}
	end := start + len(name)
	for _, p := range phrases {
		if k := end - len(p); k >= 0 && scan.FoldEqual(s[k:end], p) {
			return true
		}
	}
	return false
}

// saidFor reports whether "password for " stands before the name at start.
func (c *scrubber) saidFor(start int) bool {
	s := c.s
	if start < 5 || s[start-1] != ' ' {
		return false
	}
	before, at, _ := nameBefore(s, start-1)
	if !scan.FoldEqual(before, "for") && !scan.FoldEqual(before, "of") || at == 0 || s[at-1] != ' ' {
		return false
	}
	name, at, _ := nameBefore(s, at-1)
	return len(name) > 4 && names.IsSecretKey(name) && shortPlace(s, at, name)
}

// phrased looks at "API key: x" and "verification code: 123456", the value of
// which starts at from.
func (c *scrubber) phrased(from int) int {
	s := c.s
	inside, end, after := quoted(s, from)
	if after == 0 {
		inside, end = from, from+bareLen(s[from:])
	}
	v := strings.TrimRight(s[inside:end], ".,:!?")
	if mixed(v) || len(v) >= 6 && scan.Number(v) == v {
		return c.cut(inside, inside+len(v))
	}
	return from
}
