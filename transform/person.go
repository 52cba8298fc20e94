package transform

import (
	"slices"
	"strings"
)

// fieldPersons are the fields that name persons; a value without '@' in one of
// them is a name as a whole.
var fieldPersons = [numFields]bool{
	FieldUser: true, FieldAuthUser: true, FieldUserLogin: true, FieldFrom: true, FieldTo: true, FieldOrigTo: true,
}

// fieldIDs are the fields that only look like addresses; they join hosts.
var fieldIDs = [numFields]bool{FieldMessageID: true, FieldResentMessageID: true, FieldDetectedLevel: true, FieldClientIP: true}

// personKeys name persons outside of the vocabulary: keys of records, of JSON,
// and attributes of accounts, in lower case without '_', '-' and '.'.
var personKeys = map[string]bool{
	"user": true, "username": true, "userlogin": true, "login": true, "loginname": true, "email": true, "mail": true, "useremail": true, "account": true,
	"accountname": true, "sender": true, "recipient": true, "recipients": true, "owner": true, "ownername": true, "author": true,
	"displayname": true, "fullname": true, "firstname": true, "lastname": true, "givenname": true, "surname": true, "sn": true, "cn": true, "middlename": true,
	"patronymic": true, "initials": true, "saslusername": true, "saslsender": true, "enduserid": true, "enduser": true, "createdby": true, "updatedby": true,
	"assignee": true, "performer": true, "xuser": true, "authuser": true, "from": true, "to": true, "origto": true, "impersonator": true,
}

func isPersonKey(name string) bool {
	if len(name) > 24 {
		return false
	}
	var b [24]byte
	n := 0
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != '_' && c != '-' && c != '.' && c != ' ' {
			b[n] = lowerByte[c]
			n++
		}
	}
	return personKeys[string(b[:n])]
}

// pseudonymize replaces the persons in metadata and line. What the fields call
// a person is replaced wherever it stands as a word of its own.
func (r *Run) pseudonymize(d *draft) {
	if !r.pseudonymous(d.log, d.service) {
		return
	}
	r.persons = r.persons[:0]
	for f := range numFields {
		if fieldPersons[f] && d.has(f) {
			r.addPersons(d.get(f))
		}
	}
	if v := d.get(FieldTarget); strings.IndexByte(v, '@') > 0 {
		r.addPersons(v)
	}
	for _, p := range d.extra {
		if isPersonKey(p.Name) {
			r.addPersons(p.Value)
		}
	}
	for _, m := range d.more {
		r.jsonPersons(m)
	}
	r.jsonPersons(d.head.text)
	slices.SortStableFunc(r.persons, func(a, b string) int { return len(b) - len(a) }) // "Ivanov Ivan" before "Ivanov"
	r.replacePersons(d)
	d.src.persons = append(d.src.persons[:0], r.persons...)
}

// pseudonymous reports whether persons of this log are to be replaced.
func (r *Run) pseudonymous(log, service string) bool {
	o := r.opts
	return o.Pseudonyms != nil && (len(o.PseudonymLogs) == 0 || slices.Contains(o.PseudonymLogs, log) || slices.Contains(o.PseudonymLogs, service))
}

func (r *Run) replacePersons(d *draft) {
	keep := [...]string{d.get(FieldMessageID), d.get(FieldResentMessageID)}
	r.keepIDs = append(r.keepIDs[:0], keep[:]...)
	for f := range numFields {
		if !d.has(f) || fieldIDs[f] {
			continue
		}
		if v := d.get(f); fieldPersons[f] && strings.IndexByte(v, '@') < 0 {
			d.set(f, r.opts.Pseudonyms.Name(v))
		} else {
			d.set(f, r.personText(v))
		}
	}
	for i := range d.extra {
		switch p := &d.extra[i]; {
		case isMessageIDName(p.Name):
		case isPersonKey(p.Name) && strings.IndexByte(p.Value, '@') < 0:
			p.Value = r.opts.Pseudonyms.Name(p.Value)
		default:
			p.Value = r.personText(p.Value)
		}
	}
	d.head.text = r.personLine(d.head.text)
	d.head.skip = min(d.head.skip, len(d.head.text))
	for i, m := range d.more {
		if !strings.HasPrefix(m, "\tat ") {
			d.more[i] = r.personLine(m)
		}
	}
}

