package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Zmconfigd is the format zmconfigd.
var Zmconfigd = format.Spec{
	Name:     "zmconfigd",
	Doc:      "zmconfigd.log",
	From:     "zmconfigd: /opt/zimbra/log/zmconfigd.log, and by syslog",
	Log:      "zmconfigd",
	Service:  "zimbra-zmconfigd",
	Head:     isZmconfigdHead,
	Parse:    parseZmconfigd,
	Programs: []string{"zmconfigd"},
	Message:  zmconfigdMessage,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: `@ zmconfigd WARNING [1] Service status change: mail.example.com antivirus changed from stopped to running`, Header: `@ zmconfigd INFO [1] `},
	Fixture:  format.Fixture{File: "zmconfigdlog/lines.log", Example: "stopped to running"},
	Question: `{log="zmconfigd"} | status="stopped"`,
}

// isZmconfigdHead reports whether s starts as Python's logging in zmconfigd
// writes: "2026-08-02 16:49:04,242 zmconfigd WARNING [".
func isZmconfigdHead(s string) bool {
	_, _, _, ok := zmconfigdHead(s)
	return ok
}

// zmconfigdHead splits "stamp name LEVEL [thread] message".
func zmconfigdHead(s string) (name string, level format.Level, rest string, ok bool) {
	if !logtime.IsLog4jStamp(s) || s[logtime.Log4jStampLen] != ' ' {
		return
	}
	name, rest, _ = strings.Cut(scan.TrimSpaces(s[logtime.Log4jStampLen:]), " ")
	if name == "" || name[0] == '[' || format.Log4jLevel(name) != format.LevelUnknown || len(name) > 40 {
		return
	}
	word, rest, _ := strings.Cut(scan.TrimSpaces(rest), " ")
	level = format.WordLevel(word)
	rest = scan.TrimSpaces(rest)
	return name, level, rest, level != format.LevelUnknown && scan.IsUpper(word) && strings.HasPrefix(rest, "[")
}

// parseZmconfigd reads zmconfigd.log.
func parseZmconfigd(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	name, level, rest, ok := zmconfigdHead(s)
	if !ok {
		return false
	}
	d.Time, _ = in.Clock.Log4j(s, d.Head.Arrival)
	d.Level = level
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Set(format.FieldProgram, name)
	thread, msg, ok := strings.Cut(rest[1:], "]")
	if ok {
		d.Set(format.FieldThread, thread)
		rest = scan.TrimSpaces(msg)
	}
	d.Msg = strings.TrimRight(rest, " \r")
	d.SetKnown(zmconfigdMessage(in, d, d.Msg))
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}
