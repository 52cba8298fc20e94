package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// postfixNext splits "key=value, rest". A value in angle brackets may hold ", "
// and '>': it ends at the ">, " behind which a key stands, or at the end; it is
// returned with its brackets.
func postfixNext(s string) (key, v, rest string) {
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", ""
	}
	key, v = s[:eq], s[eq+1:]
	if v == "" || v[0] != '<' {
		if i := strings.Index(v, ", "); i >= 0 {
			return key, v[:i], v[i+2:]
		}
		return key, v, ""
	}
	for from := 1 + quotedLen(v[1:]); ; {
		i := strings.Index(v[from:], ">, ")
		if i < 0 {
			return key, v, ""
		}
		from += i + 3
		if startsKey(v[from:]) {
			return key, v[:from-2], v[from:]
		}
	}
}

// quotedLen is the length of the quoted local part that an address starts with
// (RFC 5321 section 4.1.2), in which anything may stand; 0 if it has none.
func quotedLen(s string) int {
	if s == "" || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// startsKey reports whether s starts with a key of Postfix and "=".
func startsKey(s string) bool {
	i := 0
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] == '_') {
		i++
	}
	return i > 0 && i < len(s) && s[i] == '='
}

// postfixDelivery reads what every delivery agent writes (log_adhoc.c):
// "to=<a>, orig_to=<b>, relay=h[ip]:port, conn_use=n, delay=f, delays=a/b/c/d,
// tls=dane, dsn=x.y.z, status=sent (text)". The text is the peer's and may hold
// parentheses.
func postfixDelivery(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "deliver")
	for s != "" {
		if strings.HasPrefix(s, "status=") {
			deliveryStatus(d, s[len("status="):])
			return
		}
		var key, v string
		key, v, s = postfixNext(s)
		switch key {
		case "to":
			d.Set(format.FieldTo, bareAddress(v))
		case "orig_to":
			d.Set(format.FieldOrigTo, bareAddress(v))
		case "relay":
			d.Set(format.FieldRelay, v)
		case "delay":
			if scan.IsNumber(v) { // a duration as LogQL compares it: delay > 15m
				d.Set(format.FieldDelay, in.Arena.Concat(v, "", "s"))
			}
		case "delays":
			d.Set(format.FieldDelays, v)
		case "dsn":
			d.Set(format.FieldDSN, v)
		case "conn_use":
			d.Add(key, v)
		case "tls": // what smtp_log_tls_feature_status asks for, of Postfix 3.11
			d.Add("tls_policy", v)
		}
	}
}

// deliveryStatus reads "sent (text)" and sets the outcome.
func deliveryStatus(d *format.Draft, s string) {
	status, text, _ := strings.Cut(s, " ")
	status = strings.TrimSuffix(status, ",")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	d.Set(format.FieldStatus, status)
	switch status {
	case "sent":
		d.Set(format.FieldOutcome, sentOutcome(d, text))
		if d.Get(format.FieldComponent) == "discard" {
			d.Set(format.FieldOutcome, "discarded")
		}
		return
	case "deliverable":
		d.Set(format.FieldAction, "verify")
		d.Set(format.FieldOutcome, "success")
		return
	case "undeliverable":
		d.Set(format.FieldAction, "verify")
		d.Set(format.FieldOutcome, "failure")
	case "bounced", "expired":
		d.Set(format.FieldOutcome, "bounced")
		d.Raise(format.LevelWarn)
	case "deferred", "SOFTBOUNCE":
		d.Set(format.FieldOutcome, "deferred")
	}
	d.Set(format.FieldError, scan.ShortText(text))
}

// sentOutcome tells a delivery from a hop inside of the mail system, for which
// Postfix writes "sent" too: to amavis at its ports, or to any program on this
// host that queued the mail anew. Mail that amavis accepted to throw it away is
// "sent" as well.
func sentOutcome(d *format.Draft, text string) string {
	relay := d.Get(format.FieldRelay)
	inside := amavisPort(relay)
	if id := queuedAs(text); id != "" {
		d.Set(format.FieldQueuedAs, id)
		inside = inside || isLoopbackRelay(relay) || strings.Contains(text, " from MTA(")
	} else if inside && strings.Contains(text, "discarded") {
		return "discarded"
	}
	if inside {
		return "hop"
	}
	return "success"
}

// amavisPort reports whether a relay is a port at which Zimbra's amavis listens
// (zm-amavis conf/amavisd.conf.in, $inet_socket_port).
func amavisPort(relay string) bool {
	if len(relay) < 6 || relay[len(relay)-6] != ':' {
		return false
	}
	switch relay[len(relay)-5:] {
	case "10024", "10026", "10032":
		return true
	}
	return false
}

func isLoopbackRelay(relay string) bool {
	i := strings.IndexByte(relay, '[')
	return i >= 0 && (strings.HasPrefix(relay[i:], "[127.") || strings.HasPrefix(relay[i:], "[::1]"))
}

// queuedAs is the queue id of the last "queued as X" of a server's reply.
func queuedAs(text string) string {
	i := strings.LastIndex(text, "queued as ")
	if i < 0 {
		return ""
	}
	text = text[i+len("queued as "):]
	return text[:QueueIDBytes(text)]
}

// postfixQueue reads qmgr's "from=<a>, size=n, nrcpt=n (queue active)" and
// "from=<a>, status=expired, returned to sender".
func postfixQueue(d *format.Draft, s string) {
	d.Set(format.FieldAction, "queue")
	for s != "" {
		var key, v string
		key, v, s = postfixNext(s)
		switch key {
		case "from":
			d.Set(format.FieldFrom, bareAddress(v))
		case "size":
			d.Set(format.FieldSize, v)
		case "nrcpt":
			d.Set(format.FieldRecipients, scan.Number(v))
			return
		case "status":
			d.Set(format.FieldStatus, v)
			if strings.HasSuffix(v, "expired") {
				d.Set(format.FieldAction, "expire")
				d.Set(format.FieldOutcome, "bounced")
				d.Raise(format.LevelWarn)
			}
			return
		}
	}
}
