package redact

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
// display names say, which no field has.
func (p *Persons) AddJSON(s string) {
	if s == "" || s[0] != '{' {
		return
	}
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], `":`)
		if j < 0 {
			return
		}
		i += j
		key := s[strings.LastIndexByte(s[:i], '"')+1 : i]
		i += 2
		v := strings.TrimLeft(s[i:], " \t")
		if v != "" && v[0] == '"' && IsPersonKey(key) {
			text, _, ok := scan.Unescape(p.arena.Alloc(len(v)+scan.UnescapeRoom), v[1:])
			if ok {
				p.Add(p.arena.Commit(text))
			}
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
func (p *Persons) Text(s string) string {
	s = p.replaceAddresses(s)
	for _, name := range p.Names {
		s = p.replaceWord(s, name)
	}
	return s
}

// replaceWord replaces name where it stands as a word of its own and is not the
// name of a value ("user=…").
func (p *Persons) replaceWord(s, name string) string {
	var b []byte
	done := 0
	for i := 0; ; {
		j := strings.Index(s[i:], name)
		if j < 0 {
			break
		}
		i += j
		end := i + len(name)
		if i > 0 && scan.IsNameByte(s[i-1]) || end < len(s) && (scan.IsNameByte(s[end]) && (s[end] != '.' || end+1 < len(s) && scan.IsNameByte(s[end+1])) || s[end] == '=' || s[end] == '@') {
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

// PersonKeys name persons outside of the vocabulary: keys of records, of JSON,
// and attributes of accounts, in lower case without '_', '-' and '.'.
var PersonKeys = map[string]bool{
	"user": true, "username": true, "userlogin": true, "login": true, "loginname": true, "email": true, "mail": true, "useremail": true, "account": true,
	"accountname": true, "sender": true, "recipient": true, "recipients": true, "owner": true, "ownername": true, "author": true,
	"displayname": true, "fullname": true, "firstname": true, "lastname": true, "givenname": true, "surname": true, "sn": true, "cn": true, "middlename": true,
	"patronymic": true, "initials": true, "saslusername": true, "saslsender": true, "enduserid": true, "enduser": true, "createdby": true, "updatedby": true,
	"assignee": true, "performer": true, "xuser": true, "authuser": true, "from": true, "to": true, "origto": true, "impersonator": true,
}
