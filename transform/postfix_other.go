package transform

import "strings"

// postfixTLS reads "Anonymous TLS connection established from h[ip]: TLSv1.3
// with cipher X (128/128 bits) …" and "… to h[ip]:25: …" (tls_misc.c,
// tls_log_summary); smtp writes "reused" for a connection that it kept.
func postfixTLS(in *Input, d *draft, s string) bool {
	i := strings.Index(s, " TLS connection ")
	if i <= 0 || i > len("Anonymous") {
		return sslFailure(in, d, s)
	}
	trust, rest := s[:i], s[i+len(" TLS connection "):]
	verb, rest, _ := strings.Cut(rest, " ")
	if verb != "established" && verb != "reused" {
		return false
	}
	d.set(FieldAction, "tls")
	d.set(FieldTLS, "true")
	d.set(FieldTLSTrust, trust)
	if who, ok := strings.CutPrefix(rest, "from "); ok {
		rest, _ = in.setSMTPPeer(d, who)
	} else if who, ok := strings.CutPrefix(rest, "to "); ok {
		n := relayLen(who)
		d.set(FieldRelay, who[:n])
		rest = who[n:]
	}
	rest = trimSpaces(strings.TrimPrefix(rest, ":"))
	version, cipher, ok := strings.Cut(rest, " with cipher ")
	if ok {
		d.set(FieldTLSVersion, version)
		d.set(FieldTLSCipher, valueOf(trimSpaces(cipher), "", " "))
	}
	return true
}

// sslFailure reads "SSL_accept error from h[ip]: lost connection".
func sslFailure(in *Input, d *draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "SSL_accept error from ")
	if !ok {
		return tlsproxyFailure(in, d, s)
	}
	d.set(FieldAction, "tls")
	d.set(FieldOutcome, "failure")
	rest, ok = in.setSMTPPeer(d, rest)
	d.set(FieldError, strings.TrimPrefix(rest, ": "))
	return ok
}

// tlsproxyFailure reads "TLS handshake failed for service=smtpd peer=[ip]:port".
func tlsproxyFailure(in *Input, d *draft, s string) bool {
	i := strings.Index(s, " peer=")
	if i < 0 || !strings.HasPrefix(s, "TLS handshake failed ") {
		return false
	}
	d.set(FieldAction, "tls")
	d.set(FieldOutcome, "failure")
	d.set(FieldError, "TLS handshake failed")
	_, ok := in.setSMTPPeer(d, s[i+len(" peer="):])
	return ok
}

// relayLen is the length of the "host[ip]:port" that s starts with.
func relayLen(s string) int {
	i := strings.IndexByte(s, ']')
	if i < 0 {
		if i = strings.IndexByte(s, ' '); i < 0 {
			return len(s)
		}
		return i
	}
	i++
	if n := len(number(s[min(len(s), i+1):])); n > 0 && s[i] == ':' {
		i += 1 + n
	}
	return i
}

// relayFailure reads "h[ip]:25: Connection refused" and "h[ip] while sending
// RCPT TO": one server could not be used, the next is tried.
func relayFailure(d *draft, action, s string) bool {
	n := relayLen(s)
	d.set(FieldAction, action)
	d.set(FieldOutcome, "failure")
	d.set(FieldRelay, s[:n])
	d.set(FieldError, shortText(strings.TrimPrefix(trimSpaces(s[n:]), ": ")))
	return true
}

// relaySaid reads "h[ip] said: 450 4.2.0 text (in reply to RCPT TO command)",
// "h[ip] refused to talk to me: 421 …" and "with h[ip] timed out while …": one
// attempt, after which Postfix tries the next server.
func relaySaid(d *draft, s string) bool {
	s = strings.TrimPrefix(s, "with ")
	n := relayLen(s)
	d.set(FieldAction, "try")
	d.set(FieldOutcome, "failure")
	d.set(FieldRelay, s[:n])
	rest := trimSpaces(s[n:])
	for _, verb := range [...]string{"said: ", "refused to talk to me: "} {
		if v, ok := strings.CutPrefix(rest, verb); ok {
			d.reply(v)
			d.unset(FieldStatus) // of a delivery it is Postfix's word
			return true
		}
	}
	d.set(FieldError, shortText(rest))
	return strings.HasPrefix(rest, "timed out")
}

