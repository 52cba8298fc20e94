package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

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
	if n := len(scan.Number(s[min(len(s), i+1):])); n > 0 && s[i] == ':' {
		i += 1 + n
	}
	return i
}

// relayFailure reads "h[ip]:25: Connection refused" and "h[ip] while sending
// RCPT TO", before which what stands: one server could not be used, the next is
// tried.
func relayFailure(in *format.Input, d *format.Draft, action, what, s string) bool {
	n := relayLen(s)
	why := strings.TrimPrefix(scan.TrimSpaces(s[n:]), ": ")
	if what != "" {
		why = in.Arena.Concat(what, "", why)
	}
	failedAt(d, action, s[:n], why)
	return true
}

// failedAt says that a server could not be used, and why.
func failedAt(d *format.Draft, action, relay, why string) {
	d.Set(format.FieldAction, action)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldRelay, relay)
	d.Set(format.FieldError, scan.ShortText(why))
}

// relaySaid reads "h[ip] said: 450 4.2.0 text (in reply to RCPT TO command)",
// "h[ip] refused to talk to me: 421 …" and "with h[ip] timed out while …": one
// attempt, after which Postfix tries the next server.
func relaySaid(d *format.Draft, s string) bool {
	s = strings.TrimPrefix(s, "with ")
	n := relayLen(s)
	d.Set(format.FieldAction, "try")
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldRelay, s[:n])
	rest := scan.TrimSpaces(s[n:])
	for _, verb := range [...]string{"said: ", "refused to talk to me: "} {
		if v, ok := strings.CutPrefix(rest, verb); ok {
			relayReply(d, v)
			return true
		}
	}
	d.Set(format.FieldError, scan.ShortText(rest))
	return strings.HasPrefix(rest, "timed out")
}

// relayReply reads a server's answer; status is of a delivery Postfix's word.
func relayReply(d *format.Draft, s string) {
	reply(d, s)
	d.Unset(format.FieldStatus)
}

// relayTrouble reads what smtp and lmtp write of one server in other words, as a
// warning too: "SSL_connect error to h[ip]:25: why" (tls_client.c), "TLS is
// required, but was not offered by host h[ip]" (smtp_proto.c), "SASL
// authentication failed; server h[ip] said: 535 …" (smtp_sasl_glue.c).
func relayTrouble(in *format.Input, d *format.Draft, s string) bool {
	if v, ok := strings.CutPrefix(s, "SSL_connect error to "); ok {
		return relayFailure(in, d, "tls", "", v)
	}
	if v, ok := strings.CutPrefix(s, "SASL authentication failed"); ok {
		return relayAuth(d, strings.TrimLeft(v, ";: "))
	}
	if v, ok := strings.CutPrefix(s, "Host offered STARTTLS: ["); ok {
		d.Set(format.FieldAction, "tls")
		d.Set(format.FieldRelay, strings.TrimSuffix(v, "]"))
		return true
	}
	if v, ok := strings.CutPrefix(s, "host "); ok && relaySaid(d, v) {
		return true
	}
	if strings.HasPrefix(s, "certificate ") || strings.HasPrefix(s, "server certificate ") {
		return certificateFailure(in, d, s)
	}
	if v, ok := strings.CutPrefix(s, "TLS is required, but host "); ok {
		relayRefusedTLS(d, s, v)
		return true
	}
	for _, before := range [...]string{"TLS is required, but ", "Server certificate not ", "Server certificate could not be "} {
		if strings.HasPrefix(s, before) {
			why, host, _ := strings.Cut(s, " by host ")
			failedAt(d, "tls", host[:relayLen(host)], why)
			return true
		}
	}
	return false
}

// relayRefusedTLS reads "h[ip] refused to start TLS: 454 4.7.0 why", the end of s.
func relayRefusedTLS(d *format.Draft, s, who string) {
	n := relayLen(who)
	if _, answer, ok := strings.Cut(who[n:], ": "); ok {
		relayReply(d, answer)
	}
	failedAt(d, "tls", who[:n], s)
}

// relayAuth reads "server h[ip] said: 535 5.7.8 why" and "cannot authenticate to
// server h[ip]: why": this host could not log in to its relay, which is no login
// of a person.
func relayAuth(d *format.Draft, s string) bool {
	_, who, ok := strings.Cut(s, "server ")
	if !ok {
		return false
	}
	n := relayLen(who)
	why := strings.TrimPrefix(scan.TrimSpaces(who[n:]), ": ")
	failedAt(d, "try", strings.TrimSuffix(who[:n], ":"), why)
	if v, ok := strings.CutPrefix(why, "said: "); ok {
		relayReply(d, v)
	}
	return true
}

// certificateFailure reads "certificate verification failed for h[ip]:25: why"
// (tls_verify.c), of a server's certificate or of a client's.
func certificateFailure(in *format.Input, d *format.Draft, s string) bool {
	_, who, ok := strings.Cut(s, " failed for ")
	if !ok {
		return false
	}
	switch d.Get(format.FieldComponent) {
	case "smtpd", "postscreen":
		d.Set(format.FieldAction, "tls")
		d.Set(format.FieldOutcome, "failure")
		rest, ok := setSMTPPeer(in, d, who)
		d.Set(format.FieldError, scan.ShortText(strings.TrimPrefix(rest, ": ")))
		return ok
	}
	return relayFailure(in, d, "tls", "", who)
}
