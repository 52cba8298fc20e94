package person

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// address is one that stands in a text: s[from:at] is its local part, s[domain:end]
// its domain. Between them stands an at sign, as such or escaped.
type address struct{ from, at, domain, end int }

// replaceAddresses replaces the local part of every address in a text but those
// of the system and message-ids, which join hosts. field says that s is the value
// of a field, which may begin with an address.
func (p *Persons) replaceAddresses(s string, field bool) string {
	var b []byte
	done := 0
	for i := 0; i < len(s); {
		a, ok := p.nextAddress(s, i, field)
		if !ok {
			break
		}
		i = a.end
		if a.from < done || p.isMessageID(s, a.from, a.end) {
			continue
		}
		name := p.by.local(s[a.from:a.at])
		if name == s[a.from:a.at] {
			continue
		}
		b = append(append(b, s[done:a.from]...), name...)
		b = append(append(b, s[a.at:a.domain]...), strings.ToLower(s[a.domain:a.end])...)
		done = a.end
	}
	if b == nil {
		return s
	}
	return p.arena.Copy(string(append(b, s[done:]...)))
}

// nameAttributes are those whose value is a name: of a directory, and of programs
// that say who a user is. Behind the first of them ": " may stand too.
var nameAttributes = [...]string{"uid", "samaccountname", "memberuid", "userid", "username", "cn", "sn", "givenname", "displayname", "user", "sasl_username", "login", "account"}

// colonAttributes is how many of them stand in LDIF.
const colonAttributes = 5

// noNames are values of name attributes that are no person's: entries of a
// directory's own, and answers.
var noNames = map[string]bool{
	"config": true, "admins": true, "default": true, "schema": true, "monitor": true, "accesslog": true, "subschema": true, "servers": true, "cos": true, "groups": true,
	"true": true, "false": true, "yes": true, "no": true, "ok": true, "success": true, "failed": true, "active": true, "locked": true, "null": true, "recipients": true,
	"lost+found": true, "conf": true, "people": true, "users": true, "module": true, "backends": true, "log": true, "time": true, "threads": true, "connections": true,
}

// replaceAttributes replaces the names in names of directories and in filters:
// uid=ivanov,ou=people,… and (uid=ivanov).
func (p *Persons) replaceAttributes(s string) string {
	var b []byte
	done := 0
	for i := 0; i < len(s); i++ {
		j := strings.IndexAny(s[i:], "=:")
		if j < 0 {
			break
		}
		i += j
		if s[i] == ':' && (i+1 == len(s) || s[i+1] != ' ') {
			continue
		}
		attribute := nameAttribute(strings.TrimRight(s[:i], " "))
		if attribute == "" || s[i] == ':' && !slices.Contains(nameAttributes[:colonAttributes], attribute) {
			continue
		}
		from := i + 1
		for from < len(s) && strings.IndexByte(" *\\\"'[<", s[from]) >= 0 {
			from++
		}
		n := from
		for n < len(s) && isLocalByte(s[n]) && s[n] != '+' {
			n++
		}
		name := s[from:n]
		if name == "" || scan.Number(name) == name || n < len(s) && strings.IndexByte(",)\"'; +\\\n*&]>|", s[n]) < 0 || noNames[strings.ToLower(name)] {
			continue
		}
		if attribute == "cn" && !personCN(s, n, name) {
			continue
		}
		if attribute == "displayname" && n < len(s) && s[n] == ' ' { // of several words, see Persons.Names
			continue
		}
		b = append(append(b, s[done:from]...), p.by.local(name)...)
		done = n
	}
	if b == nil {
		return s
	}
	return p.arena.Copy(string(append(b, s[done:]...)))
}

// nameAttribute is the name attribute that s ends with, "" if none.
func nameAttribute(s string) string {
	for _, a := range nameAttributes {
		if n := len(s) - len(a); n >= 0 && scan.FoldEqual(s[n:], a) && (n == 0 || !scan.IsNameByte(s[n-1]) || s[n-1] == '.') {
			return a
		}
	}
	return ""
}

// personCN reports whether name, which ends at end, is a person's: a filter asks
// for it, or it stands among people; entries of the directory's own, hosts and
// certificates have a common name too.
func personCN(s string, end int, name string) bool {
	if strings.IndexByte(name, '.') >= 0 || len(name) < 3 {
		return false
	}
	rest := s[end:]
	if rest == "" || rest[0] == '\n' || rest[0] == ')' || rest[0] == '*' {
		return true
	}
	for _, ou := range [...]string{",ou=people", ",ou=users", ",ou=accounts", ",ou=staff"} {
		if scan.FoldPrefix(rest, ou) {
			return true
		}
	}
	return false
}

