package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Text is the format text.
var Text = format.Spec{
	Name:     "text",
	Doc:      "time and level found in a usual place, nothing else",
	From:     "programs that nobody told us of",
	Parse:    parsePlain,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05.000", Line: `@ WARN pool exhausted`},
	Fixture:  format.Fixture{File: "plaintext/lines.log", Example: "WARN pool", Alone: true},
	Question: `{job="zimbra", log="other"} | detected_level="warn"`,
	Traps:    "Only time and level are read. A time of day without a date is taken to be of the latest possible day.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "Keycloak: an event that is no `…_ERROR`"},
		{Value: "failure", When: "Keycloak: `…_ERROR`; Vaultwarden: a login that was refused; Apache: a user it does not know, or a wrong password"},
		{Value: "rejected", When: "Apache: what its configuration denies"},
	},
}

// IsPlainHead reports whether s starts with a time in a usual form.
func IsPlainHead(s string) bool {
	_, n := logtime.PlainStamp(s)
	return n > 0
}

// parsePlain reads the time and the level of a line of a program that nobody
// has met: a time in a usual form at the beginning, and a level word near it with
// thread and logger, or the keys of logfmt. False means that the line has neither.
func parsePlain(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	msg := s
	form, n := logtime.PlainStamp(s)
	if form == logtime.PlainClock && strings.Contains(d.Head.Path, "trace_log") {
		n = 0 // a damaged line of it: it may hold cookies, see unparsed
	}
	if n > 0 {
		d.Time = in.Clock.PlainTime(form, s[:n], d.Head.Arrival)
		msg = s[n:]
	}
	if d.Time == 0 {
		d.Time = logfmtTime(in, s, d.Head.Arrival)
	}
	if !plainLevel(in, d, form, msg, n > 0) && d.Time == 0 {
		return false
	}
	if d.Log == "" {
		d.Log = "other"
		if d.Log4j != "" {
			d.Log = d.Log4j
		}
	}
	loginClient(in, d, d.Msg)
	keycloakEvent(in, d, d.Msg)
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// plainLevel finds the level and the message behind it; false for a line that
// has none, whose message is all of it and for whose level what an envelope said
// holds.
func plainLevel(in *format.Input, d *format.Draft, form logtime.PlainForm, msg string, stamped bool) bool {
	s := d.Head.Text[d.Head.Skip:]
	d.Msg = strings.Trim(msg, " \r")
	if stamped {
		if level := formLevel(form, s, msg, d.More); level != format.LevelUnknown {
			d.Level = level
			d.Msg = strings.Trim(formMessage(form, msg), " \r")
			return true
		}
	} else if java.Uncaught(d, s) {
		return true
	}
	if ReadLogfmt(in, d, msg) || stamped && apacheLead(in, d, d.Msg) {
		return true
	}
	if stamped {
		if rest := readLogger(d, d.Msg); rest != d.Msg && d.Has(format.FieldComponent) {
			d.Msg = rest
			return true
		}
	}
	var l lead
	if l.scan(msg, stamped) {
		l.set(d)
		return true
	}
	level := PlainLevel(msg, stamped)
	if level != format.LevelUnknown {
		d.Level = level
	}
	return level != format.LevelUnknown
}

// Where a level word may stand behind the time.
const (
	levelTokens = 6
	levelBytes  = 120
)

// PlainLevel finds a level near the beginning of s. A word of prose is none: it
// must be in upper case, in brackets, before a colon or behind "level=".
func PlainLevel(s string, stamped bool) format.Level {
	if l := format.WordLevel(logfmtValue(s, levelKeys[:]...)); l != format.LevelUnknown {
		return l
	}
	if !stamped {
		return format.LeadingLevel(s)
	}
	s = s[:min(len(s), levelBytes)]
	var token string
	for i := 0; i < levelTokens && s != ""; i++ {
		token, s = format.LevelToken(s)
		if l := format.TokenLevel(token); l != format.LevelUnknown {
			return l
		}
	}
	return format.LevelUnknown
}
