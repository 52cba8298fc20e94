package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// NginxError is the format nginx-error.
var NginxError = format.Spec{
	Name:     "nginx-error",
	Doc:      "nginx.log: error_log, HTTP and mail proxy",
	From:     "zimbra-proxy: /opt/zimbra/log/nginx.log, HTTP and the mail proxy (IMAP, POP, SMTP)",
	Log:      "nginx",
	Service:  "zimbra-proxy",
	Head:     isNginxErrorHead,
	Parse:    parseNginxError,
	Stamp:    format.Stamp{Layout: "2006/01/02 15:04:05", Line: `@ [info] 4242#0: *79 client 198.51.100.7:55 connected to 0.0.0.0:143`},
	Fixture:  format.Fixture{File: "nginxerror/lines.log", Example: "client login failed"},
	Question: `{log="nginx"} | outcome="failure"`,
	Traps:    "A login through the proxy is recorded here and, with the same user, in audit.log: count only one of the two.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`client logged in`"},
		{Value: "failure", When: "`client login failed`, a password file that says no, a TLS handshake that failed"},
		{Value: "rejected", When: "a limit of requests, connections or logins (`deny`), a rule that forbids, ModSecurity's denial"},
		{Value: "passed", When: "the limit of logins lets one through (`allow`)"},
	},
}

// nginxStampLen is the length of "2006/01/02 15:04:05".
const nginxStampLen = 19

// isNginxErrorHead reports whether s starts as a line of nginx's error_log
// does: "2026/08/02 16:49:04 [info] 4242#0: ".
func isNginxErrorHead(s string) bool {
	_, _, ok := nginxLevel(s)
	return ok
}

// nginxLevel reads stamp and level; rest starts with the process.
func nginxLevel(s string) (level format.Level, rest string, ok bool) {
	if !scan.DigitsAt(s, "0000/00/00 00:00:00 [") {
		return 0, "", false
	}
	s = s[nginxStampLen+2:]
	i := strings.IndexByte(s, ']')
	if i <= 0 || i > 6 {
		return 0, "", false
	}
	if level = format.WordLevel(s[:i]); level == format.LevelUnknown || len(s) < i+3 || s[i+1] != ' ' {
		return 0, "", false
	}
	rest = s[i+2:]
	n := len(scan.Number(rest))
	return level, rest, n > 0 && n < len(rest) && rest[n] == '#'
}

// parseNginxError reads nginx.log, nginx's error_log for HTTP and mail proxy
// (ngx_log.c, ngx_http_request.c ngx_http_log_error, ngx_mail_handler.c
// ngx_mail_log_error):
//
//	2006/01/02 15:04:05 [level] pid#tid: *conn message, client: …, server: …, request: "…", upstream: "…", host: "…"
func parseNginxError(in *format.Input, d *format.Draft) bool {
	if !nginxError(in, d, d.Head.Text[d.Head.Skip:]) {
		return false
	}
	d.SetLog(d.Format.Log, d.Format.Service)
	return true
}

// nginxError reads a line, whatever carried it; false for what is none.
func nginxError(in *format.Input, d *format.Draft, s string) bool {
	level, rest, ok := nginxLevel(s)
	if !ok {
		return false
	}
	d.Time, _ = in.Clock.ISOTime(s[:nginxStampLen], d.Head.Arrival)
	d.Level = level
	d.Set(format.FieldPID, scan.Number(rest))
	_, msg, _ := strings.Cut(rest, ": ")
	if strings.HasPrefix(msg, "*") {
		n := scan.Number(msg[1:])
		d.Set(format.FieldConnectionID, n)
		msg = scan.TrimSpaces(msg[1+len(n):])
	}
	d.Msg = strings.TrimRight(msg, " \r")
	if modSecurity(in, d, d.Msg) {
		return true
	}
	text := nginxPairs(in, d, d.Msg)
	nginxEvent(in, d, text)
	return true
}

// nginxKeys are the names under which nginx appends what it works on, and the
// fields for them.
var nginxKeys = [...]struct {
	key   string
	field format.Field
}{
	{", client: ", format.FieldClientIP},
	{", server: ", format.FieldServer},
	{", request: ", format.FieldMethod},
	{", upstream: ", format.FieldUpstream},
	{", host: ", format.FieldHTTPHost},
	{", referrer: ", format.FieldReferer},
	{", login: ", format.FieldUser},
	{", subrequest: ", format.FieldPath},
}

