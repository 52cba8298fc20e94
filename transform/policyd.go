package transform

import "strings"

// SPF is the format policyd-spf.
var SPF = Spec{
	Name:     "policyd-spf",
	Doc:      "by syslog",
	From:     "policyd-spf by syslog: /var/log/zimbra.log",
	Programs: []string{"policyd-spf"},
	Message:  parseSPF,
	Fixture:  Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "policyd-spf"},
	Question: `{service_name="policyd-spf"} | status="Fail"`,
}

// syslogCbpolicyd reads cbpolicyd's "module=Quotas, mode=update, host=ip,
// helo=h, from=a, to=b, reason=quota_match, …" (modules/*.pm), before which
// "[CBPOLICYD] INFO: " may stand.
func syslogCbpolicyd(in *Input, d *draft, s string) bool {
	for strings.HasPrefix(s, "[") {
		i := strings.Index(s, "] ")
		if i < 0 {
			break
		}
		s = s[i+2:]
	}
	if i := strings.Index(s, ": "); i > 0 && i < 10 {
		if l := wordLevel(s[:i]); l != LevelUnknown {
			d.raise(l)
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
	switch d.get(FieldAction) {
	case "reject", "REJECT":
		d.set(FieldOutcome, "rejected")
		d.raise(LevelWarn)
	case "defer", "DEFER":
		d.set(FieldOutcome, "deferred")
	}
	return true
}

func policyPair(in *Input, d *draft, key, v string) {
	switch key {
	case "module":
		d.set(FieldComponent, v)
	case "action":
		d.set(FieldAction, v)
	case "host":
		d.set(FieldClientIP, canonicalIP(&in.a, v))
	case "helo":
		d.set(FieldHelo, v)
	case "from":
		d.set(FieldFrom, v)
	case "to":
		d.set(FieldTo, v)
	case "sasl_username":
		d.set(FieldUser, v)
	case "reason":
		d.set(FieldReason, v)
	case "queue_id", "instance":
	default:
		d.add(key, v)
	}
}

// parseSPF reads policyd-spf: "prepend Received-SPF: Pass (mailfrom)
// identity=mailfrom; client-ip=ip; helo=h; envelope-from=a; receiver=b",
// "Pass; identity=…", and "550 5.7.23 Message rejected due to: SPF fail - not
// authorized. …".
func parseSPF(in *Input, d *draft, s string) bool {
	s = strings.TrimPrefix(s, ": ")
	if i := strings.Index(s, "Received-SPF: "); i >= 0 {
		s = s[i+len("Received-SPF: "):]
	}
	d.set(FieldAction, "spf")
	if n := number(s); len(n) == 3 {
		d.reply(s)
		d.set(FieldOutcome, "rejected")
		if n[0] == '4' {
			d.set(FieldOutcome, "deferred")
		}
		d.raise(LevelWarn)
		return true
	}
	result := s[:wordLen(s)]
	switch result {
	case "Pass", "None", "Neutral", "Permerror", "Temperror":
	case "Fail", "Softfail":
		d.set(FieldOutcome, "failure")
	default:
		return false
	}
	d.set(FieldStatus, result)
	d.set(FieldClientIP, canonicalIP(&in.a, valueOf(s, "client-ip=", ";")))
	d.set(FieldHelo, valueOf(s, "helo=", ";"))
	d.set(FieldFrom, strings.Trim(valueOf(s, "envelope-from=", ";"), `"`))
	d.set(FieldTo, valueOf(s, "receiver=", "; "))
	return true
}

func wordLen(s string) int {
	i := 0
	for i < len(s) && isWord(s[i:i+1]) {
		i++
	}
	return i
}
