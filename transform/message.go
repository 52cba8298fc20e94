package transform

import "strings"

// parseMessage reads the message by the logger that wrote it. The shapes are
// those of the sources named at each function; a message of another shape
// leaves the metadata as the context filled it.
func parseMessage(in *Input, d *draft, logger string) {
	switch logger {
	case "soap":
		d.setNew(FieldProtocol, "soap")
		soapMessage(d)
	case "SoapEngine":
		d.setNew(FieldProtocol, "soap")
		soapEngineMessage(d)
	case "imap":
		d.setNew(FieldProtocol, "imap")
		imapMessage(in, d)
	case "pop":
		d.setNew(FieldProtocol, "pop3")
		popMessage(in, d)
	case "lmtp":
		d.setNew(FieldProtocol, "lmtp")
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
	case "sqltrace":
		slowSQL(d)
	case "gal":
		galMessage(d)
	case "activity":
		parseActivity(in, d)
	default:
		otherMessage(d, logger)
	}
	if d.level >= LevelError && d.msg != "" {
		d.setNew(FieldError, firstLine(d.msg))
	}
}

// otherMessage reads the loggers that have one shape worth reading.
func otherMessage(d *draft, logger string) {
	switch logger {
	case "sync", "synctrace", "syncstate", "wbxml":
		d.setNew(FieldProtocol, "activesync")
		if strings.HasPrefix(d.msg, "Service exception") {
			d.set(FieldOutcome, "failure")
		}
	case "dav", "ews", "milter":
		d.setNew(FieldProtocol, logger)
	case "purge":
		if strings.HasPrefix(d.msg, "Purging messages") {
			d.set(FieldAction, "purge")
		}
	case "autoprov":
		if v, ok := strings.CutPrefix(d.msg, "auto provisioned account: "); ok {
			d.set(FieldAction, "auto_provision")
			d.set(FieldTarget, v)
		}
	case "searchstat":
		if v, ok := strings.CutPrefix(d.msg, "query: "); ok {
			d.set(FieldAction, "search")
			d.add("query", v)
		}
	}
}

// maxError bounds the metadata error, in bytes; the line has the whole text.
const maxError = 512

func firstLine(s string) string {
	s = s[:cutRunes(s, maxError)]
	if i := strings.IndexAny(s, "\n\r"); i >= 0 {
		s = s[:i]
	}
	return s
}

// number returns the decimal digits that s starts with.
func number(s string) string {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i]
}

// valueOf returns what follows key in s up to the first byte of stop, or to
// the end; key holds its "=".
func valueOf(s, key, stop string) string {
	i := strings.Index(s, key)
	if i < 0 {
		return ""
	}
	s = s[i+len(key):]
	if j := strings.IndexAny(s, stop); j >= 0 {
		s = s[:j]
	}
	return s
}

