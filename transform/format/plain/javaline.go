package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// readLogger takes thread and logger that stand behind the level and returns
// the message; msg is what follows the time. Without a level at its beginning
// msg is the message.
//
//	LEVEL com.example.Foo: message      Spring Boot, tracing, Go, Node
//	LEVEL Backend[12]: message
//	LEVEL [com.example.Foo] (thread) message    JBoss, Quarkus
//	LEVEL [thread] com.example.Foo - message    log4j, logback
//	LEVEL [thread] [com.example.Foo] message    logback
//	LEVEL [thread] [key=value;] message
func readLogger(d *format.Draft, msg string) string {
	s := scan.TrimSpaces(msg)
	i := strings.IndexByte(s, ' ')
	if i < 3 {
		return msg
	}
	// In lower case a level is a word of prose too, but not before a logger.
	word := strings.TrimSuffix(strings.Trim(s[:i], "[]"), ":")
	level := format.WordLevel(word)
	if level == format.LevelUnknown {
		return msg
	}
	s = scan.TrimSpaces(s[i:])
	if s != "" && s[0] == '[' {
		msg = readBrackets(d, s)
		if d.Has(format.FieldComponent) {
			d.Level = level
		}
		return msg
	}
	logger, rest, ok := strings.Cut(s, ": ")
	if !ok || s[:i] == word+":" {
		return s
	}
	name, pid := logger, ""
	if n := strings.IndexByte(logger, '['); n > 0 && logger[len(logger)-1] == ']' {
		name, pid = logger[:n], logger[n+1:len(logger)-1]
	}
	if !isLogger(name) || pid != scan.Number(pid) {
		return s
	}
	d.Level = level
	d.SetNew(format.FieldComponent, name)
	d.SetNew(format.FieldPID, pid)
	return rest
}

// readBrackets is readLogger for what follows the level with a bracket.
func readBrackets(d *format.Draft, s string) string {
	first, rest, ok := strings.Cut(s[1:], "] ")
	if !ok {
		return s
	}
	rest = scan.TrimSpaces(rest)
	if rest == "" {
		return s
	}
	switch rest[0] {
	case '(':
		thread, msg, ok := strings.Cut(rest[1:], ") ")
		if !ok || !isLogger(first) {
			return s
		}
		d.SetNew(format.FieldComponent, first)
		d.SetNew(format.FieldThread, thread)
		return msg
	case '[':
		second, msg, ok := strings.Cut(rest[1:], "] ")
		switch {
		case !ok:
			return s
		case isLogger(second):
			d.SetNew(format.FieldComponent, second)
		case strings.IndexByte(second, '=') < 0 || !strings.HasSuffix(second, ";"):
			return s
		}
		d.SetNew(format.FieldThread, first)
		return msg
	}
	if logger, msg, ok := strings.Cut(rest, " - "); ok && isLogger(logger) {
		d.SetNew(format.FieldComponent, logger)
		d.SetNew(format.FieldThread, first)
		return msg
	}
	return s
}

// isLogger reports whether s can be the name of a logger: one word of letters,
// digits, dots and the like, not a path and not a number.
func isLogger(s string) bool {
	const longest = 120 // bytes of a class name with its package
	if s == "" || len(s) > longest || scan.IsDigit(s[0]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !scan.KeyByte[c] && strings.IndexByte(".:$-/", c) < 0 {
			return false
		}
	}
	return s[0] != '/' && s[0] != '-' && s[0] != ':' && s[len(s)-1] != ':'
}
