package person

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Persons replaces the names of persons in texts. It belongs to one Run.
type Persons struct {
	arena   *scan.Arena
	by      *Pseudonyms
	Names   []string // that the event names
	KeepIDs []string // message-ids of the event, which only look like addresses
}

// NewPersons makes a Persons whose texts live in arena. by may be nil: then
// nobody is to be replaced, and no method but Add may be called.
func NewPersons(arena *scan.Arena, by *Pseudonyms) Persons {
	return Persons{arena: arena, by: by}
}

// IsPersonKey reports whether a key of a record, of JSON or of an account names
// a person.
func IsPersonKey(name string) bool {
	if len(name) > 24 {
		return false
	}
	var b [24]byte
	n := 0
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != '_' && c != '-' && c != '.' && c != ' ' {
			b[n] = scan.LowerByte[c]
			n++
		}
	}
	return PersonKeys[string(b[:n])]
}

// IsMessageIDName reports whether a key names a Message-ID, which only looks like
// an address.
func IsMessageIDName(name string) bool {
	n := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return strings.HasSuffix(n, "messageid") || n == "msgid" || n == "inreplyto" || n == "references"
}

// Add notes the names in a field's value: a name, an address, or a list
// of addresses. Of an address the local part may stand alone elsewhere.
func (p *Persons) Add(v string) {
	for v != "" {
		one, rest := v, ""
		if i := strings.IndexByte(v, ','); i > 0 && strings.IndexByte(v, '@') >= 0 {
			one, rest = v[:i], v[i+1:]
		}
		v = rest
		one = strings.Trim(one, " <>\"'")
		if i := strings.LastIndexByte(one, '@'); i > 0 {
			one = one[:i]
		}
		if len(one) < 2 || len(one) > 200 || isSystemName(one) || isPseudonym(one) || slices.Contains(p.Names, one) || len(p.Names) >= 64 {
			continue
		}
		p.Names = append(p.Names, one)
	}
}

// AddJSON notes the values of the keys of a JSON text that name persons,
// display names say, which no field has: texts, lists of them, and those of JSON
// that is the text of a value.
func (p *Persons) AddJSON(s string) {
	if s == "" || s[0] != '{' && s[0] != '[' {
		return
	}
	p.addJSON(s, 0)
}

// sentences are what programs say of a person without a field for it: what
// stands before the name, and what ends it.
var sentences = [...]struct{ before, end string }{
	{"no such account: ", " ,;)\n"},
	{"authentication failed for [", "]"},
	{"/dav/", "/ ?\"]"},
	{"/service/home/", "/ ?\"]"},
	{"/principals/users/", "/ ?\"]"},
	{"From: ", "<"},
	{"/caldav/", "/ ?\"]"},
	{"/carddav/", "/ ?\"]"},
	{"nvalid user ", " \n"},
	{"Accepted password for ", " \n"},
	{"Failed password for ", " \n"},
	{" opened for user ", " (\n"},
	{" closed for user ", " (\n"},
}

// AddSentences notes the names that sentences in a text tell.
func (p *Persons) AddSentences(s string) {
	for _, m := range sentences {
		for rest := s; ; {
			_, after, found := strings.Cut(rest, m.before)
			if !found {
				break
			}
			rest = after
			n := strings.IndexAny(after, m.end)
			if n < 0 && strings.IndexByte(m.end, ' ') >= 0 {
				n = len(after)
			}
			if n < 2 || n > 64 {
				continue
			}
			name := strings.Trim(after[:n], " _\"'")
			if name != "principals" && name != "invalid" && strings.IndexByte(name, '=') < 0 {
				p.Add(name)
			}
		}
	}
}

// maxNested is how deep JSON in texts of JSON is read.
const maxNested = 4

func (p *Persons) addJSON(s string, depth int) {
	person, list := false, false
	for i := 0; i < len(s); {
		switch s[i] {
		case '[':
			list = true
		case ']', '}', '{':
			person, list = false, false
		case ',':
			person = person && list
		}
		if s[i] != '"' {
			i++
			continue
		}
		end := closingQuote(s, i+1)
		out, n, ok := scan.Unescape(p.arena.Alloc(end-i+scan.UnescapeRoom), s[i+1:min(len(s), end+1)])
		if !ok {
			return
		}
		text := p.arena.Commit(out)
		i += 1 + n
		rest := strings.TrimLeft(s[i:], " \t\r\n")
		switch {
		case rest != "" && rest[0] == ':':
			person, list = IsPersonKey(text), false
		case person:
			p.Add(text)
		case depth < maxNested && len(text) > 8 && (text[0] == '{' || text[0] == '['):
			p.addJSON(text, depth+1)
		}
	}
}

