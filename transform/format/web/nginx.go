package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// NginxAccess is the format nginx-access.
var NginxAccess = format.Spec{
	Name:     "nginx-access",
	Doc:      "nginx.access.log of zimbra-proxy, three generations",
	From:     "zimbra-proxy: /opt/zimbra/log/nginx.access.log, of 8.0, 8.5 and later",
	Log:      "nginx.access",
	Service:  "zimbra-proxy",
	Head:     isNginxAccessHead,
	Parse:    parseNginxAccess,
	Stamp:    format.Stamp{Layout: "02/Jan/2006:15:04:05 -0700", Line: `192.0.2.5:51234 - - [@]  "GET https://mail.example.com/ HTTP/2.0" 304 0 "-" "Mozilla/5.0" "10.0.0.5:8443" "10.0.0.4:443"`},
	Fixture:  format.Fixture{File: "nginx/lines.log", Example: "POST "},
	Question: `{log="nginx.access"} | status=~"5.."`,
	Traps:    "Before 8.5 the address has no port. `user` comes from the request's parameters, as the client wrote it.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "status 2xx or 3xx"},
		{Value: "failure", When: "status 4xx or 5xx; a 401 is the question for a password as well"},
	},
}

// isNginxAccessHead reports whether s starts as a line of nginx.access.log
// does: two blanks before the request, or the client's port behind a colon.
func isNginxAccessHead(s string) bool {
	var h clfHead
	return h.scan(s) && isNginxAccess(&h)
}

func isNginxAccess(h *clfHead) bool {
	if strings.IndexByte(h.client, ' ') >= 0 {
		return false
	}
	return strings.HasPrefix(h.rest, `  "`) || strings.HasPrefix(h.rest, ` "`) && isNginxClient(h.client)
}

// isNginxClient reports whether s is "192.0.2.1:51234".
func isNginxClient(s string) bool {
	i := strings.LastIndexByte(s, ':')
	return i > 0 && len(scan.Number(s[i+1:])) == len(s)-i-1 && i+1 < len(s) && scan.IsIPv4(s[:i])
}

// parseNginxAccess reads the log_format "upstream" of zimbra-proxy
// (zm-nginx-conf, nginx.conf.web.template), in its three generations:
//
//	client:port - user [time]  "GET https://host/uri HTTP/1.1" 200 1042 "referer" "agent" "upstream" "server:port"
//	client:port - user [time]  "GET /uri HTTP/1.1" 200 1042 "referer" "agent" "upstream"
//	client - user [time]  "GET /uri HTTP/1.1" 200 …
//
// nginx writes quotes, backslashes and all bytes outside of ASCII as \xHH, so
// that the quotes of the line are its own.
func parseNginxAccess(in *format.Input, d *format.Draft) bool {
	if !nginxAccess(in, d, d.Head.Text[d.Head.Skip:]) {
		return false
	}
	d.SetLog(d.Format.Log, d.Format.Service)
	return true
}

// nginxAccess reads a line, whatever carried it; false for what is none.
func nginxAccess(in *format.Input, d *format.Draft, s string) bool {
	var h clfHead
	if !h.scan(s) || !isNginxAccess(&h) {
		return false
	}
	request, status, size, rest, ok := statusAfter(scan.TrimSpaces(h.rest)[1:])
	if !ok {
		return false
	}
	var q [4]string // referer, agent, upstream, server
	n := quotedFields(rest, q[:])
	d.Time = in.Clock.Clf(h.stamp, len(h.stamp), d.Head.Arrival)
	setClientPort(in, d, h.client, n == 4)
	setStatus(d, status)
	setNotDash(d, format.FieldSize, size)
	setRequest(in, d, splitRequest(unescapeHex(in, request)))
	setNotDash(d, format.FieldUser, unescapeHex(in, h.user))
	setNotDash(d, format.FieldReferer, unescapeHex(in, q[0]))
	setNotDash(d, format.FieldUserAgent, unescapeHex(in, q[1]))
	setNotDash(d, format.FieldUpstream, q[2])
	setNotDash(d, format.FieldServer, q[3])
	return true
}

// quotedFields splits ` "a" "b"` and returns how many there were.
func quotedFields(s string, dst []string) int {
	n := 0
	for n < len(dst) {
		s = scan.TrimSpaces(s)
		if s == "" || s[0] != '"' {
			break
		}
		i := strings.IndexByte(s[1:], '"')
		if i < 0 {
			break
		}
		dst[n], s = s[1:1+i], s[i+2:]
		n++
	}
	return n
}

// setClientPort reads "192.0.2.1:51234" and "2001:db8::7:51234", the port behind the
// last colon. Whether an IPv6 address has one is certain if the format has
// (hasPort); else a number that no client's port is belongs to the address.
func setClientPort(in *format.Input, d *format.Draft, s string, hasPort bool) {
	i := strings.LastIndexByte(s, ':')
	if i > 0 {
		port := scan.Number(s[i+1:])
		if len(port) == len(s)-i-1 && port != "" && (scan.IsIPv4(s[:i]) || hasPort || len(port) > 3) {
			if ip := scan.CanonicalIP(&in.Arena, s[:i]); ip != "" {
				d.Set(format.FieldClientIP, ip)
				d.Set(format.FieldPort, port)
				return
			}
		}
	}
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, s))
}

// unescapeHex decodes nginx's \xHH (ngx_http_log_escape).
func unescapeHex(in *format.Input, s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := in.Arena.Alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+3 < len(s) && s[i+1] == 'x' && scan.Unhex(s[i+2]) < 16 && scan.Unhex(s[i+3]) < 16 {
			c = scan.Unhex(s[i+2])<<4 | scan.Unhex(s[i+3])
			i += 3
		}
		b = append(b, c)
	}
	return scan.ValidUTF8(&in.Arena, in.Arena.Commit(b))
}
