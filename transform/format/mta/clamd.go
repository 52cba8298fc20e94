package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
)

// Clamd is the format clamd.
var Clamd = format.Spec{
	Name:     "clamd",
	Doc:      "clamd.log and freshclam.log",
	From:     "ClamAV: clamd.log and freshclam.log of /opt/zimbra/log, and both by syslog",
	Log:      "clamd",
	Service:  "zimbra-clamd",
	Head:     isClamdHead,
	Parse:    parseClamd,
	Programs: []string{"clamd", "freshclam"},
	Message:  clamMessage,
	Stamp:    format.Stamp{Layout: "Mon Jan _2 15:04:05 2006", Line: `@ -> SelfCheck: Database status OK.`, Header: `@ -> `},
	Fixture:  format.Fixture{File: "clamdlog/lines.log", Example: "FOUND"},
	Question: `{log=~"clamd|zimbra"} | virus!=""`,
	Traps:    "A find is given the level warn, because ClamAV writes none. amavis writes a line of its own about the same mail.",
	Outcomes: []format.Outcome{
		{Value: "infected", When: "`FOUND`"},
		{Value: "success", When: "a database was updated"},
		{Value: "failure", When: "an update or an access failed"},
	},
}

// freshclamService is the service of freshclam, which writes as clamd does.
const freshclamService = "zimbra-freshclam"

const clamdArrow = " -> "

// isClamdHead reports whether s starts as ClamAV writes with LogTime:
// "Tue Mar 15 09:25:16 2022 -> ".
func isClamdHead(s string) bool {
	n := logtime.CtimeLen(s)
	return n > 0 && strings.HasPrefix(s[n:], clamdArrow)
}

// parseClamd reads clamd.log and freshclam.log (ClamAV common/output.c, logg).
// A level is written only for errors and warnings, before the message; without
// LogTime there is no time either, and the file tells whose line it is.
func parseClamd(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	n := logtime.CtimeLen(s)
	switch {
	case n > 0 && strings.HasPrefix(s[n:], clamdArrow):
		d.Time = in.Clock.Ctime(s, n, d.Head.Arrival)
		s = s[n+len(clamdArrow):]
	case !clamFile(d.Head.Path, "freshclam") && !clamFile(d.Head.Path, "clamd") && !clamFile(d.Head.Path, "clamav"):
		return false
	default:
		d.Time = clamTime(in, d, s)
	}
	d.Msg = strings.TrimRight(s, " \r")
	if clamFile(d.Head.Path, "freshclam") || strings.Contains(in.Tag, "freshclam") {
		d.SetLog("freshclam", freshclamService)
	} else {
		d.SetLog(d.Format.Log, d.Format.Service)
	}
	d.Level = format.LevelInfo
	d.SetKnown(clamMessage(in, d, d.Msg))
	return true
}

// clamFile reports whether a path is that of a program's log: "freshclam.log",
// "freshclam.log.1", "clamd-2026.log".
func clamFile(path, program string) bool {
	return strings.HasPrefix(path[strings.LastIndexByte(path, '/')+1:], program)
}

// clamTime is the time that a message ends with, "… started at Mon Oct 26
// 18:00:50 2026", or 0.
func clamTime(in *format.Input, d *format.Draft, s string) int64 {
	_, at, ok := strings.Cut(s, " started at ")
	if n := logtime.CtimeLen(at); ok && n > 0 {
		return in.Clock.Ctime(at, n, d.Head.Arrival)
	}
	return 0
}
