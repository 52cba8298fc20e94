package web

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/redact"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// JettyTrace is the format trace_log.
var JettyTrace = format.Spec{
	Name:     "trace_log",
	Doc:      "Jetty's DebugHandler",
	From:     "Jetty's DebugHandler: /opt/zimbra/log/trace_log.*",
	Log:      "trace_log",
	Service:  "zimbra-mailbox",
	Head:     isJettyTraceHead,
	Parse:    parseJettyTrace,
	Stamp:    format.Stamp{Layout: "15:04:05.000", Line: `@:qtp1-222 OPENED HttpConnection@7718ee46::DecryptedEndPoint@1899f2ac{l=/192.0.2.13:8443,r=/192.0.2.14:40032,OPEN,fill=-,flush=-,to=0/60000}`},
	Fixture:  format.Fixture{File: "jettytrace/lines.log", Path: "/opt/zimbra/log/trace_log.2026_08_02", Example: "REQUEST"},
	Question: `{log="trace_log"} |= "REQUEST"`,
	Traps:    "Requests contain whole cookies: each value is replaced by `***`. The lines have no date; the file's name has.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "a response with 2xx or 3xx"},
		{Value: "failure", When: "a response with 4xx or 5xx"},
	},
}

// jettyEvents are what Jetty's DebugHandler logs
// (jetty-server 9.4, org.eclipse.jetty.server.handler.DebugHandler).
var jettyEvents = [...]struct{ word, component string }{
	{"REQUEST", "request"}, {"RESPONSE", "response"}, {"OPENED", "opened"}, {"CLOSED", "closed"}, {"SUSPEND", "suspend"}, {"RESUME", "resume"},
}

// isJettyTraceHead reports whether s starts as a line of trace_log does:
// "08:29:25.704:thread EVENT".
func isJettyTraceHead(s string) bool {
	_, _, _, ok := jettyTrace(s)
	return ok
}

// jettyTrace splits "hh:mm:ss.mmm:thread[:uri] EVENT rest".
func jettyTrace(s string) (thread, event, rest string, ok bool) {
	const stamp = "00:00:00.000:"
	if !scan.DigitsAt(s, stamp) {
		return
	}
	s = strings.TrimRight(s[len(stamp):], " \r")
	for i := 0; ; {
		j := strings.IndexByte(s[i:], ' ')
		if j < 0 {
			return
		}
		i += j + 1
		for _, e := range jettyEvents {
			if n := i + len(e.word); strings.HasPrefix(s[i:], e.word) && (len(s) == n || s[n] == ' ') {
				return s[:i-1], e.component, scan.TrimSpaces(s[n:]), true
			}
		}
	}
}

// parseJettyTrace reads trace_log. A request's line holds the whole Cookie
// header, so the line itself is written anew, every cookie's value as ***,
// before anything is taken from it.
func parseJettyTrace(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	_, event, _, ok := jettyTrace(s)
	if !ok {
		return false
	}
	if event == "request" {
		RedactCookies(in, d)
	}
	s = d.Head.Text[d.Head.Skip:]
	thread, event, rest, _ := jettyTrace(s)
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Time = traceTime(in, s, traceDate(in, d), d.Head.Arrival)
	zimbra.SetThread(in, d, thread)
	d.Set(format.FieldComponent, event)
	switch event {
	case "request":
		traceRequest(in, d, rest)
	case "response":
		traceResponse(d, rest)
	case "opened", "closed":
		tracePeer(in, d, rest)
	}
	return true
}

// traceRequest reads "192.0.2.1 POST a=***; b=***; agent"; without a Cookie
// header there is "null".
func traceRequest(in *format.Input, d *format.Draft, s string) {
	addr, s, _ := strings.Cut(s, " ")
	zimbra.SetClient(in, d, addr, "")
	method, s, _ := strings.Cut(s, " ")
	if isMethod(method) {
		d.Set(format.FieldMethod, method)
		d.SetNew(format.FieldAction, method)
	}
	for {
		segment, rest, ok := strings.Cut(s, ";")
		if !ok || !isCookie(segment) && segment != "null" {
			break
		}
		s = scan.TrimSpaces(rest)
	}
	if s != "null" {
		d.Set(format.FieldUserAgent, s)
	}
}

// traceResponse reads "200 text/html" and "500/java.io.IOException: x null".
func traceResponse(d *format.Draft, s string) {
	status, rest, _ := strings.Cut(s, " ")
	status, ex, _ := strings.Cut(status, "/")
	setStatus(d, status)
	if ex != "" {
		class, msg, ok := java.ExceptionClass(strings.TrimSuffix(ex, ":"))
		if ok {
			d.Set(format.FieldException, class)
		}
		d.Set(format.FieldError, scan.FirstLine(scan.OrElse(scan.OrElse(msg, rest), ex)))
	}
}

