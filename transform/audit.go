package transform

import "strings"

// Audit is the format audit.
var Audit = Spec{
	Name:     "audit",
	Doc:      "the same, logger security",
	From:     "mailboxd: /opt/zimbra/log/audit.log; in containers, lines of the logger `security` anywhere",
	Fixture:  Fixture{File: "audit/logins.log", Path: "/opt/zimbra/log/audit.log", Example: "cmd=Auth"},
	Question: `{job="zimbra", log="audit"} | outcome="failure"`,
	Sample:   true,
	Traps:    "`AdminAuth` at INFO is an attempt (`outcome=\"attempt\"`), no success. A login by SMTP shows the proxy's protocol in `oproto`.",
}

// actionAuth is the action of every login in every log, by Zimbra's own word
// for it (audit.log's cmd).
const actionAuth = "Auth"

// parseAudit reads the message of the logger security (audit.log): pairs
// "key=value;" joined by one space, or by none between the values of one key;
// ';' is doubled inside of a value (ZimbraLog.encodeAttrs). A message that is
// not of that shape is kept as text and gives an outcome where its words do.
func parseAudit(in *Input, d *draft) {
	if !strings.HasPrefix(d.msg, "cmd=") {
		auditText(d)
		return
	}
	a := audit{in: in, d: d}
	for s := d.msg; s != ""; {
		var key, v string
		if key, v, s = in.auditPair(s); key != "" {
			a.pair(key, v)
		}
	}
	a.finish()
}

// auditPair reads the pair that s starts with; key is "" and rest too if there
// is none. The ';' of the last pair may be missing, as in a line that was cut.
func (in *Input) auditPair(s string) (key, v, rest string) {
	s = strings.TrimPrefix(s, " ")
	eq := attributeLen(s)
	if eq == 0 {
		return "", "", ""
	}
	v, n := in.pairValue(s[eq+1:])
	if n < 0 {
		return s[:eq], s[eq+1:], ""
	}
	return s[:eq], v, s[eq+1+n:]
}

// attributeLen is the length of the name that s starts with and behind which
// "=" stands, else 0: LDAP's letters, digits, '-', '.' and ';' (options of an
// attribute), and the '+' or '-' before the name with which an administrator
// adds or removes one value of several.
func attributeLen(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '=':
			return i
		case keyByte[c], c == '-', c == '.', c == ';' && i > 0, c == '+' && i == 0:
		default:
			return 0
		}
	}
	return 0
}

// audit collects the pairs of one audit message.
type audit struct {
	in       *Input
	d        *draft
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
		a.d.add("target_id", v)
	default:
		a.attribute(key, v)
	}
}

// target keeps what a command changed; of several all, as far as there is room.
func (a *audit) target(v string) {
	old := a.d.get(FieldTarget)
	if old != "" && v != "" {
		v = a.in.a.concat(old[:cutRunes(old, maxAttribute)], ", ", v)
	}
	a.d.set(FieldTarget, v)
}

// maxAttribute bounds the value of one audited attribute in the metadata, in
// bytes; certificates and signatures run to kilobytes and stand in the line.
const maxAttribute = 512

// attribute keeps an attribute of an administrative command under its own
// name; the values of one that repeats are joined by ", ". An empty value says
// that the attribute was cleared. The sign with which single values are added
// and removed goes from the name to the value.
func (a *audit) attribute(key, v string) {
	switch {
	case v == "":
		v = `""`
	default:
		v = v[:cutRunes(v, maxAttribute)]
	}
	if c := key[0]; c == '+' || c == '-' {
		v, key = a.in.a.concat(key[:1], "", v), key[1:]
	}
	a.d.join(a.in, key, v)
}

// finish sets action, user and outcome. The account of a login is its user;
// for an administrative command user is who gave it, target what it changed.
func (a *audit) finish() {
	d := a.d
	d.set(FieldAction, a.cmd)
	if a.err != "" {
		d.set(FieldError, strings.TrimRight(firstLine(a.err), " "))
	}
	if a.cmd == "DelegateAuth" {
		d.set(FieldTarget, a.account)
	} else if a.account != "" {
		d.setActing(a.account)
	}
	if d.get(FieldProtocol) != "smtp" { // which logs in by SOAP
		d.set(FieldProtocol, a.protocol)
	}
	d.set(FieldOutcome, auditOutcome(a.cmd, a.err))
}

// setActing makes name the user; the name of the context, if it is another,
// becomes the target of what was done.
func (d *draft) setActing(name string) {
	if old := d.get(FieldUser); old != "" && old != name {
		d.setNew(FieldTarget, old)
	}
	d.set(FieldUser, name)
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
func auditText(d *draft) {
	switch s := d.msg; {
	case strings.HasPrefix(s, "Error occurred during authentication:"):
		authFailure(d, s)
	case strings.HasPrefix(s, "Account is lockout"):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "lockout")
	case strings.HasPrefix(s, "Suppressed password lockout"): // a failed login that does not count
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "failure")
	case strings.HasPrefix(s, "Successful login request"):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "success")
	case strings.HasPrefix(s, "Error extracting auth token"):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "failure")
		d.set(FieldError, firstLine(s))
	case d.level >= LevelWarn:
		d.set(FieldError, firstLine(s))
	}
}
