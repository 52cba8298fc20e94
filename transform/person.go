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

// pseudonymize replaces the persons in metadata and line. What the fields call
// a person is replaced wherever it stands as a word of its own.
func (r *Run) pseudonymize(d *draft) {
	if !r.pseudonymous(d.log, d.service) {
		return
	}
	r.persons.names = r.persons.names[:0]
	for f := range numFields {
		if fieldPersons[f] && d.has(f) {
			r.persons.addPersons(d.get(f))
		}
	}
	if v := d.get(FieldTarget); strings.IndexByte(v, '@') > 0 {
		r.persons.addPersons(v)
	}
	for _, p := range d.extra {
		if isPersonKey(p.Name) {
			r.persons.addPersons(p.Value)
		}
	}
	for _, m := range d.more {
		r.persons.jsonPersons(m)
	}
	r.persons.jsonPersons(d.head.text)
	slices.SortStableFunc(r.persons.names, func(a, b string) int { return len(b) - len(a) }) // "Ivanov Ivan" before "Ivanov"
	r.replacePersons(d)
	r.src.persons = append(r.src.persons[:0], r.persons.names...)
}

// pseudonymous reports whether persons of this log are to be replaced.
func (r *Run) pseudonymous(log, service string) bool {
	o := r.opts
	return o.Pseudonyms != nil && (len(o.PseudonymLogs) == 0 || slices.Contains(o.PseudonymLogs, log) || slices.Contains(o.PseudonymLogs, service))
}

func (r *Run) replacePersons(d *draft) {
	keep := [...]string{d.get(FieldMessageID), d.get(FieldResentMessageID)}
	r.persons.keepIDs = append(r.persons.keepIDs[:0], keep[:]...)
	for f := range numFields {
		if !d.has(f) || fieldIDs[f] {
			continue
		}
		if v := d.get(f); fieldPersons[f] && strings.IndexByte(v, '@') < 0 {
			d.set(f, r.opts.Pseudonyms.Name(v))
		} else {
			d.set(f, r.persons.personText(v))
		}
	}
	for i := range d.extra {
		switch p := &d.extra[i]; {
		case isMessageIDName(p.Name):
		case isPersonKey(p.Name) && strings.IndexByte(p.Value, '@') < 0:
			p.Value = r.opts.Pseudonyms.Name(p.Value)
		default:
			p.Value = r.persons.personText(p.Value)
		}
	}
	d.head.text = r.persons.personLine(d.head.text)
	d.head.skip = min(d.head.skip, len(d.head.text))
	for i, m := range d.more {
		if !strings.HasPrefix(m, "\tat ") {
			d.more[i] = r.persons.personLine(m)
		}
	}
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