// tracePeer reads the addresses of "…{l=/192.0.2.1:8443,r=/192.0.2.2:40032,…".
func tracePeer(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldServer, scan.ValueOf(s, "{l=/", ","))
	if peer := scan.ValueOf(s, ",r=/", ","); peer != "" {
		setClientPort(in, d, peer, true)
	}
}

// RedactCookies replaces the value of every "name=value" between semicolons of
// a REQUEST line by ***. A piece of a user agent of that form goes too: nothing
// but the last semicolon tells where the header ends and the agent starts, and
// an agent may have semicolons of its own.
func RedactCookies(in *format.Input, d *format.Draft) {
	text := d.Head.Text
	i := strings.Index(text, " REQUEST ") + len(" REQUEST ")
	for range 2 { // the address and the method
		j := strings.IndexByte(text[i:], ' ')
		if j < 0 {
			return
		}
		i += j + 1
	}
	b := append(in.Arena.Alloc(len(text)+2*strings.Count(text[i:], "=")+8), text[:i]...)
	for s := text[i:]; s != ""; {
		n := cookieLen(s)
		segment := s[:n]
		if eq := strings.IndexByte(segment, '='); eq > 0 && isCookie(segment) {
			b = append(append(b, segment[:eq+1]...), redact.Mark...)
		} else {
			b = append(b, segment...)
		}
		s = s[n:]
		k := 0
		for k < len(s) && (s[k] == ';' || s[k] == ' ') {
			k++
		}
		b, s = append(b, s[:k]...), s[k:]
	}
	d.Head.Text = in.Arena.Commit(b)
}

// cookieLen is the length of s up to its first ';', one inside of a quoted
// value not counted.
func cookieLen(s string) int {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		return len(s)
	}
	if q := strings.Index(s[:i], `="`); q >= 0 && strings.IndexByte(s[q+2:i], '"') < 0 {
		if j := strings.IndexByte(s[i:], '"'); j >= 0 {
			i += j + 1
		}
		if j := strings.IndexByte(s[i:], ';'); j >= 0 {
			return i + j
		}
		return len(s)
	}
	return i
}

// isCookie reports whether s is "name=value", the name a token (RFC 6265
// section 4.1.1).
func isCookie(s string) bool {
	i := strings.IndexByte(s, '=')
	if i <= 0 {
		return false
	}
	for j := 0; j < i; j++ {
		if c := s[j]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?{}`, c) >= 0 {
			return false
		}
	}
	return true
}

// traceDate reads the date of "trace_log.2026_08_02", of the file's name or of
// the tag.
func traceDate(in *format.Input, d *format.Draft) string {
	for _, s := range [...]string{d.Head.Path, in.Tag} {
		i := strings.LastIndex(s, "trace_log.")
		if i < 0 {
			continue
		}
		if s = s[i+len("trace_log."):]; len(s) >= 10 && scan.DigitsAt(s, "0000") && scan.DigitsAt(s[5:], "00") && scan.DigitsAt(s[8:], "00") {
			return s[:10]
		}
	}
	return ""
}

// traceTime resolves a time of day. The day is the last on which the line was
// written before it arrived; where the file's name gives a date and that is long
// past, it is the file's.
func traceTime(in *format.Input, s, date string, arrival int64) int64 {
	const day = int64(24 * time.Hour)
	at := time.Unix(0, arrival).In(in.Clock.Loc)
	if date != "" {
		y, m, dd := scan.Two(date, 0)*100+scan.Two(date, 2), scan.Two(date, 5), scan.Two(date, 8)
		noon := time.Date(y, time.Month(m), dd, 12, 0, 0, 0, in.Clock.Loc)
		if logtime.Apart(arrival, noon.UnixNano()) > 2*day {
			return timeOfDay(in, s, noon, arrival)
		}
	}
	for n := 1; n >= -1; n-- {
		if t := timeOfDay(in, s, at.AddDate(0, 0, n), arrival); t != 0 && t <= arrival+logtime.FutureSlack {
			return t
		}
	}
	return 0
}

func timeOfDay(in *format.Input, s string, day time.Time, arrival int64) int64 {
	y, m, dd := day.Date()
	w := logtime.Wall{Year: y, Month: int(m), Day: dd, Hour: scan.Two(s, 0), Minute: scan.Two(s, 3), Second: scan.Two(s, 6)}
	return in.Clock.Wall(&w, int64(scan.Digit(s[9])*100+scan.Two(s, 10))*1e6, arrival)
}
