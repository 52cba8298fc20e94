package transform

import "strings"

// Clamd is the format clamd.
var Clamd = Spec{
	Name:     "clamd",
	Doc:      "clamd.log and freshclam.log",
	From:     "ClamAV: clamd.log and freshclam.log of /opt/zimbra/log, and both by syslog",
	Log:      "clamd",
	Head:     isClamdHead,
	Parse:    parseClamd,
	Programs: []string{"clamd", "freshclam"},
	Message:  syslogClamAV,
	Fixture:  Fixture{File: "clamdlog/lines.log", Example: "FOUND"},
	Question: `{log=~"clamd|zimbra"} | virus!=""`,
	Traps:    "What is found is a warning here, because ClamAV writes no level for it. amavis writes its own line on the same mail.",
}

const clamdArrow = " -> "

// isClamdHead reports whether s starts as ClamAV writes with LogTime:
// "Tue Mar 15 09:25:16 2022 -> ".
func isClamdHead(s string) bool {
	n := ctimeLen(s)
	return n > 0 && strings.HasPrefix(s[n:], clamdArrow)
}

// parseClamd reads clamd.log and freshclam.log (ClamAV common/output.c, logg).
// A level is written only for errors and warnings, before the message.
func parseClamd(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	n := ctimeLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], clamdArrow) {
		return false
	}
	d.time = in.clock.ctime(s, n, d.head.arrival)
	d.msg = strings.TrimRight(s[n+len(clamdArrow):], " \r")
	if strings.Contains(d.head.path, "freshclam") || strings.Contains(in.tag, "freshclam") {
		d.setLog("freshclam", "zimbra-freshclam")
	} else {
		d.setLog("clamd", "zimbra-clamd")
	}
	clamMessage(d)
	return true
}

// clamMessage reads a message of ClamAV, of its own files and of syslog.
func clamMessage(d *draft) {
	s := trimSpaces(strings.TrimPrefix(d.msg, "LibClamAV "))
	d.level = LevelInfo
	if word, text, ok := strings.Cut(s, ": "); ok {
		switch word {
		case "ERROR", "Error":
			d.level = LevelError
			d.set(FieldError, firstLine(text))
		case "WARNING", "Warning":
			d.level = LevelWarn
			d.set(FieldError, firstLine(text))
		}
	}
	switch {
	case strings.HasSuffix(s, " FOUND"):
		file, virus, _ := cutLast(strings.TrimSuffix(s, " FOUND"), ": ")
		// With ExtendedDetectionInfo the hash and the size stand behind the name.
		virus, _, _ = strings.Cut(virus, "(")
		d.set(FieldAction, "scan")
		d.set(FieldVirus, virus)
		d.add("scanned", file)
		d.level = LevelWarn
	case strings.Contains(s, " updated (version: "):
		d.set(FieldAction, "update")
		d.set(FieldOutcome, "success")
	case strings.HasPrefix(s, "Update failed"), strings.HasPrefix(s, "ERROR: Update failed"):
		d.set(FieldAction, "update")
		d.set(FieldOutcome, "failure")
	}
}

// cutLast is strings.Cut at the last sep; without one before is empty.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
