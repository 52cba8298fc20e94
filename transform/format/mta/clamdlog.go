package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Clamd is the format clamd.
var Clamd = format.Spec{
	Name:     "clamd",
	Doc:      "clamd.log and freshclam.log",
	From:     "ClamAV: clamd.log and freshclam.log of /opt/zimbra/log, and both by syslog",
	Log:      "clamd",
	Head:     isClamdHead,
	Parse:    parseClamd,
	Programs: []string{"clamd", "freshclam"},
	Message:  syslogClamAV,
	Fixture:  format.Fixture{File: "clamdlog/lines.log", Example: "FOUND"},
	Question: `{log=~"clamd|zimbra"} | virus!=""`,
	Traps:    "What is found is a warning here, because ClamAV writes no level for it. amavis writes its own line on the same mail.",
}

const clamdArrow = " -> "

// isClamdHead reports whether s starts as ClamAV writes with LogTime:
// "Tue Mar 15 09:25:16 2022 -> ".
func isClamdHead(s string) bool {
	n := logtime.CtimeLen(s)
	return n > 0 && strings.HasPrefix(s[n:], clamdArrow)
}

// parseClamd reads clamd.log and freshclam.log (ClamAV common/output.c, logg).
// A level is written only for errors and warnings, before the message.
func parseClamd(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	n := logtime.CtimeLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], clamdArrow) {
		return false
	}
	d.Time = in.Clock.Ctime(s, n, d.Head.Arrival)
	d.Msg = strings.TrimRight(s[n+len(clamdArrow):], " \r")
	if strings.Contains(d.Head.Path, "freshclam") || strings.Contains(in.Tag, "freshclam") {
		d.SetLog("freshclam", "zimbra-freshclam")
	} else {
		d.SetLog("clamd", "zimbra-clamd")
	}
	clamMessage(d)
	return true
}

// clamMessage reads a message of ClamAV, of its own files and of syslog.
func clamMessage(d *format.Draft) {
	s := scan.TrimSpaces(strings.TrimPrefix(d.Msg, "LibClamAV "))
	d.Level = format.LevelInfo
	if word, text, ok := strings.Cut(s, ": "); ok {
		switch word {
		case "ERROR", "Error":
			d.Level = format.LevelError
			d.Set(format.FieldError, scan.FirstLine(text))
		case "WARNING", "Warning":
			d.Level = format.LevelWarn
			d.Set(format.FieldError, scan.FirstLine(text))
		}
	}
	switch {
	case strings.HasSuffix(s, " FOUND"):
		file, virus, _ := scan.CutLast(strings.TrimSuffix(s, " FOUND"), ": ")
		// With ExtendedDetectionInfo the hash and the size stand behind the name.
		virus, _, _ = strings.Cut(virus, "(")
		d.Set(format.FieldAction, "scan")
		d.Set(format.FieldVirus, virus)
		d.Add("scanned", file)
		d.Level = format.LevelWarn
	case strings.Contains(s, " updated (version: "):
		d.Set(format.FieldAction, "update")
		d.Set(format.FieldOutcome, "success")
	case strings.HasPrefix(s, "Update failed"), strings.HasPrefix(s, "ERROR: Update failed"):
		d.Set(format.FieldAction, "update")
		d.Set(format.FieldOutcome, "failure")
	}
}
