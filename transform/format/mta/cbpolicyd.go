package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Cbpolicyd is the format cbpolicyd.
var Cbpolicyd = format.Spec{
	Name:     "cbpolicyd",
	Doc:      "cbpolicyd.log",
	From:     "cbpolicyd: /opt/zimbra/log/cbpolicyd.log, and by syslog",
	Log:      "cbpolicyd",
	Service:  "zimbra-cbpolicyd",
	Head:     isCbpolicydHead,
	Parse:    parseCbpolicyd,
	Programs: []string{"cbpolicyd"},
	Message:  syslogCbpolicyd,
	Fixture:  format.Fixture{File: "cbpolicyd/lines.log", Example: "Greylisting"},
	Question: `{log="cbpolicyd"} | action="defer"`,
}

// isCbpolicydHead reports whether s starts as a line of cbpolicyd.log does:
// "[2026/08/02-16:49:04 - 123] ".
func isCbpolicydHead(s string) bool {
	return scan.DigitsAt(s, "[0000/00/00-00:00:00 - 0")
}

// parseCbpolicyd reads cbpolicyd.log (policyd, awitpt/server logging):
//
//	[2006/01/02-15:04:05 - pid] [MODULE] LEVEL: module=Greylisting, host=192.0.2.1, helo=x, from=a@b, to=c@d, reason=…
func parseCbpolicyd(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isCbpolicydHead(s) {
		return false
	}
	w := logtime.Wall{Year: scan.Two(s, 1)*100 + scan.Two(s, 3), Month: scan.Two(s, 6), Day: scan.Two(s, 9), Hour: scan.Two(s, 12), Minute: scan.Two(s, 15), Second: scan.Two(s, 18)}
	rest := s[len("[0000/00/00-00:00:00 - "):]
	pid := scan.Number(rest)
	rest = rest[len(pid):]
	if !strings.HasPrefix(rest, "] ") {
		return false
	}
	d.Time = in.Clock.Wall(&w, 0, d.Head.Arrival)
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Set(format.FieldPID, pid)
	d.Msg = strings.TrimRight(rest[2:], " \r")
	cbpolicydHead(d)
	cbpolicydMessage(in, d)
	return true
}

// cbpolicydHead takes "[MODULE] LEVEL: " off the message.
func cbpolicydHead(d *format.Draft) {
	if strings.HasPrefix(d.Msg, "[") {
		if module, rest, ok := strings.Cut(d.Msg[1:], "] "); ok {
			d.Set(format.FieldComponent, module)
			d.Msg = rest
		}
	}
	if word, rest, ok := strings.Cut(d.Msg, ": "); ok && format.WordLevel(word) != format.LevelUnknown {
		d.Level, d.Msg = format.WordLevel(word), rest
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.FirstLine(d.Msg))
	}
}

// cbpolicydMessage reads "module=…, key=value, …", the same in the file and in
// syslog.
func cbpolicydMessage(in *format.Input, d *format.Draft) {
	if !strings.HasPrefix(d.Msg, "module=") {
		return
	}
	for s := d.Msg; s != ""; {
		var pair string
		pair, s, _ = strings.Cut(s, ", ")
		key, v, ok := strings.Cut(pair, "=")
		if !ok || scan.KeyLen(key) != len(key) {
			continue
		}
		switch key {
		case "module":
			d.Set(format.FieldComponent, v)
		case "action":
			d.Set(format.FieldAction, v)
			switch v {
			case "reject", "defer", "discard":
				d.Set(format.FieldOutcome, "failure")
			case "pass":
				d.Set(format.FieldOutcome, "success")
			}
		case "host":
			d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, v))
		case "from":
			d.Set(format.FieldFrom, v)
		case "to":
			d.Set(format.FieldTo, v)
		case "helo":
			d.Set(format.FieldHelo, v)
		case "reason":
			d.Set(format.FieldReason, v)
		case "sasl_username", "user":
			d.Set(format.FieldUser, v)
		default:
			d.Add(key, v)
		}
	}
}
