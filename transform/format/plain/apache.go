package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// apacheLead reads what the error log of Apache has between the time and the
// message (server/log.c, ErrorLogFormat): "[proxy:error] [pid 12:tid 139] [client
// 192.0.2.7:4012] AH01144: …", in 2.2 "[error] [client 192.0.2.7] …". Zimbra's
// httpd writes it for aspell and convertd.
func apacheLead(in *format.Input, d *format.Draft, s string) bool {
	first, rest, ok := cutBracket(s)
	if !ok || !strings.HasPrefix(rest, "[pid ") && !strings.HasPrefix(rest, "[client ") {
		return false
	}
	module, word, ok := strings.Cut(first, ":")
	if !ok {
		module, word = "", first
	}
	level := format.WordLevel(word)
	if strings.HasPrefix(word, "trace") { // "trace1" to "trace8"
		level = format.LevelTrace
	}
	if level == format.LevelUnknown {
		return false
	}
	d.Level = level
	d.SetNew(format.FieldComponent, module)
	for {
		part, after, ok := cutBracket(rest)
		kind, v, _ := strings.Cut(part, " ")
		switch {
		case ok && kind == "pid":
			d.SetNew(format.FieldPID, scan.Number(v))
		case ok && (kind == "client" || kind == "remote"):
			apacheClient(in, d, v)
		default:
			d.Msg = apacheCause(in, d, rest)
			apacheEvent(d, d.Msg)
			return true
		}
		rest = after
	}
}

// apacheCause takes off the cause of the system that stands before the client,
// "(70014)End of file found: [client 192.0.2.7:17036] AH02006: …".
func apacheCause(in *format.Input, d *format.Draft, s string) string {
	if !strings.HasPrefix(s, "(") {
		return s
	}
	i := strings.Index(s[:min(len(s), leadBracket)], ": [client ")
	if i < 0 {
		return s
	}
	part, after, ok := cutBracket(s[i+2:])
	if !ok {
		return s
	}
	apacheClient(in, d, strings.TrimPrefix(part, "client "))
	return after
}

// apacheEvent reads the messages that say who was turned away (modules/aaa,
// mod_auth_basic.c and mod_authz_core.c): "AH01617: user anna: authentication
// failure for "/x": Password Mismatch", "AH01618: user anna not found: /x",
// "AH01630: client denied by server configuration: /srv/x".
func apacheEvent(d *format.Draft, s string) {
	number, text, ok := strings.Cut(s, ": ")
	if !ok || !strings.HasPrefix(number, "AH0") {
		return
	}
	switch number {
	case "AH01617":
		user, reason, _ := strings.Cut(strings.TrimPrefix(text, "user "), ": authentication failure for ")
		if i := strings.LastIndex(reason, `": `); i >= 0 {
			reason = reason[i+len(`": `):]
		}
		apacheLogin(d, user, reason)
	case "AH01618":
		user, _, _ := scan.CutLast(strings.TrimPrefix(text, "user "), " not found: ")
		apacheLogin(d, user, "user not found")
	case "AH01630":
		d.Set(format.FieldOutcome, "rejected")
	}
}

func apacheLogin(d *format.Draft, user, reason string) {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldUser, user)
	d.Set(format.FieldError, scan.ShortText(reason))
	d.Set(format.FieldProtocol, "http")
}

// apacheClient reads "192.0.2.7:4012" and "2001:db8::7:4012", which has no brackets;
// Apache 2.2 wrote no port.
func apacheClient(in *format.Input, d *format.Draft, s string) {
	host, port, _ := scan.CutLast(s, ":")
	if ip := scan.CanonicalIP(&in.Arena, host); ip != "" {
		d.SetNew(format.FieldClientIP, ip)
		d.SetNew(format.FieldPort, scan.Number(port))
		return
	}
	d.SetNew(format.FieldClientIP, scan.CanonicalIP(&in.Arena, s))
}

// cutBracket takes "[word] " off.
func cutBracket(s string) (word, rest string, ok bool) {
	if s == "" || s[0] != '[' {
		return "", s, false
	}
	i := strings.IndexByte(s[:min(len(s), leadBracket)], ']')
	if i < 0 {
		return "", s, false
	}
	return s[1:i], strings.TrimLeft(s[i+1:], " "), true
}
