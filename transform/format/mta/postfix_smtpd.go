package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// smtpPeer reads "host[ip]" or "[ip]", a port behind it or not, at the start of s;
// rest is what follows. ip is "" for one that is hidden or was masked.
func smtpPeer(in *format.Input, s string) (host, ip, port, rest string, ok bool) {
	i := strings.IndexByte(s, '[')
	if i < 0 || strings.IndexByte(s[:i], ' ') >= 0 {
		return "", "", "", s, false
	}
	j := strings.IndexByte(s[i:], ']')
	if j < 0 {
		return "", "", "", s, false
	}
	host, ip, rest = s[:i], scan.CanonicalIP(&in.Arena, s[i+1:i+j]), s[i+j+1:]
	if len(rest) > 1 && rest[0] == ':' {
		port = scan.Number(rest[1:])
		if port != "" {
			rest = rest[1+len(port):]
		}
	}
	if host == "unknown" {
		host = ""
	}
	return host, ip, port, rest, true
}

// setSMTPPeer sets the client from what s starts with and returns what follows.
func setSMTPPeer(in *format.Input, d *format.Draft, s string) (rest string, ok bool) {
	host, ip, port, rest, ok := smtpPeer(in, s)
	d.Set(format.FieldClientHost, host)
	d.Set(format.FieldClientIP, ip)
	d.Set(format.FieldPort, port)
	return rest, ok
}

// postfixClient reads "client=h[ip], sasl_method=LOGIN, sasl_username=u,
// sasl_sender=s, orig_queue_id=Q, orig_client=h[ip]" (smtpd.c). The original
// client is the one that an earlier hop was told of (XFORWARD).
func postfixClient(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "receive")
	for s != "" {
		var key, v string
		key, v, s = postfixNext(s)
		switch key {
		case "client":
			setSMTPPeer(in, d, v)
		case "sasl_method":
			d.Set(format.FieldMechanism, v)
		case "sasl_username":
			d.Set(format.FieldUser, v)
		case "sasl_sender":
			d.Add(key, v)
		case "orig_queue_id":
			d.Set(format.FieldOrigQueueID, v)
		case "orig_client":
			if host, ip, _, _, ok := smtpPeer(in, v); ok && ip != "" {
				d.Set(format.FieldIP, d.Get(format.FieldClientIP))
				d.Set(format.FieldClientIP, ip)
				d.Unset(format.FieldClientHost)
				d.Set(format.FieldClientHost, host)
			}
		}
	}
}

// postfixSession reads what smtpd and smtp write of a session: "connect from
// h[ip]", "disconnect from h[ip] ehlo=1 …", "lost connection after RCPT from
// h[ip]", and smtp's failures.
func postfixSession(in *format.Input, d *format.Draft, s, word string) bool {
	rest := s[len(word)+1:]
	switch word {
	case "connect":
		if v, ok := strings.CutPrefix(rest, "from "); ok {
			d.Set(format.FieldAction, "connect")
			_, ok = setSMTPPeer(in, d, v)
			return ok
		}
		if v, ok := strings.CutPrefix(rest, "to "); ok {
			return relayFailure(in, d, "connect", "", v)
		}
	case "disconnect":
		if v, ok := strings.CutPrefix(rest, "from "); ok {
			d.Set(format.FieldAction, "disconnect")
			v, ok = setSMTPPeer(in, d, v)
			d.Set(format.FieldCommands, scan.TrimSpaces(v))
			return ok
		}
	case "lost", "timeout", "too", "improper", "bare":
		return brokenSession(in, d, s)
	case "host", "conversation":
		return relaySaid(d, rest)
	case "sender", "postmaster":
		return notification(d, rest)
	case "addr":
		return dnsblog(in, d, rest)
	case "certificate", "server":
		return certificateFailure(in, d, s)
	case "enabling", "breaking", "using":
		d.Set(format.FieldAction, "try")
		if _, host, ok := scan.CutLast(rest, " for "); ok && strings.HasPrefix(rest, "PIX workarounds: ") {
			d.Set(format.FieldRelay, host[:relayLen(host)])
		}
		return true
	}
	return false
}

// brokenSession reads "lost connection after STAGE from h[ip]", "timeout after
// …", "too many errors after …", "improper command pipelining after …", and
// smtp's "lost connection with h[ip] while …".
func brokenSession(in *format.Input, d *format.Draft, s string) bool {
	if v, ok := strings.CutPrefix(s, "lost connection with "); ok {
		return relayFailure(in, d, "try", "lost connection ", v)
	}
	if strings.HasPrefix(s, "bare ") {
		return bareNewline(in, d, s)
	}
	what, rest, ok := strings.Cut(s, " after ")
	if !ok {
		return false
	}
	stage, who, ok := strings.Cut(rest, " from ")
	if !ok {
		return false
	}
	d.Set(format.FieldAction, brokenAction(what))
	d.Set(format.FieldStage, stageWord(stage))
	_, ok = setSMTPPeer(in, d, who)
	return ok
}

func brokenAction(what string) string {
	switch what {
	case "lost connection":
		return "lost_connection"
	case "too many errors":
		return "too_many_errors"
	case "improper command pipelining":
		return "pipelining"
	}
	return what
}

// bareNewline reads "bare <LF> received after DATA from h[ip]", in Postfix 3.9
// "bare newline …": a line that ends with LF alone may smuggle a mail.
func bareNewline(in *format.Input, d *format.Draft, s string) bool {
	_, rest, ok := strings.Cut(s, " received after ")
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "bare_newline")
	stage, who, ok := strings.Cut(rest, " from ")
	d.Set(format.FieldStage, stageWord(stage))
	if ok {
		_, ok = setSMTPPeer(in, d, who)
	}
	return ok
}

// stageWord cuts "DATA (0 bytes)" to "DATA".
func stageWord(s string) string {
	if i := strings.Index(s, " ("); i > 0 {
		return s[:i]
	}
	return s
}
