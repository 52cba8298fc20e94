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
			d.Msg = rest
			return true
		}
		rest = after
	}
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
