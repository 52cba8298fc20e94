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
	Outcomes: []format.Outcome{
		{Value: "success", When: "`auth OK`, `auth success`"},
		{Value: "failure", When: "`auth failed`, `auth failure`, a failure of PAM"},
	},
}

// parseSaslauthd reads Zimbra's mechanism, "auth_zimbra: user auth OK" and
// "auth_zimbra: user auth failed: reason", its debug lines, and saslauthd's own
// "do_auth : auth failure: [user=u] [service=smtp] [realm=] [mech=zimbra]
// [reason=Unknown]". The user is what the client sent and may hold spaces.
func parseSaslauthd(in *format.Input, d *format.Draft, s string) bool {
	if rest, ok := strings.CutPrefix(s, "DEBUG: "); ok {
		d.Level = format.LevelDebug
		d.Set(format.FieldComponent, "saslauthd")
		_, why, _ := strings.Cut(rest, " failed: ")
		d.Set(format.FieldError, scan.ShortText(why))
		return true
	}
	if pamMessage(in, d, s) {
		return true
	}
	if who, ok := strings.CutPrefix(s, "Authentication failed for "); ok {
		ldapFailure(d, who)
		return true
	}
	name, rest, ok := strings.Cut(s, ":")
	name = strings.TrimRight(name, " ")
	if !ok || scan.KeyLen(name) != len(name) {
		return false
	}
	rest = scan.TrimSpaces(rest)
	d.Set(format.FieldComponent, name)
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

// ldapFailure reads the mechanism of LDAP, "anna/example.com: Invalid credentials
// (49)" (saslauthd/lak.c). do_auth writes the outcome of the same login.
func ldapFailure(d *format.Draft, s string) {
	who, why, ok := scan.CutLast(s, ": ")
	if !ok {
		who, why = s, ""
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldError, scan.ShortText(why))
	if i := strings.LastIndexByte(who, '/'); i >= 0 { // the realm
		who = who[:i]
	}
	d.Set(format.FieldUser, who)
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
	_, user, _ := strings.Cut(s, "[user=")
	user, _, _ = strings.Cut(user, "] [service=") // the client's, it may hold a bracket
	d.Set(format.FieldUser, user)
	d.Set(format.FieldProtocol, scan.ValueOf(s, "[service=", "]"))
	d.Set(format.FieldMechanism, scan.ValueOf(s, "[mech=", "]"))
	d.Set(format.FieldError, scan.ValueOf(s, "[reason=", "]"))
	return true
}

// pamMessage reads a module of PAM, "pam_unix(smtp:auth): authentication
// failure; logname= uid=0 euid=0 tty= ruser= rhost=  user=anna": the module, the
// service and what it was asked for.
func pamMessage(in *format.Input, d *format.Draft, s string) bool {
	module, rest, ok := strings.Cut(s, "(")
	if !ok || !strings.HasPrefix(module, "pam_") || scan.KeyLen(module) != len(module) {
		return false
	}
	where, rest, ok := strings.Cut(rest, "): ")
	if !ok {
		return false
	}
	service, kind, _ := strings.Cut(where, ":")
	d.Set(format.FieldComponent, module)
	d.Set(format.FieldProtocol, service)
	switch {
	case kind == "session":
		who, ok := strings.CutPrefix(rest, "session opened for user ")
		if !ok {
			who, _ = strings.CutPrefix(rest, "session closed for user ")
		}
		if who != rest {
			d.Set(format.FieldUser, scan.ValueOf(who, "", " (")) // "anna(uid=1000) by (uid=0)"
		}
	case strings.HasPrefix(rest, "authentication failure;"):
		pamFailure(d, "authentication failure")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(rest, " rhost=", " ")))
		if i := strings.LastIndex(rest, " user="); i >= 0 {
			d.Set(format.FieldUser, rest[i+len(" user="):])
		}
	case strings.HasPrefix(rest, "check pass; "):
		// The line of the failure itself follows.
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldError, rest[len("check pass; "):])
	case strings.HasPrefix(rest, "auth could not identify password for ["), strings.HasPrefix(rest, "bad username ["):
		pamFailure(d, rest)
		d.Set(format.FieldUser, scan.ValueOf(rest, "[", "]"))
	case strings.HasPrefix(rest, "account ") && strings.Contains(rest, " has expired"):
		pamFailure(d, rest)
		d.Set(format.FieldUser, scan.ValueOf(rest, "account ", " "))
	default:
		if why, user, ok := strings.Cut(rest, " for user "); ok && kind == "auth" {
			pamFailure(d, why)
			d.Set(format.FieldUser, scan.ValueOf(user, "", " :"))
		}
	}
	return true
}

func pamFailure(d *format.Draft, why string) {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldError, scan.ShortText(why))
	d.Raise(format.LevelWarn)
}
