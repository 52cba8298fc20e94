package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// sshForms are the beginnings of OpenSSH's messages about a login that failed
// (auth.c, auth2.c, auth-pam.c, packet.c). The name stands behind them, up to
// " from " or, in those of packet.c, up to the address alone.
var sshForms = [...]struct {
	start string
	from  string // what separates the name from the address
}{
	{"Invalid user ", " from "},
	{"Illegal user ", " from "}, // before OpenSSH 4
	{"PAM: Authentication failure for ", " from "},
	{"PAM: User not known to the underlying authentication module for ", " from "},
	{"PAM: Permission denied for ", " from "},
	{"maximum authentication attempts exceeded for ", " from "},
	{"PAM: authentication failure for ", " from "}, // of FreeBSD and macOS, with " via ADDRESS" behind
	{"PAM: authentication error for ", " from "},
	{"PAM: Authentication error for ", " from "},
	{"Disconnecting: Too many authentication failures for ", " from "},
	{"Disconnecting: Too many authentication failures", ""},
	{"Disconnecting authenticating user ", " "},
	{"Disconnecting invalid user ", " "},
	{"User ", " from "},
	{"ROOT LOGIN REFUSED FROM ", ""},
}

// sshdMessage reads OpenSSH's messages about logins, without "error: " before
// them: "Failed password for [invalid user ]u from ip port n ssh2", "Accepted
// publickey for u from …" and those of sshForms.
func sshdMessage(in *format.Input, d *format.Draft, s string) {
	verb, rest, _ := strings.Cut(s, " ")
	if verb == "Accepted" || verb == "Failed" || verb == "Postponed" {
		sshdMethod(in, d, verb, rest)
		return
	}
	for i := range sshForms {
		if who, ok := strings.CutPrefix(s, sshForms[i].start); ok {
			sshdRefused(in, d, who, i)
			return
		}
	}
	sshdConnection(in, d, s)
}

// sshdMethod reads "password for root from 192.0.2.1 port 50000 ssh2".
func sshdMethod(in *format.Input, d *format.Draft, verb, rest string) {
	method, who, ok := strings.Cut(rest, " for ")
	if !strings.HasSuffix(strings.TrimRight(who, "\r"), " ssh2") { // the name of protocol 1 is what the client sent
		who, _, _ = strings.Cut(who, " ssh1: ruser ")
	}
	i := strings.LastIndex(who, " from ")
	if !ok || i < 0 || strings.IndexByte(method, ' ') >= 0 {
		return
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldMechanism, method)
	d.Set(format.FieldUser, sshUser(who[:i]))
	sshdPeer(in, d, who[i+len(" from "):])
	switch verb {
	case "Accepted":
		d.Set(format.FieldOutcome, "success")
	case "Failed":
		d.Set(format.FieldOutcome, "failure")
		d.Raise(format.LevelWarn)
	}
	d.Set(format.FieldProtocol, "ssh")
}

// sshUser cuts what OpenSSH puts before a name that it does not know.
func sshUser(s string) string {
	for _, p := range [...]string{"invalid user ", "illegal user "} {
		s = strings.TrimPrefix(s, p)
	}
	return strings.TrimPrefix(s, "user ")
}

// sshdRefused reads what follows one of sshForms: "oracle from 192.0.2.1 port
// 48856", "root 192.0.2.1 port 50000: Too many authentication failures
// [preauth]". The name is what the client sent: the last separator counts.
func sshdRefused(in *format.Input, d *format.Draft, s string, form int) {
	f := &sshForms[form]
	reason := ""
	if f.start == "User " && !strings.Contains(s, " not allowed because ") {
		return
	}
	if before, after, ok := strings.Cut(s, " not allowed because "); ok {
		s, reason = before, "not allowed because "+after
	}
	user, peer := "", s
	switch f.from {
	case " ":
		if i := strings.LastIndex(s, " port "); i > 0 {
			reason = strings.TrimSuffix(scan.TrimSpaces(strings.TrimPrefix(s[i+len(" port ")+len(scan.Number(s[i+len(" port "):])):], ":")), " [preauth]")
			user, peer, _ = scan.CutLast(s[:i], " ")
			d.Set(format.FieldPort, scan.Number(s[i+len(" port "):]))
		}
	case " from ":
		var ok bool
		if user, peer, ok = scan.CutLast(s, " from "); !ok {
			user, peer = strings.TrimSuffix(s, " [preauth]"), ""
		}
	}
	authFailure(in, d, sshUser(user), "", "ssh")
	sshdPeer(in, d, peer)
	d.Set(format.FieldError, scan.ShortText(reason))
	if reason == "" {
		sshdReason(d, f.start)
	}
}

// sshdReason makes the words before the name the error.
func sshdReason(d *format.Draft, start string) {
	start = strings.TrimSuffix(strings.TrimSuffix(start, " "), " for")
	d.Set(format.FieldError, strings.TrimPrefix(start, "PAM: "))
}

// sshdPeer reads "192.0.2.1 port 50000 ssh2" and "192.0.2.1".
func sshdPeer(in *format.Input, d *format.Draft, s string) {
	addr, rest, _ := strings.Cut(s, " ")
	if ip := scan.CanonicalIP(&in.Arena, strings.TrimRight(addr, ":,")); ip != "" {
		d.Set(format.FieldClientIP, ip)
	} else {
		d.Set(format.FieldClientHost, addr)
	}
	if port, ok := strings.CutPrefix(rest, "port "); ok {
		d.Set(format.FieldPort, scan.Number(port))
	}
}

// sshdConnection reads the messages about connections that name the peer:
// "Connection closed by authenticating user root 192.0.2.1 port 50000
// [preauth]", "Received disconnect from 192.0.2.1 port 50000:11: Bye".
func sshdConnection(in *format.Input, d *format.Draft, s string) {
	action := ""
	switch {
	case strings.HasPrefix(s, "Connection from "):
		action = "connect"
	case strings.HasPrefix(s, "Connection closed by "), strings.HasPrefix(s, "Connection reset by "),
		strings.HasPrefix(s, "Received disconnect from "), strings.HasPrefix(s, "Disconnected from "):
		action = "disconnect"
	default:
		sshdStranger(in, d, s)
		return
	}
	i := strings.LastIndex(s, " port ")
	if i < 0 {
		for _, start := range [...]string{"Received disconnect from ", "Connection closed by "} { // before OpenSSH 7
			if peer, ok := strings.CutPrefix(s, start); ok && sshdPeerOf(in, d, peer) {
				d.Set(format.FieldAction, action)
			}
		}
		return
	}
	before, addr, ok := scan.CutLast(s[:i], " ")
	ip := scan.CanonicalIP(&in.Arena, addr)
	if !ok || ip == "" {
		return
	}
	d.Set(format.FieldAction, action)
	d.Set(format.FieldClientIP, ip)
	d.Set(format.FieldPort, scan.Number(s[i+len(" port "):]))
	d.Set(format.FieldProtocol, "ssh")
	if _, user, ok := strings.Cut(before, " user "); ok {
		d.Set(format.FieldUser, user)
	}
}
