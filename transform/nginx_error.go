package transform

import "strings"

// NginxError is the format nginx-error.
var NginxError = Spec{
	Name:     "nginx-error",
	Doc:      "nginx.log: error_log, HTTP and mail proxy",
	From:     "zimbra-proxy: /opt/zimbra/log/nginx.log, HTTP and the mail proxy (IMAP, POP, SMTP)",
	Log:      "nginx",
	Service:  "zimbra-proxy",
	Head:     isNginxErrorHead,
	Parse:    parseNginxError,
	Fixture:  Fixture{File: "nginxerror/lines.log", Example: "client login failed"},
	Question: `{log="nginx"} | outcome="failure"`,
	Traps:    "A login through the proxy stands here and, with the same user, in audit.log: count one of the two.",
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
func nginxLevel(s string) (level Level, rest string, ok bool) {
	if !digitsAt(s, "0000/00/00 00:00:00 [") {
		return 0, "", false
	}
	s = s[nginxStampLen+2:]
	i := strings.IndexByte(s, ']')
	if i <= 0 || i > 6 {
		return 0, "", false
	}
	if level = wordLevel(s[:i]); level == LevelUnknown || len(s) < i+3 || s[i+1] != ' ' {
		return 0, "", false
	}
	rest = s[i+2:]
	n := len(number(rest))
	return level, rest, n > 0 && n < len(rest) && rest[n] == '#'
}

// parseNginxError reads nginx.log, nginx's error_log for HTTP and mail proxy
// (ngx_log.c, ngx_http_request.c ngx_http_log_error, ngx_mail_handler.c
// ngx_mail_log_error):
//
//	2006/01/02 15:04:05 [level] pid#tid: *conn message, client: …, server: …, request: "…", upstream: "…", host: "…"
func parseNginxError(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isNginxErrorHead(s) {
		return false
	}
	level, rest, _ := nginxLevel(s)
	d.time, _ = in.clock.isoTime(s[:nginxStampLen], d.head.arrival)
	d.level = level
	d.setLog(d.format.Log, d.format.Service)
	d.set(FieldPID, number(rest))
	_, msg, _ := strings.Cut(rest, ": ")
	if strings.HasPrefix(msg, "*") {
		n := number(msg[1:])
		d.set(FieldConnectionID, n)
		msg = trimSpaces(msg[1+len(n):])
	}
	d.msg = strings.TrimRight(msg, " \r")
	text := in.nginxPairs(d, d.msg)
	in.nginxEvent(d, text)
	return true
}

// nginxKeys are the names under which nginx appends what it works on, and the
// fields for them.
var nginxKeys = [...]struct {
	key   string
	field Field
}{
	{", client: ", FieldClientIP}, {", server: ", FieldServer}, {", request: ", FieldMethod}, {", upstream: ", FieldUpstream},
	{", host: ", FieldHTTPHost}, {", referrer: ", FieldReferer}, {", login: ", FieldUser}, {", subrequest: ", FieldPath},
}

// nginxPairs sets what stands behind the message and returns the message. The
// pairs start with the first key outside of quotes: messages quote what a
// client sent.
func (in *Input) nginxPairs(d *draft, s string) string {
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
		in.nginxPair(d, nginxKeys[k].field, v)
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

func (in *Input) nginxPair(d *draft, f Field, v string) {
	switch f {
	case FieldClientIP:
		if canonicalIP(&in.a, v) == "" {
			in.setClientPort(d, v, true)
		} else {
			in.setClientPort(d, v, false)
		}
	case FieldMethod:
		in.setRequest(d, splitRequest(v))
	case FieldPath:
		d.setNew(f, v)
	default:
		d.set(f, v)
	}
}

// nginxEvent reads the messages that say who did what: the mail proxy's logins
// (ngx_mail_auth_http_module.c, ngx_mail_proxy_module.c), its connections, and
// Zimbra's own modules zmauth and throttle.
func (in *Input) nginxEvent(d *draft, s string) {
	switch {
	case strings.HasPrefix(s, "client login failed: "):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "failure")
		d.set(FieldError, firstLine(quotedText(s[len("client login failed: "):])))
		d.level = max(d.level, LevelWarn)
		d.set(FieldProtocol, mailProtocol(d.get(FieldServer)))
	case strings.HasPrefix(s, "client logged in"):
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "success")
		d.set(FieldProtocol, mailProtocol(d.get(FieldServer)))
	case strings.HasPrefix(s, "client ") && strings.Contains(s, " connected to "):
		peer, server, _ := strings.Cut(s[len("client "):], " connected to ")
		in.setClientPort(d, peer, true)
		d.set(FieldServer, server)
		d.set(FieldAction, "connect")
		d.set(FieldProtocol, mailProtocol(server))
	case strings.Contains(s, " throttle:["):
		throttled(in, d, s)
	case strings.HasPrefix(s, "zm "), strings.HasPrefix(s, "zmauth"):
		d.set(FieldComponent, "zmauth")
	}
	if d.level >= LevelError {
		d.setNew(FieldError, firstLine(s))
	}
}

// throttled reads "check ip throttle:[imap, 192.0.2.1]" and "check user
// throttle:[user@host]" of Zimbra's throttle module.
func throttled(in *Input, d *draft, s string) {
	d.set(FieldAction, "throttle")
	d.set(FieldComponent, "throttle")
	_, v, _ := strings.Cut(s, "throttle:[")
	v, _, _ = strings.Cut(v, "]")
	if protocol, rest, ok := strings.Cut(v, ", "); ok {
		d.set(FieldProtocol, protocol)
		v = rest
	}
	if ip := canonicalIP(&in.a, v); ip != "" {
		d.set(FieldClientIP, ip)
	} else if strings.Contains(s, "user throttle") {
		d.set(FieldUser, v)
	}
}

// quotedText returns what the quotes that s starts with hold, or s.
func quotedText(s string) string {
	if len(s) > 1 && s[0] == '"' {
		if i := strings.IndexByte(s[1:], '"'); i >= 0 {
			return s[1 : 1+i]
		}
	}
	return s
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
