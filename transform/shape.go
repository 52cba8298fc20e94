package transform

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// shape is what the beginning of a line looks like; it decides whether the
// line starts an event or goes on with one.
type shape uint8

const (
	shapeText         shape = iota // nothing known
	shapeLog4j                     // log4j's stamp, then a level or a thread
	shapeJSON                      // a JSON object
	shapeSyslog                    // a syslog header, no log4j line behind it
	shapeContinuation              // of an event: lines whose head was in an earlier chunk
)

// shapeOf looks at the beginning of a line only. For a log4j line behind a
// syslog header or behind the file name that zgrep prints, p.Skip becomes the
// length of what stands before it.
func (r *Run) shapeOf(p *envelope.Payload) shape {
	p.Skip = 0
	s := p.Text
	if p.Program != "" && (!zimbra.IsLog4jHead(s) && !zimbra.IsLog4jBody(s) && (s == "" || s[0] != '{' || !p.IsContainer) || formats.Program(p.Program) != nil) {
		r.header = p.Header()
		return shapeSyslog
	}
	if zimbra.IsLog4jHead(s) {
		return shapeLog4j
	}
	if s == "" {
		return shapeText
	}
	switch c := s[0]; {
	case c == '{':
		return shapeJSON
	case c == '/', c == '.', 'a' <= c && c <= 'z':
		if p.Skip = envelope.GrepPrefix(s, zimbra.IsLog4jHead); p.Skip > 0 {
			r.header = envelope.SyslogHeader{}
			return shapeLog4j
		}
		return r.syslogShape(p)
	case c == '<', scan.IsDigit(c), 'A' <= c && c <= 'Z', c >= 0x80: // months of all languages
		return r.syslogShape(p)
	}
	return shapeText
}

// syslogShape is shapeOf for a line that may have a syslog header.
func (r *Run) syslogShape(p *envelope.Payload) shape {
	h := &r.header
	if !scanHeader(h, p.Path, p.Text) {
		return shapeText
	}
	if h.Host == "" && isOwnHead(p.Text) {
		return shapeText // of a program that stamps its own log as syslog does
	}
	p.Skip = h.Skip
	if msg := p.Text[h.Skip:]; (zimbra.IsLog4jHead(msg) || zimbra.IsLog4jBody(msg)) && formats.Program(h.Tag) == nil {
		return shapeLog4j
	}
	return shapeSyslog
}

// isOwnHead reports whether a format knows the line by its beginning.
func isOwnHead(s string) bool {
	return slices.ContainsFunc(formats.Heads(), func(f *format.Spec) bool { return f.Head(s) })
}

// scanHeader reads the header of a line of the file path, with all that is
// known of it.
func scanHeader(h *envelope.SyslogHeader, path, line string) bool {
	return h.ScanLineWith(line, &envelope.SyslogHints{Program: knownProgram, Path: path, File: isSyslogFile})
}

// knownProgram reports whether the tag is that of a program whose messages or
// name are known.
func knownProgram(tag string) bool {
	return formats.Program(tag) != nil || syslog.ForeignPrograms[format.ProgramName(tag)]
}

// isSyslogFile reports whether a path is that of a file that a daemon of syslog
// writes, by the names that Zimbra, Debian and Red Hat give them.
func isSyslogFile(path string) bool {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	if !strings.HasSuffix(dir, "/log") || strings.HasSuffix(dir, "zimbra/log") {
		return false
	}
	i := strings.IndexAny(name, ".-")
	if i < 0 {
		i = len(name)
	}
	switch name[:i] {
	case "zimbra", "carbonio", "syslog", "messages", "maillog", "mail", "auth", "secure", "daemon", "cron", "kern", "user":
		return true
	}
	return false
}
