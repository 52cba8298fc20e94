package transform

import (
	"strings"
	"time"
)

// JettyTrace is the format trace_log.
var JettyTrace = Spec{
	Name:     "trace_log",
	Doc:      "Jetty's DebugHandler",
	From:     "Jetty's DebugHandler: /opt/zimbra/log/trace_log.*",
	Log:      "trace_log",
	Service:  "zimbra-mailbox",
	Head:     isJettyTraceHead,
	Parse:    parseJettyTrace,
	Fixture:  Fixture{File: "jettytrace/lines.log", Path: "/opt/zimbra/log/trace_log.2026_08_02", Example: "REQUEST"},
	Question: `{log="trace_log"} |= "REQUEST"`,
	Traps:    "Requests hold whole cookies: each value goes out as `***`. The lines have no date; the file's name has.",
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
	if !digitsAt(s, stamp) {
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
				return s[:i-1], e.component, trimSpaces(s[n:]), true
			}
		}
	}
}

// parseJettyTrace reads trace_log. A request's line holds the whole Cookie
// header, so the line itself is written anew, every cookie's value as ***,
// before anything is taken from it.
func parseJettyTrace(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	_, event, _, ok := jettyTrace(s)
	if !ok {
		return false
	}
	if event == "request" {
		in.redactCookies(d)
	}
	s = d.head.text[d.head.skip:]
	thread, event, rest, _ := jettyTrace(s)
	d.level = LevelInfo
	d.setLog(d.format.Log, d.format.Service)
	d.time = in.traceTime(s, in.traceDate(d), d.head.arrival)
	in.setThread(d, thread)
	d.set(FieldComponent, event)
	switch event {
	case "request":
		in.traceRequest(d, rest)
	case "response":
		d.traceResponse(rest)
	case "opened", "closed":
		in.tracePeer(d, rest)
	}
	return true
}

// traceRequest reads "192.0.2.1 POST a=***; b=***; agent"; without a Cookie
// header there is "null".
func (in *Input) traceRequest(d *draft, s string) {
	addr, s, _ := strings.Cut(s, " ")
	in.setClient(d, addr, "")
	method, s, _ := strings.Cut(s, " ")
	if isMethod(method) {
		d.set(FieldMethod, method)
		d.setNew(FieldAction, method)
	}
	for {
		segment, rest, ok := strings.Cut(s, ";")
		if !ok || !isCookie(segment) && segment != "null" {
			break
		}
		s = trimSpaces(rest)
	}
	if s != "null" {
		d.set(FieldUserAgent, s)
	}
}

// traceResponse reads "200 text/html" and "500/java.io.IOException: x null".
func (d *draft) traceResponse(s string) {
	status, rest, _ := strings.Cut(s, " ")
	status, ex, _ := strings.Cut(status, "/")
	d.setStatus(status)
	if ex != "" {
		class, msg, ok := exceptionClass(strings.TrimSuffix(ex, ":"))
		if ok {
			d.set(FieldException, class)
		}
		d.set(FieldError, firstLine(orElse(orElse(msg, rest), ex)))
	}
}

// tracePeer reads the addresses of "…{l=/192.0.2.1:8443,r=/192.0.2.2:40032,…".
func (in *Input) tracePeer(d *draft, s string) {
	d.set(FieldServer, valueOf(s, "{l=/", ","))
	if peer := valueOf(s, ",r=/", ","); peer != "" {
		in.setClientPort(d, peer, true)
	}
}

// redactCookies replaces the value of every "name=value" between semicolons of
// a REQUEST line by ***. A piece of a user agent of that form goes too: nothing
// but the last semicolon tells where the header ends and the agent starts, and
// an agent may have semicolons of its own.
func (in *Input) redactCookies(d *draft) {
	text := d.head.text
	i := strings.Index(text, " REQUEST ") + len(" REQUEST ")
	for range 2 { // the address and the method
		j := strings.IndexByte(text[i:], ' ')
		if j < 0 {
			return
		}
		i += j + 1
	}
	b := append(in.a.alloc(len(text)+2*strings.Count(text[i:], "=")+8), text[:i]...)
	for s := text[i:]; s != ""; {
		n := cookieLen(s)
		segment := s[:n]
		if eq := strings.IndexByte(segment, '='); eq > 0 && isCookie(segment) {
			b = append(append(b, segment[:eq+1]...), redacted...)
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
	d.head.text = in.a.commit(b)
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
func (in *Input) traceDate(d *draft) string {
	for _, s := range [...]string{d.head.path, in.tag} {
		i := strings.LastIndex(s, "trace_log.")
		if i < 0 {
			continue
		}
		if s = s[i+len("trace_log."):]; len(s) >= 10 && digitsAt(s, "0000") && digitsAt(s[5:], "00") && digitsAt(s[8:], "00") {
			return s[:10]
		}
	}
	return ""
}

// traceTime resolves a time of day. The day is the last on which the line was
// written before it arrived; where the file's name gives a date and that is long
// past, it is the file's.
func (in *Input) traceTime(s, date string, arrival int64) int64 {
	const day = int64(24 * time.Hour)
	at := time.Unix(0, arrival).In(in.clock.loc)
	if date != "" {
		y, m, dd := two(date, 0)*100+two(date, 2), two(date, 5), two(date, 8)
		noon := time.Date(y, time.Month(m), dd, 12, 0, 0, 0, in.clock.loc)
		if apart(arrival, noon.UnixNano()) > 2*day {
			return in.timeOfDay(s, noon, arrival)
		}
	}
	for n := 1; n >= -1; n-- {
		if t := in.timeOfDay(s, at.AddDate(0, 0, n), arrival); t != 0 && t <= arrival+futureSlack {
			return t
		}
	}
	return 0
}

func (in *Input) timeOfDay(s string, day time.Time, arrival int64) int64 {
	y, m, dd := day.Date()
	w := wall{y, int(m), dd, two(s, 0), two(s, 3), two(s, 6)}
	return in.clock.wall(&w, int64(digit(s[9])*100+two(s, 10))*1e6, arrival)
}
