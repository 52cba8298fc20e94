package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scrubber finds the secrets of one text. The text may have several lines and
// may be of any format, whole or cut: each rule needs no more than what stands
// around the secret.
type scrubber struct {
	s     string
	audit int // where the pairs of audit.log begin, -1 for none
	found []finding
	done  int // bytes of s up to the end of the last finding
	tag   int // the last '<' before the place that is looked at, -1 for none

	headerStop int // the end of the header that was looked at last
	bareFrom   int // the value without quotes that was looked at last
	bareEnd    int
	spent      int // bytes that rules looked at ahead, see ahead
}

// finding is a secret, s[from:to], and what is to stand in its place.
type finding struct {
	from, to int
	mark     string
}

// find reports whether s holds secrets; found has them then, in order. audit is
// the offset of the pairs of an audit message, or -1.
func (c *scrubber) find(s string, audit int) bool {
	*c = scrubber{s: s, audit: audit, found: c.found[:0], tag: -1}
	c.run()
	return len(c.found) > 0
}

// cut marks s[from:to] as a secret, unless it tells nothing; it returns where
// to go on.
func (c *scrubber) cut(from, to int) int { return c.cutAs(from, to, names.Mark) }

func (c *scrubber) cutAs(from, to int, mark string) int {
	if from < c.done || to <= from {
		return max(from, c.done)
	}
	if !names.KeepValue(c.s[from:to]) {
		c.found = append(c.found, finding{from, to, mark})
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
	for _, c := range "=:<>-'(," {
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
			// Behind "\n" of an escaped text a word begins, not with its letter.
			if s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 't' || s[i+1] == 'r') {
				next = i + 2
				word = true
				break
			}
			if s[i] == ' ' && i > 0 && i+1 < len(s) && s[i-1] > ' ' && s[i+1] > ' ' {
				next = c.spoken(i)
			}
			word = !scan.KeyByte[s[i]]
		}
		if next > i+1 {
			word = next >= len(s) || !scan.KeyByte[s[next-1]] || s[next-2] == '\\'
			if next > i+24 { // over what has tags
				if lt := strings.LastIndexByte(s[i:min(next, len(s))], '<'); lt >= 0 {
					c.tag = i + lt
				}
			}
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
			if k := c.hook(i + 3); k > i+3 {
				return k
			}
			return c.userinfo(i + 3)
		}
		if strings.HasPrefix(s[i:], `:\/\/`) { // JSON of PHP
			return c.userinfo(i + 5)
		}
		if i > 0 && scan.IsDigit(s[i-1]) && strings.HasPrefix(s[i:], ":AA") && i+3 < len(s) && strings.IndexByte("EFGH", s[i+3]) >= 0 {
			if k := c.bot(i); k > i {
				return k
			}
		}
		if strings.HasSuffix(s[:i], "thin") {
			if k := strings.IndexByte(s[i:min(i+256, len(s))], '@'); k > 0 {
				if n := strings.IndexByte(s[i:i+k], '/'); n > 0 && !strings.ContainsAny(s[i:i+k], " \n") {
					return c.cut(i+n+1, i+k)
				}
			}
		}
		return c.colon(i)
	case '<':
		c.tag = i
		if i > 2 && s[i-2:i] == "<<" && strings.IndexByte(" \"'", s[i-3]) >= 0 && i+1 < len(s) && s[i+1] == ' ' {
			return c.here(i + 1)
		}
	case '>':
		if i > 0 && s[i-1] == '-' {
			return c.arrow(i)
		}
		if i > 0 && s[i-1] == '<' {
			return c.unequal(i - 1)
		}
		return c.element(i)
	case '-':
		if strings.HasPrefix(s[i:], "-----BEGIN ") {
			return c.pem(i)
		}
		if i == 0 || !scan.KeyByte[s[i-1]] && s[i-1] != '-' {
			return c.option(i)
		}
	case '(':
		if strings.HasSuffix(s[:i], "@tcp") || strings.HasSuffix(s[:i], "@unix") {
			return c.goDriver(i)
		}
		if strings.HasSuffix(s[:i], "simple_bind_s") || strings.HasSuffix(s[:i], "simple_bind") {
			return c.row(i+1, min(i+1024, len(s)), 2, true)
		}
		if k := c.compared(i); k > i {
			return k
		}
		return c.prose(i)
	case '\'':
		return c.prose(i)
	case ',':
		return c.listed(i)
	}
	return i + 1
}

