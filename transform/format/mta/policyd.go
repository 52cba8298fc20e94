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

// syslogCbpolicyd reads cbpolicyd's "module=Quotas, mode=update, host=ip,
// helo=h, from=a, to=b, reason=quota_match, …" (modules/*.pm), before which
// "[CBPOLICYD] INFO: " may stand.
func syslogCbpolicyd(in *format.Input, d *format.Draft, s string) bool {
	for strings.HasPrefix(s, "[") {
		i := strings.Index(s, "] ")
		if i < 0 {
			break
		}
		s = s[i+2:]
	}
	if i := strings.Index(s, ": "); i > 0 && i < 10 {
		if l := format.WordLevel(s[:i]); l != format.LevelUnknown {
			d.Raise(l)
			s = s[i+2:]
		}
	}
	if !strings.HasPrefix(s, "module=") {
		return false
	}
	for s != "" {
		var key, v string
		key, v, s = postfixNext(s)
		policyPair(in, d, key, v)
	}
	switch d.Get(format.FieldAction) {
	case "reject", "REJECT":
		d.Set(format.FieldOutcome, "rejected")
		d.Raise(format.LevelWarn)
	case "defer", "DEFER":
		d.Set(format.FieldOutcome, "deferred")
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
	case "sasl_username":
		d.Set(format.FieldUser, v)
	case "reason":
		d.Set(format.FieldReason, v)
	case "queue_id", "instance":
	default:
		d.Add(key, v)
	}
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
