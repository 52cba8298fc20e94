package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// parseMessage reads the message by the logger that wrote it. The shapes are
// those of the sources named at each function; a message of another shape
// leaves the metadata as the context filled it.
func parseMessage(in *format.Input, d *format.Draft, logger string) {
	switch logger {
	case "soap":
		d.SetNew(format.FieldProtocol, "soap")
		soapMessage(d)
	case "SoapEngine":
		d.SetNew(format.FieldProtocol, "soap")
		soapEngineMessage(d)
	case "imap":
		d.SetNew(format.FieldProtocol, "imap")
		imapMessage(in, d)
	case "pop":
		d.SetNew(format.FieldProtocol, "pop3")
		popMessage(in, d)
	case "lmtp":
		d.SetNew(format.FieldProtocol, "lmtp")
		lmtpMessage(in, d)
	case "mailop":
		mailopMessage(in, d)
	case "mailbox":
		mailboxMessage(d)
	case "smtp":
		smtpMessage(in, d)
	case "account":
		accountMessage(d)
	case "filter":
		filterMessage(in, d)
	case "misc":
		delegatedAccess(d)
		suspendedAddress(in, d)
	case "sqltrace":
		slowSQL(d)
	case "gal":
		galMessage(d)
	case "activity":
		parseActivity(in, d)
	default:
		otherMessage(in, d, logger)
	}
	if d.Level >= format.LevelError && d.Msg != "" {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
}

// tellsFailure reports whether the first line of a warning says that something
// was not done; others warn of what may come.
func tellsFailure(s string) bool {
	s = scan.FirstLine(s)
	for _, w := range [...]string{"failed", "Failed", "annot ", "ould not ", "nable to ", "an't "} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// otherMessage reads the loggers that have one shape worth reading.
func otherMessage(in *format.Input, d *format.Draft, logger string) {
	switch logger {
	case "dbconn": // com.zimbra.cs.db.DbPool: nothing works until it is back
		if strings.HasPrefix(d.Msg, "Could not establish a connection to the database") {
			d.Set(format.FieldAction, "connect")
			d.Set(format.FieldOutcome, "failure")
		}
	case "sync", "synctrace", "syncstate", "wbxml":
		d.SetNew(format.FieldProtocol, "activesync")
		if strings.HasPrefix(d.Msg, "Service exception") {
			d.Set(format.FieldOutcome, "failure")
		}
	case "dav", "ews":
		d.SetNew(format.FieldProtocol, logger)
	case "milter":
		d.SetNew(format.FieldProtocol, logger)
		milterMessage(in, d)
	case "purge":
		if strings.HasPrefix(d.Msg, "Purging messages") {
			d.Set(format.FieldAction, "purge")
		}
	case "autoprov":
		if v, ok := strings.CutPrefix(d.Msg, "auto provisioned account: "); ok {
			d.Set(format.FieldAction, "auto_provision")
			d.Set(format.FieldTarget, v)
		}
	case "searchstat":
		if v, ok := strings.CutPrefix(d.Msg, "query: "); ok {
			d.Set(format.FieldAction, "search")
			d.Add("query", v)
		}
	}
}

// soapMessage reads com.zimbra.soap.SoapEngine's lines of the logger soap:
// "SearchRequest elapsed=12", "(batch) …", "XRequest proxy=host,elapsed=3",
// "BatchRequest [path] contains 2 sub-request(s): A,B", "Slow SOAP request
// (start=epoch):" and "Proxying request: … reason: …".
func soapMessage(d *format.Draft) {
	s := strings.TrimPrefix(d.Msg, "(batch) ")
	if i := scan.Index(s, "elapsed="); i > 0 {
		d.Set(format.FieldDurationMS, scan.Number(s[i+len("elapsed="):]))
		if j := strings.IndexByte(s, ' '); j > 0 && scan.IsWord(s[:j]) {
			d.Set(format.FieldAction, s[:j])
		}
		if p := scan.ValueOf(s[:i], "proxy=", ","); p != "" {
			d.Add("proxy_target", p)
		}
		return
	}
	switch {
	case strings.HasPrefix(s, "BatchRequest"):
		d.Set(format.FieldAction, "BatchRequest")
		if i := strings.Index(s, "sub-request(s): "); i > 0 {
			d.Add("batch", s[i+len("sub-request(s): "):])
		}
	case strings.HasPrefix(s, "Proxying request"):
		d.Set(format.FieldReason, proxyReason(s))
		d.SetNew(format.FieldAccountID, scan.ValueOf(s, "requestedAccountId=", " "))
		if who := scan.ValueOf(s, "authAcct name=", " "); who != d.Get(format.FieldUser) {
			d.SetNew(format.FieldAuthUser, who)
		}
	case strings.HasPrefix(s, "Slow SOAP request"):
		d.Set(format.FieldOutcome, "slow")
	case strings.HasPrefix(s, "C: (ParseError:"):
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, strings.TrimSuffix(scan.FirstLine(s[len("C: (ParseError:"):]), ")"))
	}
}

func proxyReason(s string) string {
	if i := strings.Index(s, "reason: "); i >= 0 {
		return s[i+len("reason: "):]
	}
	if i := strings.Index(s, "reasons:"); i >= 0 {
		return s[i+len("reasons:"):]
	}
	return ""
}

// soapEngineMessage reads the faults of com.zimbra.soap.SoapEngine: "handler
// exception: authentication failed for [x], invalid password" at INFO, and
// "handler exception" at WARN with the trace behind it.
func soapEngineMessage(d *format.Draft) {
	s := d.Msg
	if v, ok := strings.CutPrefix(s, "handler exception: "); ok {
		s = v
	} else if strings.HasPrefix(s, "handler exception") || strings.HasPrefix(s, "cannot dispatch") {
		d.Set(format.FieldOutcome, "failure")
		return // the trace that follows names the error
	} else if d.Level < format.LevelWarn && !strings.HasSuffix(s, ": handler exception") && !strings.HasSuffix(s, ": cannot dispatch request") {
		return // it tells of no fault
	}
	java.AuthFailure(d, s)
}

// loginFault makes the fault of an AuthRequest a failed login: a second factor
// that is wrong, a password that has to be changed, an account that is no
// administrator's. A fault of the server stays the request's.
func loginFault(d *format.Draft) {
	if d.Get(format.FieldAction) != "AuthRequest" || d.Get(format.FieldOutcome) != "failure" {
		return
	}
	code := d.Get(format.FieldCode)
	if strings.HasPrefix(code, "account.") || code == "service.PERM_DENIED" || code == "" && d.Level == format.LevelInfo {
		d.Set(format.FieldAction, format.ActionAuth)
	}
}

// accountMessage reads the logger account: logins by name, and password
// changes (com.zimbra.cs.account.Provisioning, com.zimbra.cs.service.account.Auth).
func accountMessage(d *format.Draft) {
	switch s := d.Msg; {
	case strings.HasPrefix(s, "Authentication successful for user: "):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "success")
		setActing(d, s[len("Authentication successful for user: "):])
	case strings.HasPrefix(s, "password changed for "):
		d.Set(format.FieldAction, "password_change")
		d.Set(format.FieldOutcome, "success")
		name := s[len("password changed for "):]
		if d.SetNew(format.FieldUser, name); d.Get(format.FieldUser) != name { // an administrator did
			d.Set(format.FieldTarget, name)
		}
	case strings.HasPrefix(s, "authentication failed for ["),
		strings.HasPrefix(s, "Error occurred during authentication:"):
		java.AuthFailure(d, s)
	}
}

