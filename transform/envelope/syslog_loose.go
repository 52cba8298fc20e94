package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// scanWithout reads what stands behind the host, from s[i:] on, where no
// "tag: " does: rsyslog's imfile writes the tag as it was configured, with a
// colon or none, and a mark has no tag at all.
func (h *SyslogHeader) scanWithout(s string, i int, kind stampKind, hints *SyslogHints) bool {
	msg := s[i:]
	if msg == "" {
		return false
	}
	h.Skip = i
	if m := strings.TrimPrefix(msg, "--- "); strings.HasPrefix(m, repeated) {
		h.Skip = len(s) - len(m)
		return true
	}
	if kind == stampISO && h.Host != "" && h.Pri < 0 && h.scanRFC5424Body(s, i) {
		return true
	}
	n := tagLen(msg)
	tag := ""
	if n > 0 && n < len(msg) && msg[n] == ' ' && !isLevelWord(msg[:n]) {
		tag = msg[:n]
	}
	known := tag != "" && (hints.program(tag) || isTagName(tag) && startsMessage(msg[n+1:]))
	if known || tag != "" && kind == stampBSD && isTagName(tag) {
		h.Tag, h.Skip = tag, len(s)-len(scan.TrimSpaces(s[i+n:]))
	}
	return kind == stampBSD || known || strings.HasPrefix(msg, "-- MARK --") || hints.file()
}

// isTagName reports whether a word looks like a program's name and not like one
// of a text: "zimbra-nginx-err", "postfix/smtpd".
func isTagName(s string) bool {
	inner := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-', c == '_', c == '/':
			inner = inner || i > 0 && i < len(s)-1
		case !scan.KeyByte[c] && c != '.':
			return false
		}
	}
	return inner && s[0] != '-' && !scan.IsDigit(s[0])
}

// startsMessage reports whether s starts as no text does but a log line: with a
// time.
func startsMessage(s string) bool {
	_, n := logtime.PlainStamp(s)
	return n > 0
}

// scanPriority takes the facility and level that some daemons write behind the
// time, and returns their length with the blank behind: FreeBSD's syslogd -v
// "<2.6>", -vv "<mail.info>", busybox' "mail.info".
func (h *SyslogHeader) scanPriority(s string) int {
	j := strings.IndexByte(s[:min(len(s), len("<authpriv.warning> "))], ' ')
	if j < 3 {
		return 0
	}
	word := s[:j]
	if word[0] == '<' {
		if word[j-1] != '>' {
			return 0
		}
		word = word[1 : j-1]
	}
	facility, level, ok := strings.Cut(word, ".")
	if !ok {
		return 0
	}
	l := severityOf(level) // first, as the domain of a host is none
	if l < 0 {
		return 0
	}
	f := facilityOf(facility)
	if f < 0 {
		return 0
	}
	h.Pri = f<<3 | l
	return j + 1
}

// facilities are the names in syslog.conf(5), by their numbers.
var facilities = [...]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

func facilityOf(s string) int {
	if n := scan.Number(s); n != "" && n == s && len(s) <= 2 && scan.Atoi(s) < len(facilities) {
		return scan.Atoi(s)
	}
	for i, name := range facilities {
		if name == s {
			return i
		}
	}
	switch s {
	case "security":
		return 4
	case "console":
		return 14
	}
	return -1
}

// severityOf reads a level as syslog.conf(5) names it, or its number.
func severityOf(s string) int {
	switch s {
	case "0", "emerg", "panic":
		return 0
	case "1", "alert":
		return 1
	case "2", "crit":
		return 2
	case "3", "err", "error":
		return 3
	case "4", "warning", "warn":
		return 4
	case "5", "notice":
		return 5
	case "6", "info":
		return 6
	case "7", "debug":
		return 7
	}
	return -1
}

// isLevelWord reports whether s is a word for a level as programs print it
// behind a time. No host and no program is named so. Words that are names too,
// as "log" and "config", count in upper case only.
func isLevelWord(s string) bool {
	if len(s) < 3 || len(s) > 13 {
		return false
	}
	var b [13]byte
	for i := 0; i < len(s); i++ {
		if b[i] = s[i] | 0x20; b[i] < 'a' || b[i] > 'z' {
			return false // most hosts and tags
		}
	}
	switch string(b[:len(s)]) {
	case "info", "inf", "information", "informational", "notice", "warn", "warning", "wrn", "error", "err", "eror", "severe",
		"debug", "dbg", "dbug", "trace", "trc", "verbose", "vrb", "finer", "finest", "fatal", "ftl", "critical", "crit",
		"panic", "dpanic", "emerg", "emergency", "alert":
		return true
	case "log", "note", "config", "fine", "success":
		return scan.IsUpper(s)
	}
	return false
}

// scanStampless reads "host tag[pid]: " or "tag[pid]: " before a time of the
// program's own: what is left of a line of the journal in tickets and tests.
func (h *SyslogHeader) scanStampless(s string) bool {
	*h = SyslogHeader{Pri: -1, Known: true}
	const longest = 80 // bytes of host and tag
	i := strings.IndexByte(s[:min(len(s), longest)], '[')
	if i <= 0 || bracketedPID(s[i:]) == 0 {
		return false
	}
	end := i + bracketedPID(s[i:])
	if !strings.HasPrefix(s[end:], " ") || !scan.DigitsAt(s[end+1:], "0000") || !startsMessage(s[end+1:]) {
		return false
	}
	host, tag, ok := strings.Cut(s[:i], " ")
	if !ok {
		host, tag = "", host
	}
	if tag == "" || tagLen(tag) != len(tag) || isLevelWord(tag) || host != "" && !isHost(host) || ok && host == "" {
		return false
	}
	h.Host, h.Tag, h.PID, h.Skip = host, tag, s[i+1:end-2], end+1
	return true
}
