package transform

import "strings"

// Zimbramon is the format zimbramon.
var Zimbramon = Spec{
	Name:     "zimbramon",
	Doc:      "service states and queue sizes, by syslog",
	From:     "zmstatuslog, zmqueuelog by syslog: /var/log/zimbra-stats.log",
	Log:      "zimbra-stats",
	Programs: []string{"zimbramon"},
	Message:  parseZimbramon,
	Piece:    zmstatPart,
	Fixture:  Fixture{File: "zimbra-stats/stats.log", Path: "/var/log/zimbra-stats.log", Example: "Stopped"},
	Question: `{service_name="zimbramon"} | status="Stopped"`,
}

// parseZimbramon reads what zmstatuslog and zmstat write: "29053:info:
// 2007-03-16 19:40:01, STATUS: host: antispam: Running", "…, QUEUE: 12 3" (kB
// and mails), "…:info: zmstat cpu.csv: h1, h2:: v1, v2" (zm-core-utils
// src/libexec/zmstatuslog, zmqueuelog, lib/Zimbra/Mon/Zmstat.pm).
func parseZimbramon(in *Input, d *draft, s string) bool {
	s = zimbramonLevel(d, s)
	if rest, ok := strings.CutPrefix(s, "zmstat "); ok {
		d.format = &Zmstat
		return parseZmstat(in, d, rest)
	}
	if strings.HasPrefix(s, chunkMark) {
		d.format = &Zmstat
		return zmstatPiece(d, s)
	}
	if i := strings.Index(s, ", "); i == 19 {
		s = s[i+2:]
	}
	switch {
	case strings.HasPrefix(s, "STATUS: "):
		d.serviceStatus(s[len("STATUS: "):])
	case strings.HasPrefix(s, "QUEUE: "):
		d.set(FieldAction, "queue")
		kb, mails, _ := strings.Cut(strings.TrimSpace(s[len("QUEUE: "):]), " ")
		d.add("queue_kb", kb)
		d.add("queue_mails", mails)
	case strings.HasPrefix(s, "DISK: "):
		d.set(FieldAction, "disk")
	default:
		return false
	}
	return true
}

// zimbramonLevel takes "29053:info: " off.
func zimbramonLevel(d *draft, s string) string {
	l, rest := monLevel(s)
	d.raise(l)
	return rest
}

// monLevel splits "29053:info: " off.
func monLevel(s string) (l Level, rest string) {
	n := len(number(s))
	if n == 0 || n == len(s) || s[n] != ':' {
		return LevelUnknown, s
	}
	word, rest, _ := strings.Cut(s[n+1:], ": ")
	if l = wordLevel(word); l == LevelUnknown {
		return l, s
	}
	return l, rest
}

// serviceStatus reads "host: antispam: Running".
func (d *draft) serviceStatus(s string) {
	d.set(FieldAction, "status")
	host, rest, ok := strings.Cut(s, ": ")
	if !ok {
		return
	}
	service, status, _ := strings.Cut(rest, ": ")
	status = strings.TrimRight(status, " ")
	d.set(FieldServer, host)
	d.set(FieldTarget, service)
	d.set(FieldStatus, status)
	if status == "Stopped" {
		d.raise(LevelWarn)
	}
}
