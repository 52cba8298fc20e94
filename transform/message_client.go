package transform

import "strings"

// imapMessage reads com.zimbra.cs.imap.ImapHandler: logins, commands with
// their time, the summary at the end of a session (ZCS-12965).
func imapMessage(in *Input, d *draft) {
	switch s := d.msg; {
	case clientLogin(d, s):
	case strings.HasPrefix(s, "authentication failed for ["):
		authFailure(d, s)
		d.set(FieldError, reasonInParens(s))
	case strings.HasPrefix(s, "dropping connection for user "):
		d.set(FieldAction, "drop")
		d.setNew(FieldUser, valueOf(s, "for user ", " "))
	case strings.HasPrefix(s, "["):
		sessionSummary(d, s)
	case strings.HasPrefix(s, "selected folder "):
		d.set(FieldAction, "SELECT")
		d.set(FieldFolder, s[len("selected folder "):])
	default:
		commandElapsed(d, s)
	}
}

// popMessage reads com.zimbra.cs.pop3.Pop3Handler.
func popMessage(in *Input, d *draft) {
	switch s := d.msg; {
	case clientLogin(d, s):
	case s == "connected":
		d.set(FieldAction, "connect")
	case s == "quit from client", s == "disconnected without quit":
		d.set(FieldAction, "disconnect")
	case strings.HasPrefix(s, "authentication failed for ["):
		authFailure(d, s)
		d.set(FieldError, reasonInParens(s))
	case strings.HasPrefix(s, "POP3 client identified as: "):
		d.setBehind(canonicalIP(&in.a, s[len("POP3 client identified as: "):]))
	case strings.HasPrefix(s, "["):
		sessionSummary(d, s)
	default:
		commandElapsed(d, s)
	}
}

// setBehind makes ip the client, and what was taken for it the peer: a proxy.
func (d *draft) setBehind(ip string) {
	if peer := d.get(FieldClientIP); ip != "" && peer != ip {
		d.setNew(FieldIP, peer)
		d.set(FieldClientIP, ip)
	}
}

// clientLogin reads "user a@b authenticated, mechanism=LOGIN[ [TLS]]".
func clientLogin(d *draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "user ")
	if !ok {
		return false
	}
	i := strings.Index(rest, " authenticated, mechanism=")
	if i < 0 {
		return false
	}
	d.set(FieldAction, actionAuth)
	d.set(FieldOutcome, "success")
	d.setActing(rest[:i])
	rest = rest[i+len(" authenticated, mechanism="):]
	d.set(FieldMechanism, valueOf(rest, "", " "))
	if strings.HasSuffix(rest, "[TLS]") {
		d.set(FieldTLS, "true")
	}
	return true
}

// reasonInParens returns the reason of "authentication failed for [u] (reason)",
// or the whole text.
func reasonInParens(s string) string {
	i := strings.LastIndex(s, "] (")
	if i < 0 || !strings.HasSuffix(s, ")") {
		return firstLine(s)
	}
	return s[i+3 : len(s)-1]
}

// commandElapsed reads "UID FETCH elapsed=3", with " (NIO)" or " (TCP)" behind
// it in some versions.
func commandElapsed(d *draft, s string) {
	i := strings.Index(s, " elapsed=")
	if i <= 0 {
		return
	}
	d.set(FieldAction, s[:i])
	d.set(FieldDurationMS, number(s[i+len(" elapsed="):]))
}

// sessionSummary reads "[FETCH=2, LOGOUT=1] MailboxSize:a->b … time[42]"; and
// "[NIO]:dropping connection for user u (server-initiated)".
func sessionSummary(d *draft, s string) {
	if i := strings.Index(s, "]:dropping connection for user "); i > 0 {
		d.set(FieldAction, "drop")
		d.setNew(FieldUser, valueOf(s, "for user ", " "))
		return
	}
	if !strings.Contains(s, "read[") && !strings.Contains(s, "MailboxSize:") {
		return
	}
	d.set(FieldAction, "session")
	d.set(FieldDurationMS, number(valueOf(s, "time[", "]")))
	d.add("bytes_read", valueOf(s, "read[", "]"))
	d.add("bytes_written", valueOf(s, "write[", "]"))
}
