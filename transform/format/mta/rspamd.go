package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Rspamd is the format rspamd.
var Rspamd = format.Spec{
	Name:     "rspamd",
	Doc:      "what rspamd thinks of each mail, and what it does besides",
	From:     "rspamd: /var/log/rspamd/rspamd.log, and by syslog",
	Log:      "rspamd",
	Service:  "rspamd",
	Head:     isRspamdHead,
	Parse:    parseRspamd,
	Programs: []string{"rspamd"},
	Message:  rspamdMessage,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05", Line: `@ #1234(normal) <abc123>; task; rspamd_message_parse: loaded message; id: <1@example.org>; queue-id: <4A1B2C3D4F7>; size: 1234; checksum: <0a1b>`, Header: `@ #1234(normal) `},
	Fixture:  format.Fixture{File: "rspamd/lines.log", Example: "(reject)"},
	Question: `{service_name="rspamd"} | action="scan" | outcome="rejected"`,
	Traps:    "`request_id` is the tag that joins all lines of one task; it is short and comes again. Behind a proxy (`rspamd_proxy`) a mail is scanned once and may be told of twice, by the proxy and by the worker. The symbols are in the line only.",
	Outcomes: []format.Outcome{
		{Value: "passed", When: "`no action`, `add header`, `rewrite subject`"},
		{Value: "deferred", When: "`greylist`, `soft reject`"},
		{Value: "rejected", When: "`reject`"},
		{Value: "discarded", When: "`discard`"},
		{Value: "held", When: "`quarantine`"},
		{Value: "success", When: "a mail was learned"},
		{Value: "failure", When: "a wrong password of the controller"},
	},
}

// rspamdHead is the length of "2026-08-02 16:49:04 ", of "[info] " behind it, which
// log_severity adds, and of "#1234(normal) " (libserver/logger/logger_file.c). stamp
// is 0 if s does not start so.
type rspamdHead struct {
	stamp         int
	severity, pid string
	rest          string
}

func cutRspamdHead(s string) (h rspamdHead) {
	n := logtime.LocalStampLen(s)
	if n == 0 || !scan.IsDigit(s[0]) {
		return h
	}
	rest := s[n+1:]
	if strings.HasPrefix(rest, "[") {
		h.severity, rest, _ = strings.Cut(rest[1:], "] ")
	}
	if !strings.HasPrefix(rest, "#") {
		return h
	}
	h.pid = scan.Number(rest[1:])
	if rest = rest[1+len(h.pid):]; h.pid == "" || !strings.HasPrefix(rest, "(") {
		return h
	}
	worker, rest, ok := strings.Cut(rest[1:], ") ")
	if ok && rspamdWord(worker) == len(worker) {
		h.stamp, h.rest = n, rest
	}
	return h
}

// rspamdWord is the length of the name of a worker, a module or a function that s
// starts with: "rspamd_proxy", "dmarc.lua".
func rspamdWord(s string) int {
	n := 0
	for n < len(s) && (scan.KeyByte[s[n]] || s[n] == '-' || s[n] == '.') {
		n++
	}
	return n
}

// isRspamdHead reports whether s starts as a line of rspamd.log does.
func isRspamdHead(s string) bool { return cutRspamdHead(s).stamp > 0 }

// parseRspamd reads rspamd.log.
func parseRspamd(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	h := cutRspamdHead(s)
	if h.stamp == 0 {
		return false
	}
	d.Time = in.Clock.SyslogTime(s[:h.stamp], d.Head.Arrival)
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Set(format.FieldPID, h.pid)
	if d.Level = format.WordLevel(h.severity); d.Level == format.LevelUnknown {
		d.Level = format.LevelInfo
	}
	d.Msg = strings.TrimRight(h.rest, " \r")
	d.SetKnown(rspamdMessage(in, d, d.Msg))
	return true
}

