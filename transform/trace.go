package transform

import "strings"

// maxTraceLines bounds how many lines of an event are searched for exceptions.
const maxTraceLines = 400

// parseTrace reads what follows a head line: the class of the exception, its
// last "Caused by:", Zimbra's ExceptionId and Code (ServiceException.toString).
// In copies that rsyslog wrote the line breaks are "#012" inside of the text.
// Zextras and others name the exception in the message.
func parseTrace(d *draft) {
	for _, s := range d.more[:min(len(d.more), maxTraceLines)] {
		traceLine(d, s)
	}
	if d.level < LevelWarn {
		return
	}
	if strings.Contains(d.msg, "#012") {
		traceText(d, d.msg)
	}
	if !d.has(FieldException) {
		exceptionInText(d, d.msg)
	}
}

// traceText reads a trace whose line breaks rsyslog has escaped.
func traceText(d *draft, s string) {
	head, s, _ := strings.Cut(s, "#012")
	if d.has(FieldError) && d.get(FieldError) == firstLine(d.msg) {
		d.set(FieldError, firstLine(head))
	}
	for i := 0; s != "" && i < maxTraceLines; i++ {
		var line string
		line, s, _ = strings.Cut(s, "#012")
		traceLine(d, line)
	}
}

func traceLine(d *draft, s string) {
	if s == "" || s[0] == '\t' || s[0] == ' ' {
		return
	}
	switch {
	case strings.HasPrefix(s, "ExceptionId:"):
		d.setNew(FieldExceptionID, firstLine(s[len("ExceptionId:"):]))
	case strings.HasPrefix(s, "Code:"):
		d.setNew(FieldCode, valueOf(s, "Code:", " \r"))
	case strings.HasPrefix(s, "Caused by: "):
		if class, _, ok := exceptionClass(s[len("Caused by: "):]); ok {
			d.set(FieldRootCause, class)
		}
	case !d.has(FieldException):
		if class, msg, ok := exceptionClass(s); ok {
			d.setException(class, msg)
		}
	}
}

// exceptionInText reads "what went wrong: pkg.Class: message".
func exceptionInText(d *draft, s string) {
	for s = firstLine(s); s != ""; {
		if class, msg, ok := exceptionClass(s); ok {
			if d.set(FieldException, class); !d.has(FieldError) {
				d.setException(class, msg)
			}
			return
		}
		_, s, _ = strings.Cut(s, ": ")
	}
}

// setException makes the exception's message the error, unless the head line
// named one, and reads the failed login that many of them are. An exception
// without a message is an error by its class.
func (d *draft) setException(class, msg string) {
	d.set(FieldException, class)
	if msg == "" || msg == "null" {
		d.setNew(FieldError, class)
		return
	}
	if d.has(FieldError) && d.level < LevelError {
		return
	}
	if strings.HasPrefix(msg, "authentication failed for [") {
		authFailure(d, msg)
		return
	}
	d.set(FieldError, firstLine(msg))
}

// exceptionClass splits "pkg.Outer$Inner: message". It is a class if it has a
// dot, only the letters that names have, and the last part starts upper case.
func exceptionClass(s string) (class, msg string, ok bool) {
	s = strings.TrimPrefix(s, "Exception in thread \"main\" ")
	s = strings.TrimSuffix(s, "\r")
	end := len(s)
	for i := 0; i < len(s); i++ {
		if c := s[i]; !keyByte[c] && c != '.' && c != '$' {
			end = i
			break
		}
	}
	class = s[:end]
	dot := strings.LastIndexByte(class, '.')
	if dot <= 0 || dot+1 >= len(class) || class[dot+1] < 'A' || class[dot+1] > 'Z' {
		return "", "", false
	}
	rest := s[end:]
	switch {
	case rest == "":
		return class, "", true
	case strings.HasPrefix(rest, ": "):
		return class, rest[2:], true
	case rest == ":":
		return class, "", true
	}
	return "", "", false
}

// continuesTrace reports whether s can only be a further line of a Java stack
// trace, whatever wrote the line before it.
func continuesTrace(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '\t', ' ':
		t := strings.TrimLeft(s, " \t")
		return strings.HasPrefix(t, "at ") || strings.HasPrefix(t, "... ") ||
			strings.HasPrefix(t, "Suppressed: ") || strings.HasPrefix(t, "Caused by: ")
	case 'C':
		return strings.HasPrefix(s, "Caused by: ") || strings.HasPrefix(s, "Code:")
	case 'E':
		return strings.HasPrefix(s, "ExceptionId:")
	}
	return false
}
