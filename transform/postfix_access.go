package transform

import "strings"

// postfixAccess reads what smtpd, cleanup and postscreen write when a rule or
// a milter decides: "reject: RCPT from h[ip]: 554 5.7.1 <b>: Relay access
// denied; from=<a> to=<b> proto=ESMTP helo=<h>" (smtpd_check.c,
// log_whatsup; cleanup_milter.c). "filter" is no refusal: with Zimbra every
// mail triggers one.
func postfixAccess(in *Input, d *draft, component, action, s string) bool {
	outcome, ok := accessOutcome(action)
	if !ok {
		return false
	}
	d.set(FieldAction, action)
	d.set(FieldOutcome, outcome)
	if outcome == "rejected" {
		d.raise(LevelWarn)
	}
	if component == "cleanup" && isContent(s) {
		contentCheck(in, d, action, s)
		return true
	}
	stage, rest, ok := cutStage(s)
	d.set(FieldStage, stage)
	if !ok {
		in.decision(d, action, rest)
		return true
	}
	if who, ok := in.setSMTPPeer(d, rest); ok {
		rest = strings.TrimPrefix(who, ": ")
	} else if i := strings.Index(rest, ": "); i >= 0 { // "local", of a mail by sendmail
		rest = rest[i+2:]
	}
	in.decision(d, action, rest)
	return true
}

// cutStage splits "RCPT from …" and, of a proxy's "END-OF-MESSAGE: …", the
// stage; ok is false if no client stands behind it.
func cutStage(s string) (stage, rest string, ok bool) {
	i := 0
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] == '-') {
		i++
	}
	stage, rest = s[:i], s[i:]
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
func (in *Input) decision(d *draft, action, s string) {
	text, envelope := cutEnvelope(s)
	d.smtpEnvelope(envelope)
	if action == "filter" {
		if i := strings.LastIndex(text, "triggers FILTER "); i >= 0 {
			d.set(FieldFilter, text[i+len("triggers FILTER "):])
		}
		return
	}
	d.decided(text)
	if v := valueOf(text, "blocked using ", ";, "); v != "" {
		d.set(FieldDNSBL, v)
	}
}

// decided keeps the text of a decision: an error if the mail was refused, else
// its reason, or the queue id that a proxy's answer names.
func (d *draft) decided(text string) {
	if d.get(FieldOutcome) == "rejected" || d.get(FieldAction) == "reject_warning" {
		d.reply(text)
		return
	}
	if id := queuedAs(text); id != "" {
		d.set(FieldQueuedAs, id)
		return
	}
	d.set(FieldReason, shortText(text))
}

// reply takes an SMTP reply apart: "554 5.7.1 text"; code and enhanced code may
// be missing.
func (d *draft) reply(s string) {
	if n := number(s); len(n) == 3 && len(s) > 3 && s[3] == ' ' {
		d.set(FieldStatus, n)
		s = s[4:]
	}
	if n := dsnLen(s); n > 0 {
		d.set(FieldDSN, s[:n])
		s = strings.TrimPrefix(s[n:], " ")
	}
	d.set(FieldError, shortText(s))
}

// dsnLen is the length of the "x.y.z" (RFC 3463 section 2) that s starts with, or 0.
func dsnLen(s string) int {
	if len(s) < 5 || s[1] != '.' || s[0] != '2' && s[0] != '4' && s[0] != '5' {
		return 0
	}
	i := 2 + len(number(s[2:]))
	if i == 2 || i >= len(s) || s[i] != '.' {
		return 0
	}
	n := len(number(s[i+1:]))
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
func (d *draft) smtpEnvelope(s string) (rest string) {
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
			d.set(FieldFrom, bareAddress(v))
		case "to":
			d.set(FieldTo, bareAddress(v))
		case "proto":
			d.set(FieldProtocol, smtpProtocol(v))
		case "helo":
			d.set(FieldHelo, bareAddress(v))
		case "sasl_username":
			d.set(FieldUser, bareAddress(v))
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
		if rest == "" || strings.HasPrefix(rest, ": ") || rest[0] == ',' && startsKey(trimSpaces(rest[1:])) ||
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
func contentCheck(in *Input, d *draft, action, s string) {
	stage, rest, _ := strings.Cut(s, " ")
	d.set(FieldAction, action)
	d.set(FieldStage, stage)
	text, envelope := cutEnvelope(rest)
	d.decided(d.smtpEnvelope(envelope))
	i := strings.LastIndex(text, " from ")
	if i < 0 {
		return
	}
	d.add("content", text[:i])
	in.setSMTPPeer(d, text[i+len(" from "):])
}