// delegatedAccess reads com.zimbra.soap.DocumentHandler.logAuditAccess:
// "delegated access: doc=X[, delegating account=a], authenticated account=b,
// target account=c".
func delegatedAccess(d *format.Draft) {
	s, ok := strings.CutPrefix(d.Msg, "delegated access: doc=")
	if !ok {
		return
	}
	d.Set(format.FieldOutcome, "delegate")
	d.SetNew(format.FieldAction, scan.ValueOf(s, "", ","))
	d.Set(format.FieldTarget, scan.ValueOf(s, "target account=", ","))
	who := scan.ValueOf(s, "authenticated account=", ",")
	if d.SetNew(format.FieldUser, who); who != d.Get(format.FieldUser) {
		d.SetNew(format.FieldAuthUser, who)
	}
}

// suspendedAddress reads com.zimbra.cs.servlet.ZimbraInvalidLoginFilter, which
// turns away whoever failed too often: "Access from IP 192.0.2.1 suspended, for
// repeated failed login."; older ones have "to IP" and no blank before suspended.
func suspendedAddress(in *format.Input, d *format.Draft) {
	rest, ok := strings.CutPrefix(d.Msg, "Access ")
	if !ok {
		return
	}
	i, j := strings.Index(rest, " IP "), strings.Index(rest, "suspended, for repeated failed login")
	if i < 0 || j < i {
		return
	}
	d.Set(format.FieldAction, "throttle")
	d.Set(format.FieldOutcome, "rejected")
	d.Set(format.FieldError, scan.FirstLine(rest[j:]))
	d.Raise(format.LevelWarn)
	setBehind(d, scan.CanonicalIP(&in.Arena, strings.Trim(rest[i+len(" IP "):j], " ")))
}

// slowSQL reads com.zimbra.cs.db.DebugPreparedStatement: "Slow execution (12ms): sql".
func slowSQL(d *format.Draft) {
	if s, ok := strings.CutPrefix(d.Msg, "Slow execution ("); ok {
		d.Set(format.FieldAction, "sql")
		d.Set(format.FieldOutcome, "slow")
		d.Set(format.FieldDurationMS, scan.Number(s))
	}
}

// galMessage reads "autocomplete: overall=296ms, ranking=227ms, folder=2ms, gal=67ms".
func galMessage(d *format.Draft) {
	if s, ok := strings.CutPrefix(d.Msg, "autocomplete: overall="); ok {
		d.Set(format.FieldAction, "autocomplete")
		d.Set(format.FieldDurationMS, scan.Number(s))
	}
}
