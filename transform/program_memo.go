package transform

import (
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
)

// programMemo remembers what the tags of a chunk mean: a host has few programs
// and many lines. A tag has one place; one that comes to the same place drives
// it out.
type programMemo struct {
	programs [32]program
	path     string // of the file that was looked at last
	file     syslog.FileKind
}

// program is what a tag of syslog names.
type program struct {
	tag  string
	name string       // format.ProgramName
	spec *format.Spec // of its messages, or nil
}

// of returns what is known of a tag, valid until the next call.
func (m *programMemo) of(tag string) *program {
	at := 0
	if n := len(tag); n > 0 {
		at = n + int(tag[n-1]) + int(tag[n*2/3]) // of "postfix/smtp" and "postfix/lmtp" too
	}
	p := &m.programs[at%len(m.programs)]
	if p.tag != tag || tag == "" {
		*p = program{tag, format.ProgramName(tag), formats.Program(tag)}
	}
	return p
}

// kindOf is syslog.FileKindOf, which is asked for each line of a file.
func (m *programMemo) kindOf(path string) syslog.FileKind {
	if path != m.path {
		m.path, m.file = path, syslog.FileKindOf(path)
	}
	return m.file
}
