package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// tokenForms are the beginnings of tokens that say by themselves what they are,
// as their makers chose them so that they can be found, and how many signs
// follow at least. In lower case; the filter finds them behind tokenBefore.
var tokenForms = [...]struct {
	text string
	more int
}{
	{"ghp_", 30},
	{"gho_", 30},
	{"ghu_", 30},
	{"ghs_", 30},
	{"ghr_", 30},
	{"github_pat_", 20},
	{"glpat-", 16},
	{"xoxb-", 20},
	{"xoxp-", 20},
	{"xoxa-", 20},
	{"xoxr-", 20},
	{"xoxs-", 20},
	{"xapp-", 20},
	{"akia", 16},
	{"sk_live_", 16},
	{"rk_live_", 16},
	{"aiza", 30},
	{"npm_", 30},
	{"ya29.", 20},
	{"dop_v1_", 30},
}

// tokenBefore may stand before a token.
const tokenBefore = " =:\"'/@,;([{<>&?|\t\n"

// tokenShape says with which letters tokens begin.
var tokenShape = func() (t [256]bool) {
	for _, f := range tokenForms {
		t[f.text[0]], t[f.text[0]&^0x20] = true, true
	}
	return t
}()

// formed looks at a token that begins at i. It returns i if there is none.
func (c *scrubber) formed(i int) int {
	s := c.s
	if i > 0 && strings.IndexByte(tokenBefore, scan.LowerByte[s[i-1]]) < 0 {
		return i
	}
	for _, f := range tokenForms {
		if !scan.FoldPrefix(s[i:], f.text) || i == 0 && !startsToken(s) {
			continue
		}
		end := i + len(f.text)
		for end < len(s) && (scan.KeyByte[s[end]] || s[end] == '-' || s[end] == '.' && end+1 < len(s) && scan.KeyByte[s[end+1]]) {
			end++
		}
		v := s[i:end]
		if len(v) < len(f.text)+f.more || !strings.ContainsAny(v[len(f.text):], "0123456789") {
			continue
		}
		if f.more == 16 && len(f.text) == 4 && (len(v) != 20 || strings.ToUpper(v) != v) {
			continue
		}
		return c.cut(i, end)
	}
	return i
}

// startsToken reports whether a text begins as a token does.
func startsToken(s string) bool {
	for _, f := range tokenForms {
		if scan.FoldPrefix(s, f.text) {
			return true
		}
	}
	return false
}

// bot looks at the token of a bot of Telegram's, "123456789:AA…", at whose colon
// i is. It returns i if there is none.
func (c *scrubber) bot(i int) int {
	s := c.s
	start := i
	for start > 0 && scan.IsDigit(s[start-1]) {
		start--
	}
	end := i + 1
	for end < len(s) && (scan.KeyByte[s[end]] || s[end] == '-') {
		end++
	}
	if i-start < 8 || end-i < 33 {
		return i
	}
	return c.cut(start, end)
}

// hookPaths are what stands in the URLs of services that take a message from
// whoever knows the rest.
var hookPaths = [...]string{"hooks.slack.com/services/", "/api/webhooks/"}

// hook looks at the path of such a URL that starts at i, and cuts its last part.
func (c *scrubber) hook(i int) int {
	s := c.s
	end := i
	for end < len(s) && end < i+200 && (scan.KeyByte[s[end]] || strings.IndexByte("./:-?=", s[end]) >= 0) {
		end++
	}
	for _, p := range hookPaths {
		k := foldIndexIn(s, p, i, end)
		if k < 0 {
			continue
		}
		from := k + len(p)
		for n := strings.IndexByte(s[from:end], '/'); n >= 0; n = strings.IndexByte(s[from:end], '/') {
			from += n + 1
		}
		if n := valueLen(s[from:end]); n >= 16 {
			return c.cut(from, from+n)
		}
	}
	return i
}
