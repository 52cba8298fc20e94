package transform

import "strings"

// AccessLog is the format access_log.
var AccessLog = Spec{
	Name:     "access_log",
	Doc:      "Jetty's access_log and what other web servers write in that form",
	From:     "Jetty in mailboxd: /opt/zimbra/log/access_log.*",
	Log:      "access_log",
	Service:  "zimbra-mailbox",
	Head:     isAccessLogHead,
	Parse:    parseAccessLog,
	Fixture:  Fixture{File: "accesslog/lines.log", Example: "POST /service/soap"},
	Question: `sum by (status) (count_over_time({log="access_log"} [1h]))`,
	Traps:    "Quotes in requests and agents are not escaped; the month follows the JVM's locale. The client is the proxy unless Jetty logs X-Forwarded-For.",
}

// isAccessLogHead reports whether s starts as a line of access_log does and
// not as one of nginx (see isNginxAccessHead).
func isAccessLogHead(s string) bool {
	var h clfHead
	return h.scan(s) && isAccessLog(&h)
}

func isAccessLog(h *clfHead) bool {
	return strings.HasPrefix(h.rest, ` "`) && !isNginxClient(h.client)
}

// parseAccessLog reads Jetty's access_log, the NCSA extended format with the
// latency behind it (jetty-server, AbstractNCSARequestLog of 9.4):
//
//	host - user [02/Aug/2026:16:49:04 +0000] "GET /x HTTP/1.1" 200 1834 "referer" "agent" 42
//
// Jetty 7 has two blanks around the user and no latency; other servers write
// the same without it. The host is the whole X-Forwarded-For. Referer and agent
// are copied as the client sent them, quotes too: the referer is taken to end
// at the first `" "`, since URLs have no quotes, the agent at the last quote.
func parseAccessLog(in *Input, d *draft) bool {
	var h clfHead
	if !h.scan(d.head.text[d.head.skip:]) || !isAccessLog(&h) {
		return false
	}
	request, status, size, rest, ok := statusAfter(h.rest[2:])
	if !ok {
		// A copy that ends with the request.
		if request, ok = strings.CutSuffix(strings.TrimRight(h.rest[2:], " \r"), `"`); !ok || strings.IndexByte(request, ' ') < 0 {
			return false
		}
	}
	d.setLog(d.format.Log, d.format.Service)
	d.time = in.clock.clf(h.stamp, len(h.stamp), d.head.arrival)
	in.setClient(d, "", h.client)
	if d.has(FieldClientIP) && strings.IndexByte(h.client, ',') < 0 {
		d.unset(FieldOIP) // another spelling of the same
	}
	d.setStatus(status)
	d.setNotDash(FieldSize, size)
	q := splitRequest(request)
	in.setRequest(d, q)
	d.setNotDash(FieldUser, h.user)
	d.setReferer(rest)
	return true
}

// setReferer reads ` "referer" "agent" latency`.
func (d *draft) setReferer(s string) {
	s = strings.Trim(s, " \r")
	if i := strings.LastIndexByte(s, ' '); i > 0 && s[i-1] == '"' && isNumber(s[i+1:]) {
		d.set(FieldDurationMS, s[i+1:])
		s = s[:i]
	}
	if len(s) < 2 || s[0] != '"' {
		return
	}
	s = strings.TrimSuffix(s[1:], `"`)
	referer, agent, _ := strings.Cut(s, `" "`)
	d.setNotDash(FieldReferer, referer)
	d.setNotDash(FieldUserAgent, agent)
}