// rspamdMessage reads "<abc123>; task; rspamd_task_write_log: text", each of the
// three missing or empty where there is none, and "(normal) " before them where
// systemd stamps the lines.
func rspamdMessage(in *format.Input, d *format.Draft, s string) bool {
	if n := rspamdWord(strings.TrimPrefix(s, "(")); strings.HasPrefix(s, "(") && strings.HasPrefix(s[1+n:], ") ") {
		s = s[n+len("() "):]
	}
	if rest, ok := strings.CutPrefix(s, "<"); ok {
		tag, rest, ok := strings.Cut(rest, ">; ")
		if !ok {
			return false
		}
		d.Set(format.FieldRequestID, tag)
		s = rest
	}
	if n := rspamdWord(s); strings.HasPrefix(s[n:], "; ") {
		d.Set(format.FieldComponent, s[:n])
		s = s[n+2:]
	}
	n := rspamdWord(s)
	function := s[:n]
	s = s[n:]
	if line := scan.Number(strings.TrimPrefix(s, ":")); line != "" { // of Lua: "dmarc.lua:211: "
		s = s[1+len(line):]
	}
	text, ok := strings.CutPrefix(s, ": ")
	if !ok {
		return false
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(text))
	}
	rspamdFunction(in, d, function, text)
	return true
}

// rspamdFunction reads the messages that tell of a mail or of a login, by the
// function that writes them.
func rspamdFunction(in *format.Input, d *format.Draft, function, s string) {
	switch function {
	case "rspamd_task_write_log":
		rspamdTask(in, d, s)
	case "rspamd_message_parse":
		rspamdLoaded(in, d, s)
	case "rspamd_controller_learn_fin_task":
		rspamdLearned(in, d, s)
	case "rspamd_controller_check_password":
		if strings.Contains(s, "invalid password") {
			d.Set(format.FieldAction, format.ActionAuth)
			d.Set(format.FieldOutcome, "failure")
			d.Set(format.FieldError, scan.ShortText(s))
			d.Raise(format.LevelWarn)
		}
	default:
		if n, ok := strings.CutPrefix(s, "Last message repeated "); ok {
			d.Set(format.FieldRepeat, scan.Number(n))
		} else if strings.HasPrefix(s, "cannot ") {
			d.Set(format.FieldError, scan.ShortText(s))
			d.Raise(format.LevelWarn)
		}
	}
}

// rspamdTask reads what log_format makes of a mail, by default: "id: <mid>,
// qid: <Q>, ip: 1.2.3.4, user: u, from: <a>, (default: F (no action):
// [0.40/15.00] [SYM(0.10){…},…]), len: 1, time: 2.3ms, …". What stands before
// the parenthesis is read from the left: rspamd puts '?' for the blanks of a
// Message-ID, a sender has them in quotes only.
func rspamdTask(in *format.Input, d *format.Draft, s string) {
	for {
		key, v, ok := strings.Cut(s, ": ")
		if !ok || key == "" || rspamdWord(key) != len(key) {
			break
		}
		switch key {
		case "id":
			v, s, _ = strings.Cut(v, ", ")
			d.Set(format.FieldMessageID, rspamdID(in, v))
		case "qid":
			v, s, _ = strings.Cut(v, ", ")
			d.Set(format.FieldQueueID, bareAddress(v))
		case "ip":
			v, s, _ = strings.Cut(v, ", ")
			d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, v))
		case "user":
			n := rspamdUserLen(v)
			d.Set(format.FieldUser, v[:n])
			s = strings.TrimPrefix(v[n:], ", ")
		case "from":
			n := addressEnd(v)
			d.Set(format.FieldFrom, bareAddress(v[:n]))
			s = strings.TrimPrefix(v[n:], ", ")
		default:
			_, s, _ = strings.Cut(v, ", ")
		}
	}
	if s, ok := strings.CutPrefix(s, "(default: "); ok {
		rspamdResult(in, d, s)
	}
}

// rspamdID is a Message-ID; a mail has none where rspamd writes undef.
func rspamdID(in *format.Input, s string) string {
	if s = bareAddress(s); s == "undef" {
		return ""
	}
	return messageID(in, s)
}

// rspamdUserLen is the length of the name that s starts with, by what follows it.
func rspamdUserLen(s string) int {
	n := len(s)
	for _, next := range [...]string{", from: <", ", (default: "} {
		if i := strings.Index(s, next); i >= 0 {
			n = min(n, i)
		}
	}
	return n
}

