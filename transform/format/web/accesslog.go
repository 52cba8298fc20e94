package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

// AccessLog is the format access_log.
var AccessLog = format.Spec{
	Name:     "access_log",
	Doc:      "Jetty's access_log and what other web servers write in that form",
	From:     "Jetty in mailboxd: /opt/zimbra/log/access_log.*",
	Log:      "access_log",
	Service:  "zimbra-mailbox",
	Head:     isAccessLogHead,
	Parse:    parseAccessLog,
	Stamp:    format.Stamp{Layout: "02/Jan/2006:15:04:05 -0700", Line: `192.0.2.5 - - [@] "GET /a HTTP/1.1" 200 5 "-" "curl/8.5.0" 7`},
	Fixture:  format.Fixture{File: "accesslog/lines.log", Example: "POST /service/soap"},
	Question: `sum by (status) (count_over_time({log="access_log"} [1h]))`,
	Traps:    "Quotes in requests and agents are not escaped; the month follows the JVM's locale. The client is the proxy unless Jetty logs X-Forwarded-For.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "status 2xx or 3xx"},
		{Value: "failure", When: "status 4xx or 5xx; a 401 is the question for a password as well"},
	},
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
// are copied as the client sent them, quotes too: see splitAccessTail.
func parseAccessLog(in *format.Input, d *format.Draft) bool {
	if !accessLine(in, d, d.Head.Text[d.Head.Skip:]) {
		return false
	}
	accessLabels(d)
	return true
}

// accessLine reads a line, whatever carried it; false for what is none.
func accessLine(in *format.Input, d *format.Draft, s string) bool {
	var h clfHead
	if !h.scan(s) || !isAccessLog(&h) {
		return false
	}
	request, status, size, rest, ok := statusAfter(h.rest[2:])
	if !ok {
		// A copy that ends with the request.
		if request, ok = strings.CutSuffix(strings.TrimRight(h.rest[2:], " \r"), `"`); !ok || strings.IndexByte(request, ' ') < 0 {
			return false
		}
	}
	d.Time = in.Clock.Clf(h.stamp, len(h.stamp), d.Head.Arrival)
	tail := splitAccessTail(rest, isJettyFile(d.Head.Path))
	setAccessClient(in, d, virtualHost(in, d, h.client), tail.forwarded)
	setStatus(d, status)
	setNotDash(d, format.FieldSize, size)
	setRequest(in, d, splitRequest(request))
	setNotDash(d, format.FieldUser, h.user)
	setNotDash(d, format.FieldReferer, tail.referer)
	setNotDash(d, format.FieldUserAgent, tail.agent)
	d.Set(format.FieldDurationMS, requestMillis(in, tail.rest))
	return true
}