// notification reads bounce's "non-delivery notification: Q", "delay
// notification: Q" and "delivery status notification: Q".
func notification(d *draft, s string) bool {
	i := strings.Index(s, " notification: ")
	if i < 0 {
		return false
	}
	d.set(FieldAction, "notify")
	d.add("notification", s[:i])
	d.set(FieldNotificationID, s[i+len(" notification: "):])
	return true
}

// dnsblog reads "192.0.2.1 listed by domain zen.example as 127.0.0.4".
func dnsblog(in *Input, d *draft, s string) bool {
	ip, rest, ok := strings.Cut(s, " listed by domain ")
	if !ok {
		return false
	}
	d.set(FieldAction, "dnsbl")
	d.set(FieldClientIP, canonicalIP(&in.a, ip))
	domain, answer, _ := strings.Cut(rest, " as ")
	d.set(FieldDNSBL, domain)
	d.add("dnsbl_answer", answer)
	return true
}

// postscreenEvents are the events that postscreen writes in capitals before a
// client, and what they are called here.
var postscreenEvents = [...]struct{ prefix, action string }{
	{"CONNECT from ", "connect"}, {"DISCONNECT ", "disconnect"},
	{"PASS NEW ", "pass_new"}, {"PASS OLD ", "pass_old"},
	{"ALLOWLISTED ", "allowlisted"}, {"WHITELISTED ", "allowlisted"},
	{"DENYLISTED ", "denylisted"}, {"BLACKLISTED ", "denylisted"},
	{"ALLOWLIST VETO ", "allowlist_veto"}, {"WHITELIST VETO ", "allowlist_veto"},
	{"DNSBL rank ", "dnsbl"}, {"PREGREET ", "pregreet"}, {"HANGUP after ", "hangup"},
	{"DATA without valid RCPT from ", "no_valid_recipient"}, {"BDAT without valid RCPT from ", "no_valid_recipient"},
	{"BARE NEWLINE from ", "bare_newline"}, {"COMMAND PIPELINING from ", "pipelining"},
	{"NON-SMTP COMMAND from ", "non_smtp_command"}, {"COMMAND TIME LIMIT from ", "time_limit"},
	{"COMMAND LENGTH LIMIT from ", "length_limit"}, {"COMMAND COUNT LIMIT from ", "count_limit"},
}

// postscreenMessage reads "CONNECT from [ip]:port to [ip]:25", "PASS NEW
// [ip]:port", "DNSBL rank 4 for [ip]:port", "PREGREET 11 after 0.1 from
// [ip]:port: …" (postscreen.c); tlsproxy writes the first two as well.
func postscreenMessage(in *Input, d *draft, s string) bool {
	for i := range postscreenEvents {
		e := &postscreenEvents[i]
		if e.prefix[0] != s[0] {
			continue
		}
		rest, ok := strings.CutPrefix(s, e.prefix)
		if !ok {
			continue
		}
		d.set(FieldAction, e.action)
		if e.action == "dnsbl" {
			d.add("dnsbl_rank", number(rest))
		}
		j := strings.IndexByte(rest, '[')
		if j < 0 {
			return false
		}
		_, ok = in.setSMTPPeer(d, rest[j:])
		return ok
	}
	return false
}

// postfixOther reads what services write of themselves.
func postfixOther(in *Input, d *draft, component, s string) bool {
	switch component {
	case "anvil", "scache":
		d.set(FieldAction, "statistics")
		return strings.HasPrefix(s, "statistics:")
	case "master", "postfix-script":
		d.set(FieldAction, serviceAction(s))
		return true
	case "postsuper":
		d.set(FieldAction, "postsuper")
		return true
	case "smtp", "lmtp":
		if rest, ok := strings.CutPrefix(s, "Cannot start TLS: "); ok {
			d.set(FieldAction, "tls")
			d.set(FieldOutcome, "failure")
			d.set(FieldError, shortText(rest))
			return true
		}
	}
	switch {
	case strings.HasPrefix(s, "cache "):
		d.set(FieldAction, "cache_cleanup")
	case strings.HasSuffix(s, " has changed -- restarting"):
		d.set(FieldAction, "restart")
	default:
		return false
	}
	return true
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