// addressEnd is the length of "<a@b>", or of a list "<a@b,c@d>", that s starts
// with. What is in quotes does not end it.
func addressEnd(s string) int {
	for i := 0; i < len(s); i++ {
		if n := quotedLen(s[i:]); n > 0 {
			i += n - 1
		} else if s[i] == '>' {
			return i + 1
		}
	}
	return len(s)
}

// rspamdOutcome is one of rspamd's actions (libserver/cfg_file.h and the modules that
// add their own) in the words that all formats share.
func rspamdOutcome(action string) string {
	switch action {
	case "no action", "add header", "rewrite subject":
		return "passed"
	case "greylist", "soft reject":
		return "deferred"
	case "reject":
		return "rejected"
	case "discard":
		return "discarded"
	case "quarantine":
		return "held"
	}
	return ""
}

// rspamdResult reads "F (no action): [0.40/15.00] [symbols]), len: 1, …". The
// symbols hold what the mail says, so that what follows them is looked for from
// the end.
func rspamdResult(in *format.Input, d *format.Draft, s string) {
	_, s, _ = strings.Cut(s, " (")
	action, s, ok := strings.Cut(s, "): [")
	if !ok {
		return
	}
	d.Set(format.FieldAction, "scan")
	d.Set(format.FieldDisposition, action)
	d.Set(format.FieldOutcome, rspamdOutcome(action))
	switch action {
	case "reject", "discard", "quarantine":
		d.Raise(format.LevelWarn)
	}
	d.Set(format.FieldScore, s[:max(0, strings.IndexByte(s, '/'))])
	const behind = "]), len: "
	i := strings.LastIndex(s, behind)
	if i < 0 {
		return
	}
	s = s[i+len(behind):]
	d.Set(format.FieldSize, scan.Number(s))
	if ms := scan.ValueOf(s, ", time: ", "m"); scan.IsNumber(ms) {
		d.Set(format.FieldDurationMS, ms)
	}
	if _, to, ok := strings.Cut(s, ", rcpts: "); ok {
		rspamdRecipients(in, d, bareAddress(to[:addressEnd(to)]))
	}
}

// rspamdRecipients reads "a@b,c@d"; after some rspamd writes "..." for the rest.
func rspamdRecipients(in *format.Input, d *format.Draft, s string) {
	all, cut := strings.CutSuffix(s, "...")
	all = strings.TrimSuffix(all, ",")
	count, kept := 1, len(all)
	for i := 0; i < len(all); i++ {
		if n := quotedLen(all[i:]); n > 0 {
			i += n - 1
		} else if all[i] == ',' {
			if count == format.MaxRecipients {
				kept = i
			}
			count++
		}
	}
	d.Set(format.FieldTo, all[:kept])
	if count > 1 && !cut {
		d.Set(format.FieldRecipients, in.Arena.Decimal(count))
	}
}

// rspamdLoaded reads "loaded message; id: <mid>; queue-id: <Q>; size: 1;
// checksum: <…>".
func rspamdLoaded(in *format.Input, d *format.Draft, s string) {
	id, ok := strings.CutPrefix(s, "loaded message; id: ")
	if !ok {
		return
	}
	id, s, _ = strings.Cut(id, "; queue-id: ")
	d.Set(format.FieldAction, "receive")
	d.Set(format.FieldMessageID, rspamdID(in, id))
	if q := scan.ValueOf(s, "<", ">"); q != "undef" {
		d.Set(format.FieldQueueID, q)
	}
	d.Set(format.FieldSize, scan.Number(scan.ValueOf(s, "; size: ", ";")))
}

// rspamdLearned reads "<192.0.2.1> learned message as spam: mid".
func rspamdLearned(in *format.Input, d *format.Draft, s string) {
	from, s, ok := strings.Cut(s, " learned message as ")
	if !ok {
		return
	}
	class, id, _ := strings.Cut(s, ": ")
	d.Set(format.FieldAction, "learn")
	d.Set(format.FieldOutcome, "success")
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, bareAddress(from)))
	d.Set(format.FieldCategory, class)
	d.Set(format.FieldMessageID, rspamdID(in, id))
}
