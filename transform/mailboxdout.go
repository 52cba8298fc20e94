package transform

import "strings"

// MailboxdOut is the format zmmailboxd.out.
var MailboxdOut = Spec{
	Name:     "zmmailboxd.out",
	Doc:      "Jetty's StdErrLog and the JVM's own lines",
	From:     "mailboxd's standard output: /opt/zimbra/log/zmmailboxd.out",
	Log:      "zmmailboxd.out",
	Service:  "zimbra-mailbox",
	Head:     isMailboxdOutHead,
	Parse:    parseMailboxdOut,
	Fixture:  Fixture{File: "mailboxdout/lines.log", Example: "DOS ALERT"},
	Question: `{log="zmmailboxd.out"} |= "DOS ALERT"`,
	Traps:    "JVM banners, thread dumps and SLF4J's messages have no time of their own.",
}

// isMailboxdOutHead reports whether s starts an event of zmmailboxd.out: a line
// of Jetty's StdErrLog, of the JVM, or of log4j before it is configured.
func isMailboxdOutHead(s string) bool {
	return isStdErrHead(s) || isGCHead(s) || isEarlyLog4j(s) || jvmLevel(s) != LevelUnknown
}

// isStdErrHead reports whether s starts as Jetty's StdErrLog writes:
// "2020-08-26 00:19:26.942:INFO:".
func isStdErrHead(s string) bool {
	const stamp = "0000-00-00 00:00:00.000:"
	return digitsAt(s, stamp) && stdErrLevel(s[len(stamp):]) != LevelUnknown
}

func stdErrLevel(s string) Level {
	i := strings.IndexByte(s, ':')
	if i < 3 || i > 5 {
		return LevelUnknown
	}
	switch s[:i] {
	case "INFO", "WARN", "DBUG", "DEBUG", "ERROR", "TRACE":
		return wordLevel(s[:i])
	}
	return LevelUnknown
}

// parseMailboxdOut reads zmmailboxd.out, into which the JVM of mailboxd writes
// both of its streams. What is not of a known form is for parsePlain.
func parseMailboxdOut(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	switch {
	case isStdErrHead(s):
		in.stdErr(d, s)
	case isGCHead(s):
		in.gcLine(d, s)
	case isEarlyLog4j(s):
		earlyLog4j(in, d, s)
	case jvmLevel(s) != LevelUnknown:
		d.level = jvmLevel(s)
		d.msg = s
	default:
		return false
	}
	d.setLog(d.format.Log, d.format.Service)
	d.msg = strings.TrimRight(d.msg, " \r")
	if d.level >= LevelError {
		d.setNew(FieldError, firstLine(d.msg))
	}
	parseTrace(d)
	return true
}

// stdErr reads "stamp:LEVEL:logger:thread: message" (jetty-util 9.4,
// org.eclipse.jetty.util.log.StdErrLog.format). The logger may be empty; the
// thread has the request's URL behind a colon; an alert of DoSFilter has no
// thread.
func (in *Input) stdErr(d *draft, s string) {
	const stamp = 23 // bytes
	d.time, _ = in.clock.isoTime(s[:stamp], d.head.arrival)
	s = s[stamp+1:]
	d.level = stdErrLevel(s)
	_, s, _ = strings.Cut(s, ":")
	logger, s, _ := strings.Cut(s, ":")
	d.set(FieldComponent, logger)
	i := strings.Index(s, ": ")
	if i < 0 && strings.HasSuffix(s, ":") {
		i = len(s) - 1
	}
	if i >= 0 && strings.IndexByte(s[:i], ' ') < 0 {
		in.setThread(d, strings.TrimSuffix(s[:i], ":"))
		s = strings.Trim(s[i+1:], " ")
	}
	d.msg = s
	if rest, ok := strings.CutPrefix(s, "DOS ALERT:"); ok {
		d.set(FieldAction, "throttle")
		in.setClient(d, valueOf(rest, "ip=", ","), "")
		if user := valueOf(rest, "user=", ", "); user != "null" {
			d.set(FieldUser, user)
		}
	}
}

// isGCHead reports whether s is a line of the garbage collector's log, or of
// the JVM's unified logging (JEP 158): "[0.010s][info][gc] Using G1",
// "[2026-08-02T16:49:04.123+0300][warning][gc] …", and before Java 9
// "2026-08-02T16:49:04.123+0300: 12.345: [GC (Allocation Failure) …".
func isGCHead(s string) bool {
	if len(s) > 4 && s[0] == '[' && isDigit(s[1]) {
		i := strings.IndexByte(s, ']')
		return i > 0 && i < 40 && i+2 < len(s) && s[i+1] == '[' && unifiedLevel(s[i+2:]) != LevelUnknown
	}
	return classicGC(s) >= 0
}

