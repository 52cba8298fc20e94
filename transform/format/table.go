package format

import "strings"

// Table is a list of formats, with what finds one by a line or by a program.
type Table struct {
	all      []*Spec
	heads    []*Spec // that have a Head, in order
	tags     []*Spec // that have a Tag
	programs map[string]*Spec
}

// NewTable makes a Table and numbers its formats. Two formats of one name or for
// one program are a mistake in the program.
func NewTable(specs ...*Spec) *Table {
	t := &Table{all: specs, programs: map[string]*Spec{}}
	names := map[string]bool{}
	for i, s := range specs {
		if s.Name == "" || names[s.Name] {
			panic("BUG: a format has no name of its own: " + s.Name)
		}
		names[s.Name], s.id = true, i
		if s.Head != nil {
			t.heads = append(t.heads, s)
		}
		if s.Tag != nil {
			t.tags = append(t.tags, s)
		}
		for _, p := range s.Programs {
			if t.programs[p] != nil {
				panic("BUG: two formats for the program " + p)
			}
			t.programs[p] = s
		}
	}
	return t
}

// All returns the formats, in order.
func (t *Table) All() []*Spec { return t.all }

// Heads returns the formats that are told by the beginning of their lines. No
// line is of two of them.
func (t *Table) Heads() []*Spec { return t.heads }

// Program returns the format of the messages of the program that a tag of
// syslog names, or nil.
func (t *Table) Program(tag string) *Spec {
	for _, s := range t.tags {
		if s.Tag(tag) {
			return s
		}
	}
	return t.programs[ProgramName(tag)]
}

// ProgramName is the name in a tag without its path ("/usr/sbin/CRON") and
// without the part in parentheses that PAM adds ("sshd(pam_unix)").
func ProgramName(tag string) string {
	if i := strings.LastIndexByte(tag, '/'); i >= 0 {
		tag = tag[i+1:]
	}
	if i := strings.IndexByte(tag, '('); i > 0 {
		tag = tag[:i]
	}
	return tag
}
