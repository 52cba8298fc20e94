package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// sshStrangers are messages about peers that never came to a login (OpenSSH's
// kex.c, sshd.c, canohost.c): scanners of ports, clients of another protocol.
// The address stands behind from.
var sshStrangers = [...]struct {
	start, from, action, outcome string
}{
	{"Did not receive identification string from ", "from ", "disconnect", ""},
	{"Bad protocol version identification ", "' from ", "connect", "rejected"},
	{"Protocol major versions differ for ", "for ", "connect", "rejected"},
	{"banner exchange: Connection from ", "from ", "connect", "rejected"},
	{"kex_exchange_identification: ", " from ", "connect", "failure"},
	{"ssh_dispatch_run_fatal: Connection from ", "from ", "disconnect", "failure"},
	{"Unable to negotiate with ", "with ", "connect", "failure"},
	{"Timeout before authentication for connection from ", "connection from ", "disconnect", "failure"},
	{"Timeout before authentication for ", "for ", "disconnect", "failure"},
	{"drop connection #", "from ", "connect", "rejected"},
	{"beginning MaxStartups throttling", "", "connect", "rejected"},
	{"refused connect from ", "from ", "connect", "rejected"},
	{"Magic value check failed (", "handshake from ", "connect", "rejected"}, // a fork that obfuscates
}

// sshdStranger reads a message of sshStrangers, with the words before and behind
// the address as the error, and "reverse mapping checking getaddrinfo for
// x.example.net [192.0.2.1] failed - POSSIBLE BREAK-IN ATTEMPT!".
func sshdStranger(in *format.Input, d *format.Draft, s string) {
	if rest, ok := strings.CutPrefix(s, "reverse mapping checking getaddrinfo for "); ok {
		host, rest, _ := strings.Cut(rest, " ")
		if ip := scan.CanonicalIP(&in.Arena, scan.ValueOf(rest, "[", "]")); ip != "" {
			d.Set(format.FieldAction, "resolve")
			d.Set(format.FieldClientIP, ip)
			d.Set(format.FieldClientHost, host)
			d.Set(format.FieldProtocol, "ssh")
		}
		return
	}
	for i := range sshStrangers {
		f := &sshStrangers[i]
		if !strings.HasPrefix(s, f.start) {
			continue
		}
		d.Set(format.FieldAction, f.action)
		d.Set(format.FieldOutcome, f.outcome)
		d.Set(format.FieldProtocol, "ssh")
		d.Set(format.FieldError, scan.ShortText(s))
		if at := strings.LastIndex(s, f.from); f.from != "" && at >= 0 && !sshdPeerOf(in, d, s[at+len(f.from):]) {
			sshdWrapped(in, d, s[at+len(f.from):])
		}
		return
	}
}

// sshdWrapped reads a peer as TCP wrappers write it (tcp_wrappers' eval.c,
// eval_client): "mail.example.net (192.0.2.1)", with "user@" before the name if
// identd told it.
func sshdWrapped(in *format.Input, d *format.Draft, s string) {
	host, rest, ok := scan.CutLast(s, " (")
	if ip := scan.CanonicalIP(&in.Arena, strings.TrimRight(rest, ")\r")); ok && ip != "" {
		d.Set(format.FieldClientIP, ip)
		if _, name, ok := scan.CutLast(host, "@"); ok {
			host = name
		}
		if scan.CanonicalIP(&in.Arena, host) == "" {
			d.Set(format.FieldClientHost, host)
		}
	}
}

// sshdPeerOf reads an address, and its port if it has one, at the beginning of
// s: "192.0.2.1 port 50000: …", "[192.0.2.1]:50000 on …", "192.0.2.1: 11: Bye".
func sshdPeerOf(in *format.Input, d *format.Draft, s string) bool {
	addr, rest, _ := strings.Cut(s, " ")
	if a, port, ok := strings.Cut(strings.TrimPrefix(addr, "["), "]:"); ok {
		addr = a
		d.Set(format.FieldPort, scan.Number(port))
	}
	ip := scan.CanonicalIP(&in.Arena, strings.TrimRight(addr, ":,."))
	if ip == "" {
		return false
	}
	d.Set(format.FieldClientIP, ip)
	d.Set(format.FieldProtocol, "ssh")
	if port, ok := strings.CutPrefix(rest, "port "); ok {
		d.Set(format.FieldPort, scan.Number(port))
	}
	return true
}
