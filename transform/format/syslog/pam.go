package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// pamMessage reads what a module of PAM wrote in the name of any program
// (Linux-PAM modules/pam_unix, sssd's pam_sss):
//
//	pam_unix(su:auth): authentication failure; logname=anna uid=1000 euid=0 tty=pts/0 ruser=anna rhost=  user=root
//
// Old ones name the module in the tag, and OpenSSH counts: "PAM 2 more
// authentication failures; logname= …".
func pamMessage(in *format.Input, d *format.Draft, s string) {
	service, text := pamText(d, s)
	if text == "" {
		return
	}
	protocol := ""
	if strings.HasPrefix(service, "sshd") {
		protocol = "ssh"
	}
	what, pairs, _ := strings.Cut(text, ";")
	switch {
	case what == "authentication failure", strings.HasSuffix(what, " more authentication failure"), strings.HasSuffix(what, " more authentication failures"):
		ruser, rhost, user := pamPairs(pairs)
		authFailure(in, d, user, rhost, protocol)
		switch who := ruser; {
		case !strings.HasPrefix(service, "su") && !d.Has(format.FieldUser):
			d.Set(format.FieldUser, who) // the name that was tried; PAM's own is missing where no account has it
		case who != d.Get(format.FieldUser):
			d.Set(format.FieldAuthUser, who)
		}
	case strings.HasPrefix(text, "check pass; user unknown"):
		authFailure(in, d, "", "", protocol)
		d.Set(format.FieldError, "user unknown")
	case strings.HasPrefix(text, "received for user "): // pam_sss: "received for user anna: 17 (Failure setting user credentials)"
		user, reason, _ := strings.Cut(text[len("received for user "):], ": ")
		authFailure(in, d, user, "", protocol)
		d.Set(format.FieldError, scan.ShortText(reason))
	case strings.HasPrefix(text, "user ") && strings.Contains(text, ") tally "):
		pamTally(in, d, text, protocol)
	case strings.HasPrefix(text, "Consecutive login failures for user "):
		user, _, _ := strings.Cut(text[len("Consecutive login failures for user "):], " ")
		authFailure(in, d, user, "", protocol)
		d.Set(format.FieldOutcome, "lockout")
		d.Set(format.FieldError, "account temporarily locked")
	case strings.HasPrefix(text, "session opened for user "), strings.HasPrefix(text, "session closed for user "):
		pamSession(d, text, protocol)
	}
}

// pamPairs reads " logname= uid=0 euid=0 tty=ssh ruser=anna rhost=192.0.2.1
// user=root". A client may have sent ruser and user, with blanks and pairs of its
// own: rhost is the first that the end or user= follows.
func pamPairs(s string) (ruser, rhost, user string) {
	s = strings.TrimRight(s, " \r")
	_, pairs, named := strings.Cut(s, " ruser=")
	if named {
		s = pairs
	}
	for from := 0; ; {
		i := strings.Index(s[from:], "rhost=")
		if i < 0 {
			return ruser, rhost, user
		}
		i += from
		from = i + len("rhost=")
		host, rest, _ := strings.Cut(s[from:], " ")
		rest = scan.TrimSpaces(rest)
		name, last := strings.CutPrefix(rest, "user=")
		if i > 0 && s[i-1] != ' ' || rest != "" && !last {
			continue
		}
		if named {
			ruser = strings.TrimRight(s[:i], " ")
		}
		return ruser, host, name
	}
}

// pamText finds the service and the text of a message of PAM; "" for others.
func pamText(d *format.Draft, s string) (service, text string) {
	for _, old := range [...]string{"(pam_unix) ", "pam_unix: "} {
		if rest, ok := strings.CutPrefix(s, old); ok {
			return format.ProgramName(d.Header.Tag), rest
		}
	}
	if strings.HasPrefix(s, "pam_") {
		head, rest, ok := strings.Cut(s, "): ")
		i := strings.IndexByte(head, '(')
		if !ok || i < 0 || i > 24 {
			return "", ""
		}
		return head[i+1:], rest
	}
	if strings.HasPrefix(s, "PAM ") && strings.Contains(s, " more authentication failure") {
		return "sshd", s[len("PAM "):]
	}
	if tag := d.Header.Tag; strings.HasSuffix(tag, "(pam_unix)") {
		return tag, s
	}
	return "", ""
}

// pamTally reads a login that pam_tally2 turned away for the failures before
// it: "user anna (1001) tally 6, deny 5".
func pamTally(in *format.Input, d *format.Draft, text, protocol string) {
	user, count, _ := strings.Cut(text[len("user "):], " (")
	authFailure(in, d, user, "", protocol)
	_, count, _ = strings.Cut(count, ") ")
	d.Set(format.FieldError, scan.ShortText(count))
}

// pamSession reads "session opened for user anna(uid=1000) by root(uid=0)".
func pamSession(d *format.Draft, s, protocol string) {
	d.Set(format.FieldAction, "session_open")
	if strings.HasPrefix(s, "session closed") {
		d.Set(format.FieldAction, "session_close")
	}
	user := s[len("session opened for user "):]
	user, by, _ := strings.Cut(user, " by ")
	if i := strings.IndexAny(user, " (\r"); i >= 0 {
		user = user[:i]
	}
	d.Set(format.FieldUser, user)
	if i := strings.IndexAny(by, " (\r"); i >= 0 { // "by (uid=0)" has no name
		by = by[:i]
	}
	d.Set(format.FieldAuthUser, by)
	d.Set(format.FieldProtocol, protocol)
}

// suMessage reads what su and login write beside PAM's messages: "FAILED SU (to
// root) anna on pts/0" (util-linux), "FAILED su for root by anna" (shadow),
// "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure".
func suMessage(d *format.Draft, s string) {
	user, by, outcome := "", "", "failure"
	switch {
	case strings.HasPrefix(s, "FAILED SU (to "):
		user, by, _ = strings.Cut(s[len("FAILED SU (to "):], ") ")
		by, _, _ = strings.Cut(by, " on ")
	case strings.HasPrefix(s, "FAILED su for "):
		user, by, _ = strings.Cut(s[len("FAILED su for "):], " by ")
	case strings.HasPrefix(s, "FAILED LOGIN "):
		user = scan.ValueOf(s, " FOR '", "'")
	case strings.HasPrefix(s, "(to "):
		outcome = "success"
		user, by, _ = strings.Cut(s[len("(to "):], ") ")
		by, _, _ = strings.Cut(by, " on ")
	case strings.HasPrefix(s, "Successful su for "):
		outcome = "success"
		user, by, _ = strings.Cut(s[len("Successful su for "):], " by ")
	case strings.HasPrefix(s, "+ "), strings.HasPrefix(s, "- "): // "+ /dev/pts/0 anna:root" (shadow)
		_, who, _ := strings.Cut(s[2:], " ")
		var ok bool
		if by, user, ok = strings.Cut(who, ":"); !ok || strings.IndexByte(who, ' ') >= 0 {
			return
		}
		if s[0] == '+' {
			outcome = "success"
		}
	default:
		return
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, outcome)
	d.Set(format.FieldUser, strings.TrimRight(user, "\r"))
	d.Set(format.FieldAuthUser, strings.TrimRight(by, "\r"))
	if outcome == "failure" {
		d.Raise(format.LevelWarn)
	}
}
