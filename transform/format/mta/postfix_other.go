package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// postfixTLS reads "Anonymous TLS connection established from h[ip]: TLSv1.3
// with cipher X (128/128 bits) …" and "… to h[ip]:25: …" (tls_misc.c,
// tls_log_summary); smtp writes "reused" for a connection that it kept.
func postfixTLS(in *format.Input, d *format.Draft, s string) bool {
	i := strings.Index(s, " TLS connection ")
	if i <= 0 || i > len("Anonymous") {
		return sslFailure(in, d, s)
	}
	trust, rest := s[:i], s[i+len(" TLS connection "):]
	verb, rest, _ := strings.Cut(rest, " ")
	if verb != "established" && verb != "reused" {
		return false
	}
	d.Set(format.FieldAction, "tls")
	d.Set(format.FieldTLS, "true")
	d.Set(format.FieldTLSTrust, trust)
	if who, ok := strings.CutPrefix(rest, "from "); ok {
		rest, _ = setSMTPPeer(in, d, who)
	} else if who, ok := strings.CutPrefix(rest, "to "); ok {
		n := relayLen(who)
		d.Set(format.FieldRelay, who[:n])
		rest = who[n:]
	}
	rest = scan.TrimSpaces(strings.TrimPrefix(rest, ":"))
	version, cipher, ok := strings.Cut(rest, " with cipher ")
	if ok {
		d.Set(format.FieldTLSVersion, version)
		d.Set(format.FieldTLSCipher, scan.ValueOf(scan.TrimSpaces(cipher), "", " "))
	}
	return true
}

// sslFailure reads "SSL_accept error from h[ip]: lost connection".
func sslFailure(in *format.Input, d *format.Draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "SSL_accept error from ")
	if !ok {
		return tlsproxyFailure(in, d, s)
	}
	d.Set(format.FieldAction, "tls")
	d.Set(format.FieldOutcome, "failure")
	rest, ok = setSMTPPeer(in, d, rest)
	d.Set(format.FieldError, strings.TrimPrefix(rest, ": "))
	return ok
}

// tlsproxyFailure reads "TLS handshake failed for service=smtpd peer=[ip]:port".
func tlsproxyFailure(in *format.Input, d *format.Draft, s string) bool {
	i := strings.Index(s, " peer=")
	if i < 0 || !strings.HasPrefix(s, "TLS handshake failed ") {
		return false
	}
	d.Set(format.FieldAction, "tls")
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldError, "TLS handshake failed")
	_, ok := setSMTPPeer(in, d, s[i+len(" peer="):])
	return ok
}

// notification reads bounce's "non-delivery notification: Q", "delay
// notification: Q" and "delivery status notification: Q".
func notification(d *format.Draft, s string) bool {
	i := strings.Index(s, " notification: ")
	if i < 0 {
		return false
	}
	d.Set(format.FieldAction, "notify")
	d.Add("notification", s[:i])
	d.Set(format.FieldNotificationID, s[i+len(" notification: "):])
	return true
}

// dnsblog reads "192.0.2.1 listed by domain zen.example as 127.0.0.4".
func dnsblog(in *format.Input, d *format.Draft, s string) bool {
	ip, rest, ok := strings.Cut(s, " listed by domain ")
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "dnsbl")
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, ip))
	domain, answer, _ := strings.Cut(rest, " as ")
	d.Set(format.FieldDNSBL, domain)
	d.Add("dnsbl_answer", answer)
	return true
}

// postscreenEvents are the events that postscreen writes in capitals before a
// client, and what they are called here.
var postscreenEvents = [...]struct{ prefix, action string }{
	{"CONNECT from ", "connect"},
	{"DISCONNECT ", "disconnect"},
	{"PASS NEW ", "pass_new"},
	{"PASS OLD ", "pass_old"},
	{"ALLOWLISTED ", "allowlisted"},
	{"WHITELISTED ", "allowlisted"},
	{"DENYLISTED ", "denylisted"},
	{"BLACKLISTED ", "denylisted"},
	{"ALLOWLIST VETO ", "allowlist_veto"},
	{"WHITELIST VETO ", "allowlist_veto"},
	{"DNSBL rank ", "dnsbl"},
	{"PREGREET ", "pregreet"},
	{"HANGUP after ", "hangup"},
	{"DATA without valid RCPT from ", "no_valid_recipient"},
	{"BDAT without valid RCPT from ", "no_valid_recipient"},
	{"BARE NEWLINE from ", "bare_newline"},
	{"COMMAND PIPELINING from ", "pipelining"},
	{"NON-SMTP COMMAND from ", "non_smtp_command"},
	{"COMMAND TIME LIMIT from ", "time_limit"},
	{"COMMAND LENGTH LIMIT from ", "length_limit"},
	{"COMMAND COUNT LIMIT from ", "count_limit"},
}