// replaceHomes replaces the names in paths of homes.
func (p *Persons) replaceHomes(s string) string {
	var b []byte
	done := 0
	for i := 0; ; {
		j := strings.Index(s[i:], "/home/")
		if j < 0 {
			break
		}
		from := i + j + len("/home/")
		i = from
		if from < len(s) && s[from] == '~' {
			from++
		}
		n := localLen(s[from:])
		name := s[from : from+n]
		if len(name) < 3 || noNames[name] || scan.Number(name) == name || from+n < len(s) && strings.IndexByte("/ ?\"'\n;,)]", s[from+n]) < 0 || isFileName(name) {
			continue
		}
		b = append(append(b, s[done:from]...), p.by.local(name)...)
		done, i = from+n, from+n
	}
	if b == nil {
		return s
	}
	return p.arena.Copy(string(append(b, s[done:]...)))
}

// isFileName reports whether name ends like the name of a file.
func isFileName(name string) bool {
	k := strings.LastIndexByte(name, '.')
	return k > 0 && len(name)-k <= 5
}

// atSigns are the ways in which an at sign is written.
var atSigns = [...]string{"@", "%40", "%2540", "%252540", "&#64;", "&#064;", "&#x40;", "&commat;", "\uff20", `\u0040`, `\x40`}

func atSign(s string) int {
	for _, a := range atSigns {
		if strings.HasPrefix(s, a) {
			return len(a)
		}
	}
	return 0
}

// nextAddress finds the next address from i on.
func (p *Persons) nextAddress(s string, i int, field bool) (a address, ok bool) {
	for start := i; i < len(s); {
		j := strings.IndexAny(s[i:], "@%&\\\uff20")
		if j < 0 {
			break
		}
		i += j
		n := atSign(s[i:])
		if n == 0 {
			i++
			continue
		}
		a.at, a.domain = i, i+n
		i = a.domain
		a.end = domainEnd(s, a.domain)
		if a.end == a.domain || a.end < len(s) && s[a.end] == '_' {
			continue
		}
		if next := a.end + localLen(s[a.end:]); n == 1 && next < len(s) && s[next] == '@' { // a source route
			continue
		}
		if a.from = p.known(s, start, a.at, localStart(s, start, a.at, field)); a.from < a.at {
			return a, true
		}
	}
	return a, false
}

// known is where the local part starts that ends at i: from, unless a field told
// a longer one, with signs that a text does not show to be of it.
func (p *Persons) known(s string, low, i, from int) int {
	for _, name := range p.Names {
		n := i - len(name)
		if n >= low && n < from && strings.ContainsAny(name, "=/#!$&*?^{|}%'`") && strings.EqualFold(s[n:i], name) && (n == 0 || !scan.IsNameByte(s[n-1])) {
			from = n
		}
	}
	return from
}

// localStart is where the local part starts that ends at i. It may hold more
// signs than a word where it is sure to begin: behind '<', at the start of a
// field, and where its form says that it holds another address.
func localStart(s string, low, i int, field bool) int {
	if i > low && s[i-1] == '"' {
		if from := quotedLocal(s, low, i); from < i {
			return from
		}
	}
	from := i
	for from > low && (isLocalByte(s[from-1]) || s[from-1] == '@' && from < i && from-1 > low && isLocalByte(s[from-2])) {
		from-- // over a further '@' too, as in a source route
	}
	wide := from
	for wide > low && (isLocalByte(s[wide-1]) || strings.IndexByte("=/#!$&*?^{|}%'`", s[wide-1]) >= 0) {
		wide--
	}
	if wide > low && s[wide-1] == ' ' { // of X.400: "/C=RU/A= /S=ivanov/"
		k := strings.LastIndexByte(s[low:wide], '<') + 1 + low
		if t := s[k:wide]; (k > low || field) && t[0] == '/' && len(t) < 120 && strings.IndexByte(t, '=') > 0 && !strings.ContainsAny(t, ">\n@") {
			wide = k
		}
	}
	if wide < from && (wide > low && s[wide-1] == '<' || field && (wide == 0 || wide > 2 && s[wide-2:wide] == ", ")) {
		return wide
	}
	packed := from
	for packed > low && (isLocalByte(s[packed-1]) || s[packed-1] == '=') {
		packed--
	}
	for k := strings.IndexByte(s[packed:i], '='); k >= 0 && isPersonName(s[packed:packed+k]); k = strings.IndexByte(s[packed:i], '=') {
		packed += k + 1
	}
	if k := strings.IndexByte(s[packed:i], '='); k >= 0 && packed < from && (packed == 0 || s[packed-1] != '@') && isPacked(s[packed:packed+k], s[packed+k+1:i]) {
		from = packed
	}
	if n := from - 1; n > low && s[n] == '%' && strings.IndexByte(s[from:i], '.') > 0 && isLocalByte(s[n-1]) { // user%domain@relay
		for from = n; from > low && isLocalByte(s[from-1]); from-- {
		}
	}
	if n := from - len("#ext#"); from == i && n > low && scan.FoldEqual(s[n:i], "#ext#") { // a guest of Azure's directory
		for from = n; from > low && isLocalByte(s[from-1]); from-- {
		}
	}
	for from < i && (s[from] == '.' || s[from] == '-' || s[from] == '\'') {
		from++
	}
	return from
}