// goDriver cuts the password of "user:password@tcp(host)", at whose bracket i is.
func (c *scrubber) goDriver(i int) int {
	s := c.s
	const longest = 256 // bytes of user and password
	at := strings.LastIndexByte(s[:i], '@')
	from, low := at, max(c.done, at-longest)
	for from > low && s[from-1] > ' ' && strings.IndexByte("\"'`=", s[from-1]) < 0 {
		from--
	}
	if k := strings.IndexByte(s[from:at], ':'); k > 0 {
		c.cut(from+k+1, at)
	}
	return i + 1
}

// nameBefore is the name that ends at i: quotes and blanks behind it passed, and
// the bracket of a parameter like user[password]. quote is the quote behind it
// with its backslashes, "" if there is none.
func nameBefore(s string, i int) (name string, start int, quote string) {
	end := i
	for n := 0; i > 0 && (s[i-1] == ' ' || s[i-1] == '\t' || s[i-1] == '\n' || s[i-1] == '\r') && n < 40; n++ {
		i--
	}
	i = beforeIndex(s, i)
	if i > 0 && s[i-1] == ']' {
		i--
	}
	after := i
	for i > 0 && (s[i-1] == '"' || s[i-1] == '\'') {
		i--
		for i > 0 && s[i-1] == '\\' {
			i--
		}
		if after-i > 8 {
			break
		}
	}
	quote = s[i:after]
	if quote == "" && strings.IndexByte(s[i:end], '\n') >= 0 {
		return "", i, ""
	}
	if quote != "" {
		i = beforeIndex(s, i)
	}
	start = i
	for start > 0 && i-start < 120 && (scan.KeyByte[s[start-1]] || s[start-1] == '-' || s[start-1] == '.' || s[start-1] >= 0x80) {
		start--
	}
	if quote != "" && start < i && start > 0 && s[start-1] == '\\' && strings.IndexByte("ntr", s[start]) >= 0 && strings.IndexByte(quote, '\\') < 0 {
		start++ // of a quote in a text: "…\npassword"
	}
	if quote == "" && start > 0 && s[start-1] == '\\' && start+3 < i && strings.IndexByte("ntr", s[start]) >= 0 && names.IsSecretKey(s[start+1:i]) {
		start++ // behind an escaped line break
	}
	if start > 0 && s[start-1] == '#' && strings.HasPrefix(s[start:i], "011") { // rsyslog's tab
		start += 3
	}
	for start < i && s[start] == '-' { // of --password=x, of an added value
		start++
	}
	if scan.FoldEqual(s[start:i], "passe") && start >= 7 && scan.FoldEqual(s[start-7:start], "mot de ") {
		return "motdepasse", start - 7, quote
	}
	return s[start:i], start, quote
}

// beforeIndex goes over the place in a list that ends at i: password[0], token[].
func beforeIndex(s string, i int) int {
	if i == 0 || s[i-1] != ']' {
		return i
	}
	j := i - 1
	for j > 0 && scan.IsDigit(s[j-1]) {
		j--
	}
	if j > 1 && s[j-1] == '[' && scan.KeyByte[s[j-2]] {
		return j - 1
	}
	return i
}

// assign looks at "name=value", "name = value", "name => value", "name='value'".
func (c *scrubber) assign(i int) int {
	s := c.s
	if i > 0 && strings.IndexByte("=!<>", s[i-1]) >= 0 {
		if s[i-1] == '!' {
			return c.unequal(i - 1)
		}
		return i + 1
	}
	from := i + 1
	if from < len(s) && s[from] == '=' {
		if _, n := quoteAt(s, from+1); n == 0 && !bareBehind(s, from+1) {
			return i + 1
		}
		from++
	}
	name, start, quote := nameBefore(s, i)
	if !names.IsSecretKey(name) {
		switch {
		case scan.FoldEqual(name, "id") && c.inSession(start), scan.FoldEqual(name, "value") && c.inNamedTag(i):
			return c.value(from, name, "")
		case name == "cred" && start > 0 && s[start-1] == ' ' && start+len(name) == i:
			return c.value(from, name, "")
		case name == "resp" && start > 0 && (s[start-1] == '\t' || escapedBreak(s, start)): // Dovecot's auth_debug_passwords
			return c.value(from, name, "")
		case names.URLSecret(name) && start+len(name) == i && start > 0 && (s[start-1] == '?' || s[start-1] == '&' || s[start-1] == ';'):
			return c.parameter(from, len(name) < 5 && name[0]|0x20 != 'c' && !scan.FoldEqual(name, "sig"))
		}
		return i + 1
	}
	spaced := i > start+len(name)+len(quote)
	if scan.FoldEqual(name, "session") && spaced || !shortPlace(s, start, name) || ownPWD(s, name, from) {
		return i + 1
	}
	if c.audit >= 0 && start >= c.audit {
		return c.cut(i+1, i+1+auditValueLen(s[i+1:]))
	}
	if spaced && start > 0 && s[start-1] == ' ' && (blankRest(s[from:]) || quote == "" && c.sentence(start, from)) {
		return i + 1
	}
	if from < len(s) && s[from] == '>' { // of Ruby, Perl and PHP
		from++
	}
	blank := from
	for from < len(s) && (s[from] == ' ' || s[from] == '\t') {
		from++
	}
	if from > blank && !spaced && s[blank-1] != '>' && c.unvalued(from) {
		return blank
	}
	return c.named(from, name, quote, '=')
}

