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
}

// IsPlainHead reports whether s starts with a time in a usual form.
func IsPlainHead(s string) bool {
	_, n := logtime.PlainStamp(s)
	return n > 0
}

// parsePlain reads the time and the level of a line of a program that nobody
// has met: a time in a usual form at the beginning, and a level word near it,
// or the keys of logfmt. False means that the line has neither.
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
	level := format.LevelUnknown
	if n > 0 {
		level = formLevel(form, s, msg, d.More)
	}
	if level == format.LevelUnknown {
		level = PlainLevel(msg, n > 0)
	}
	if d.Time == 0 && level == format.LevelUnknown {
		return false
	}
	if level != format.LevelUnknown { // else what an envelope said holds
		d.Level = level
	}
	if d.Log == "" {
		d.Log = "other"
		if d.Log4j != "" {
			d.Log = d.Log4j
		}
	}
	d.Msg = strings.Trim(msg, " \r")
	if n > 0 {
		d.Msg = readLogger(d, d.Msg)
	}
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// logfmtTime reads `time="…"`, ts=… or t=… of a line in logfmt, near its
// beginning.
func logfmtTime(in *format.Input, s string, arrival int64) int64 {
	v := logfmtValue(s, "time", "ts", "t", "timestamp")
	if v == "" {
		return 0
	}
	if form, n := logtime.PlainStamp(v); n == len(v) && n > 0 {
		return in.Clock.PlainTime(form, v, arrival)
	}
	t, _ := logtime.NumberTime(v)
	return t
}

// logfmtValue returns the value of the first of the keys among the first pairs
// of s; "" if s is no logfmt.
func logfmtValue(s string, keys ...string) string {
	const pairs = 6
	for range pairs {
		s = scan.TrimSpaces(s)
		k := scan.KeyLen(s)
		if k == 0 || k >= len(s) || s[k] != '=' {
			return ""
		}
		key, rest := s[:k], s[k+1:]
		var v string
		if strings.HasPrefix(rest, `"`) {
			v, s, _ = strings.Cut(rest[1:], `"`)
		} else {
			v, s, _ = strings.Cut(rest, " ")
		}
		for _, want := range keys {
			if key == want {
				return v
			}
		}
	}
	return ""
}

// Where a level word may stand behind the time.
const (
	levelTokens = 6
	levelBytes  = 120
)

// PlainLevel finds a level near the beginning of s. A word of prose is none: it
// must be in upper case, in brackets, before a colon or behind "level=".
func PlainLevel(s string, stamped bool) format.Level {
	if l := format.WordLevel(logfmtValue(s, "level", "lvl", "severity", "loglevel")); l != format.LevelUnknown {
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