// isPersonName reports whether name=ivanov@example.org is the value of a name.
func isPersonName(name string) bool {
	return name == "" || IsPersonKey(name) || scan.FoldEqual(name, "name") || scan.FoldEqual(name, "aname")
}

// isPacked reports whether name=rest is the local part of an address that holds
// another one, and no name with an address as its value: SRS, BATV, VERP
// ("bounce-ivanov=example.org@…").
func isPacked(name, rest string) bool {
	if name == "" || rest == "" {
		return false
	}
	if strings.IndexByte(rest, '=') >= 0 || scan.FoldEqual(name, "prvs") || scan.FoldPrefix(name, "srs0") || scan.FoldPrefix(name, "srs1") || strings.IndexByte(name, '+') >= 0 {
		return true
	}
	top := rest[strings.LastIndexByte(rest, '.')+1:]
	return len(top) < len(rest) && (len(top) == 2 && scan.IsWord(top) || topDomains[strings.ToLower(top)])
}

// topDomains are those of more than two letters that a packed address is known
// by.
var topDomains = map[string]bool{"com": true, "org": true, "net": true, "edu": true, "gov": true, "info": true, "biz": true, "mil": true, "int": true, "test": true, "local": true}

// quotedLocal is where the quotes open that close at i-1: "ivanov i"@example.org;
// i if they do not.
func quotedLocal(s string, low, i int) int {
	end := i - 1
	for end > low && s[end-1] == '\\' {
		end--
	}
	q := strings.LastIndexByte(s[max(low, end-64):end], '"')
	if q < 0 {
		return i
	}
	from := max(low, end-64) + q
	if name := s[from+1 : end]; name == "" || strings.ContainsAny(name, "\n:,{}") {
		return i
	}
	for from > low && s[from-1] == '\\' {
		from--
	}
	if from > 0 && (isLocalByte(s[from-1]) || s[from-1] == '@') {
		return i
	}
	return from
}

func localLen(s string) int {
	n := 0
	for n < len(s) && isLocalByte(s[n]) {
		n++
	}
	return n
}

func isLocalByte(c byte) bool {
	return scan.KeyByte[c] || c == '.' || c == '-' || c == '+' || c == '~' || c >= 0x80
}

// domainEnd is where the domain ends that starts at i: labels with dots, the
// last of letters, or an address in brackets. It is i if there is none.
func domainEnd(s string, i int) int {
	if i < len(s) && s[i] == '[' {
		n := strings.IndexByte(s[i:min(len(s), i+60)], ']')
		if n < 3 || !strings.ContainsAny(s[i:i+n], ".:") || strings.IndexByte(s[i:i+n], ' ') >= 0 {
			return i
		}
		return i + n + 1
	}
	end := i
	for end < len(s) && (scan.KeyByte[s[end]] && s[end] != '_' || s[end] == '-' || s[end] == '.' || s[end] >= 0x80) {
		end++
	}
	for end > i && (s[end-1] == '.' || s[end-1] == '-') {
		end--
	}
	last := s[i:end]
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last == "" || scan.IsDigit(last[0]) {
		return i
	}
	return end
}

// isMessageID reports whether the address at s[from:end] is the identifier of a
// mail: by the name before it, or because the parser took it for one.
func (p *Persons) isMessageID(s string, from, end int) bool {
	for _, id := range p.KeepIDs {
		if len(id) > 2 && strings.Contains(id, s[from:end]) {
			return true
		}
	}
	if strings.Contains(s[from:end], ".JavaMail.") {
		return true
	}
	head := s[max(0, from-200):from]
	head = strings.TrimRight(head, `<"' =:\>`)
	if i := strings.LastIndexByte(head, '<'); i >= 0 && strings.HasPrefix(s[end:], ">") && strings.IndexByte(head[i:], ' ') < 0 && strings.IndexByte(head[i:], '@') < 0 {
		head = strings.TrimRight(head[:i], `"' =:\`) // other signs than those of an address before it
	}
	for _, n := range [...]string{"message-id", "msgid", "message_id", "messageid", "in-reply-to", "references"} {
		if len(head) >= len(n) && scan.FoldEqual(head[len(head)-len(n):], n) {
			return true
		}
	}
	return false
}
