package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// postfixAccess reads what smtpd, cleanup and postscreen write when a rule or
// a milter decides: "reject: RCPT from h[ip]: 554 5.7.1 <b>: Relay access
// denied; from=<a> to=<b> proto=ESMTP helo=<h>" (smtpd_check.c,
// log_whatsup; cleanup_milter.c). "filter" is no refusal: with Zimbra every
// mail triggers one.
func postfixAccess(in *format.Input, d *format.Draft, component, action, s string) bool {
	verb, ofHeader := milterCheck(action)
	outcome, ok := accessOutcome(verb)
	if !ok {
		return false
	}
	action = verb
	d.Set(format.FieldAction, action)
	d.Set(format.FieldOutcome, outcome)
	if outcome == "rejected" {
		d.Raise(format.LevelWarn)
	}
	if (component == "cleanup" || ofHeader) && isContent(s) {
		contentCheck(in, d, action, s)
		return true
	}
	if strings.HasPrefix(s, "bare ") && bareNewline(in, d, s) {
		return true
	}
	stage, rest, ok := cutStage(s)
	d.Set(format.FieldStage, stage)
	if !ok {
		decision(in, d, action, rest)
		return true
	}
	if who, ok := setSMTPPeer(in, d, rest); ok {
		rest = strings.TrimPrefix(who, ": ")
	} else if i := strings.Index(rest, ": "); i >= 0 { // "local", of a mail by sendmail
		rest = rest[i+2:]
	}
	decision(in, d, action, rest)
	return true
}

// milterCheck is the verb of "milter-header-redirect": a milter's header that
// milter_header_checks looked at (cleanup_milter_hbc_log, cleanup_milter.c).
func milterCheck(action string) (verb string, ok bool) {
	rest, ok := strings.CutPrefix(action, "milter-")
	if !ok {
		return action, false
	}
	i := strings.LastIndexByte(rest, '-')
	if i < 0 {
		return action, false
	}
	if rest[i+1:] == "warning" {
		return "warn", true
	}
	return rest[i+1:], true
}

// cutStage splits "RCPT from …" and, of a proxy's "END-OF-MESSAGE: …", the
// stage; ok is false if no client stands behind it.
func cutStage(s string) (stage, rest string, ok bool) {
	i := 0
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] == '-') {
		i++
	}
	stage, rest = s[:i], s[i:]
	if rest != "" && !strings.HasPrefix(rest, ": ") && !strings.HasPrefix(rest, " command") && !strings.HasPrefix(rest, " from ") {
		return "", s, false // a text, not a stage
	}
	if stage == "END-OF-DATA" || strings.HasPrefix(rest, " command from ") {
		rest = strings.TrimPrefix(rest, " command")
	}
	if v, ok := strings.CutPrefix(rest, " from "); ok {
		return stage, v, true
	}
	return stage, strings.TrimPrefix(rest, ": "), false
}

// accessOutcome is the outcome of an action of access(5), header_checks(5) or
// a milter; ok is false for any other word.
func accessOutcome(action string) (outcome string, ok bool) {
	switch action {
	case "reject", "milter-reject", "proxy-reject":
		return "rejected", true
	case "discard", "milter-discard":
		return "discarded", true
	case "hold", "milter-hold":
		return "held", true
	case "filter", "redirect", "prepend", "replace", "strip", "bcc", "info", "warn", "permit", "delay", "ignore", "pass",
		"reject_warning", "proxy-accept", "milter-quarantine", "trigger", "client", "whitelisted", "allowlisted":
		return "", true
	}
	return "", false
}

// decision reads the text of a decision and the mail's envelope behind it.
func decision(in *format.Input, d *format.Draft, action, s string) {
	text, envelope := cutEnvelope(s)
	smtpEnvelope(d, envelope)
	if action == "filter" {
		if i := strings.LastIndex(text, "triggers FILTER "); i >= 0 {
			d.Set(format.FieldFilter, text[i+len("triggers FILTER "):])
		}
		return
	}
	decided(d, text)
	if v := scan.ValueOf(text, "blocked using ", ";, "); v != "" {
		d.Set(format.FieldDNSBL, v)
	}
}

// decided keeps the text of a decision: an error if the mail was refused, else
// its reason, or the queue id that a proxy's answer names.
func decided(d *format.Draft, text string) {
	if d.Get(format.FieldOutcome) == "rejected" || d.Get(format.FieldAction) == "reject_warning" {
		reply(d, text)
		return
	}
	if id := queuedAs(text); id != "" {
		d.Set(format.FieldQueuedAs, id)
		return
	}
	d.Set(format.FieldReason, scan.ShortText(text))
}

// reply takes an SMTP reply apart: "554 5.7.1 text"; code and enhanced code may
// be missing. Behind the code of a line that another one follows a hyphen stands
// (RFC 5321 section 4.2.1); Postfix writes the lines one behind the other.
func reply(d *format.Draft, s string) {
	code, more := scan.Number(s), false
	if len(code) == 3 && len(s) > 3 && (s[3] == ' ' || s[3] == '-') {
		d.Set(format.FieldStatus, code)
		more = s[3] == '-'
		s = s[4:]
	}
	if n := dsnLen(s); n > 0 {
		d.Set(format.FieldDSN, s[:n])
		s = strings.TrimPrefix(s[n:], " ")
	} else if more {
		d.Set(format.FieldDSN, laterDSN(s, code))
	}
	d.Set(format.FieldError, scan.ShortText(s))
}

