package transform

import "strings"

// Zmsetup is the format zmsetup.
var Zmsetup = Spec{
	Name:     "zmsetup",
	Doc:      "zmsetup.log",
	From:     "the installer: /opt/zimbra/log/zmsetup.log",
	Log:      "zmsetup",
	Service:  "zimbra-setup",
	Head:     isZmsetupHead,
	Parse:    parseZmsetup,
	Fixture:  Fixture{File: "zmsetup/lines.log", Path: "/opt/zimbra/log/zmsetup.log", Example: "Setting defaults"},
	Question: `{log="zmsetup"} |= "failed"`,
}

// isZmsetupHead reports whether s starts with ctime and a message: lines of
// zmsetup.log, and of other scripts in Perl.
func isZmsetupHead(s string) bool {
	n := ctimeLen(s)
	return n > 0 && len(s) > n && s[n] == ' ' && !strings.HasPrefix(s[n:], " -> ") // which ClamAV writes
}

// parseZmsetup reads zmsetup.log (zm-build, zmsetup.pl: progress and detail
// print localtime's text before each line). The shape is that of many programs;
// a file of another name is left to parsePlain.
func parseZmsetup(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isZmsetupHead(s) || d.head.path != "" && !strings.Contains(d.head.path, "zmsetup") {
		return false
	}
	n := ctimeLen(s)
	d.time = in.clock.ctime(s, n, d.head.arrival)
	d.setLog(d.format.Log, d.format.Service)
	d.msg = strings.Trim(s[n:], " \r")
	d.level = LevelInfo
	if l := leadingLevel(d.msg); l != LevelUnknown {
		d.level = l
	} else if strings.HasSuffix(d.msg, "failed.") || strings.Contains(d.msg, "...failed") {
		d.level = LevelError
	}
	if d.level >= LevelError {
		d.set(FieldError, firstLine(d.msg))
	}
	return true
}
