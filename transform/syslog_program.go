package transform

import "strings"

// parseSyslog reads what stands behind a syslog header, by the program that its
// tag names. A program that is not known leaves the line as it is; its name
// becomes a label only if it is one of foreignPrograms, because a tag is
// whatever the sender of a datagram wrote. A header alone makes a line known.
func (r *Run) parseSyslog(d *draft) {
	h := &d.header
	s := d.joined
	if s == "" {
		s = d.unrepeat(withoutMsgID(d.head.text[h.skip:]))
	}
	d.msg = s
	d.level = priLevel(h.pri)
	d.harmless = h.skip
	if f := formats.Program(h.tag); f != nil {
		d.format = f
		service := ProgramName(h.tag)
		if f.Parse == nil {
			service = orElse(f.Service, service)
		}
		d.setSyslogLabels(service)
		d.known(f.Message(&r.Input, d, s))
		return
	}
	if rest, ok := strings.CutPrefix(s, "last message repeated "); ok && h.tag == "" {
		d.set(FieldRepeat, number(rest))
	}
	name := ProgramName(h.tag)
	service := "other"
	if foreignPrograms[name] {
		service = name
	}
	d.format = &Syslog
	d.setSyslogLabels(service)
	parseForeign(&r.Input, d, name, s)
}

// known marks a line whose header was read, but not its message.
func (d *draft) known(whole bool) {
	if !whole && d.level < LevelWarn {
		d.set(FieldFormat, "partly")
	}
}

// setSyslogLabels gives job, log and service_name. The log is that of
// the file, if the record names one; else zmstat's facility local1, or its
// programs, tell zimbra-stats.log from zimbra.log.
func (d *draft) setSyslogLabels(service string) {
	d.job, d.service, d.log = "zimbra", service, "zimbra"
	file := d.head.path[strings.LastIndexByte(d.head.path, '/')+1:]
	const local1 = 17 // facility of RFC 5424 section 6.2.1
	switch {
	case strings.HasPrefix(file, "zimbra-stats"):
		d.log = "zimbra-stats"
	case strings.HasPrefix(file, "zimbra"), strings.HasPrefix(file, "carbonio"):
	case d.header.pri >= 0 && d.header.pri>>3 == local1:
		d.log = "zimbra-stats"
	case d.format.Log != "" && d.format.Parse == nil:
		d.log = d.format.Log
	}
}

// priLevel is the level that a PRI tells (RFC 5424 section 6.2.1), info for -1:
// a line that says nothing else.
func priLevel(pri int) Level {
	if pri < 0 {
		return LevelInfo
	}
	return levelOfNumber(int64(pri&7), true)
}

// raise makes the level at least l.
func (d *draft) raise(l Level) {
	if d.level < l {
		d.level = l
	}
}

// unrepeat takes the message out of rsyslog's "message repeated 2 times: [ … ]",
// which stands for so many further events.
func (d *draft) unrepeat(s string) string {
	rest, ok := strings.CutPrefix(s, "message repeated ")
	if !ok {
		return s
	}
	n := number(rest)
	inner, ok := strings.CutPrefix(rest[len(n):], " times: [")
	if n == "" || !ok {
		return s
	}
	d.set(FieldRepeat, n)
	return strings.TrimSuffix(trimSpaces(inner), "]")
}

// withoutMsgID cuts "[ID 197553 mail.info] ", which Solaris puts before a message.
func withoutMsgID(s string) string {
	if strings.HasPrefix(s, "[ID ") {
		if i := strings.Index(s, "] "); i > 0 && i < 40 {
			return s[i+2:]
		}
	}
	return s
}

// severityWord is the level that a word before ": " names in Postfix's way, and
// what follows it.
func severityWord(s string) (l Level, rest string) {
	i := strings.IndexByte(s, ':')
	if i < 4 || i > 7 || len(s) < i+2 || s[i+1] != ' ' {
		return LevelUnknown, s
	}
	switch s[:i] {
	case "warning", "WARNING":
		l = LevelWarn
	case "error", "ERROR":
		l = LevelError
	case "fatal", "panic", "FATAL":
		l = LevelFatal
	default:
		return LevelUnknown, s
	}
	return l, s[i+2:]
}

// short is s, no longer than an error may be.
func shortText(s string) string { return s[:cutRunes(s, maxError)] }

// readSyslogHeader takes what the header says. What follows it, a log4j line
// or a program's message, has a parser of its own.
func (r *Run) readSyslogHeader(d *draft) {
	h := &d.header
	d.time = r.clock.syslogTime(h.stamp, d.head.arrival)
	d.host = h.host
	d.set(FieldProgram, h.tag)
	d.set(FieldPID, h.pid)
	d.msg = d.head.text[h.skip:]
}
