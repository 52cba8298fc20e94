package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// troubleOfMail takes the queue id off what follows "warning: " and its like. What
// is wrong with one mail is an error of it, whatever the level.
func troubleOfMail(d *format.Draft, s *string) {
	if rest, ok := strings.CutPrefix(*s, "NOQUEUE: "); ok {
		*s = rest
		return
	}
	n := queueIDLen(*s)
	if n == 0 {
		return
	}
	d.SetNew(format.FieldQueueID, (*s)[:n])
	*s = (*s)[n+2:]
	d.Set(format.FieldError, scan.ShortText(*s))
}

// postfixTrouble reads what follows "warning: ", "error: ", "fatal: " and
// "panic: ". A warning's text is in the line; an error's is metadata too.
func postfixTrouble(in *format.Input, d *format.Draft, component, s string) {
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	if component == "cleanup" && isContent(s) {
		contentCheck(in, d, "warn", s)
		return
	}
	if component == "smtp" || component == "lmtp" {
		if !relayTrouble(in, d, s) {
			libraryTrouble(d, s)
		}
		return
	}
	if clientTrouble(in, d, s) || hostNameTrouble(in, d, s) || libraryTrouble(d, s) || bareTrouble(in, d, s) {
		return
	}
	i := strings.Index(s, " from ")
	if i < 0 {
		return
	}
	host, ip, port, rest, ok := smtpPeer(in, s[i+len(" from "):])
	if !ok || ip == "" {
		return
	}
	setClient(d, host, ip, port)
	sessionTrouble(d, s[:i], rest)
}

func setClient(d *format.Draft, host, ip, port string) {
	d.Set(format.FieldClientHost, host)
	d.Set(format.FieldClientIP, ip)
	d.Set(format.FieldPort, port)
}

// clientTrouble reads what begins with the client, "h[ip]" or, with
// smtpd_client_port_logging, "h[ip]:port" (SMTPD_BUILD_NAMADDRPORT, smtpd.h).
func clientTrouble(in *format.Input, d *format.Draft, s string) bool {
	host, ip, port, rest, ok := smtpPeer(in, s)
	if !ok {
		return false
	}
	rest, ok = strings.CutPrefix(rest, ": ")
	if !ok {
		return false
	}
	sasl, isSASL := strings.CutPrefix(rest, "SASL ")
	if ip == "" && !isSASL {
		return false
	}
	setClient(d, host, ip, port)
	switch {
	case isSASL:
		saslFailure(d, sasl)
	case strings.HasPrefix(rest, "request longer than "):
		refused(d, "length_limit", "request longer than "+scan.Number(rest[len("request longer than "):]))
	}
	return true
}

// refused sets what became of a command that smtpd did not take.
func refused(d *format.Draft, action, why string) {
	d.Set(format.FieldAction, action)
	d.Set(format.FieldOutcome, "rejected")
	d.Set(format.FieldError, scan.ShortText(why))
}

// saslFailure reads "LOGIN authentication failed: reason[, sasl_username=u]"
// and "PLAIN authentication aborted" (smtpd_sasl_glue.c). There the reason may
// be missing, and a text stands for it and for a name that is not known.
func saslFailure(d *format.Draft, s string) {
	mechanism, reason, ok := strings.Cut(s, " authentication ")
	if !ok {
		return
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldProtocol, "smtp")
	d.Set(format.FieldMechanism, mechanism)
	if i := strings.LastIndex(reason, ", sasl_username="); i >= 0 {
		if user := reason[i+len(", sasl_username="):]; user != "(unavailable)" {
			d.Set(format.FieldUser, user)
		}
		reason = reason[:i]
	}
	verb, reason, _ := strings.Cut(reason, ":")
	switch reason = strings.TrimSpace(reason); {
	case reason != "" && reason != "(reason unavailable)":
		d.Set(format.FieldError, scan.ShortText(reason))
	case strings.TrimSpace(verb) == "aborted":
		d.Set(format.FieldError, "authentication aborted")
	default:
		d.Set(format.FieldError, "authentication failed")
	}
}

// hostNameTrouble reads smtpd's doubts about a client's name (smtpd_peer.c):
// "hostname h does not resolve to address ip[: why]" and, of Postfix 2, "ip:
// hostname h verification failed: why" and "ip: address not listed for hostname h".
func hostNameTrouble(in *format.Input, d *format.Draft, s string) bool {
	if rest, ok := strings.CutPrefix(s, "hostname "); ok {
		host, ip, ok := strings.Cut(rest, " does not resolve to address ")
		if !ok {
			return false
		}
		ip, why, _ := strings.Cut(ip, ": ")
		d.Set(format.FieldAction, "resolve")
		setClient(d, host, scan.CanonicalIP(&in.Arena, ip), "")
		d.Set(format.FieldError, scan.ShortText(why))
		return true
	}
	i := strings.Index(s, ": ")
	if i < 0 {
		return false
	}
	ip := scan.CanonicalIP(&in.Arena, s[:i])
	if ip == "" {
		return false
	}
	d.Set(format.FieldAction, "resolve")
	d.Set(format.FieldClientIP, ip)
	rest := s[i+2:]
	d.Set(format.FieldError, scan.ShortText(rest))
	for _, before := range [...]string{"address not listed for hostname ", "hostname ", "reverse hostname "} {
		if host, ok := strings.CutPrefix(rest, before); ok {
			host, _, _ = strings.Cut(host, " ")
			d.Set(format.FieldClientHost, strings.TrimRight(host, ":,"))
			break
		}
	}
	return true
}

// libraryTrouble reads what the libraries of SASL and TLS say of themselves
// (xsasl_cyrus_log.c, tls_misc.c). The login that fails has a line of its own.
func libraryTrouble(d *format.Draft, s string) bool {
	for _, before := range [...]string{"SASL authentication failure: ", "SASL authentication problem: ", "TLS library problem: "} {
		if why, ok := strings.CutPrefix(s, before); ok {
			d.Set(format.FieldError, scan.ShortText(why))
			return true
		}
	}
	return false
}

func bareTrouble(in *format.Input, d *format.Draft, s string) bool {
	return strings.HasPrefix(s, "bare ") && bareNewline(in, d, s)
}

// sessionTrouble reads what stands around " from h[ip]": "Connection rate limit
// exceeded: 61 … for service smtp", "non-SMTP command …: GET /", "Illegal address
// syntax … in MAIL command: <a>" (smtpd.c).
func sessionTrouble(d *format.Draft, what, rest string) {
	limit, count, _ := strings.Cut(what, ": ")
	switch {
	case strings.HasSuffix(limit, " limit exceeded"):
		refused(d, "rate_limit", limit)
		d.Add("count", scan.Number(count))
		if strings.HasPrefix(limit, "AUTH ") {
			d.Set(format.FieldAction, format.ActionAuth)
			d.Set(format.FieldProtocol, "smtp")
		}
	case what == "non-SMTP command":
		refused(d, "non_smtp_command", what)
	case what == "Illegal address syntax":
		refused(d, "illegal_address", what)
		if in, ok := strings.CutPrefix(rest, " in "); ok {
			stage, _, ok := strings.Cut(in, " command")
			if ok && scan.IsUpper(stage) {
				d.Set(format.FieldStage, stage)
			}
		}
	}
}