// laterDSN is the enhanced code behind code in the further lines of a reply.
func laterDSN(s, code string) string {
	for {
		i := strings.Index(s, code)
		if i < 0 || i+4 >= len(s) {
			return ""
		}
		mark := s[i+3] == ' ' || s[i+3] == '-'
		if start := s[i+4:]; mark && i > 0 && s[i-1] == ' ' && dsnLen(start) > 0 {
			return start[:dsnLen(start)]
		}
		s = s[i+3:]
	}
}

// dsnLen is the length of the "x.y.z" (RFC 3463 section 2) that s starts with, or 0.
func dsnLen(s string) int {
	if len(s) < 5 || s[1] != '.' || s[0] != '2' && s[0] != '4' && s[0] != '5' {
		return 0
	}
	i := 2 + len(scan.Number(s[2:]))
	if i == 2 || i >= len(s) || s[i] != '.' {
		return 0
	}
	n := len(scan.Number(s[i+1:]))
	if n == 0 || n > 3 {
		return 0
	}
	return i + 1 + n
}

// cutEnvelope splits "text; from=<a> to=<b> proto=ESMTP helo=<h>". What a
// client says of itself comes last and may hold anything, and so may the text:
// the last anchor decides.
func cutEnvelope(s string) (text, envelope string) {
	for _, anchor := range [...]string{"; from=<", "; to=<", "; proto="} {
		if i := strings.LastIndex(s, anchor); i >= 0 {
			return s[:i], s[i+2:]
		}
	}
	return strings.TrimSuffix(s, ";"), ""
}

// smtpEnvelope reads "from=<a> to=<b> proto=ESMTP helo=<h> sasl_username=<u>", with
// spaces as smtpd writes it or with ", " as postscreen does, and returns what
// follows: of a header check its text. Each address goes up to the '>' behind
// which the next key stands.
func smtpEnvelope(d *format.Draft, s string) (rest string) {
	for s != "" {
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			return s
		}
		key := s[:eq]
		n, v := envelopeValue(s[eq+1:])
		s = s[eq+1+n:]
		switch key {
		case "from":
			d.Set(format.FieldFrom, bareAddress(v))
		case "to":
			d.Set(format.FieldTo, bareAddress(v))
		case "proto":
			d.Set(format.FieldProtocol, smtpProtocol(v))
		case "helo":
			d.Set(format.FieldHelo, bareAddress(v))
		case "sasl_username":
			d.Set(format.FieldUser, bareAddress(v))
		}
		if rest, ok := strings.CutPrefix(s, ": "); ok {
			return rest
		}
		s = strings.TrimLeft(s, ", ")
	}
	return ""
}

// envelopeValue returns one value and the bytes it takes.
func envelopeValue(s string) (n int, v string) {
	if s == "" || s[0] != '<' {
		for n < len(s) && s[n] != ' ' && s[n] != ',' && !strings.HasPrefix(s[n:], ": ") {
			n++
		}
		return n, s[:n]
	}
	for from := 1 + quotedLen(s[1:]); ; {
		i := strings.IndexByte(s[from:], '>')
		if i < 0 {
			return len(s), s
		}
		from += i + 1
		rest := s[from:]
		if rest == "" || strings.HasPrefix(rest, ": ") || rest[0] == ',' && startsKey(scan.TrimSpaces(rest[1:])) ||
			rest[0] == ' ' && startsKey(rest[1:]) {
			return from, s[:from]
		}
	}
}

// smtpProtocol is the protocol in the vocabulary's spelling.
func smtpProtocol(v string) string {
	switch v {
	case "ESMTP":
		return "esmtp"
	case "SMTP":
		return "smtp"
	}
	return v
}

// isContent reports whether s tells of a header or of a line of the body.
func isContent(s string) bool {
	return strings.HasPrefix(s, "header ") || strings.HasPrefix(s, "body ") ||
		strings.HasPrefix(s, "mime_header ") || strings.HasPrefix(s, "nested_header ")
}

// contentCheck reads header_checks(5): "header Subject: text from h[ip];
// from=<a> to=<b> proto=ESMTP helo=<h>: why" (cleanup_message.c). The header is
// the client's own text; the last " from " before the envelope ends it.
func contentCheck(in *format.Input, d *format.Draft, action, s string) {
	stage, rest, _ := strings.Cut(s, " ")
	d.Set(format.FieldAction, action)
	d.Set(format.FieldStage, stage)
	text, envelope := cutEnvelope(rest)
	decided(d, smtpEnvelope(d, envelope))
	i := strings.LastIndex(text, " from ")
	if i < 0 {
		return
	}
	d.Add("content", text[:i])
	setSMTPPeer(in, d, text[i+len(" from "):])
}
