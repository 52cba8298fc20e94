package java

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// AuthFailure reads "authentication failed for [name], reason", IMAP's
// "authentication failed for [name] (reason)" and ZCS-13965's "Error occurred
// during authentication: authentication failed for [name]. Reason: reason.";
// the name is what the client sent and may hold anything, so the last closing
// form decides. Other texts are errors of the request as a whole.
func AuthFailure(d *format.Draft, s string) {
	d.Set(format.FieldOutcome, "failure")
	s, login := strings.CutPrefix(s, "Error occurred during authentication: ")
	d.Set(format.FieldError, scan.FirstLine(s))
	ends := [...]string{"], ", "] (", "]"}
	if login {
		ends = [...]string{"]. Reason: ", "], ", "]"}
		d.Set(format.FieldAction, format.ActionAuth)
	}
	_, rest, ok := strings.Cut(s, " for [")
	if !ok || !login && !strings.HasPrefix(s, "authentication failed for [") {
		return
	}
	d.Set(format.FieldAction, format.ActionAuth)
	for _, end := range ends {
		if i := strings.LastIndex(rest, end); i >= 0 {
			d.SetNew(format.FieldUser, rest[:i])
			return
		}
	}
}

// MaxTraceLines bounds how many lines of an event are searched for exceptions.
const MaxTraceLines = 400

// ParseTrace reads what follows a head line: the class of the exception, its
// last "Caused by:", Zimbra's ExceptionId and Code (ServiceException.toString).
// In copies that rsyslog wrote the line breaks are "#012" inside of the text.
// Zextras and others name the exception in the message.
func ParseTrace(d *format.Draft) {
	for _, s := range d.More[:min(len(d.More), MaxTraceLines)] {
		TraceLine(d, s)
	}
	if d.Level < format.LevelWarn {
		return
	}
	if strings.Contains(d.Msg, "#012") {
		traceText(d, d.Msg)
	}
	if !d.Has(format.FieldException) {
		exceptionInText(d, d.Msg)
	}
}

// traceText reads a trace whose line breaks rsyslog has escaped.
func traceText(d *format.Draft, s string) {
	head, s, _ := strings.Cut(s, "#012")
	if d.Has(format.FieldError) && d.Get(format.FieldError) == scan.FirstLine(d.Msg) {
		d.Set(format.FieldError, scan.FirstLine(head))
	}
	for i := 0; s != "" && i < MaxTraceLines; i++ {
		var line string
		line, s, _ = strings.Cut(s, "#012")
		TraceLine(d, line)
	}
}

// TraceLine takes from one line behind the head of an event what it tells of an
// exception: its class, its cause, Zimbra's ExceptionId and Code.
func TraceLine(d *format.Draft, s string) {
	if s == "" || s[0] == '\t' || s[0] == ' ' {
		return
	}
	switch {
	case strings.HasPrefix(s, "ExceptionId:"):
		d.SetNew(format.FieldExceptionID, scan.FirstLine(s[len("ExceptionId:"):]))
	case strings.HasPrefix(s, "Code:"):
		d.SetNew(format.FieldCode, scan.ValueOf(s, "Code:", " \r"))
	case strings.HasPrefix(s, "Caused by: "):
		if class, _, ok := ExceptionClass(s[len("Caused by: "):]); ok {
			d.Set(format.FieldRootCause, class)
		}
	case !d.Has(format.FieldException):
		if class, msg, ok := ExceptionClass(s); ok {
			setException(d, class, msg)
		}
	}
}

// exceptionInText reads "what went wrong: pkg.Class: message".
func exceptionInText(d *format.Draft, s string) {
	for s = scan.FirstLine(s); s != ""; {
		if class, msg, ok := ExceptionClass(s); ok {
			if d.Set(format.FieldException, class); !d.Has(format.FieldError) {
				setException(d, class, msg)
			}
			return
		}
		_, s, _ = strings.Cut(s, ": ")
	}
}

// setException makes the exception's message the error, unless the head line
// named one, and reads the failed login that many of them are. An exception
// without a message is an error by its class.
func setException(d *format.Draft, class, msg string) {
	d.Set(format.FieldException, class)
	if msg == "" || msg == "null" {
		d.SetNew(format.FieldError, class)
		return
	}
	if d.Has(format.FieldError) && d.Level < format.LevelError {
		return
	}
	if strings.HasPrefix(msg, "authentication failed for [") {
		AuthFailure(d, msg)
		return
	}
	d.Set(format.FieldError, scan.FirstLine(msg))
}

// ExceptionClass splits "pkg.Outer$Inner: message". It is a class if it has a
// dot, only the letters that names have, and the last part starts upper case.
func ExceptionClass(s string) (class, msg string, ok bool) {
	s = afterThread(s)
	s = strings.TrimSuffix(s, "\r")
	end := len(s)
	for i := 0; i < len(s); i++ {
		if c := s[i]; !scan.KeyByte[c] && c != '.' && c != '$' {
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

// uncaught is what the JVM writes before an exception that nobody caught
// (java.lang.ThreadGroup.uncaughtException).
const uncaught = "Exception in thread \""

// Uncaught reads a line that names an exception that nobody caught, which is an
// error whatever follows; false for others.
func Uncaught(d *format.Draft, s string) bool {
	if !strings.HasPrefix(s, uncaught) {
		return false
	}
	class, msg, ok := ExceptionClass(s)
	if !ok {
		return false
	}
	d.Raise(format.LevelError)
	thread, _, _ := strings.Cut(s[len(uncaught):], "\"")
	d.Set(format.FieldThread, thread)
	setException(d, class, msg)
	return true
}

// afterThread cuts `Exception in thread "name" ` off.
func afterThread(s string) string {
	if rest, ok := strings.CutPrefix(s, uncaught); ok {
		if _, rest, ok = strings.Cut(rest, "\" "); ok {
			return rest
		}
	}
	return s
}

// ContinuesTrace reports whether s can only be a further line of a Java stack
// trace, whatever wrote the line before it.
func ContinuesTrace(s string) bool {
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

// IsFrame reports whether a line of an event is a frame of a stack trace,
// "\tat a.b.C.d(E.java:12)": names without a blank and a place in brackets, which
// hold neither values nor addresses.
func IsFrame(s string) bool {
	if len(s) < 8 || s[:4] != "\tat " {
		return false
	}
	open := strings.IndexByte(s, '(')
	if open < 0 || strings.IndexByte(s[4:open], ' ') >= 0 || strings.IndexByte(s, '=') >= 0 || strings.IndexByte(s, '@') >= 0 {
		return false
	}
	place := s[open:]
	colon := strings.IndexByte(place, ':')
	return colon < 0 || colon+1 < len(place) && scan.IsDigit(place[colon+1])
}
