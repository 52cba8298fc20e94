package transform

import "strings"

// Cbpolicyd is the format cbpolicyd.
var Cbpolicyd = Spec{
	Name:     "cbpolicyd",
	Doc:      "cbpolicyd.log",
	From:     "cbpolicyd: /opt/zimbra/log/cbpolicyd.log, and by syslog",
	Log:      "cbpolicyd",
	Service:  "zimbra-cbpolicyd",
	Head:     isCbpolicydHead,
	Parse:    parseCbpolicyd,
	Programs: []string{"cbpolicyd"},
	Message:  syslogCbpolicyd,
	Fixture:  Fixture{File: "cbpolicyd/lines.log", Example: "Greylisting"},
	Question: `{log="cbpolicyd"} | action="defer"`,
}

// isCbpolicydHead reports whether s starts as a line of cbpolicyd.log does:
// "[2026/08/02-16:49:04 - 123] ".
func isCbpolicydHead(s string) bool {
	return digitsAt(s, "[0000/00/00-00:00:00 - 0")
}

// parseCbpolicyd reads cbpolicyd.log (policyd, awitpt/server logging):
//
//	[2006/01/02-15:04:05 - pid] [MODULE] LEVEL: module=Greylisting, host=192.0.2.1, helo=x, from=a@b, to=c@d, reason=…
func parseCbpolicyd(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isCbpolicydHead(s) {
		return false
	}
	w := wall{two(s, 1)*100 + two(s, 3), two(s, 6), two(s, 9), two(s, 12), two(s, 15), two(s, 18)}
	rest := s[len("[0000/00/00-00:00:00 - "):]
	pid := number(rest)
	rest = rest[len(pid):]
	if !strings.HasPrefix(rest, "] ") {
		return false
	}
	d.time = in.clock.wall(&w, 0, d.head.arrival)
	d.level = LevelInfo
	d.setLog(d.format.Log, d.format.Service)
	d.set(FieldPID, pid)
	d.msg = strings.TrimRight(rest[2:], " \r")
	cbpolicydHead(d)
	cbpolicydMessage(in, d)
	return true
}

// cbpolicydHead takes "[MODULE] LEVEL: " off the message.
func cbpolicydHead(d *draft) {
	if strings.HasPrefix(d.msg, "[") {
		if module, rest, ok := strings.Cut(d.msg[1:], "] "); ok {
			d.set(FieldComponent, module)
			d.msg = rest
		}
	}
	if word, rest, ok := strings.Cut(d.msg, ": "); ok && wordLevel(word) != LevelUnknown {
		d.level, d.msg = wordLevel(word), rest
	}
	if d.level >= LevelError {
		d.set(FieldError, firstLine(d.msg))
	}
}

// cbpolicydMessage reads "module=…, key=value, …", the same in the file and in
// syslog.
func cbpolicydMessage(in *Input, d *draft) {
	if !strings.HasPrefix(d.msg, "module=") {
		return
	}
	for s := d.msg; s != ""; {
		var pair string
		pair, s, _ = strings.Cut(s, ", ")
		key, v, ok := strings.Cut(pair, "=")
		if !ok || keyLen(key) != len(key) {
			continue
		}
		switch key {
		case "module":
			d.set(FieldComponent, v)
		case "action":
			d.set(FieldAction, v)
			switch v {
			case "reject", "defer", "discard":
				d.set(FieldOutcome, "failure")
			case "pass":
				d.set(FieldOutcome, "success")
			}
		case "host":
			d.set(FieldClientIP, canonicalIP(&in.a, v))
		case "from":
			d.set(FieldFrom, v)
		case "to":
			d.set(FieldTo, v)
		case "helo":
			d.set(FieldHelo, v)
		case "reason":
			d.set(FieldReason, v)
		case "sasl_username", "user":
			d.set(FieldUser, v)
		default:
			d.add(key, v)
		}
	}
}
