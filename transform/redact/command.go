package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// tool is a program whose arguments hold secrets.
type tool struct {
	flags   string          // single letters whose argument is a password: -p x, -px
	plain   string          // letters without an argument, which may stand before those in one option: -xw x
	cookies string          // letters whose argument is cookies: curl's -b
	only    string          // the first argument that makes it one with a password, "" for any
	joined  bool            // only joined to it: mysql's -px
	pair    string          // options whose argument is user:password
	words   map[string]int  // its commands, and which of their arguments is the password
	attrs   bool            // arguments are names of attributes and their values
	once    bool            // what follows its password is another command
	every   bool            // all of its arguments but those with '=' are passwords
	nth     int             // which of its arguments is the password, from 1
	other   map[string]bool // further options whose argument is a password
}

// provWords are zmprov's commands with a password.
var provWords = map[string]int{
	"sp": 2, "setPassword": 2, "ca": 2, "createAccount": 2, "cps": 2, "checkPasswordStrength": 2, "ccr": 2, "createCalendarResource": 2, "aa": 0, "cds": 0,
}

var (
	provTool   = tool{flags: "p", words: provWords, attrs: true}
	zimbraPW   = tool{flags: "p"}
	ldapTool   = tool{flags: "w", plain: "cnvxMCAuZLFtTRQINV"}
	mysqlTool  = tool{flags: "p", plain: "BCEfGHiLNnqrstvw", joined: true, words: map[string]int{"password": 1}}
	mongoTool  = tool{flags: "p"}
	wordTool   = tool{attrs: true}
	snmpTool   = tool{other: map[string]bool{"-A": true, "-X": true, "-c": true}}
	dockerTool = tool{flags: "p", only: "login"}
)

// tools are the programs by their names.
var tools = map[string]*tool{
	"zmprov": &provTool, "zmmailbox": &zimbraPW, "zmsoap": &zimbraPW, "zmldappasswd": {nth: 1}, "zmmypasswd": {nth: 1}, "zmmysqlpasswd": {nth: 1}, "zmldapinit": {every: true},
	"ldapsearch": &ldapTool, "ldapmodify": &ldapTool, "ldapadd": &ldapTool, "ldapdelete": &ldapTool, "ldapwhoami": &ldapTool, "ldapcompare": &ldapTool,
	"ldapmodrdn": &ldapTool, "ldapexop": &ldapTool, "ldappasswd": {flags: "wsa"}, "slappasswd": {flags: "s"},
	"mysql": &mysqlTool, "mysqldump": &mysqlTool, "mysqladmin": &mysqlTool, "mysqlcheck": &mysqlTool, "mysqlimport": &mysqlTool, "mysqlshow": &mysqlTool,
	"mariadb": &mysqlTool,
	"curl":    {pair: "uU", cookies: "b", plain: "sSkvLfiIgGanNqOJR0146#", other: map[string]bool{"--user": true, "--proxy-user": true, "--cert": true, "-E": true}},
	"mongo":   &mongoTool, "openssl": {other: map[string]bool{"-k": true, "-K": true, "-psk": true, "-salt": true}, words: map[string]int{"passwd": 1}}, "vault": {words: map[string]int{"login": 1}, other: map[string]bool{}},
	"rpcclient": {pair: "U"}, "winexe": {pair: "U"}, "snmpwalk": &snmpTool, "snmpget": &snmpTool, "snmpset": &snmpTool, "snmpbulkwalk": &snmpTool,
	"sshpass": {flags: "p", once: true}, "redis": {flags: "a"}, "mongosh": &mongoTool, "mongodump": &mongoTool, "mongorestore": &mongoTool,
	"rabbitmqctl": {words: map[string]int{"change_password": 2, "add_user": 2, "authenticate_user": 2}}, "smbclient": {pair: "U"}, "lftp": {pair: "u"},
	"swaks": {other: map[string]bool{"-ap": true, "--ap": true}}, "htpasswd": {nth: 3}, "testsaslauthd": {flags: "p"}, "usermod": {flags: "p"}, "useradd": {flags: "p"},
	"doveadm": {flags: "p", words: map[string]int{"test": 2, "login": 2}}, "docker": &dockerTool, "podman": &dockerTool, "zxsuite": &wordTool, "carbonio": &wordTool, "aws": &wordTool,
}

