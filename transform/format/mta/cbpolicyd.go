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
	Message:  cbpolicydMessage,
	Stamp:    format.Stamp{Layout: "2006/01/02-15:04:05", Line: `[@ - 4123] [CBPOLICYD] NOTICE: Initializing system modules...`, Header: `[@ - 4123] `},
	Fixture:  format.Fixture{File: "cbpolicyd/lines.log", Example: "Greylisting"},
	Question: `{log="cbpolicyd"} | action="defer"`,
	Outcomes: []format.Outcome{
		{Value: "rejected", When: "action or mode `reject`"},
		{Value: "deferred", When: "`defer`: greylisting, a quota for now"},
		{Value: "discarded", When: "`discard`"},
		{Value: "held", When: "`hold`"},
		{Value: "passed", When: "`pass`"},
	},
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
	d.SetKnown(cbpolicydMessage(in, d, d.Msg))
	return true
}

// cbpolicydMessage reads "[CORE] INFO: module=Quotas, mode=update, host=ip,
// helo=h, from=a, to=b, reason=quota_match, …" (modules/*.pm), the same in its
// file and in syslog. Module and level before it may be missing.
func cbpolicydMessage(in *format.Input, d *format.Draft, s string) bool {
	for strings.HasPrefix(s, "[") {
		module, rest, ok := strings.Cut(s[1:], "] ")
		if !ok {
			break
		}
		d.SetNew(format.FieldComponent, module)
		s = rest
	}
	if i := strings.Index(s, ": "); i > 0 && i < 10 {
		if l := format.WordLevel(s[:i]); l != format.LevelUnknown {
			d.Raise(l)
			s = s[i+2:]
		}
	}
	if d.Msg = s; d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.FirstLine(s))
	}
	if !strings.HasPrefix(s, "module=") {
		return false
	}
	for s != "" {
		var key, v string
		key, v, s = postfixNext(s)
		policyPair(in, d, key, v)
	}
	if i := d.ExtraAt("mode"); i >= 0 {
		d.SetNew(format.FieldAction, d.Extra[i].Value)
	}
	switch strings.ToLower(d.Get(format.FieldAction)) {
	case "reject":
		d.Set(format.FieldOutcome, "rejected")
		d.Raise(format.LevelWarn)
	case "defer":
		d.Set(format.FieldOutcome, "deferred")
	case "discard":
		d.Set(format.FieldOutcome, "discarded")
	case "hold":
		d.Set(format.FieldOutcome, "held")
	case "pass":
		d.Set(format.FieldOutcome, "passed")
	}
	return true
}

func policyPair(in *format.Input, d *format.Draft, key, v string) {
	switch key {
	case "module":
		d.Set(format.FieldComponent, v)
	case "action":
		d.Set(format.FieldAction, v)
	case "host":
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, v))
	case "helo":
		d.Set(format.FieldHelo, v)
	case "from":
		d.Set(format.FieldFrom, v)
	case "to":
		d.Set(format.FieldTo, v)
	case "sasl_username", "user":
		d.Set(format.FieldUser, v)
	case "reason":
		d.Set(format.FieldReason, v)
	case "quota":
		// Quotas.pm writes the number of its rule and what was counted, "1.53/5
		// (30.5%)", under one name.
		if strings.IndexByte(v, '/') >= 0 {
			d.Add("quota_used", v)
			return
		}
		d.Add(key, v)
	case "queue_id", "instance":
	default:
		d.Add(key, v)
	}
}
