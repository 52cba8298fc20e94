package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// prefixLen is the length of what stands before a quote and says of what kind a
// text is: b'x', E'x', _utf8'x', $'x', @"x".
func prefixLen(s string) int {
	n := 0
	if s != "" && (s[0] == '$' || s[0] == '@') {
		n = 1
	} else {
		for n < 2 && n < len(s) && strings.IndexByte("bBuUrRfFeEnNxX&", s[n]) >= 0 {
			n++
		}
		if strings.HasPrefix(s, "_utf8") {
			n = len("_utf8")
			if strings.HasPrefix(s[5:], "mb4") {
				n += 3
			}
		}
	}
	if n == 0 || n >= len(s) {
		return 0
	}
	_, k := quoteAt(s, n)
	if k == 0 || n+k >= len(s) || strings.IndexByte(",:;}])> \n\r", s[n+k]) >= 0 {
		return 0 // the quote ends a text in which a short value stands
	}
	return n
}

// quoted finds the text in quotes that starts at i: s[inside:end], and where to
// go on after it, 0 if no quote stands there.
func quoted(s string, i int) (inside, end, after int) {
	q, n := quoteAt(s, i)
	if n == 0 {
		for _, p := range quotePairs {
			if strings.HasPrefix(s[i:], p[0]) {
				inside = i + len(p[0])
				stop := lineEnd(s, inside)
				if k := strings.Index(s[inside:stop], p[1]); k >= 0 {
					return inside, inside + k, inside + k + len(p[1])
				}
				return inside, stop, stop
			}
		}
		return 0, 0, 0
	}
	open := s[i : i+n]
	rest := s[i+n:]
	// Python's """x""" and CSV's ""x"" begin with what else is an empty text.
	if strings.HasPrefix(rest, open) {
		more := rest[n:]
		switch {
		case strings.HasPrefix(more, open):
			inside = i + 3*n
			if k := strings.Index(s[inside:], open+open+open); k >= 0 {
				return inside, inside + k, inside + k + 3*n
			}
			return inside, len(s), len(s)
		case more != "" && strings.IndexByte(" ,;:}])>\n\r\t&\\", more[0]) < 0:
			inside = i + 2*n
			if k := strings.Index(more[:lineEnd(more, 0)], open+open); k > 0 {
				return inside, inside + k, inside + k + 2*n
			}
			if k := bareLen(more); k > 3 && (inside+k == len(s) || s[inside+k] <= ' ') { // an empty text and more, for a shell
				return inside, inside + k, inside + k
			}
		}
	}
	end = closingQuote(s, i+n, q, n-1)
	return i + n, end, max(end, min(len(s), end+1))
}

// quotePairs are the quotes of typography, and of shells.
var quotePairs = [...][2]string{{"`", "`"}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "’"}, {"‹", "›"}}

// quoteAt reports the quote that stands at i behind any backslashes; n is its
// length with them, 0 if there is none.
func quoteAt(s string, i int) (q byte, n int) {
	j := i
	for j < len(s) && s[j] == '\\' {
		j++
	}
	if j < len(s) && (s[j] == '"' || s[j] == '\'') {
		return s[j], j - i + 1
	}
	if i <= len(s) && strings.HasPrefix(s[i:], "&quot;") {
		return '&', len("&quot;")
	}
	return 0, 0
}

// closingQuote is where the text ends that a quote behind so many backslashes
// opened before i: at the next one with as many or fewer. A quote that is never
// closed ends with its line.
func closingQuote(s string, i int, q byte, slashes int) int {
	if q == '&' {
		if j := strings.Index(s[i:], "&quot;"); j >= 0 {
			return i + j
		}
		return lineEnd(s, i)
	}
	n := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '\\':
			n++
			continue
		case q:
			if n == 0 && j > i && j+2 < len(s) && s[j+1] == q && scan.KeyByte[s[j+2]] && slashes == 0 && scan.KeyByte[s[j-1]] {
				j++ // doubled, as in SQL
				continue
			}
			if n <= slashes || q == '\'' && n == 0 {
				return j - n
			}
			if n%2 == 0 && slashes == 0 { // backslashes that stand for themselves
				return j
			}
		case '\n':
			return j
		}
		n = 0
	}
	return len(s)
}

// isEscapedQuote reports whether s begins with a quote that a view will show.
func isEscapedQuote(s string) bool {
	if s == "" || strings.IndexByte("&%\\", s[0]) < 0 {
		return false
	}
	for _, q := range [...]string{"&#34;", "&#39;", "&#x22;", "&#x27;", "&amp;", "&apos;", "%22", "%27", "%25", `\x22`, `\x27`, `\u0022`, `\u0027`, `\\`} {
		if strings.HasPrefix(s, q) {
			return true
		}
	}
	return false
}
