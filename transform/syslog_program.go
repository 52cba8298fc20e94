package transform

import "strings"

// parseSyslogMessage reads what stands behind the header h, by the program
// that its tag names. A program that is not known leaves the line as it is;
// its name becomes a label only if it is one of foreignPrograms, because a tag
// is whatever the sender of a datagram wrote. The result is always true: a
// syslog header alone makes a line known.
func parseSyslogMessage(r *Run, d *draft, h *syslogHeader) bool {
	s := d.joined
	if s == "" {
		s = d.unrepeat(withoutMsgID(d.head.text[h.skip:]))
	}
	d.msg = s
	d.level = priLevel(h.pri)
	d.harmless = h.skip
	if component, instance, ok := postfixTag(h.tag); ok {
		d.set(FieldComponent, component)
		d.set(FieldInstance, instance)
		d.setSyslogLabels(h, FormatPostfix, "postfix")
		d.known(parsePostfix(r, d, component, s))
		return true
	}
	if rest, ok := strings.CutPrefix(s, "last message repeated "); ok && h.tag == "" {
		d.set(FieldRepeat, number(rest))
	}
	name := programName(h.tag)
	if p := programOf(name); p.parse != nil {
		d.setSyslogLabels(h, p.format, name)
		d.known(p.parse(r, d, s))
		return true
	}
	service := "other"
	if foreignPrograms[name] {
		service = name
	}
	d.setSyslogLabels(h, FormatSyslog, service)
	parseForeign(r, d, name, s)
	return true
}

// known marks a line whose header was read, but not its message.
func (d *draft) known(whole bool) {
	if !whole && d.level < LevelWarn {
		d.set(FieldFormat, "partly")
	}
}

// program is how one program's messages are read.
type program struct {
	format Format
	parse  func(r *Run, d *draft, s string) bool // false: only the header was known
}

// programOf returns the reader of a program's messages; parse is nil if there
// is none.
func programOf(name string) program {
	switch name {
	case "amavis", "amavisd":
		return program{FormatAmavis, parseAmavis}
	case "opendkim":
		return program{FormatOpenDKIM, parseOpenDKIM}
	case "saslauthd":
		return program{FormatSaslauthd, parseSaslauthd}
	case "slapd":
		return program{FormatSlapd, parseSlapd}
	case "clamd", "freshclam":
		return program{FormatClamd, syslogClamAV}
	case "zmconfigd":
		return program{FormatZmconfigd, syslogZmconfigd}
	case "zimbramon":
		return program{FormatZimbramon, parseZimbramon}
	case "cbpolicyd":
		return program{FormatCbpolicyd, syslogCbpolicyd}
	case "policyd-spf":
		return program{FormatSPF, parseSPF}
	}
	return program{}
}

// programName is the name in a tag without its path ("/usr/sbin/CRON") and
// without the part in parentheses that PAM adds ("sshd(pam_unix)").
func programName(tag string) string {
	if i := strings.LastIndexByte(tag, '/'); i >= 0 {
		tag = tag[i+1:]
	}
	if i := strings.IndexByte(tag, '('); i > 0 {
		tag = tag[:i]
	}
	return tag
}

// setSyslogLabels gives format, job, log and service_name. The log is that of
// the file, if the record names one; else zmstat's facility local1, or its
// programs, tell zimbra-stats.log from zimbra.log.
func (d *draft) setSyslogLabels(h *syslogHeader, f Format, service string) {
	d.format, d.job, d.service, d.log = f, "zimbra", service, "zimbra"
	file := d.head.path[strings.LastIndexByte(d.head.path, '/')+1:]
	const local1 = 17 // facility of RFC 5424 section 6.2.1
	switch {
	case strings.HasPrefix(file, "zimbra-stats"):
		d.log = "zimbra-stats"
	case strings.HasPrefix(file, "zimbra"), strings.HasPrefix(file, "carbonio"):
	case h.pri >= 0 && h.pri>>3 == local1, f == FormatZimbramon:
		d.log = "zimbra-stats"
	case f == FormatSyslog:
		d.log = "syslog"
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
