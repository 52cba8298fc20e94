package transform

import "strings"

// Saslauthd is the format saslauthd.
var Saslauthd = Spec{
	Name:     "saslauthd",
	Doc:      "by syslog",
	From:     "saslauthd by syslog: /var/log/zimbra.log",
	Programs: []string{"saslauthd"},
	Message:  parseSaslauthd,
	Fixture:  Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "saslauthd"},
	Question: `{service_name="saslauthd"} | outcome="failure"`,
	Traps:    "`user` may have no domain. At debug level whole answers of the server with tokens are in the line.",
}

// parseSaslauthd reads Zimbra's mechanism, "auth_zimbra: user auth OK" and
// "auth_zimbra: user auth failed: reason", its debug lines, and saslauthd's own
// "do_auth : auth failure: [user=u] [service=smtp] [realm=] [mech=zimbra]
// [reason=Unknown]". The user is what the client sent and may hold spaces.
func parseSaslauthd(_ *Input, d *draft, s string) bool {
	name, rest, ok := strings.Cut(s, ":")
	if !ok {
		return false
	}
	rest = trimSpaces(rest)
	d.set(FieldComponent, strings.TrimRight(name, " "))
	switch d.get(FieldComponent) {
	case "auth_zimbra", "auth_zimbra_new":
		return zimbraAuth(d, rest)
	case "zmauth", "zmpost":
		zimbraAuthTrace(d, rest)
	case "do_auth":
		return saslAuth(d, rest)
	}
	return true
}

func zimbraAuth(d *draft, s string) bool {
	d.set(FieldAction, actionAuth)
	d.set(FieldProtocol, "smtp")
	if user, ok := strings.CutSuffix(s, " auth OK"); ok {
		d.set(FieldUser, user)
		d.set(FieldOutcome, "success")
		return true
	}
	i := strings.LastIndex(s, " auth failed: ")
	if i < 0 {
		return false
	}
	d.set(FieldUser, s[:i])
	d.set(FieldOutcome, "failure")
	d.set(FieldError, shortText(s[i+len(" auth failed: "):]))
	d.raise(LevelWarn)
	return true
}

// zimbraAuthTrace reads the debug lines "zmauth: authenticating against elected
// url 'u' ..." and "zmpost: url='u' returned buffer->data='<soap…>',
// hti->error=”". The buffer holds the auth token: nothing of it becomes
// metadata.
func zimbraAuthTrace(d *draft, s string) {
	d.set(FieldAction, actionAuth)
	if i := strings.Index(s, " returned buffer"); i >= 0 {
		s = s[:i]
	}
	d.add("url", valueOf(s, "url '", "'"))
	d.add("url", valueOf(s, "url='", "'"))
}

func saslAuth(d *draft, s string) bool {
	switch {
	case strings.HasPrefix(s, "auth failure"):
		d.set(FieldOutcome, "failure")
		d.raise(LevelWarn)
	case strings.HasPrefix(s, "auth success"):
		d.set(FieldOutcome, "success")
	default:
		return false
	}
	d.set(FieldAction, actionAuth)
	d.set(FieldUser, valueOf(s, "[user=", "]"))
	d.set(FieldProtocol, valueOf(s, "[service=", "]"))
	d.set(FieldMechanism, valueOf(s, "[mech=", "]"))
	d.set(FieldError, valueOf(s, "[reason=", "]"))
	return true
}
