package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Zimbramon is the format zimbramon.
var Zimbramon = format.Spec{
	Name:     "zimbramon",
	Doc:      "service states and queue sizes, by syslog",
	From:     "zmstatuslog, zmqueuelog by syslog: /var/log/zimbra-stats.log",
	Log:      "zimbra-stats",
	Programs: []string{"zimbramon"},
	Message:  parseZimbramon,
	Piece:    zmstatPart,
	Fixture:  format.Fixture{File: "zimbra-stats/stats.log", Path: "/var/log/zimbra-stats.log", Example: "Stopped"},
	Question: `{service_name="zimbramon"} | status="Stopped"`,
}

// parseZimbramon reads what zmstatuslog and zmstat write: "29053:info:
// 2007-03-16 19:40:01, STATUS: host: antispam: Running", "…, QUEUE: 12 3" (kB
// and mails), "…:info: zmstat cpu.csv: h1, h2:: v1, v2" (zm-core-utils
// src/libexec/zmstatuslog, zmqueuelog, lib/Zimbra/Mon/Zmstat.pm).
func parseZimbramon(in *format.Input, d *format.Draft, s string) bool {
	s = zimbramonLevel(d, s)
	if rest, ok := strings.CutPrefix(s, "zmstat "); ok {
		d.Format = &Zmstat
		return parseZmstat(in, d, rest)
	}
	if strings.HasPrefix(s, ChunkMark) {
		d.Format = &Zmstat
		return zmstatPiece(d, s)
	}
	if i := strings.Index(s, ", "); i == 19 {
		s = s[i+2:]
	}
	switch {
	case strings.HasPrefix(s, "STATUS: "):
		serviceStatus(d, s[len("STATUS: "):])
	case strings.HasPrefix(s, "QUEUE: "):
		d.Set(format.FieldAction, "queue")
		kb, mails, _ := strings.Cut(strings.TrimSpace(s[len("QUEUE: "):]), " ")
		d.Add("queue_kb", kb)
		d.Add("queue_mails", mails)
	case strings.HasPrefix(s, "DISK: "):
		d.Set(format.FieldAction, "disk")
	default:
		if d.Level >= format.LevelError {
			d.SetNew(format.FieldError, scan.FirstLine(s))
		}
		return false
	}
	return true
}

// zimbramonLevel takes "29053:info: " off.
func zimbramonLevel(d *format.Draft, s string) string {
	l, rest := monLevel(s)
	d.Raise(l)
	return rest
}

// monLevel splits "29053:info: " off.
func monLevel(s string) (l format.Level, rest string) {
	n := len(scan.Number(s))
	if n == 0 || n == len(s) || s[n] != ':' {
		return format.LevelUnknown, s
	}
	word, rest, _ := strings.Cut(s[n+1:], ": ")
	if l = format.WordLevel(word); l == format.LevelUnknown {
		return l, s
	}
	return l, rest
}

// serviceStatus reads "host: antispam: Running".
func serviceStatus(d *format.Draft, s string) {
	d.Set(format.FieldAction, "status")
	host, rest, ok := strings.Cut(s, ": ")
	if !ok {
		return
	}
	service, status, _ := strings.Cut(rest, ": ")
	status = strings.TrimRight(status, " ")
	d.Set(format.FieldServer, host)
	d.Set(format.FieldTarget, service)
	d.Set(format.FieldStatus, status)
	if status == "Stopped" {
		d.Raise(format.LevelWarn)
	}
}
