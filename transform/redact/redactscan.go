package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scrubber replaces the secrets of one text by ***. The text may have several
// lines and may be of any format, whole or cut: each rule needs no more than
// what stands around the secret.
type scrubber struct {
	s     string
	audit int // where the pairs of audit.log begin, -1 for none
	out   []byte
	done  int // bytes of s that out has
}

// scrub appends s without its secrets to dst; false if there are none, then
// nothing is appended. audit is the offset of the pairs of an audit message,
// or -1.
func scrub(dst []byte, s string, audit int) ([]byte, bool) {
	c := scrubber{s: s, audit: audit, out: dst}
	c.run()
	if c.done == 0 {
		return dst, false
	}
	return append(c.out, s[c.done:]...), true
}

// cut replaces s[from:to], unless it tells nothing; it returns where to go on.
func (c *scrubber) cut(from, to int) int {
	if from < c.done || to <= from {
		return max(from, c.done)
	}
	if !keepValue(c.s[from:to]) {
		c.out = append(append(c.out, c.s[c.done:from]...), Mark...)
		c.done = to
	}
	return to
}

// scrubClass says which rule looks at a byte.
var scrubClass = func() (t [256]uint8) {
	for i := range t {
		if isWordByte(byte(i)) {
			t[i] = 1
		}
	}
	for _, c := range "=:>;-'(" {
		t[c] = 2
	}
	return t
}()

func isWordByte(c byte) bool { return scan.KeyByte[c] && c != '_' && !scan.IsDigit(c) }

func (c *scrubber) run() {
	s := c.s
	word := true // a word may begin here
	for i := 0; i < len(s); {
		next := i + 1
		switch scrubClass[s[i]] {
		case 1:
			if word {
				next = c.word(i)
			}
			word = false
		case 2:
			next = c.separator(i)
			word = true
		default:
			if s[i] == '_' && strings.HasPrefix(s[i:], "_69643d") {
				next = c.zimbraToken(i)
			}
			word = !scan.KeyByte[s[i]]
		}
		if next > i+1 {
			word = next >= len(s) || !scan.KeyByte[s[next-1]]
		}
		i = max(next, i+1)
	}
}

func (c *scrubber) separator(i int) int {
	s := c.s
	switch s[i] {
	case '=':
		return c.assign(i)
	case ':':
		if strings.HasPrefix(s[i:], "://") {
			return c.userinfo(i + 3)
		}
		if strings.HasPrefix(s[i:], `:\/\/`) { // JSON of PHP
			return c.userinfo(i + 5)
		}
		return c.colon(i)
	case '>':
		return c.element(i, "<", ">")
	case ';':
		if strings.HasSuffix(s[:i], "&gt") {
			return c.element(i, "&lt;", "&gt;")
		}
	case '-':
		if strings.HasPrefix(s[i:], "-----BEGIN ") {
			return c.pem(i)
		}
	case '(', '\'':
		return c.prose(i)
	}
	return i + 1
}

// nameBefore is the name that ends at i, quotes and blanks behind it passed;
// quoted tells that there were quotes.
func nameBefore(s string, i int) (name string, start int, quoted bool) {
	for n := 0; i > 0 && s[i-1] == ' ' && n < 8; n++ {
		i--
	}
	if i > 0 && (s[i-1] == '"' || s[i-1] == '\'') {
		quoted = true
		i--
		for i > 0 && s[i-1] == '\\' {
			i--
		}
	}
	start = i
	for start > 0 && i-start < 120 && (scan.KeyByte[s[start-1]] || s[start-1] == '-' || s[start-1] == '.') {
		start--
	}
	for start < i && s[start] == '-' { // of --password=x, of an added value
		start++
	}
	return s[start:i], start, quoted
}

// assign looks at "name=value", "name = value", "name='value'".
func (c *scrubber) assign(i int) int {
	s := c.s
	if i+1 < len(s) && s[i+1] == '=' || i > 0 && strings.IndexByte("=!<>", s[i-1]) >= 0 {
		return i + 1
	}
	name, start, _ := nameBefore(s, i)
	if !isSecretKey(name) {
		if scan.FoldEqual(name, "id") && inSession(s[:start]) {
			return c.value(i+1, name)
		}
		return i + 1
	}
	if scan.FoldEqual(name, "session") && s[i-1] == ' ' || !pwdPlace(s, start, name) {
		return i + 1
	}
	if c.audit >= 0 && start >= c.audit {
		return c.cut(i+1, i+1+auditValueLen(s[i+1:]))
	}
	if start > 0 && s[start-1] == ' ' && i > start+len(name) && strings.TrimRight(s[i+1:], " ") == "" {
		return i + 1
	}
	from := i + 1
	if from < len(s) && s[from] == ' ' && s[i-1] == ' ' { // "name = value"
		from += len(s[from:]) - len(scan.TrimSpaces(s[from:]))
	}
	if scan.FoldEqual(name, "cookie") {
		return c.cookies(from, false)
	}
	return c.value(from, name)
}