// Line is Text for a line. The texts of JSON are looked at as what
// they say, where they hold escapes.
func (p *Persons) Line(s string) string {
	if s == "" || s[0] != '{' || !strings.Contains(s, `\u`) {
		return p.Text(s)
	}
	var b []byte
	done := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		out, n, ok := scan.Unescape(p.arena.Alloc(len(s)-i+scan.UnescapeRoom), s[i+1:])
		if !ok {
			break
		}
		if raw := s[i+1 : i+n]; strings.Contains(raw, `\u`) {
			plain := p.arena.Commit(out)
			if text := p.Text(plain); text != plain {
				b = append(b, s[done:i]...)
				b = scan.AppendJSONString(b, text)
				done = i + 1 + n
			}
		}
		i += n
	}
	if b != nil {
		s = p.arena.Copy(string(append(b, s[done:]...)))
	}
	return p.Text(s)
}

// Text replaces the addresses of persons in a text, and the names that
// were noted.
func (p *Persons) Text(s string) string { return p.text(s, false) }

// Field is Text for the value of a field, which may begin with an address.
func (p *Persons) Field(s string) string { return p.text(s, true) }

func (p *Persons) text(s string, field bool) string {
	s = p.replaceHomes(p.replaceAttributes(p.replaceAddresses(s, field)))
	for _, name := range p.Names {
		s = p.replaceWord(s, name)
	}
	return s
}

// replaceWord replaces name where it stands as a word of its own, in any case of
// ASCII's letters, and is not the name of a value ("user=…").
func (p *Persons) replaceWord(s, name string) string {
	var b []byte
	done := 0
	for i := 0; ; {
		j := foldIndex(s[i:], name)
		if j < 0 {
			break
		}
		i += j
		end := i + len(name)
		if i > 0 && scan.IsNameByte(s[i-1]) && !escapeBefore(s[:i]) || end < len(s) && (scan.IsNameByte(s[end]) && (s[end] != '_' || end+1 == len(s) || s[end+1] != '<') && (s[end] != '.' || end+1 < len(s) && scan.IsNameByte(s[end+1])) || s[end] == '=' || s[end] == '@') {
			i = end
			continue
		}
		b = append(append(b, s[done:i]...), p.by.Name(name)...)
		done, i = end, end
	}
	if b == nil {
		return s
	}
	return p.arena.Copy(string(append(b, s[done:]...)))
}

// escapeBefore reports whether s ends with an escape whose last sign only looks
// like one of a word: "\\n", "%2F".
func escapeBefore(s string) bool {
	n := len(s)
	return n > 1 && s[n-2] == '\\' && strings.IndexByte("ntr", s[n-1]) >= 0 || n > 2 && s[n-3] == '%' && scan.IsHexDigit(s[n-2]) && scan.IsHexDigit(s[n-1])
}

// foldIndex is where name stands in s first, in any case of ASCII's letters; -1
// if nowhere.
func foldIndex(s, name string) int {
	lower, upper := scan.LowerByte[name[0]], name[0]
	if 'a' <= lower && lower <= 'z' {
		upper = lower - 0x20
	}
	for i := 0; i+len(name) <= len(s); i++ {
		if (s[i] == lower || s[i] == upper) && strings.EqualFold(s[i:i+len(name)], name) {
			return i
		}
	}
	return -1
}

// PersonKeys name persons outside of the vocabulary: keys of records, of JSON,
// and attributes of accounts, in lower case without '_', '-' and '.'.
var PersonKeys = map[string]bool{
	"user": true, "username": true, "userlogin": true, "login": true, "loginname": true, "email": true, "mail": true, "useremail": true, "account": true,
	"accountname": true, "sender": true, "recipient": true, "recipients": true, "owner": true, "ownername": true, "author": true,
	"displayname": true, "fullname": true, "firstname": true, "lastname": true, "givenname": true, "surname": true, "sn": true, "cn": true, "middlename": true,
	"patronymic": true, "initials": true, "saslusername": true, "saslsender": true, "enduserid": true, "enduser": true, "createdby": true, "updatedby": true,
	"assignee": true, "performer": true, "xuser": true, "authuser": true, "from": true, "to": true, "origto": true, "impersonator": true, "fio": true, "users": true, "preferredusername": true, "upn": true, "samaccountname": true,
}

// closingQuote is where the text of JSON ends that a quote opened before i.
func closingQuote(s string, i int) int {
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"', '\n':
			return i
		}
	}
	return len(s)
}
