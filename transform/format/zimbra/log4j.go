package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// CLI is the format cli.
var CLI = format.Spec{
	Name:     "cli",
	Doc:      "Zimbra's command line tools: thread before level",
	From:     "zmprov, zmmailbox and other tools of Zimbra that log with log4j",
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: "@ [main] INFO: done"},
	Fixture:  format.Fixture{File: "text/cli.log", Example: "[main] "},
	Question: `{job="zimbra"} |= "[main]" | level="error"`,
	Traps:    "The thread comes before the level.",
}

// Mailbox is the format mailbox.
var Mailbox = format.Spec{
	Name:     "mailbox",
	Doc:      "Zimbra's log4j shape, any logger but security",
	From:     "mailboxd: /opt/zimbra/log/mailbox.log, sync.log, ews.log, wbxml.log, imapd.log, milter.log, …, and stdout of Carbonio's containers",
	Parse:    parseMailbox,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: "@ INFO  [main] [] soap - NoOpRequest elapsed=1"},
	Fixture:  format.Fixture{File: "mailbox/soap.log", Path: "/opt/zimbra/log/mailbox.log", Example: "soap - "},
	Question: `{job="zimbra", log="mailbox"} | component="soap" | duration_ms > 3000`,
	Sample:   true,
	Traps:    "For clients behind the proxy, `ip` is the proxy's address: search for `client_ip`. A stack trace is one entry with its head. The time has no zone; see `timezone`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "a login, a delivery that completed, a password that was changed"},
		{Value: "failure", When: "a login that failed, a request with a fault, a database that cannot be reached"},
		{Value: "deferred", When: "LMTP: `try again`, 4xx"},
		{Value: "rejected", When: "LMTP: `rejecting`, 5xx; Sieve: `Refusing delivery`; milter: who may not write to a list; an address after too many failed logins"},
		{Value: "duplicate", When: "LMTP: a Message-ID that the mailbox has"},
		{Value: "delegate", When: "`delegated access`"},
		{Value: "slow", When: "`Slow SOAP request`, `Slow execution`"},
	},
}

// log4jHead is the head line of an event in the shape that mailboxd, imapd,
// the milter and zmconfigd share: "%d %-5p [%t] [%z] %c{1} - %m%n"
// (zm-mailbox conf/log4j.properties.production).
type log4jHead struct {
	level   format.Level
	thread  string
	logger  string
	message string
}

// parseMailbox reads a line of the log4j shape, with a stamp or, as mailboxd's
// syslog appender sends it, without one.
func parseMailbox(in *format.Input, d *format.Draft) bool {
	return parseLog4j(in, d) || parseLog4jBody(in, d, d.Head.Text[d.Head.Skip:])
}

// parseLog4j reads the log4j shape from its stamp on; the shape without one is
// for parseLog4jBody.
func parseLog4j(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !logtime.IsLog4jStamp(s) {
		return false
	}
	t, ok := in.Clock.Log4j(s, d.Head.Arrival)
	if ok {
		d.Time = t
	}
	rest := scan.TrimSpaces(s[logtime.Log4jStampLen:])
	if len(rest) > 0 && rest[0] == '[' {
		return parseCLI(d, rest)
	}
	return parseLog4jBody(in, d, rest)
}

// parseLog4jBody reads what follows the stamp: level, thread, context, logger
// and message.
func parseLog4jBody(in *format.Input, d *format.Draft, s string) bool {
	var h log4jHead
	whole := h.scan(s, in)
	if h.level == format.LevelUnknown || !whole && !d.Ours && d.Log4j == "" && isForeign(s) {
		return false
	}
	d.Level = h.level
	if !whole {
		d.Set(format.FieldFormat, "partly")
	}
	if whole && strings.IndexByte(h.thread, '?') < 0 && strings.IndexByte(h.thread, ';') < 0 && strings.IndexByte(h.thread, '=') < 0 && strings.IndexByte(h.thread, '@') < 0 {
		d.Harmless = len(d.Head.Text) - len(h.message)
	}
	SetThread(in, d, h.thread)
	h.parseRest(in, d)
	return true
}

// parseRest reads what the context, the logger and the message say.
func (h *log4jHead) parseRest(in *format.Input, d *format.Draft) {
	setContext(in, d)
	d.Set(format.FieldComponent, h.logger)
	SetLog4jLabels(d, h.logger)
	d.Msg = strings.TrimSuffix(h.message, "\r") // of a copy with DOS line ends
	if h.logger == "security" {
		d.Format = &Audit
		parseAudit(in, d)
	} else {
		parseMessage(in, d, h.logger)
	}
	java.ParseTrace(d)
	if h.logger == "SoapEngine" {
		loginFault(d)
	}
	if d.Level == format.LevelWarn && !d.Has(format.FieldError) && tellsFailure(d.Msg) {
		d.Set(format.FieldError, scan.FirstLine(d.Msg))
	}
}

// ParseHeadless reads a line that has lost its beginning, up to somewhere in
// the thread: "… https://host/service/soap/x] [context] logger - message". Only
// a context that is not empty makes sure that it is one.
func ParseHeadless(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	var h log4jHead
	i := strings.Index(s, "] [")
	if i < 0 {
		return false
	}
	rest, ok := scanContext(in, s[i+3:])
	if !ok || len(contextOf.Of(in).pairs) == 0 || !h.scanLogger(rest) || !scan.IsWord(h.logger) {
		return false
	}
	d.Set(format.FieldFormat, "partly")
	h.parseRest(in, d)
	return true
}