// bareBehind reports whether a value that is no word stands at i: behind "==",
// which compares, if nothing tells otherwise.
func bareBehind(s string, i int) bool {
	v := s[i : i+bareLen(s[i:])]
	return len(v) > 3 && !names.PlainWord(v) && strings.IndexByte(v, '(') < 0 && strings.IndexByte(v, '.') < 0
}

// named cuts the value of a secret name that starts at from, by the form that
// values of this name have. by is the sign between them.
func (c *scrubber) named(from int, name, quote string, by byte) int {
	_, n := quoteAt(c.s, from)
	switch {
	case n > 0:
	case names.IsHeaderName(name) && c.s[from:] != "" && c.s[from] == '[' && jsonArray(c.s[from:]):
		return c.container(from, false)
	case names.IsCookieName(name):
		return c.cookies(from, names.IsSetCookie(name))
	case names.IsAuthorization(name):
		return c.authorization(from, by)
	}
	return c.value(from, name, quote)
}

func blankRest(s string) bool {
	s = scan.TrimSpaces(s)
	return s == "" || s[0] == '\n' || s[0] == '\r'
}

// sentence reports whether "… password = easy" is a sentence: a word before, and
// a word behind.
func (c *scrubber) sentence(start, from int) bool {
	s := c.s
	before := strings.TrimRight(s[:start], " ")
	before = before[strings.LastIndexAny(before, " =:\n")+1:]
	v := scan.TrimSpaces(s[from:])
	v = v[:bareLen(v)]
	return len(before) > 1 && scan.IsWord(before) && before[0] >= 'a' && scan.IsWord(v) && names.PlainWord(v)
}

// unvalued reports whether "name= …" has no value: another name follows, or a
// sentence.
func (c *scrubber) unvalued(from int) bool {
	s := c.s
	if from >= len(s) || strings.IndexByte(",;)]}|&\n\r", s[from]) >= 0 || strings.HasPrefix(s[from:], "- ") {
		return true
	}
	n := 0
	for from+n < len(s) && (scan.KeyByte[s[from+n]] || s[from+n] == '-' || s[from+n] == '.') {
		n++
	}
	if n > 0 && from+n < len(s) && (s[from+n] == '=' && (from+n+1 < len(s) && s[from+n+1] > ' ' && s[from+n+1] != '=') || s[from+n] == ':') {
		return true
	}
	return c.prosaic(from)
}

// shortPlace reports whether a short name stands where the filter looks for it.
func shortPlace(s string, start int, name string) bool {
	if n := len(name); n >= 2 && scan.FoldEqual(name[n-2:], "pw") {
		return names.Has(longPW, name) || pwPlace(s, start+n)
	}
	if len(name) != 3 {
		return true
	}
	if scan.FoldEqual(name, "jwt") {
		return start == 0 || strings.IndexByte(shortBefore+"_-.", scan.LowerByte[s[start-1]]) >= 0
	}
	return start == 0 || strings.IndexByte(shortBefore, s[start-1]) >= 0 || escapedBreak(s, start) || scan.FoldEqual(name, "pwd") && strings.IndexByte(pwdBefore, s[start-1]) >= 0
}

// longPW end in pw and are found as wholes.
var longPW = names.NewWords(map[string]bool{"bindpw": true, "rootpw": true, "adminpw": true, "olcrootpw": true, "ldapbindpw": true})

// escapedBreak reports whether an escaped white space stands before i.
func escapedBreak(s string, i int) bool {
	return i > 1 && s[i-2] == '\\' && strings.IndexByte("ntr", s[i-1]) >= 0 || i > 3 && s[i-4:i] == "#011"
}

// ownPWD reports whether the value at from is the working directory that sudo
// tells, whatever it is: "PWD=unknown ; USER=root".
func ownPWD(s, name string, from int) bool {
	if name != "PWD" {
		return false
	}
	rest := s[from:min(len(s), from+512)]
	k := strings.Index(rest, " ; ")
	return k >= 0 && strings.HasPrefix(rest[k+3:], "USER=")
}
