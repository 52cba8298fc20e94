package transform

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

// fieldPersons are the fields that name persons; a value without '@' in one of
// them is a name as a whole.
var fieldPersons = [format.NumFields]bool{
	format.FieldUser: true, format.FieldAuthUser: true, format.FieldUserLogin: true, format.FieldFrom: true, format.FieldTo: true, format.FieldOrigTo: true,
}

// fieldIDs are the fields that only look like addresses; they join hosts.
var fieldIDs = [format.NumFields]bool{format.FieldMessageID: true, format.FieldResentMessageID: true, format.FieldDetectedLevel: true, format.FieldClientIP: true}

// pseudonymize replaces the persons in metadata and line. What the fields call
// a person is replaced wherever it stands as a word of its own.
func (r *Run) pseudonymize(d *format.Draft) {
	if !r.pseudonymous(d.Log, d.Service) {
		return
	}
	r.persons.Names = r.persons.Names[:0]
	for f := range format.NumFields {
		if fieldPersons[f] && d.Has(f) {
			r.persons.Add(d.Get(f))
		}
	}
	if v := d.Get(format.FieldTarget); strings.IndexByte(v, '@') > 0 {
		r.persons.Add(v)
	}
	for _, p := range d.Extra {
		if person.IsPersonKey(p.Name) {
			r.persons.Add(p.Value)
		}
	}
	r.addTold(d)
	slices.SortStableFunc(r.persons.Names, func(a, b string) int { return len(b) - len(a) }) // "Ivanov Ivan" before "Ivanov"
	r.replacePersons(d)
	r.src.persons = append(r.src.persons[:0], r.persons.Names...)
}

// addTold notes the persons that the text of an event tells, besides its fields.
func (r *Run) addTold(d *format.Draft) {
	for _, m := range d.More {
		r.persons.AddJSON(m)
		r.persons.AddSentences(m)
	}
	r.persons.AddJSON(d.Head.Text)
	r.persons.AddSentences(d.Head.Text)
}

// pseudonymous reports whether persons of this log are to be replaced.
func (r *Run) pseudonymous(log, service string) bool {
	o := r.opts
	return o.Pseudonyms != nil && (len(o.PseudonymLogs) == 0 || slices.Contains(o.PseudonymLogs, log) || slices.Contains(o.PseudonymLogs, service))
}

func (r *Run) replacePersons(d *format.Draft) {
	keep := [...]string{d.Get(format.FieldMessageID), d.Get(format.FieldResentMessageID)}
	r.persons.KeepIDs = append(r.persons.KeepIDs[:0], keep[:]...)
	for f := range format.NumFields {
		if !d.Has(f) || fieldIDs[f] {
			continue
		}
		if v := d.Get(f); fieldPersons[f] && strings.IndexByte(v, '@') < 0 {
			d.Set(f, r.opts.Pseudonyms.Name(v))
		} else {
			d.Set(f, r.persons.Field(v))
		}
	}
	for i := range d.Extra {
		switch p := &d.Extra[i]; {
		case person.IsMessageIDName(p.Name):
		case person.IsPersonKey(p.Name) && strings.IndexByte(p.Value, '@') < 0:
			p.Value = r.opts.Pseudonyms.Name(p.Value)
		default:
			p.Value = r.persons.Field(p.Value)
		}
	}
	d.Head.Text = r.persons.Line(d.Head.Text)
	d.Head.Skip = min(d.Head.Skip, len(d.Head.Text))
	for i, m := range d.More {
		if !java.IsFrame(m) {
			d.More[i] = r.persons.Line(m)
		}
	}
}

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
	for f := range format.NumFields {
		if fieldPersons[f] {
			fields = append(fields, f.String())
		}
	}
	for k := range person.PersonKeys {
		keys = append(keys, k)
	}
	return fields, keys
}