// toolShape tells which lengths the names of tools have that start with a letter,
// a bit a length.
var toolShape = func() (t [256]uint32) {
	for name := range tools {
		t[name[0]] |= 1 << len(name)
	}
	return t
}()

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
	for end < len(s) && s[end] > ' ' && strings.IndexByte(`;|)"'`+"`", s[end]) < 0 && !escapedEnd(s[end:]) {
		end++
	}
	for _, sign := range [...]string{"</", "&lt;"} { // of what the command stands in
		if k := strings.Index(s[i:end+min(1, len(s)-end)], sign); k > 0 {
			end = i + k
		}
	}
	if end > i+1 && s[end-1] == ',' && (end == len(s) || s[end] <= ' ') {
		end--
	}
	return i, end, end > i
}

// escapedEnd reports whether s begins with what ends a command in a text of JSON:
// an escaped quote or line break.
func escapedEnd(s string) bool {
	if s[0] != '\\' {
		return false
	}
	s = strings.TrimLeft(s, `\`)
	return s != "" && strings.IndexByte(`"'nr`, s[0]) >= 0
}

// next is where the argument behind the one that ends at end may begin.
func nextArg(s string, end int) int {
	if end < len(s) && (s[end] == '"' || s[end] == '\'') {
		return end + 1
	}
	return end
}

// shell looks at the arguments of a tool from i on.
func (c *scrubber) shell(i int, t *tool) int {
	s := c.s
	for i < len(s) && (s[i] == '"' || s[i] == '\'') { // "mysql" -p…
		i++
	}
	if strings.HasPrefix(s[i:], "-dump ") || strings.HasPrefix(s[i:], "-admin ") || strings.HasPrefix(s[i:], "-cli ") {
		i += strings.IndexByte(s[i:], ' ')
	}
	if i >= len(s) || s[i] != ' ' && s[i] != '\t' && s[i] != ',' {
		return i
	}
	first := i
	if from, end, ok := arg(s, i); t.only != "" && (!ok || s[from:end] != t.only) {
		return i
	}
	left := -1 // arguments up to the password, -1 if none is to come
	args := 0
	stop := first + c.ahead(4096, 128)
	defer func() { c.spent += min(i, len(s)) - first }()
	for {
		from, end, ok := arg(s, i)
		if !ok || end > stop {
			break
		}
		w := s[from:end]
		i = nextArg(s, end)
		if i > end && s[from-1] != s[end] && w[len(w)-1] != '=' && !(len(w) == 2 && w[0] == '-') {
			i = len(s) // the quote ends the text that the command stands in
		}
		n, known := t.words[w]
		switch {
		case left == 1 && (w[0] != '-' || t.other == nil):
			c.cut(from, end)
			left = -1
			continue
		case left > 1:
			left--
		case len(w) > 1 && w[0] == '-':
			i = c.optionOf(t, from, end, i)
			if t.once && c.done >= first {
				return max(first, c.done)
			}
			continue
		case known && n > 0:
			left = n
		case t.attrs && strings.IndexByte(w, '=') < 0 && names.IsSecretKey(strings.TrimLeft(w, "+-")) && !scan.FoldPrefix(w, "check"):
			if from, end, ok := arg(s, i); ok && (t != &wordTool || !names.PlainWord(s[from:end]) && s[from] != '-') {
				c.cut(from, end)
				i = nextArg(s, end)
			}
		}
		if args++; args == t.nth || t.every && strings.IndexByte(w, '=') < 0 && !names.PlainWord(w) {
			c.cut(from, end)
		}
	}
	return max(first, c.done) // what is left may be for other rules
}

// optionOf looks at the option s[from:end] of a tool, whose argument may begin
// at next; it returns where the next argument begins.
func (c *scrubber) optionOf(t *tool, from, end, next int) int {
	s := c.s
	w := s[from:end]
	if strings.HasPrefix(w, "--") {
		k := strings.IndexByte(w, '=')
		name := w
		if k > 0 {
			name = w[:k]
		}
		if t.other[name] {
			pair := t.pair != ""
			if k > 0 && pair {
				c.cutPair(from+k+1, end)
				return next
			}
			return c.argument(next, pair)
		}
		if name == "--cookie" && k < 0 {
			return c.cookieArgument(next)
		}
		if !names.IsSecretKey(strings.TrimLeft(name, "-")) {
			return next
		}
		if k > 0 {
			if inside, stop, after := quoted(s, from+k+1); after > 0 { // --password='x'
				return nextArg(s, c.cut(inside, stop))
			}
			if from+k+1 == end && end < len(s) && (s[end] == '"' || s[end] == '\'') {
				inside, stop, _ := quoted(s, end)
				return nextArg(s, c.cut(inside, stop))
			}
			c.cut(from+k+1, end)
			return next
		}
		return c.argument(next, false)
	}
	if t.other[w] {
		return c.argument(next, w == "-E")
	}
	if strings.IndexByte(t.cookies, w[1]) >= 0 && len(w) == 2 {
		return c.cookieArgument(next)
	}
	at := 1 // of the letter that counts
	for at+1 < len(w) && strings.IndexByte(t.plain, w[at]) >= 0 {
		at++
	}
	from += at - 1
	w = w[at-1:]
	letter := string(w[1])
	switch {
	case len(w) == 2 && strings.Contains(t.pair, letter), strings.Contains(t.pair, letter) && strings.IndexAny(w, ":%,") > 0:
		if len(w) == 2 {
			return c.argument(next, true)
		}
		c.cutPair(from+2, end)
	case !strings.Contains(t.flags, letter):
	case len(w) > 2:
		c.cut(from+2, end)
	case end < len(s) && (s[end] == '"' || s[end] == '\''): // -p'x'
		inside, stop, _ := quoted(s, end)
		return nextArg(s, c.cut(inside, stop))
	case !t.joined:
		return c.argument(next, false)
	}
	return next
}

// argument cuts the argument at i, or the password of a pair.
func (c *scrubber) argument(i int, pair bool) int {
	from, end, ok := arg(c.s, i)
	if !ok {
		return i
	}
	if pair {
		c.cutPair(from, end)
	} else {
		c.cut(from, end)
	}
	return nextArg(c.s, end)
}

// cookieArgument cuts the values of the cookies that are the argument at i.
func (c *scrubber) cookieArgument(i int) int {
	from, end, ok := arg(c.s, i)
	if !ok || strings.IndexByte(c.s[from:end], '=') < 0 { // a file
		return i
	}
	for i = from; i < end; {
		stop := end
		if k := strings.IndexByte(c.s[i:end], ';'); k >= 0 {
			stop = i + k
		}
		if k := strings.IndexByte(c.s[i:stop], '='); k >= 0 {
			c.cut(i+k+1, stop)
		}
		i = stop + 1
	}
	return nextArg(c.s, end)
}

// cutPair cuts the password of "user:password".
func (c *scrubber) cutPair(from, end int) {
	if k := strings.IndexAny(c.s[from:end], ":%,"); k >= 0 {
		c.cut(from+k+1, end)
	}
}

// option looks at an option of any program that starts at i: --auth-password x,
// -storepass x. Those with '=' are for assign.
func (c *scrubber) option(i int) int {
	s := c.s
	from := i
	if k := c.letter(i); k > i {
		return k
	}
	for from < len(s) && from < i+2 && s[from] == '-' {
		from++
	}
	end := from
	for end < len(s) && end-from < 40 && (scan.KeyByte[s[end]] || s[end] == '-') {
		end++
	}
	if end-from < 4 || end+1 >= len(s) || s[end] != ' ' || !names.IsSecretKey(s[from:end]) || names.IsCookieName(s[from:end]) {
		return i + 1
	}
	vf, ve, ok := arg(s, end)
	if !ok || s[vf] == '-' {
		return i + 1
	}
	if from == i+1 && names.PlainWord(s[vf:ve]) && s[vf-1] == ' ' { // a dash in a sentence
		return i + 1
	}
	for _, p := range [...]string{"pass:", "plain:"} { // openssl's -passin pass:x
		if strings.HasPrefix(s[vf:ve], p) {
			vf += len(p)
		}
	}
	return c.cut(vf, ve)
}