// scan splits s, which starts with the level. It reports whether the whole
// grammar matched; if only the beginning did, what was found is kept, the
// context in its scratch as far as it could be read.
func (h *log4jHead) scan(s string, in *format.Input) bool {
	contextOf.Of(in).empty()
	i := levelLen(s)
	if i < 0 {
		return false
	}
	h.level = format.Log4jLevel(s[:i])
	s = scan.TrimSpaces(s[i:])
	if h.level == format.LevelUnknown || len(s) == 0 || s[0] != '[' {
		h.message = s
		return false
	}
	s = s[1:]
	// The thread is free text and may hold "] [" itself; so may the context,
	// inside a user agent. The first "] [" after which a whole context parses
	// is the border; only this many are tried, so that the scan stays linear.
	const tries = 32
	for from, n := 0, 0; n < tries; n++ {
		j := threadEnd(s, from)
		if j < 0 {
			break
		}
		if rest, ok := scanContext(in, s[j+3:]); ok && h.scanLogger(rest) {
			h.thread = s[:j]
			return true
		}
		if n == 0 {
			h.thread = s[:j]
		}
		from = j + 1
	}
	return h.scanBroken(s, in)
}

// threadEnd is the index of the first "] [" of s from i on, or -1.
func threadEnd(s string, i int) int {
	for ; ; i++ {
		n := strings.IndexByte(s[i:], ']')
		if n < 0 {
			return -1
		}
		if i += n; strings.HasPrefix(s[i+1:], " [") {
			return i
		}
	}
}

// scanLogger splits "] logger - message". The logger may be empty ("]  - x"),
// the message too, and its space lost with a trimmed line end.
func (h *log4jHead) scanLogger(s string) bool {
	if len(s) < 2 || s[0] != ']' || s[1] != ' ' {
		return false
	}
	s = s[2:]
	i := strings.IndexByte(s, ' ')
	if i < 0 || len(s) < i+2 || s[i+1] != '-' {
		return false
	}
	if len(s) > i+2 && s[i+2] != ' ' {
		return false
	}
	h.logger = s[:i]
	h.message = s[min(len(s), i+3):]
	return true
}

// scanBroken keeps what can be had of a head that does not follow the grammar
// to its end, as a line cut by a pager or a forum does: the thread up to the
// first bracket, the pairs of the context that are whole.
func (h *log4jHead) scanBroken(s string, in *format.Input) bool {
	if h.thread == "" {
		h.scanUnclosed(s, in)
		return false
	}
	rest := s[len(h.thread)+3:]
	tail, closed := scanContext(in, rest)
	if msg, ok := strings.CutPrefix(tail, "] "); ok && closed { // a context, and no logger behind it
		h.message = msg
		return false
	}
	h.message = tail
	if i := strings.Index(tail, " - "); i >= 0 {
		head := tail[:i]
		h.logger = head[strings.LastIndexByte(head, ' ')+1:]
		h.message = tail[i+3:]
	}
	return false
}

// scanUnclosed reads a head whose thread or context is not bracketed as it
// should be: "[thread [name=x;] logger - message", or a single bracket.
func (h *log4jHead) scanUnclosed(s string, in *format.Input) {
	if i := strings.Index(s, " ["); i >= 0 {
		if rest, ok := scanContext(in, s[i+2:]); ok && h.scanLogger(rest) {
			h.thread = s[:i]
			return
		}
		contextOf.Of(in).empty()
	}
	i := strings.IndexByte(s, ']')
	if i < 0 {
		h.message = s
		return
	}
	h.thread, h.message = s[:i], scan.TrimSpaces(s[i+1:])
}

// parseCLI reads the shape of Zimbra's command line tools, which have no
// context: "stamp [thread] LEVEL: message" (conf/log4j.properties.cli). The
// thread's end is the first "] " behind which a level stands.
func parseCLI(d *format.Draft, s string) bool {
	i := 0
	var rest string
	for d.Level == format.LevelUnknown {
		n := strings.Index(s[i:], "] ")
		if n < 0 {
			return false
		}
		i += n + 2
		colon := strings.IndexByte(s[i:min(len(s), i+7)], ':')
		if colon > 0 {
			d.Level = format.Log4jLevel(strings.TrimRight(s[i:i+colon], " "))
			rest = s[i+colon+1:]
		}
	}
	d.Format = &CLI
	d.Set(format.FieldThread, s[1:i-2])
	SetLog4jLabels(d, "")
	d.Msg = scan.TrimSpaces(rest)
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// IsLog4jHead reports whether s starts with log4j's stamp and then a level or
// the bracket of a thread.
func IsLog4jHead(s string) bool {
	if !logtime.IsLog4jStamp(s) || s[logtime.Log4jStampLen] != ' ' {
		return false
	}
	return startsLevel(scan.TrimSpaces(s[logtime.Log4jStampLen:]))
}

func startsLevel(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '[' {
		return true
	}
	i := levelLen(s)
	return i > 0 && format.Log4jLevel(s[:i]) != format.LevelUnknown
}

// levelLen is the length of the word that s starts with, -1 if it is longer than
// the name of a level.
func levelLen(s string) int {
	const longest = len("ERROR")
	for i := range min(len(s), longest+1) {
		if s[i] == ' ' {
			return i
		}
	}
	return -1
}

// IsLog4jBody reports whether s is a log4j line without a stamp, as mailboxd's
// syslog appender sends it: "INFO  [thread] [context] logger - message".
func IsLog4jBody(s string) bool {
	i := levelLen(s)
	if i < 4 || format.Log4jLevel(s[:i]) == format.LevelUnknown {
		return false
	}
	return strings.HasPrefix(scan.TrimSpaces(s[i:]), "[")
}
