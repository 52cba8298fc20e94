package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Saslauthd is the format saslauthd.
var Saslauthd = format.Spec{
	Name:     "saslauthd",
	Doc:      "by syslog",
	From:     "saslauthd by syslog: /var/log/zimbra.log",
	Programs: []string{"saslauthd"},
	Message:  parseSaslauthd,
	Fixture:  format.Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "saslauthd"},
	Question: `{service_name="saslauthd"} | outcome="failure"`,
	Traps:    "`user` may have no domain. At debug level whole answers of the server with tokens are in the line.",
}

// parseSaslauthd reads Zimbra's mechanism, "auth_zimbra: user auth OK" and
// "auth_zimbra: user auth failed: reason", its debug lines, and saslauthd's own
// "do_auth : auth failure: [user=u] [service=smtp] [realm=] [mech=zimbra]
// [reason=Unknown]". The user is what the client sent and may hold spaces.
func parseSaslauthd(_ *format.Input, d *format.Draft, s string) bool {
	name, rest, ok := strings.Cut(s, ":")
	if !ok {
		return false
	}
	rest = scan.TrimSpaces(rest)
	d.Set(format.FieldComponent, strings.TrimRight(name, " "))
	switch d.Get(format.FieldComponent) {
	case "auth_zimbra", "auth_zimbra_new":
		return zimbraAuth(d, rest)
	case "zmauth", "zmpost":
		zimbraAuthTrace(d, rest)
	case "do_auth":
		return saslAuth(d, rest)
	}
	return true
}

func zimbraAuth(d *format.Draft, s string) bool {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldProtocol, "smtp")
	if user, ok := strings.CutSuffix(s, " auth OK"); ok {
		d.Set(format.FieldUser, user)
		d.Set(format.FieldOutcome, "success")
		return true
	}
	i := strings.LastIndex(s, " auth failed: ")
	if i < 0 {
		return false
	}
	d.Set(format.FieldUser, s[:i])
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldError, scan.ShortText(s[i+len(" auth failed: "):]))
	d.Raise(format.LevelWarn)
	return true
}

// zimbraAuthTrace reads the debug lines "zmauth: authenticating against elected
// url 'u' ..." and "zmpost: url='u' returned buffer->data='<soap…>',
// hti->error=”". The buffer holds the auth token: nothing of it becomes
// metadata.
func zimbraAuthTrace(d *format.Draft, s string) {
	d.Set(format.FieldAction, format.ActionAuth)
	if i := strings.Index(s, " returned buffer"); i >= 0 {
		s = s[:i]
	}
	d.Add("url", scan.ValueOf(s, "url '", "'"))
	d.Add("url", scan.ValueOf(s, "url='", "'"))
}

func saslAuth(d *format.Draft, s string) bool {
	switch {
	case strings.HasPrefix(s, "auth failure"):
		d.Set(format.FieldOutcome, "failure")
		d.Raise(format.LevelWarn)
	case strings.HasPrefix(s, "auth success"):
		d.Set(format.FieldOutcome, "success")
	default:
		return false
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldUser, scan.ValueOf(s, "[user=", "]"))
	d.Set(format.FieldProtocol, scan.ValueOf(s, "[service=", "]"))
	d.Set(format.FieldMechanism, scan.ValueOf(s, "[mech=", "]"))
	d.Set(format.FieldError, scan.ValueOf(s, "[reason=", "]"))
	return true
}
