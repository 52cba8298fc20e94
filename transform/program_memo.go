package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

// programMemo remembers what the tags of a chunk mean: a host has few programs
// and many lines. A tag has one place; one that comes to the same place drives
// it out.
type programMemo struct {
	programs [32]program
	path     string // of the file that was looked at last
	file     fileKind
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

// fileKind is which of Zimbra's files a line of syslog is from.
type fileKind uint8

const (
	fileOther  fileKind = iota
	fileStats           // zimbra-stats.log
	fileZimbra          // zimbra.log, carbonio.log
)

// kindOf tells it from the file's path.
func (m *programMemo) kindOf(path string) fileKind {
	if path == m.path {
		return m.file
	}
	m.path, m.file = path, fileOther
	switch name := path[strings.LastIndexByte(path, '/')+1:]; {
	case strings.HasPrefix(name, "zimbra-stats"):
		m.file = fileStats
	case strings.HasPrefix(name, "zimbra"), strings.HasPrefix(name, "carbonio"):
		m.file = fileZimbra
	}
	return m.file
}