// unifiedLevel reads "info ][gc,heap] ".
func unifiedLevel(s string) Level {
	i := strings.IndexByte(s, ']')
	if i < 4 || i > 7 || i+1 >= len(s) || s[i+1] != '[' {
		return LevelUnknown
	}
	return wordLevel(strings.TrimRight(s[:i], " "))
}

// classicGC is where "[GC …" or "[Full GC …" starts in a line of the older
// form, -1 if there is none.
func classicGC(s string) int {
	if s == "" || !isDigit(s[0]) {
		return -1
	}
	i := strings.Index(s[:min(len(s), 64)], ": [")
	if i < 0 || !strings.HasPrefix(s[i+3:], "GC") && !strings.HasPrefix(s[i+3:], "Full GC") {
		return -1
	}
	return i + 2
}

// gcLine reads time, level, tags and the length of the pause.
func (in *Input) gcLine(d *draft, s string) {
	d.level = LevelInfo
	d.set(FieldComponent, "gc")
	if i := classicGC(s); i >= 0 {
		if j := strings.Index(s, ": "); j > 0 {
			d.time, _ = in.clock.isoTime(s[:j], d.head.arrival)
		}
		d.msg = s[i:]
		d.set(FieldDurationMS, in.secondsBefore(s, " secs]"))
		return
	}
	stamp, rest, _ := strings.Cut(s[1:], "][")
	d.time, _ = in.clock.isoTime(stamp, d.head.arrival)
	d.level = unifiedLevel(rest)
	_, rest, _ = strings.Cut(rest, "][")
	tags, rest, _ := strings.Cut(rest, "]")
	d.set(FieldComponent, strings.TrimRight(tags, " "))
	d.msg = trimSpaces(rest)
	if i := strings.LastIndexByte(s, ' '); strings.HasSuffix(s, "ms") && isNumber(s[i+1:len(s)-2]) {
		d.set(FieldDurationMS, s[i+1:len(s)-2])
	}
}

// secondsBefore reads the number before the last unit as milliseconds.
func (in *Input) secondsBefore(s, unit string) string {
	i := strings.LastIndex(s, unit)
	if i < 0 {
		return ""
	}
	return in.a.seconds(s[strings.LastIndexByte(s[:i], ' ')+1 : i])
}

// isEarlyLog4j reports whether s is a line of log4j's basic configuration,
// which holds until Zimbra's own is read: "%-4r %-5p [%t] %c{1} - %m%n", the
// number the milliseconds since the start.
func isEarlyLog4j(s string) bool {
	n := len(number(s))
	return n > 0 && n < 10 && n < len(s) && s[n] == ' ' && isLog4jBody(trimSpaces(s[n:]))
}

func earlyLog4j(in *Input, d *draft, s string) {
	s = trimSpaces(s[len(number(s)):])
	i := strings.IndexByte(s, ' ')
	d.level = log4jLevel(s[:i])
	d.msg = trimSpaces(s[i:])
	thread, rest, ok := strings.Cut(d.msg[1:], "] ")
	if !ok {
		return
	}
	d.msg = rest
	in.setThread(d, thread)
	if logger, msg, ok := strings.Cut(rest, " - "); ok && strings.IndexByte(logger, ' ') < 0 {
		d.set(FieldComponent, logger)
		d.msg = msg
	}
}

// jvmLevel knows the lines that the JVM and slf4j write without a time.
func jvmLevel(s string) Level {
	switch {
	case s == "":
	case strings.HasPrefix(s, "SLF4J: "), strings.HasPrefix(s, "log4j:WARN "),
		strings.HasPrefix(s, "OpenJDK ") && strings.Contains(s, " VM warning:"),
		strings.HasPrefix(s, "Java HotSpot(TM) ") && strings.Contains(s, " VM warning:"),
		strings.HasPrefix(s, "WARNING: "):
		return LevelWarn
	case strings.HasPrefix(s, "log4j:ERROR "), strings.HasPrefix(s, "java.lang.OutOfMemoryError"):
		return LevelError
	case strings.HasPrefix(s, "Full thread dump "):
		return LevelInfo
	}
	return LevelUnknown
}
