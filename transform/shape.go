package transform

import "strings"

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
// syslog header or behind the file name that zgrep prints, p.skip becomes the
// length of what stands before it.
func (r *Run) shapeOf(p *payload) shape {
	p.skip = 0
	s := p.text
	if isLog4jHead(s) {
		return shapeLog4j
	}
	if s == "" {
		return shapeText
	}
	switch c := s[0]; {
	case c == '{':
		return shapeJSON
	case c == '/', c == '.', 'a' <= c && c <= 'z':
		if p.skip = grepPrefix(s); p.skip > 0 {
			r.header = syslogHeader{}
			return shapeLog4j
		}
		if grepSyslogPrefix(s) > 0 {
			return r.syslogShape(p)
		}
	case c == '<', isDigit(c), 'A' <= c && c <= 'Z':
		return r.syslogShape(p)
	}
	return shapeText
}

// syslogShape is shapeOf for a line that may have a syslog header.
func (r *Run) syslogShape(p *payload) shape {
	h := &r.header
	if !h.scanLine(p.text) {
		return shapeText
	}
	p.skip = h.skip
	if msg := p.text[h.skip:]; isLog4jHead(msg) || isLog4jBody(msg) {
		return shapeLog4j
	}
	return shapeSyslog
}

// isLog4jHead reports whether s starts with log4j's stamp and then a level or
// the bracket of a thread.
func isLog4jHead(s string) bool {
	if !isLog4jStamp(s) || s[log4jStampLen] != ' ' {
		return false
	}
	return startsLevel(trimSpaces(s[log4jStampLen:]))
}

func startsLevel(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '[' {
		return true
	}
	i := strings.IndexByte(s, ' ')
	return i > 0 && i <= 5 && log4jLevel(s[:i]) != LevelUnknown
}

// isLog4jBody reports whether s is a log4j line without a stamp, as mailboxd's
// syslog appender sends it: "INFO  [thread] [context] logger - message".
func isLog4jBody(s string) bool {
	i := strings.IndexByte(s, ' ')
	if i < 4 || i > 5 || log4jLevel(s[:i]) == LevelUnknown {
		return false
	}
	return strings.HasPrefix(trimSpaces(s[i:]), "[")
}

// grepPrefix is the length of what grep and zgrep print before a log4j line: a
// file's name and ":", with -n the line's number and ":" too; 0 if there is none.
func grepPrefix(s string) int {
	const longest = 300 // bytes of a file's path
	n := 0
	for range 2 {
		i := strings.IndexByte(s[n:min(len(s), n+longest)], ':')
		if i <= 0 || strings.IndexByte(s[n:n+i], ' ') >= 0 {
			return 0
		}
		if n += i + 1; isLog4jHead(s[n:]) {
			return n
		}
	}
	return 0
}
