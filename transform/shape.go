package transform

import (
	"github.com/zimbraloki/zimbraloki/transform/envelope"
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
	if p.Program != "" && (!zimbra.IsLog4jHead(s) && !zimbra.IsLog4jBody(s) && (s == "" || s[0] != '{') || formats.Program(p.Program) != nil) {
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
		if envelope.GrepSyslogPrefix(s) > 0 {
			return r.syslogShape(p)
		}
	case c == '<', scan.IsDigit(c), 'A' <= c && c <= 'Z':
		return r.syslogShape(p)
	}
	return shapeText
}

// syslogShape is shapeOf for a line that may have a syslog header.
func (r *Run) syslogShape(p *envelope.Payload) shape {
	h := &r.header
	if !h.ScanLine(p.Text) {
		return shapeText
	}
	p.Skip = h.Skip
	if msg := p.Text[h.Skip:]; (zimbra.IsLog4jHead(msg) || zimbra.IsLog4jBody(msg)) && formats.Program(h.Tag) == nil {
		return shapeLog4j
	}
	return shapeSyslog
}