// isWord reports whether s is one word of letters, as a SOAP request's name is.
func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// soapMessage reads com.zimbra.soap.SoapEngine's lines of the logger soap:
// "SearchRequest elapsed=12", "(batch) …", "XRequest proxy=host,elapsed=3",
// "BatchRequest [path] contains 2 sub-request(s): A,B", "Slow SOAP request
// (start=epoch):" and "Proxying request: … reason: …".
func soapMessage(d *draft) {
	s := strings.TrimPrefix(d.msg, "(batch) ")
	if i := strings.Index(s, "elapsed="); i > 0 {
		d.set(FieldDurationMS, number(s[i+len("elapsed="):]))
		if j := strings.IndexByte(s, ' '); j > 0 && isWord(s[:j]) {
			d.set(FieldAction, s[:j])
		}
		if p := valueOf(s[:i], "proxy=", ","); p != "" {
			d.add("proxy_target", p)
		}
		return
	}
	switch {
	case strings.HasPrefix(s, "BatchRequest"):
		d.set(FieldAction, "BatchRequest")
		if i := strings.Index(s, "sub-request(s): "); i > 0 {
			d.add("batch", s[i+len("sub-request(s): "):])
		}
	case strings.HasPrefix(s, "Proxying request"):
		d.set(FieldReason, proxyReason(s))
		d.setNew(FieldAccountID, valueOf(s, "requestedAccountId=", " "))
		if who := valueOf(s, "authAcct name=", " "); who != d.get(FieldUser) {
			d.setNew(FieldAuthUser, who)
		}
	case strings.HasPrefix(s, "Slow SOAP request"):
		d.set(FieldOutcome, "slow")
	case strings.HasPrefix(s, "C: (ParseError:"):
		d.set(FieldOutcome, "failure")
		d.set(FieldError, firstLine(s[len("C: "):]))
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
func soapEngineMessage(d *draft) {
	d.set(FieldOutcome, "failure")
	s := d.msg
	if v, ok := strings.CutPrefix(s, "handler exception: "); ok {
		s = v
	} else if strings.HasPrefix(s, "handler exception") || strings.HasPrefix(s, "cannot dispatch") {
		return // the trace that follows names the error
	}
	authFailure(d, s)
}

// accountMessage reads the logger account: logins by name, and password
// changes (com.zimbra.cs.account.Provisioning, com.zimbra.cs.service.account.Auth).
func accountMessage(d *draft) {
	switch s := d.msg; {
	case strings.HasPrefix(s, "Authentication successful for user: "):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "success")
		d.setActing(s[len("Authentication successful for user: "):])
	case strings.HasPrefix(s, "password changed for "):
		d.set(FieldAction, "password_change")
		d.set(FieldOutcome, "success")
		name := s[len("password changed for "):]
		if d.setNew(FieldUser, name); d.get(FieldUser) != name { // an administrator did
			d.set(FieldTarget, name)
		}
	case strings.HasPrefix(s, "authentication failed for ["),
		strings.HasPrefix(s, "Error occurred during authentication:"):
		authFailure(d, s)
	}
}

// authFailure reads "authentication failed for [name], reason", IMAP's
// "authentication failed for [name] (reason)" and ZCS-13965's "Error occurred
// during authentication: authentication failed for [name]. Reason: reason.";
// the name is what the client sent and may hold anything, so the last closing
// form decides. Other texts are errors of the request as a whole.
func authFailure(d *draft, s string) {
	d.set(FieldOutcome, "failure")
	s, login := strings.CutPrefix(s, "Error occurred during authentication: ")
	d.set(FieldError, firstLine(s))
	ends := [...]string{"], ", "] (", "]"}
	if login {
		ends = [...]string{"]. Reason: ", "], ", "]"}
		d.set(FieldAction, actionAuth)
	}
	_, rest, ok := strings.Cut(s, " for [")
	if !ok || !login && !strings.HasPrefix(s, "authentication failed for [") {
		return
	}
	d.set(FieldAction, actionAuth)
	for _, end := range ends {
		if i := strings.LastIndex(rest, end); i >= 0 {
			d.setNew(FieldUser, rest[:i])
			return
		}
	}
}

// delegatedAccess reads com.zimbra.soap.DocumentHandler.logAuditAccess:
// "delegated access: doc=X[, delegating account=a], authenticated account=b,
// target account=c".
func delegatedAccess(d *draft) {
	s, ok := strings.CutPrefix(d.msg, "delegated access: doc=")
	if !ok {
		return
	}
	d.set(FieldOutcome, "delegate")
	d.setNew(FieldAction, valueOf(s, "", ","))
	d.set(FieldTarget, valueOf(s, "target account=", ","))
	who := valueOf(s, "authenticated account=", ",")
	if d.setNew(FieldUser, who); who != d.get(FieldUser) {
		d.setNew(FieldAuthUser, who)
	}
}

// slowSQL reads com.zimbra.cs.db.DebugPreparedStatement: "Slow execution (12ms): sql".
func slowSQL(d *draft) {
	if s, ok := strings.CutPrefix(d.msg, "Slow execution ("); ok {
		d.set(FieldAction, "sql")
		d.set(FieldOutcome, "slow")
		d.set(FieldDurationMS, number(s))
	}
}

// galMessage reads "autocomplete: overall=296ms, ranking=227ms, folder=2ms, gal=67ms".
func galMessage(d *draft) {
	if s, ok := strings.CutPrefix(d.msg, "autocomplete: overall="); ok {
		d.set(FieldAction, "autocomplete")
		d.set(FieldDurationMS, number(s))
	}
}
