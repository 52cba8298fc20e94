package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// imapMessage reads com.zimbra.cs.imap.ImapHandler: logins, commands with
// their time, the summary at the end of a session (ZCS-12965).
func imapMessage(in *format.Input, d *format.Draft) {
	switch s := d.Msg; {
	case clientLogin(d, s):
	case strings.HasPrefix(s, "authentication failed for ["):
		java.AuthFailure(d, s)
		d.Set(format.FieldError, reasonInParens(s))
	case strings.HasPrefix(s, "dropping connection for user "):
		d.Set(format.FieldAction, "drop")
		d.SetNew(format.FieldUser, scan.ValueOf(s, "for user ", " "))
	case strings.HasPrefix(s, "["):
		sessionSummary(d, s)
	case strings.HasPrefix(s, "selected folder "):
		d.Set(format.FieldAction, "SELECT")
		d.Set(format.FieldFolder, s[len("selected folder "):])
	default:
		commandElapsed(d, s)
	}
}

// popMessage reads com.zimbra.cs.pop3.Pop3Handler.
func popMessage(in *format.Input, d *format.Draft) {
	switch s := d.Msg; {
	case clientLogin(d, s):
	case s == "connected":
		d.Set(format.FieldAction, "connect")
	case s == "quit from client", s == "disconnected without quit":
		d.Set(format.FieldAction, "disconnect")
	case strings.HasPrefix(s, "authentication failed for ["):
		java.AuthFailure(d, s)
		d.Set(format.FieldError, reasonInParens(s))
	case strings.HasPrefix(s, "POP3 client identified as: "):
		setBehind(d, scan.CanonicalIP(&in.Arena, s[len("POP3 client identified as: "):]))
	case strings.HasPrefix(s, "["):
		sessionSummary(d, s)
	default:
		commandElapsed(d, s)
	}
}

// setBehind makes ip the client, and what was taken for it the peer: a proxy.
func setBehind(d *format.Draft, ip string) {
	if peer := d.Get(format.FieldClientIP); ip != "" && peer != ip {
		d.SetNew(format.FieldIP, peer)
		d.Set(format.FieldClientIP, ip)
	}
}

// clientLogin reads "user a@b authenticated, mechanism=LOGIN[ [TLS]]".
func clientLogin(d *format.Draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "user ")
	if !ok {
		return false
	}
	i := strings.Index(rest, " authenticated, mechanism=")
	if i < 0 {
		return false
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "success")
	setActing(d, rest[:i])
	rest = rest[i+len(" authenticated, mechanism="):]
	d.Set(format.FieldMechanism, scan.ValueOf(rest, "", " "))
	if strings.HasSuffix(rest, "[TLS]") {
		d.Set(format.FieldTLS, "true")
	}
	return true
}

// reasonInParens returns the reason of "authentication failed for [u] (reason)",
// or the whole text.
func reasonInParens(s string) string {
	i := strings.LastIndex(s, "] (")
	if i < 0 || !strings.HasSuffix(s, ")") {
		return scan.FirstLine(s)
	}
	return s[i+3 : len(s)-1]
}

// commandElapsed reads "UID FETCH elapsed=3", with " (NIO)" or " (TCP)" behind
// it in some versions.
func commandElapsed(d *format.Draft, s string) {
	i := strings.Index(s, " elapsed=")
	if i <= 0 {
		return
	}
	d.Set(format.FieldAction, s[:i])
	d.Set(format.FieldDurationMS, scan.Number(s[i+len(" elapsed="):]))
}

// sessionSummary reads "[FETCH=2, LOGOUT=1] MailboxSize:a->b … time[42]"; and
// "[NIO]:dropping connection for user u (server-initiated)".
func sessionSummary(d *format.Draft, s string) {
	if i := strings.Index(s, "]:dropping connection for user "); i > 0 {
		d.Set(format.FieldAction, "drop")
		d.SetNew(format.FieldUser, scan.ValueOf(s, "for user ", " "))
		return
	}
	if !strings.Contains(s, "read[") && !strings.Contains(s, "MailboxSize:") {
		return
	}
	d.Set(format.FieldAction, "session")
	d.Set(format.FieldDurationMS, scan.Number(scan.ValueOf(s, "time[", "]")))
	d.Add("bytes_read", scan.ValueOf(s, "read[", "]"))
	d.Add("bytes_written", scan.ValueOf(s, "write[", "]"))
}