// nginxPairs sets what stands behind the message and returns the message. The
// pairs start with the first key outside of quotes: messages quote what a
// client sent.
func nginxPairs(in *format.Input, d *format.Draft, s string) string {
	i, quoted := 0, false
	for ; i < len(s); i++ {
		if s[i] == '"' {
			quoted = !quoted
		} else if s[i] == ',' && !quoted && nginxKey(s[i:]) >= 0 {
			break
		}
	}
	text := s[:i]
	for s = s[i:]; ; {
		k := nginxKey(s)
		if k < 0 {
			return text
		}
		s = s[len(nginxKeys[k].key):]
		v, n := nginxValue(s)
		nginxPair(in, d, nginxKeys[k].field, v)
		s = s[n:]
	}
}

// nginxKey is the index of the key that s starts with, or -1.
func nginxKey(s string) int {
	for k := range nginxKeys {
		if strings.HasPrefix(s, nginxKeys[k].key) {
			return k
		}
	}
	return -1
}

// nginxValue returns the value that s starts with, without its quotes, and the
// length with them. nginx copies a request as it came, with quotes and all; so
// the quote that ends it is the one before the next key or the end.
func nginxValue(s string) (v string, n int) {
	if s == "" || s[0] != '"' {
		if i := strings.Index(s, ", "); i >= 0 {
			return s[:i], i
		}
		return s, len(s)
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '"' && (i+1 == len(s) || nginxKey(s[i+1:]) >= 0) {
			return s[1:i], i + 1
		}
	}
	return s[1:], len(s)
}

func nginxPair(in *format.Input, d *format.Draft, f format.Field, v string) {
	switch f {
	case format.FieldClientIP:
		if peer, ok := strings.CutSuffix(v, " using starttls"); ok { // ngx_mail_log_error
			d.Set(format.FieldTLS, "true")
			v = peer
		}
		if scan.CanonicalIP(&in.Arena, v) == "" {
			setClientPort(in, d, v, true)
		} else {
			setClientPort(in, d, v, false)
		}
	case format.FieldMethod:
		setRequest(in, d, splitRequest(v))
	case format.FieldPath:
		d.SetNew(f, v)
	default:
		d.Set(f, v)
	}
}

// nginxEvent reads the messages that say who did what: the mail proxy's logins
// (ngx_mail_auth_http_module.c, ngx_mail_proxy_module.c), its connections, and
// Zimbra's own modules zmauth and throttle.
func nginxEvent(in *format.Input, d *format.Draft, s string) {
	switch {
	case strings.HasPrefix(s, "client login failed: "):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.FirstLine(quotedText(s[len("client login failed: "):])))
		d.Level = max(d.Level, format.LevelWarn)
		d.Set(format.FieldProtocol, mailProtocol(d.Get(format.FieldServer)))
	case strings.HasPrefix(s, "client logged in"):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "success")
		d.Set(format.FieldProtocol, mailProtocol(d.Get(format.FieldServer)))
	case strings.HasPrefix(s, "client ") && strings.Contains(s, " connected to "):
		peer, server, _ := strings.Cut(s[len("client "):], " connected to ")
		setClientPort(in, d, peer, true)
		d.Set(format.FieldServer, server)
		d.Set(format.FieldAction, "connect")
		d.Set(format.FieldProtocol, mailProtocol(server))
	case isBasicAuthFailure(s):
		basicAuthFailure(d, s)
	case isRefusal(s):
		d.Set(format.FieldOutcome, "rejected")
	case strings.HasPrefix(s, "SSL_do_handshake() failed"), strings.HasPrefix(s, "peer closed connection in SSL handshake"):
		d.Set(format.FieldAction, "tls")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.FirstLine(s))
	case throttled(in, d, s):
	case strings.HasPrefix(s, "zm "), strings.HasPrefix(s, "zmauth"):
		d.Set(format.FieldComponent, "zmauth")
	}
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(s))
	}
	d.SetNew(format.FieldProtocol, mailProtocol(d.Get(format.FieldServer)))
}

// mailProtocol tells the protocol by the port the proxy listens on.
func mailProtocol(server string) string {
	switch server[strings.LastIndexByte(server, ':')+1:] {
	case "143", "993", "7143", "7993":
		return "imap"
	case "110", "995", "7110", "7995":
		return "pop3"
	case "25", "465", "587":
		return "smtp"
	}
	return ""
}
