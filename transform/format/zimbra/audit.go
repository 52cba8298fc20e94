package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Audit is the format audit.
var Audit = format.Spec{
	Name:     "audit",
	Doc:      "the same, logger security",
	From:     "mailboxd: /opt/zimbra/log/audit.log; in containers, lines of the logger `security` anywhere",
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: "@ INFO  [main] [] security - cmd=Auth; account=a@example.com; protocol=soap;"},
	Fixture:  format.Fixture{File: "audit/logins.log", Path: "/opt/zimbra/log/audit.log", Example: "cmd=Auth"},
	Question: `{job="zimbra", log="audit"} | outcome="failure"`,
	Sample:   true,
	Traps:    "`AdminAuth` at INFO is an attempt (`outcome=\"attempt\"`), not a success. A login by SMTP shows the proxy's protocol in `oproto`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "a login or a command without `error`, none of the below; a change of one's own password"},
		{Value: "failure", When: "the command has an `error`; a token that cannot be read"},
		{Value: "attempt", When: "`AdminAuth` without an error: it is written before the password is checked"},
		{Value: "lockout", When: "`account lockout`: the login that locked it. Later ones are failures"},
		{Value: "delegate", When: "`DelegateAuth`"},
		{Value: "admin_change", When: "a command that creates, modifies, deletes, renames, adds, removes, sets or copies"},
	},
}

// parseAudit reads the message of the logger security (audit.log): pairs
// "key=value;" joined by one space, or by none between the values of one key;
// ';' is doubled inside of a value (ZimbraLog.encodeAttrs). A message that is
// not of that shape is kept as text and gives an outcome where its words do.
func parseAudit(in *format.Input, d *format.Draft) {
	if !strings.HasPrefix(d.Msg, "cmd=") {
		auditText(d)
		return
	}
	a := audit{in: in, d: d}
	for s := d.Msg; s != ""; {
		var key, v string
		if key, v, s = auditPair(in, s); key != "" {
			a.pair(key, v)
		}
	}
	a.finish()
}

// auditPair reads the pair that s starts with; key is "" and rest too if there
// is none. The ';' of the last pair may be missing, as in a line that was cut.
func auditPair(in *format.Input, s string) (key, v, rest string) {
	s = strings.TrimPrefix(s, " ")
	eq := scan.AttributeLen(s)
	if eq == 0 {
		return "", "", ""
	}
	v, n := pairValue(in, s[eq+1:])
	if n < 0 {
		return s[:eq], s[eq+1:], ""
	}
	return s[:eq], v, s[eq+1+n:]
}

// audit collects the pairs of one audit message.
type audit struct {
	in       *format.Input
	d        *format.Draft
	cmd      string
	account  string
	protocol string
	err      string
}

func (a *audit) pair(key, v string) {
	switch key {
	case "cmd":
		a.cmd = v
	case "account", "accountName":
		a.account = v
	case "protocol":
		a.protocol = v
	case "error":
		a.err = v
	case "name":
		a.target(v)
	case "accountId", "id":
		a.d.Add("target_id", v)
	default:
		a.attribute(key, v)
	}
}

// target keeps what a command changed; of several all, as far as there is room.
func (a *audit) target(v string) {
	old := a.d.Get(format.FieldTarget)
	if old != "" && v != "" {
		v = a.in.Arena.Concat(old[:scan.CutRunes(old, format.MaxAttribute)], ", ", v)
	}
	a.d.Set(format.FieldTarget, v)
}

// attribute keeps an attribute of an administrative command under its own
// name; the values of one that repeats are joined by ", ". An empty value says
// that the attribute was cleared. The sign with which single values are added
// and removed goes from the name to the value.
func (a *audit) attribute(key, v string) {
	switch {
	case v == "":
		v = `""`
	default:
		v = v[:scan.CutRunes(v, format.MaxAttribute)]
	}
	if c := key[0]; c == '+' || c == '-' {
		v, key = a.in.Arena.Concat(key[:1], "", v), key[1:]
	}
	a.d.Join(a.in, key, v)
}

// finish sets action, user and outcome. The account of a login is its user;
// for an administrative command user is who gave it, target what it changed.
func (a *audit) finish() {
	d := a.d
	d.Set(format.FieldAction, a.cmd)
	if a.err != "" {
		d.Set(format.FieldError, strings.TrimRight(scan.FirstLine(a.err), " "))
	}
	if a.cmd == "DelegateAuth" {
		d.Set(format.FieldTarget, a.account)
	} else if a.account != "" {
		setActing(d, a.account)
	}
	if d.Get(format.FieldProtocol) != "smtp" { // which logs in by SOAP
		d.Set(format.FieldProtocol, a.protocol)
	}
	d.Set(format.FieldOutcome, auditOutcome(a.cmd, a.err))
}

// setActing makes name the user; the name of the context, if it is another,
// becomes the target of what was done.
func setActing(d *format.Draft, name string) {
	if old := d.Get(format.FieldUser); old != "" && old != name {
		d.SetNew(format.FieldTarget, old)
	}
	d.Set(format.FieldUser, name)
}

// auditOutcome classifies a command. AdminAuth is logged at INFO before the
// password is checked: an attempt, never a success. The line that marks the
// moment of a lockout is INFO too.
func auditOutcome(cmd, err string) string {
	switch {
	case strings.HasPrefix(err, "account lockout"):
		return "lockout"
	case err != "":
		return "failure"
	}
	switch cmd {
	case "AdminAuth":
		return "attempt"
	case "DelegateAuth":
		return "delegate"
	case "ChangePassword": // of one's own; an administrator's is SetPassword
		return "success"
	case "":
		return ""
	}
	for _, p := range [...]string{"Create", "Modify", "Delete", "Rename", "Add", "Remove", "Set", "Copy", "Change", "auto provision", "DistributionListAction"} {
		if strings.HasPrefix(cmd, p) {
			return "admin_change"
		}
	}
	return "success"
}

// auditText reads the lines of the security logger that are no pairs.
func auditText(d *format.Draft) {
	switch s := d.Msg; {
	case strings.HasPrefix(s, "Error occurred during authentication:"):
		java.AuthFailure(d, s)
	case strings.HasPrefix(s, "Account is lockout"):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "lockout")
	case strings.HasPrefix(s, "Suppressed password lockout"): // a failed login that does not count
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
	case strings.HasPrefix(s, "Successful login request"):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "success")
	case strings.HasPrefix(s, "Error extracting auth token"):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.FirstLine(s))
	case d.Level >= format.LevelWarn:
		d.Set(format.FieldError, scan.FirstLine(s))
	}
}
