package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Zmsetup is the format zmsetup.
var Zmsetup = format.Spec{
	Name:     "zmsetup",
	Doc:      "zmsetup.log",
	From:     "the installer: /opt/zimbra/log/zmsetup.log",
	Log:      "zmsetup",
	Service:  "zimbra-setup",
	Head:     isZmsetupHead,
	Parse:    parseZmsetup,
	Stamp:    format.Stamp{Layout: "Mon Jan _2 15:04:05 2006", Line: `@ Setting defaults...`},
	Fixture:  format.Fixture{File: "zmsetup/lines.log", Path: "/opt/zimbra/log/zmsetup.log", Example: "Setting defaults"},
	Question: `{log="zmsetup"} |= "failed"`,
}

// isZmsetupHead reports whether s starts with ctime and a message: lines of
// zmsetup.log, and of other scripts in Perl.
func isZmsetupHead(s string) bool {
	n := logtime.CtimeLen(s)
	return n > 0 && len(s) > n && s[n] == ' ' && !strings.HasPrefix(s[n:], " -> ") // which ClamAV writes
}

// parseZmsetup reads zmsetup.log (zm-build, zmsetup.pl: progress and detail
// print localtime's text before each line). The shape is that of many programs;
// a file of another name is left to parsePlain.
func parseZmsetup(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isZmsetupHead(s) || d.Head.Path != "" && !strings.Contains(d.Head.Path, "zmsetup") {
		return false
	}
	n := logtime.CtimeLen(s)
	d.Time = in.Clock.Ctime(s, n, d.Head.Arrival)
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Msg = strings.Trim(s[n:], " \r")
	d.Level = format.LevelInfo
	if l := format.LeadingLevel(d.Msg); l != format.LevelUnknown {
		d.Level = l
	} else if strings.HasSuffix(d.Msg, "failed.") || strings.Contains(d.Msg, "...failed") {
		d.Level = format.LevelError
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.FirstLine(withoutLevel(d.Msg)))
	}
	return true
}

// withoutLevel cuts "ERROR: " off.
func withoutLevel(s string) string {
	word, rest, ok := strings.Cut(s, ": ")
	if !ok || !scan.IsUpper(word) || format.WordLevel(word) == format.LevelUnknown {
		return s
	}
	return rest
}