// postscreenMessage reads "CONNECT from [ip]:port to [ip]:25", "PASS NEW
// [ip]:port", "DNSBL rank 4 for [ip]:port", "PREGREET 11 after 0.1 from
// [ip]:port: …" (postscreen.c); tlsproxy writes the first two as well.
func postscreenMessage(in *format.Input, d *format.Draft, s string) bool {
	for i := range postscreenEvents {
		e := &postscreenEvents[i]
		if e.prefix[0] != s[0] {
			continue
		}
		rest, ok := strings.CutPrefix(s, e.prefix)
		if !ok {
			continue
		}
		d.Set(format.FieldAction, e.action)
		if e.action == "dnsbl" {
			d.Add("dnsbl_rank", scan.Number(rest))
		}
		j := strings.IndexByte(rest, '[')
		if j < 0 {
			return false
		}
		rest, ok = setSMTPPeer(in, d, rest[j:])
		postscreenStage(in, d, rest)
		return ok
	}
	return false
}

// postscreenStage reads what follows the client: " after RCPT", or of CONNECT
// " to [ip]:port", this server.
func postscreenStage(in *format.Input, d *format.Draft, s string) {
	if stage, ok := strings.CutPrefix(s, " after "); ok {
		n := 0
		for n < len(stage) && (stage[n] >= 'A' && stage[n] <= 'Z' || stage[n] == '-') {
			n++
		}
		d.Set(format.FieldStage, stage[:n])
	} else if server, ok := strings.CutPrefix(s, " to ["); ok {
		ip, port, ok := strings.Cut(server, "]:")
		switch {
		case !ok:
		case scan.IsIPv4(ip):
			d.Set(format.FieldServer, in.Arena.Concat(ip, ":", port))
		default:
			d.Set(format.FieldServer, s[len(" to "):])
		}
	}
}

// anvilClient reads whom a count of anvil is of (src/anvil/anvil.c): "max
// connection rate 41/60s for (smtpd:192.0.2.7) at Nov 28 18:13:50". The service
// before the address may be an address with a port.
func anvilClient(in *format.Input, d *format.Draft, s string) {
	_, of, ok := strings.Cut(s, " for (")
	of, _, _ = strings.Cut(of, ") at ")
	service, client, _ := strings.Cut(of, ":")
	if scan.IsIPv4(service) {
		_, client, _ = strings.Cut(client, ":")
	}
	if ok {
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, client))
	}
}

// postfixOther reads what services write of themselves.
func postfixOther(in *format.Input, d *format.Draft, component, s string) bool {
	switch component {
	case "anvil", "scache":
		d.Set(format.FieldAction, "statistics")
		anvilClient(in, d, s)
		return strings.HasPrefix(s, "statistics:")
	case "master", "postfix-script":
		d.Set(format.FieldAction, serviceAction(s))
		return true
	case "postsuper":
		d.Set(format.FieldAction, postsuperAction(d, s))
		return true
	case "smtp", "lmtp":
		if rest, ok := strings.CutPrefix(s, "Cannot start TLS: "); ok {
			d.Set(format.FieldAction, "tls")
			d.Set(format.FieldOutcome, "failure")
			d.Set(format.FieldError, scan.ShortText(rest))
			return true
		}
	}
	switch {
	case strings.HasPrefix(s, "cache "):
		d.Set(format.FieldAction, "cache_cleanup")
	case strings.HasSuffix(s, " has changed -- restarting"):
		d.Set(format.FieldAction, "restart")
	default:
		return false
	}
	return true
}

// postsuperAction is what postsuper did to one mail; of several it tells the
// number only (src/postsuper/postsuper.c).
func postsuperAction(d *format.Draft, s string) string {
	if d.Has(format.FieldQueueID) {
		switch {
		case strings.HasPrefix(s, "released from hold"):
			return "release"
		case strings.HasPrefix(s, "placed on hold"):
			return "hold"
		case strings.HasPrefix(s, "requeued"):
			return "requeue"
		case strings.HasPrefix(s, "expired"):
			return "expire"
		}
	}
	return "postsuper"
}

// serviceAction is what happened to the whole mail system.
func serviceAction(s string) string {
	switch {
	case strings.HasPrefix(s, "starting"), strings.HasPrefix(s, "daemon started"):
		return "start"
	case strings.HasPrefix(s, "stopping"), strings.HasPrefix(s, "terminating"):
		return "stop"
	case strings.HasPrefix(s, "refreshing"), strings.HasPrefix(s, "reload"):
		return "reload"
	case strings.Contains(s, "is running"):
		return "status"
	}
	return ""
}