func isMessageIDName(name string) bool {
	n := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return strings.HasSuffix(n, "messageid") || n == "msgid" || n == "inreplyto" || n == "references"
}

// addPersons notes the names in a field's value: a name, an address, or a list
// of addresses. Of an address the local part may stand alone elsewhere.
func (r *Run) addPersons(v string) {
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
		if len(one) < 2 || len(one) > 200 || isSystemName(one) || isPseudonym(one) || slices.Contains(r.persons, one) || len(r.persons) >= 64 {
			continue
		}
		r.persons = append(r.persons, one)
	}
}

// jsonPersons notes the values of the keys of a JSON text that name persons,
// display names say, which no field has.
func (r *Run) jsonPersons(s string) {
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
		if v != "" && v[0] == '"' && isPersonKey(key) {
			text, _, ok := unescape(r.a.alloc(len(v)+unescapeRoom), v[1:])
			if ok {
				r.addPersons(r.a.commit(text))
			}
		}
	}
}

// personLine is personText for a line. The texts of JSON are looked at as what
// they say, where they hold escapes.
func (r *Run) personLine(s string) string {
	if s == "" || s[0] != '{' || !strings.Contains(s, `\u`) {
		return r.personText(s)
	}
	var b []byte
	done := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		out, n, ok := unescape(r.a.alloc(len(s)-i+unescapeRoom), s[i+1:])
		if !ok {
			break
		}
		if raw := s[i+1 : i+n]; strings.Contains(raw, `\u`) {
			plain := r.a.commit(out)
			if text := r.personText(plain); text != plain {
				b = append(b, s[done:i]...)
				b = appendJSONString(b, text)
				done = i + 1 + n
			}
		}
		i += n
	}
	if b != nil {
		s = r.a.copy(string(append(b, s[done:]...)))
	}
	return r.personText(s)
}

// personText replaces the addresses of persons in a text, and the names that
// were noted.
func (r *Run) personText(s string) string {
	s = r.replaceAddresses(s)
	for _, name := range r.persons {
		s = r.replaceWord(s, name)
	}
	return s
}

// replaceWord replaces name where it stands as a word of its own and is not the
// name of a value ("user=…").
func (r *Run) replaceWord(s, name string) string {
	var b []byte
	done := 0
	for i := 0; ; {
		j := strings.Index(s[i:], name)
		if j < 0 {
			break
		}
		i += j
		end := i + len(name)
		if i > 0 && isNameByte(s[i-1]) || end < len(s) && (isNameByte(s[end]) && (s[end] != '.' || end+1 < len(s) && isNameByte(s[end+1])) || s[end] == '=' || s[end] == '@') {
			i = end
			continue
		}
		b = append(append(b, s[done:i]...), r.opts.Pseudonyms.Name(name)...)
		done, i = end, end
	}
	if b == nil {
		return s
	}
	return r.a.copy(string(append(b, s[done:]...)))
}

func isNameByte(c byte) bool { return keyByte[c] || c == '-' || c == '.' || c >= 0x80 }

// person is what a name that other lines told becomes in this log: they may be
// of a log that pseudonymize_logs leaves out.
func (r *Run) person(log, service, name string) string {
	if name == "" || !r.pseudonymous(log, service) {
		return name
	}
	return r.opts.Pseudonyms.Name(name)
}

// PersonNames returns the fields that name persons, and the keys of records,
// JSON and accounts that do, without the signs between their words;
// docs/security.md prints them.
func PersonNames() (fields, keys []string) {
	for f := range numFields {
		if fieldPersons[f] {
			fields = append(fields, f.String())
		}
	}
	for k := range personKeys {
		keys = append(keys, k)
	}
	return fields, keys
}
