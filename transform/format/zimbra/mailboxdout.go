package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// MailboxdOut is the format zmmailboxd.out.
var MailboxdOut = format.Spec{
	Name:     "zmmailboxd.out",
	Doc:      "Jetty's StdErrLog and the JVM's own lines",
	From:     "mailboxd's standard output: /opt/zimbra/log/zmmailboxd.out",
	Log:      "zmmailboxd.out",
	Service:  "zimbra-mailbox",
	Head:     isMailboxdOutHead,
	Parse:    parseMailboxdOut,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05.000", Line: `@:INFO:oejs.DoSFilter:qtp1-1:: Ignoring`},
	Fixture:  format.Fixture{File: "mailboxdout/lines.log", Example: "DOS ALERT"},
	Question: `{log="zmmailboxd.out"} |= "DOS ALERT"`,
	Traps:    "JVM banners, thread dumps and SLF4J's messages have no time of their own.",
}

// isMailboxdOutHead reports whether s starts an event of zmmailboxd.out: a line
// of Jetty's StdErrLog, of the JVM, or of log4j before it is configured.
func isMailboxdOutHead(s string) bool {
	return isStdErrHead(s) || isGCHead(s) || isEarlyLog4j(s) || jvmLevel(s) != format.LevelUnknown
}

// isStdErrHead reports whether s starts as Jetty's StdErrLog writes:
// "2020-08-26 00:19:26.942:INFO:".
func isStdErrHead(s string) bool {
	const stamp = "0000-00-00 00:00:00.000:"
	return scan.DigitsAt(s, stamp) && stdErrLevel(s[len(stamp):]) != format.LevelUnknown
}

func stdErrLevel(s string) format.Level {
	i := strings.IndexByte(s, ':')
	if i < 3 || i > 5 {
		return format.LevelUnknown
	}
	switch s[:i] {
	case "INFO", "WARN", "DBUG", "DEBUG", "ERROR", "TRACE":
		return format.WordLevel(s[:i])
	}
	return format.LevelUnknown
}

// parseMailboxdOut reads zmmailboxd.out, into which the JVM of mailboxd writes
// both of its streams. What is not of a known form is for parsePlain.
func parseMailboxdOut(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	switch {
	case isStdErrHead(s):
		stdErr(in, d, s)
	case isGCHead(s):
		gcLine(in, d, s)
	case isEarlyLog4j(s):
		earlyLog4j(in, d, s)
	case jvmLevel(s) != format.LevelUnknown:
		d.Level = jvmLevel(s)
		d.Msg = s
		if strings.HasPrefix(s, "log4j:") { // "log4j:ERROR text" (org.apache.log4j.helpers.LogLog)
			d.Set(format.FieldComponent, "log4j")
			_, d.Msg, _ = strings.Cut(s, " ")
		}
	default:
		return false
	}
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Msg = strings.TrimRight(d.Msg, " \r")
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// stdErr reads "stamp:LEVEL:logger:thread: message" (jetty-util 9.4,
// org.eclipse.jetty.util.log.StdErrLog.format). The logger may be empty; the
// thread has the request's URL behind a colon; an alert of DoSFilter has no
// thread.
func stdErr(in *format.Input, d *format.Draft, s string) {
	const stamp = 23 // bytes
	d.Time, _ = in.Clock.ISOTime(s[:stamp], d.Head.Arrival)
	s = s[stamp+1:]
	d.Level = stdErrLevel(s)
	_, s, _ = strings.Cut(s, ":")
	logger, s, _ := strings.Cut(s, ":")
	d.Set(format.FieldComponent, logger)
	i := strings.Index(s, ": ")
	if i < 0 && strings.HasSuffix(s, ":") {
		i = len(s) - 1
	}
	if i >= 0 && strings.IndexByte(s[:i], ' ') < 0 {
		SetThread(in, d, strings.TrimSuffix(s[:i], ":"))
		s = strings.Trim(s[i+1:], " ")
	}
	d.Msg = s
	if rest, ok := strings.CutPrefix(s, "DOS ALERT:"); ok {
		d.Set(format.FieldAction, "throttle")
		SetClient(in, d, scan.ValueOf(rest, "ip=", ","), "")
		if user := scan.ValueOf(rest, "user=", ", "); user != "null" {
			d.Set(format.FieldUser, user)
		}
	} else if list, ok := strings.CutPrefix(s, "Ignoring malformed remote address "); ok { // of X-Forwarded-For
		SetClient(in, d, "", list)
	}
}

// isEarlyLog4j reports whether s is a line of log4j's basic configuration,
// which holds until Zimbra's own is read: "%-4r %-5p [%t] %c{1} - %m%n", the
// number the milliseconds since the start.
func isEarlyLog4j(s string) bool {
	n := len(scan.Number(s))
	return n > 0 && n < 10 && n < len(s) && s[n] == ' ' && IsLog4jBody(scan.TrimSpaces(s[n:]))
}

func earlyLog4j(in *format.Input, d *format.Draft, s string) {
	s = scan.TrimSpaces(s[len(scan.Number(s)):])
	i := strings.IndexByte(s, ' ')
	d.Level = format.Log4jLevel(s[:i])
	d.Msg = scan.TrimSpaces(s[i:])
	thread, rest, ok := strings.Cut(d.Msg[1:], "] ")
	if !ok {
		return
	}
	d.Msg = rest
	SetThread(in, d, thread)
	if logger, msg, ok := strings.Cut(rest, " - "); ok && strings.IndexByte(logger, ' ') < 0 {
		d.Set(format.FieldComponent, logger)
		d.Msg = msg
	}
}

// jvmLevel knows the lines that the JVM and slf4j write without a time.
func jvmLevel(s string) format.Level {
	switch {
	case s == "":
	case strings.HasPrefix(s, "SLF4J: "), strings.HasPrefix(s, "log4j:WARN "),
		strings.HasPrefix(s, "OpenJDK ") && strings.Contains(s, " VM warning:"),
		strings.HasPrefix(s, "Java HotSpot(TM) ") && strings.Contains(s, " VM warning:"),
		strings.HasPrefix(s, "WARNING: "):
		return format.LevelWarn
	case strings.HasPrefix(s, "log4j:ERROR "), strings.HasPrefix(s, "java.lang.OutOfMemoryError"):
		return format.LevelError
	case strings.HasPrefix(s, "Full thread dump "):
		return format.LevelInfo
	}
	return format.LevelUnknown
}
