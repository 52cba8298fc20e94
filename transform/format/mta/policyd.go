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
	Outcomes: []format.Outcome{
		{Value: "failure", When: "SPF: `Fail`. `Pass`, `Softfail`, `None`, errors of DNS have none"},
		{Value: "deferred", When: "the policy answers with 4xx, or `defer_if_permit`"},
		{Value: "rejected", When: "the policy answers with 5xx"},
	},
}

// parseSPF reads policyd-spf: "prepend Received-SPF: Pass (mailfrom)
// identity=mailfrom; client-ip=ip; helo=h; envelope-from=a; receiver=b",
// "prepend Authentication-Results: h; spf=pass (…) smtp.mailfrom=d (client-ip=…",
// "Pass; identity=…", "prepend X-Comment: SPF skipped for whitelisted relay -
// client-address=ip; …", and "550 5.7.23 Message rejected due to: SPF fail - not
// authorized. …".
func parseSPF(in *format.Input, d *format.Draft, s string) bool {
	s = strings.TrimPrefix(s, ": ")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "Action: "), "prepend: Text: ")
	for _, header := range [...]string{"Received-SPF: ", "X-Comment: "} {
		if i := strings.Index(s, header); i >= 0 {
			s = s[i+len(header):]
		}
	}
	for _, of := range [...]string{"Starting", "Config: ", "Read line: ", "Found the end of entry", "Cached data for this instance: ", "_get_resultcodes", "spfcheck: ", "Normal exit", "Logging to "} {
		if strings.HasPrefix(s, of) {
			return true // what it does on the way, at its debug level
		}
	}
	d.Set(format.FieldAction, "spf")
	if v, ok := strings.CutPrefix(s, "defer_if_permit "); ok {
		d.Set(format.FieldOutcome, "deferred")
		d.Set(format.FieldError, scan.ShortText(v))
		d.Raise(format.LevelWarn)
		return true
	}
	if n := scan.Number(s); len(n) == 3 {
		reply(d, s)
		d.Set(format.FieldOutcome, "rejected")
		if n[0] == '4' {
			d.Set(format.FieldOutcome, "deferred")
		}
		d.Raise(format.LevelWarn)
		return true
	}
	if v, ok := strings.CutPrefix(s, "SPF skipped "); ok {
		d.Set(format.FieldStatus, "skipped")
		why, _, _ := strings.Cut(v, " - ")
		d.Set(format.FieldReason, why)
		spfMail(in, d, v)
		return true
	}
	result := s[:scan.WordLen(s)]
	if i := strings.Index(s, "spf="); i >= 0 && strings.Contains(s[:i], "Authentication-Results: ") {
		result = spfResult(s[i+len("spf="):])
	}
	switch result {
	case "Pass", "None", "Neutral", "Permerror", "Temperror":
	case "Softfail": // the domain says itself that the mail may be good
	case "Fail":
		d.Set(format.FieldOutcome, "failure")
	default:
		return false
	}
	d.Set(format.FieldStatus, result)
	spfMail(in, d, s)
	return true
}

// spfResult is a result as Received-SPF writes it, of Authentication-Results'
// word in lower case (RFC 8601 section 2.7.2).
func spfResult(s string) string {
	for _, r := range [...]string{"Pass", "None", "Neutral", "Permerror", "Temperror", "Softfail", "Fail"} {
		if n := len(r); len(s) >= n && scan.LowerByte[r[0]] == s[0] && s[1:n] == r[1:] {
			return r
		}
	}
	return ""
}

// spfMail reads "client-ip=ip; helo=h; envelope-from=a; receiver=b".
func spfMail(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(s, "client-ip=", ";) ")))
	d.SetNew(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(s, "client-address=", ";) ")))
	d.Set(format.FieldHelo, scan.ValueOf(s, "helo=", ";"))
	d.Set(format.FieldFrom, strings.Trim(scan.ValueOf(s, "envelope-from=", ";"), `"`))
	d.Set(format.FieldTo, scan.ValueOf(s, "receiver=", "; )"))
}
