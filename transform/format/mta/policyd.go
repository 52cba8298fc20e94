package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// SPF is the format policyd-spf.
var SPF = format.Spec{
	Name:     "policyd-spf",
	Doc:      "by syslog",
	From:     "policyd-spf by syslog: /var/log/zimbra.log",
	Programs: []string{"policyd-spf"},
	Message:  parseSPF,
	Fixture:  format.Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "policyd-spf"},
	Question: `{service_name="policyd-spf"} | status="Fail"`,
}

// parseSPF reads policyd-spf: "prepend Received-SPF: Pass (mailfrom)
// identity=mailfrom; client-ip=ip; helo=h; envelope-from=a; receiver=b",
// "Pass; identity=…", and "550 5.7.23 Message rejected due to: SPF fail - not
// authorized. …".
func parseSPF(in *format.Input, d *format.Draft, s string) bool {
	s = strings.TrimPrefix(s, ": ")
	if i := strings.Index(s, "Received-SPF: "); i >= 0 {
		s = s[i+len("Received-SPF: "):]
	}
	d.Set(format.FieldAction, "spf")
	if n := scan.Number(s); len(n) == 3 {
		reply(d, s)
		d.Set(format.FieldOutcome, "rejected")
		if n[0] == '4' {
			d.Set(format.FieldOutcome, "deferred")
		}
		d.Raise(format.LevelWarn)
		return true
	}
	result := s[:scan.WordLen(s)]
	switch result {
	case "Pass", "None", "Neutral", "Permerror", "Temperror":
	case "Fail", "Softfail":
		d.Set(format.FieldOutcome, "failure")
	default:
		return false
	}
	d.Set(format.FieldStatus, result)
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(s, "client-ip=", ";")))
	d.Set(format.FieldHelo, scan.ValueOf(s, "helo=", ";"))
	d.Set(format.FieldFrom, strings.Trim(scan.ValueOf(s, "envelope-from=", ";"), `"`))
	d.Set(format.FieldTo, scan.ValueOf(s, "receiver=", "; "))
	return true
}
