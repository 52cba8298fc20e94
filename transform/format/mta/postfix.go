package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Postfix is the format postfix.
var Postfix = format.Spec{
	Name:     "postfix",
	Doc:      "any service and instance of Postfix, by syslog",
	From:     "Postfix by syslog: /var/log/zimbra.log, carbonio.log",
	Service:  "postfix",
	Tag:      isPostfixTag,
	Message:  parsePostfix,
	Fixture:  format.Fixture{File: "postfix/delivery.log", Path: "/var/log/zimbra.log", Example: "status=sent"},
	Question: `sum by (outcome) (count_over_time({service_name="postfix"} | action="deliver" [1h]))`,
	Traps:    "`status=sent` to amavis or a milter is a hop (`outcome=\"hop\"`), not a delivery. `NOQUEUE: filter:` is not a reject. A queue id is only valid on one host and for some time: follow `message_id`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`status=sent` to a mailbox or another server; `deliverable` of a probe"},
		{Value: "hop", When: "`status=sent` to amavis or a milter on this host"},
		{Value: "deferred", When: "`status=deferred`"},
		{Value: "bounced", When: "`status=bounced`, `expired`"},
		{Value: "discarded", When: "`status=sent` by the transport `discard` or to amavis that discarded; `discard` of a rule or milter"},
		{Value: "held", When: "`hold` of a rule or milter"},
		{Value: "rejected", When: "`reject` of a rule, milter or postscreen, whatever the code; a limit of connections, mails or logins; commands that are none"},
		{Value: "failure", When: "SASL login that failed; a server or TLS that could not be used (the delivery itself has a line of its own); `undeliverable` of a probe; a process of Postfix that died"},
	},
}

// Postfix's messages, after the sources of Postfix 3.5 to 3.9: src/smtpd,
// src/cleanup, src/qmgr, src/global/log_adhoc.c, src/postscreen, src/tls.

// postfixTag splits a tag of Postfix: "postfix/smtpd", "postfix/amavisd/smtpd",
// "postfix-out/smtpd" of another instance (multi_instance_name), and the
// "/postfix-script" of one without syslog_name. component is the service, the
// last part; instance is what stands between it and "postfix". rsyslog's
// template of RFC 5424 cuts a tag at its first '/': then both are empty.
func postfixTag(tag string) (component, instance string, ok bool) {
	switch tag {
	case "/postfix-script":
		return tag[1:], "", true
	case "postfix":
		return "", "", true
	}
	rest, ok := strings.CutPrefix(tag, "postfix")
	if !ok || rest == "" || rest[0] != '/' && rest[0] != '-' {
		return "", "", false
	}
	i := strings.LastIndexByte(rest, '/')
	if i < 0 || i+1 == len(rest) {
		return "", "", false
	}
	if component = rest[i+1:]; i > 1 {
		instance = rest[1:i]
	}
	return component, instance, true
}

// queueIDLen is the length of the queue id that s starts with and ": " follows,
// else 0. Short ids are upper-case hexadecimal, five digits of microseconds and
// the inode, which has up to 16 where the file system counts in 64 bits; long ones
// are written with 52 digits without vowels (src/global/mail_queue.h).
func queueIDLen(s string) int {
	n := QueueIDBytes(s)
	if n == 0 || len(s) < n+2 || s[n] != ':' || s[n+1] != ' ' {
		return 0
	}
	return n
}

// QueueIDBytes is queueIDLen for an id that anything may follow.
func QueueIDBytes(s string) int {
	n, both := 0, uint8(idShort|idLong)
	for n < len(s) {
		c := queueIDByte[s[n]]
		if c == 0 {
			break
		}
		both &= c
		n++
	}
	switch {
	case n < len(s) && scan.KeyByte[s[n]]:
		return 0
	case both&idShort != 0 && n >= 6 && n <= 21, both&idLong != 0 && n >= 10 && n <= 24:
		return n
	}
	return 0
}

const (
	idShort = 1 << iota
	idLong
)

var queueIDByte = func() (t [256]uint8) {
	for _, c := range "0123456789ABCDEF" {
		t[c] |= idShort
	}
	for _, c := range "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz" {
		t[c] |= idLong
	}
	return t
}()

// isPostfixTag reports whether a tag is one of Postfix's.
func isPostfixTag(tag string) bool {
	_, _, ok := postfixTag(tag)
	return ok
}

// parsePostfix reads one message. false: of a shape that is not known.
func parsePostfix(in *format.Input, d *format.Draft, s string) bool {
	component, instance, _ := postfixTag(d.Header.Tag)
	d.Set(format.FieldComponent, component)
	d.Set(format.FieldInstance, instance)
	known := postfixMessage(in, d, component, s)
	if component == "" {
		d.Set(format.FieldComponent, postfixService(d))
	}
	if known && saysNothingElse(d.Get(format.FieldAction), s) {
		d.Harmless = len(d.Head.Text)
	}
	return known
}