// pwdPlace reports whether pwd, if that is the name, stands where the filter
// looks for it.
func pwdPlace(s string, start int, name string) bool {
	return start == 0 || len(name) != 3 || strings.IndexByte(pwdBefore, s[start-1]) >= 0
}

// inSession reports whether s ends inside of the tag of an element session.
func inSession(s string) bool {
	i := strings.LastIndexByte(s[max(0, len(s)-120):], '<')
	if i < 0 {
		return false
	}
	tag := s[max(0, len(s)-120)+i+1:]
	if strings.IndexByte(tag, '>') >= 0 {
		return false
	}
	if j := strings.IndexByte(tag, ':'); j >= 0 && j < 12 {
		tag = tag[j+1:]
	}
	return scan.FoldPrefix(tag, "session")
}

// auditValueLen is the length of the value of an audited attribute: up to the
// single ';' behind which the message ends or another pair starts. Text behind
// a ';' that some version did not double belongs to the value.
func auditValueLen(s string) int {
	for i := 0; ; {
		j := strings.IndexByte(s[i:], ';')
		if j < 0 {
			return len(s)
		}
		i += j
		switch rest := s[i+1:]; {
		case rest == "" || rest == "\r" || rest[0] == '\n':
			return i
		case rest[0] == ';':
			i += 2
			continue
		default:
			if n := scan.AttributeLen(strings.TrimPrefix(rest, " ")); n > 0 {
				return i
			}
		}
		i++
	}
}

// value cuts the value that starts at from: quoted, or up to what ends a value
// in a URL, a list or a sentence.
func (c *scrubber) value(from int, name string) int {
	s := c.s
	if from >= len(s) {
		return from
	}
	if q, n := quoteAt(s, from); n > 0 {
		end := closingQuote(s, from+n, q, n-1)
		return c.cut(from+n, end)
	}
	if s[from] == '{' || s[from] == '[' {
		if end := closed(s, from); end > 0 && keepValue(s[from:end]) {
			return end
		}
		if s[from] == '{' {
			return from
		}
	}
	end := from + bareLen(s[from:])
	if end < len(s) && s[end] == '(' {
		return from // PASSWORD('x') of SQL
	}
	if k := strings.IndexByte(s[from:end], '?'); k > 0 && len(name) > 9 && scan.FoldEqual(name[len(name)-9:], "sessionid") {
		end = from + k // of the path, the query follows
	}
	if scheme := authScheme(s[from:end]); scheme && end < len(s) && s[end] == ' ' {
		from, end = end+1, end+1+bareLen(s[end+1:])
	}
	v := s[from:end]
	if strings.HasPrefix(v, "0x") && len(v) < 6 {
		return end
	}
	return c.cut(from, end)
}

// closed is where the bracket that opens at i is closed within a short text,
// or 0.
func closed(s string, i int) int {
	if j := strings.IndexAny(s[i:min(len(s), i+16)], "]}"); j >= 0 {
		return i + j + 1
	}
	return 0
}

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
	if strings.HasPrefix(s[i:], "&quot;") {
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

func lineEnd(s string, i int) int {
	if j := strings.IndexByte(s[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(s)
}

// bareLen is the length of a value without quotes. A comma ends it only where a
// further pair or a blank follows.
func bareLen(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n', '"', '\'', '&', ';', ')', ']', '}', '>', '<', '\\', '`':
			return i
		case '(':
			if i+1 < len(s) && (s[i+1] == '\'' || s[i+1] == '"') {
				return i
			}
		case ',':
			rest := s[i+1:]
			if rest == "" || rest[0] <= ' ' || rest[0] == '"' || rest[0] == '\'' || rest[0] == '{' || rest[0] == '\\' {
				return i
			}
			if k := scan.KeyLen(rest); k > 0 && k < len(rest) && (rest[k] == '=' || rest[k] == ':') {
				return i
			}
		}
	}
	return len(s)
}

// userinfo looks at the authority of a URL that starts at i: "user:password@host".
func (c *scrubber) userinfo(i int) int {
	s := c.s
	end := i
	for end < len(s) && end < i+512 && s[end] > ' ' && strings.IndexByte(`/?#"<>\'`, s[end]) < 0 {
		end++
	}
	at := strings.LastIndexByte(s[i:end], '@')
	if at < 0 {
		return i
	}
	colon := strings.IndexByte(s[i:i+at], ':')
	if colon < 0 {
		return i
	}
	return c.cut(i+colon+1, i+at)
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
