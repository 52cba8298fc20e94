package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Apache reads a line of Apache's error log that syslog carried, without its
// time, and reports whether it is one. Tags are "httpd", "apache2" and
// "httpd/backend1".
func Apache(in *format.Input, d *format.Draft, s string) bool {
	tag := d.Header.Tag
	return (strings.HasPrefix(tag, "httpd") || strings.HasPrefix(tag, "apache2")) && apacheLead(in, d, s)
}

// apacheLead reads what the error log of Apache has between the time and the
// message (server/log.c, ErrorLogFormat): "[proxy:error] [pid 12:tid 139] [client
// 192.0.2.7:4012] AH01144: …", in 2.2 "[error] [client 192.0.2.7] …". Zimbra's
// httpd writes it for aspell and convertd.
func apacheLead(in *format.Input, d *format.Draft, s string) bool {
	first, rest, ok := cutBracket(s)
	if !ok || !strings.HasPrefix(rest, "[pid ") && !strings.HasPrefix(rest, "[client ") {
		return false
	}
	module, word, colon := strings.Cut(first, ":")
	if !colon {
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
			apacheClient(in, d, v, colon)
		default:
			d.Msg = apacheCause(in, d, rest, colon)
			apacheEvent(d, d.Msg)
			return true
		}
		rest = after
	}
}

// apacheCause takes off the cause of the system that stands before the client,
// "(70014)End of file found: [client 192.0.2.7:17036] AH02006: …".
func apacheCause(in *format.Input, d *format.Draft, s string, hasPort bool) string {
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
	apacheClient(in, d, strings.TrimPrefix(part, "client "), hasPort)
	return after
}

// apacheEvent reads the messages that say who was turned away (modules/aaa), of
// 2.4 with their number and of 2.2 without: "AH01617: user anna: authentication
// failure for "/x": Password Mismatch", "user anna not found: /x", "AH01630:
// client denied by server configuration: /srv/x".
func apacheEvent(d *format.Draft, s string) {
	if number, rest, ok := strings.Cut(s, ": "); ok && strings.HasPrefix(number, "AH") && scan.IsNumber(number[2:]) {
		s = rest
	}
	if i := strings.LastIndex(s, ", referer: "); i >= 0 {
		d.Set(format.FieldReferer, s[i+len(", referer: "):])
		s = s[:i]
	}
	s = strings.TrimPrefix(s, "Digest: ")
	switch {
	case strings.HasPrefix(s, "client denied by server configuration"), strings.HasPrefix(s, "Authorization of user "):
		d.Set(format.FieldOutcome, "rejected")
		return
	case !strings.HasPrefix(s, "user "):
		return
	}
	s = s[len("user "):]
	if i := strings.Index(s, ": authentication failure for "); i >= 0 {
		_, reason, _ := scan.CutLast(s[i:], `": `)
		apacheLogin(d, s[:i], reason)
	} else if user, _, ok := scan.CutLast(s, ": password mismatch"); ok {
		apacheLogin(d, user, "password mismatch")
	} else if user, _, ok := scan.CutLast(s, " not found"); ok {
		if name, _, ok := strings.Cut(user, "' in realm `"); ok {
			user = strings.TrimPrefix(name, "`")
		}
		apacheLogin(d, user, "user not found")
	} else if i := strings.Index(s, ": authorization failure for "); i >= 0 {
		d.Set(format.FieldOutcome, "rejected")
		d.Set(format.FieldUser, s[:i])
	}
}

func apacheLogin(d *format.Draft, user, reason string) {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldUser, user)
	d.Set(format.FieldError, scan.ShortText(reason))
	d.Set(format.FieldProtocol, "http")
}

// apacheClient reads "192.0.2.7:4012" and "2001:db8::7:4012", which has no
// brackets with some modules; Apache 2.2, whose lines name no module, wrote no
// port.
func apacheClient(in *format.Input, d *format.Draft, s string, hasPort bool) {
	host, port, _ := scan.CutLast(s, ":")
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip := scan.CanonicalIP(&in.Arena, host); hasPort && ip != "" {
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
	head := s[:min(len(s), leadBracket)]
	i := strings.IndexByte(head, ']')
	if strings.HasPrefix(s, "[client [") && i > 0 { // "[client [2001:db8::7]:4012]"
		if j := strings.IndexByte(head[i+1:], ']'); j >= 0 {
			i += 1 + j
		}
	}
	if i < 0 {
		return "", s, false
	}
	return s[1:i], strings.TrimLeft(s[i+1:], " "), true
}