// saysNothingElse reports whether the message s with this action consists of what
// Postfix knows: numbers, addresses, names of hosts and logins. Others hold
// texts of a peer or of a rule, in which anything may stand, and so does one that
// does not end as Postfix ends it.
func saysNothingElse(action, s string) bool {
	switch action {
	case "queue":
		return strings.HasSuffix(s, "(queue active)")
	case "removed":
		return strings.HasSuffix(s, "removed")
	case "message-id":
		return strings.HasSuffix(s, ">")
	case "connect":
		return strings.HasSuffix(s, "]")
	case "disconnect", "receive":
		return !strings.Contains(s, "pass")
	}
	return false
}

// postfixService is the service that a message is of whose tag does not tell,
// where only one writes it.
func postfixService(d *format.Draft) string {
	switch d.Get(format.FieldAction) {
	case "receive":
		if d.Has(format.FieldClientIP) || d.Has(format.FieldClientHost) {
			return "smtpd"
		}
		return "pickup"
	case "disconnect", "lost_connection":
		return "smtpd"
	case "connect":
		if d.Has(format.FieldClientIP) && !d.Has(format.FieldPort) {
			return "smtpd"
		}
	case "message-id":
		return "cleanup"
	case "queue", "removed", "expire":
		return "qmgr"
	}
	return ""
}

func postfixMessage(in *format.Input, d *format.Draft, component, s string) bool {
	if n := queueIDLen(s); n > 0 {
		d.Set(format.FieldQueueID, s[:n])
		s = s[n+2:]
	} else {
		s = strings.TrimPrefix(s, "NOQUEUE: ")
	}
	if l, rest := format.SeverityWord(s); l != format.LevelUnknown {
		d.Raise(l)
		troubleOfMail(d, &rest)
		postfixTrouble(in, d, component, rest)
		return true
	}
	if s == "" {
		return false
	}
	if s[0] >= 'a' {
		return postfixPlain(in, d, component, s)
	}
	return postfixTLS(in, d, s) || relayTrouble(in, d, s) || postscreenMessage(in, d, s) || postfixOther(in, d, component, s)
}

// postfixPlain reads the messages that start with a lower-case word: most.
func postfixPlain(in *format.Input, d *format.Draft, component, s string) bool {
	word := 0
	for word < len(s) && (s[word] >= 'a' && s[word] <= 'z' || s[word] == '-' || s[word] == '_') {
		word++
	}
	if word == len(s) {
		if s == "removed" {
			d.Set(format.FieldAction, "removed")
			return true
		}
		return postfixOther(in, d, component, s)
	}
	switch s[word] {
	case ',':
		if s[:word] == "skipped" {
			d.Set(format.FieldAction, "skip")
			return true
		}
	case '=':
		return postfixPair(in, d, s[:word], s[word+1:], s)
	case ':':
		if len(s) > word+2 && postfixAccess(in, d, component, s[:word], s[word+2:]) {
			return true
		}
	case ' ':
		if postfixSession(in, d, s, s[:word]) {
			return true
		}
	}
	return postfixOther(in, d, component, s)
}

// postfixPair reads the messages that start with "key=".
func postfixPair(in *format.Input, d *format.Draft, key, v, s string) bool {
	switch key {
	case "to":
		postfixDelivery(in, d, s)
	case "from", "status":
		postfixQueue(d, s)
	case "client":
		postfixClient(in, d, s)
	case "message-id":
		d.Set(format.FieldAction, "message-id")
		d.Set(format.FieldMessageID, messageID(in, v))
	case "resent-message-id":
		d.Set(format.FieldAction, "message-id")
		d.Set(format.FieldResentMessageID, messageID(in, v))
	case "uid": // pickup
		d.Set(format.FieldAction, "receive")
		d.Add("uid", scan.Number(v))
		pickupSender(d, v)
	default:
		return false
	}
	return true
}

// pickupSender reads "108 from=<a>", and " orig_id=Q" behind it of a mail that
// postsuper has queued anew (src/pickup/pickup.c).
func pickupSender(d *format.Draft, s string) {
	_, from, ok := strings.Cut(s, " from=")
	if !ok {
		return
	}
	if i := strings.LastIndex(from, " orig_id="); i >= 0 {
		id := from[i+len(" orig_id="):]
		if n := QueueIDBytes(id); n > 0 && n == len(id) {
			d.Set(format.FieldOrigQueueID, id)
			from = from[:i]
		}
	}
	d.Set(format.FieldFrom, bareAddress(from))
}

// messageID brings an id to "<id>"; "" for one that is empty. A
// comment behind it is cut.
func messageID(in *format.Input, s string) string {
	s = strings.TrimSpace(s)
	if i := strings.Index(s, "> "); i > 0 && s[0] == '<' {
		s = s[:i+1]
	}
	if s == "<>" || s == "" {
		return ""
	}
	return in.Arena.Bracketed(s)
}

// bareAddress takes an address out of its brackets; that of no one stays "<>".
func bareAddress(s string) string {
	if len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>' {
		return s[1 : len(s)-1]
	}
	return s
}
