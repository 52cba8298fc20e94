package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Dovecot is the format dovecot.
var Dovecot = format.Spec{
	Name:     "dovecot",
	Doc:      "logins, sessions and deliveries of Dovecot",
	From:     "Dovecot 2.2 to 2.4: /var/log/dovecot.log (log_path), and by syslog",
	Log:      "dovecot",
	Service:  "dovecot",
	Head:     isDovecotHead,
	Parse:    parseDovecot,
	Programs: []string{"dovecot"},
	Message:  dovecotMessage,
	Stamp:    format.Stamp{Layout: "Jan 02 15:04:05", Line: `@ imap-login: Info: Login: user=<ivanov@example.org>, method=PLAIN, rip=198.51.100.23, lip=192.0.2.1, mpid=123, TLS, session=<sTRfVz0jQMVx>`},
	Fixture:  format.Fixture{File: "dovecot/lines.log", Example: "auth failed"},
	Question: `{service_name="dovecot"} | action="Auth" | outcome="failure"`,
	Traps:    "With `auth_verbose` a refused login is two lines: that of `auth` for each attempt, and that of the login process when the client goes. A client that went without an attempt, or in the middle of one, has no outcome.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`Login`, a proxied login whose server took it; a mail saved, forwarded, answered"},
		{Value: "failure", When: "a login that was tried and refused, for any reason; a mail that could not be stored. A client that went without an attempt has none"},
		{Value: "duplicate", When: "Sieve did not forward or answer a second time"},
		{Value: "rejected", When: "Sieve rejected the mail"},
		{Value: "discarded", When: "Sieve discarded the mail"},
	},
}

// dovecotServices are the processes that start a line of Dovecot's own log.
var dovecotServices = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields("imap imap-login imap-hibernate imap-urlauth pop3 pop3-login lmtp lda submission submission-login " +
		"managesieve managesieve-login auth auth-worker anvil master log config stats old-stats indexer indexer-worker dict dict-async " +
		"dict-expire director dns-client doveadm doveadm-server replicator aggregator ipc quota-status ssl-params health-check dovecot") {
		m[s] = true
	}
	return m
}()

// isDovecotHead reports whether s starts as a line of Dovecot's own log does:
// time, process, level.
func isDovecotHead(s string) bool {
	n := logtime.LocalStampLen(s)
	if n == 0 {
		return false
	}
	p, ok := cutDovecotPrefix(s[n+1:])
	if !ok || !dovecotServices[p.service] {
		return false
	}
	l, _ := dovecotLevel(p.rest)
	return l != format.LevelUnknown
}

// parseDovecot reads a line of Dovecot's own log.
func parseDovecot(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isDovecotHead(s) {
		return false
	}
	n := logtime.LocalStampLen(s)
	d.Time = in.Clock.SyslogTime(s[:n], d.Head.Arrival)
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Msg = strings.TrimRight(s[n+1:], " \r")
	d.SetKnown(dovecotMessage(in, d, d.Msg))
	return true
}

// dovecotPrefix is what stands before a message: "imap-login: ",
// "auth-worker(123): ", "imap(user)<123><session>: " (mail_log_prefix), and of
// lmtp in 2.2 "lmtp(123, user): ".
type dovecotPrefix struct{ service, user, pid, session, rest string }

// cutDovecotPrefix takes the prefix off; ok is false if there is none.
func cutDovecotPrefix(s string) (p dovecotPrefix, ok bool) {
	n := 0
	for n < len(s) && (scan.KeyByte[s[n]] || s[n] == '-') {
		n++
	}
	p.service, p.rest = s[:n], s[n:]
	if strings.HasPrefix(p.rest, "(") {
		p.user, p.rest, _ = strings.Cut(p.rest[1:], ")")
		if pid, user, _ := strings.Cut(p.user, ", "); scan.Number(pid) == pid && !strings.HasPrefix(p.rest, "<") {
			p.pid, p.user = pid, user
		}
	}
	for strings.HasPrefix(p.rest, "<") {
		var v string
		if v, p.rest, _ = strings.Cut(p.rest[1:], ">"); p.pid == "" && scan.Number(v) == v {
			p.pid = v
		} else {
			p.session = v
		}
	}
	p.rest, ok = strings.CutPrefix(p.rest, ": ")
	return p, ok && n > 0
}

// dovecotLevel takes the level off, which syslog has for the severe ones only
// before Dovecot 2.4.
func dovecotLevel(s string) (l format.Level, rest string) {
	switch word, rest, _ := strings.Cut(s, ": "); word {
	case "Debug", "Info", "Warning", "Error", "Fatal", "Panic":
		return format.WordLevel(word), rest
	}
	return format.LevelUnknown, s
}

// dovecotMessage reads what a process of Dovecot says, of its own log or of syslog.
func dovecotMessage(in *format.Input, d *format.Draft, s string) bool {
	p, ok := cutDovecotPrefix(s)
	if !ok {
		return false
	}
	d.Set(format.FieldComponent, p.service)
	d.Set(format.FieldUser, p.user)
	d.Set(format.FieldPID, p.pid)
	d.Set(format.FieldConnectionID, p.session)
	name, login := strings.CutSuffix(p.service, "-login")
	switch name {
	case "managesieve":
		d.Set(format.FieldProtocol, "sieve")
	case "imap", "pop3", "lmtp", "submission":
		d.Set(format.FieldProtocol, name)
	}
	l, s := dovecotLevel(p.rest)
	if l != format.LevelUnknown {
		d.Level = l
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	switch {
	case login:
		dovecotLogin(in, d, s)
	case name == "auth", name == "auth-worker":
		dovecotAuth(in, d, s)
	case strings.Contains(s, "msgid="): // of lmtp, lda, and sieve in imap
		dovecotDelivery(in, d, s)
	case name == "lmtp":
		dovecotPeer(in, d, s)
	case strings.HasPrefix(s, "Dovecot v"): // of master
		d.Set(format.FieldAction, "start")
	case strings.HasPrefix(s, "Killed with signal"):
		d.Set(format.FieldAction, "stop")
	case d.Has(format.FieldProtocol) && d.Level < format.LevelWarn:
		dovecotSession(d, s)
	}
	return true // of the rest the process and the level say enough
}

// dovecotLogin reads "Login: user=<u>, method=PLAIN, rip=1.2.3.4, …" and
// "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<u>, …"
// (login-common/client-common.c, client_get_log_str; login_log_format_elements).
// The name is what the client sent and may hold anything: it ends before the
// method and the address, which stand behind it and are the server's.
func dovecotLogin(in *format.Input, d *format.Draft, s string) {
	what := s
	if i := strings.LastIndex(s, " rip="); i >= 0 {
		what = strings.TrimRight(s[:i], ", ")
		dovecotElements(in, d, s[i+1:])
		if j := strings.Index(what, " user=<"); j >= 0 {
			user := what[j+len(" user=<"):]
			what = what[:j]
			if k := strings.LastIndex(user, ">, method="); k >= 0 {
				d.Set(format.FieldMechanism, user[k+len(">, method="):])
				user = user[:k+1]
			}
			d.Set(format.FieldUser, strings.TrimSuffix(user, ">"))
		}
	}
	dovecotLoginOutcome(d, strings.TrimSuffix(what, ":"))
}

// dovecotElements reads "rip=1.2.3.4, lip=5.6.7.8, mpid=7, TLS, session=<s>";
// a handshake that failed gives "TLS handshaking: SSL_accept() failed: …".
func dovecotElements(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(s, "rip=", ",")))
	d.Set(format.FieldServer, scan.ValueOf(s, " lip=", ","))
	d.Set(format.FieldConnectionID, scan.ValueOf(s, " session=<", ">"))
	if i := strings.Index(s, ", TLS"); i >= 0 {
		tls, _, _ := strings.Cut(s[i+2:], ", ")
		if tls == "TLS" {
			d.Set(format.FieldTLS, "true")
		} else {
			d.SetNew(format.FieldError, scan.ShortText(tls))
		}
	}
}

// dovecotRefusals start the reasons, in lower case, for which a login that was
// tried came to nothing (client-common.c, client_get_extra_disconnect_reason;
// the databases of auth).
var dovecotRefusals = [...]string{
	"auth failed", "authorization failed", "tried to use", "user disabled", "password expired", "login disabled", "proxy dest auth failed",
	"client sent an invalid cert", "client didn't send a cert", "cert required", "sent invalid base64", "auth service reported temporary failure",
	"auth process communication failure", "internal failure", "mail_max_userip_connections",
	"unknown user", "password mismatch", "invalid credentials", "pam_authenticate() failed", "authentication fail", "username character disallowed",
	"user is disabled", "user account is disabled", "login denied", "allow_nets check failed",
}

// dovecotRefused reports whether a login was refused, for the reason s.
func dovecotRefused(d *format.Draft, s string) bool {
	for _, start := range dovecotRefusals {
		if scan.FoldPrefix(s, start) {
			d.Set(format.FieldAction, format.ActionAuth)
			d.Set(format.FieldOutcome, "failure")
			d.Set(format.FieldError, scan.ShortText(s))
			d.Raise(format.LevelWarn)
			return true
		}
	}
	return false
}

// dovecotLoginOutcome reads "Login", "Aborted login (no auth attempts in 0 secs)".
func dovecotLoginOutcome(d *format.Draft, s string) {
	if s == "Login" || strings.Contains(s, "started proxying to ") {
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "success")
		return
	}
	status, reason, _ := strings.Cut(s, " (")
	reason = strings.TrimSuffix(reason, ")")
	if !dovecotRefused(d, reason) && d.Has(format.FieldClientIP) {
		d.Set(format.FieldAction, "disconnect")
		d.Set(format.FieldStatus, strings.TrimPrefix(status, "Disconnected: "))
		d.Set(format.FieldReason, reason)
	}
}

// dovecotAuth reads "sql(user,1.2.3.4,<session>): Password mismatch", a worker's
// behind "conn unix:auth-worker (pid=1,uid=2): auth-worker<3>: ". The user may
// hold anything where auth_username_chars is empty, so that the last subject
// counts; what the client sent may also stand at the end, in parentheses.
func dovecotAuth(in *format.Input, d *format.Draft, s string) {
	if strings.HasPrefix(s, "conn unix:") {
		_, s, _ = strings.Cut(s, "): ")
		if strings.HasPrefix(s, "auth-worker<") {
			_, s, _ = strings.Cut(s, ": ")
		}
	}
	known, _, _ := strings.Cut(s, " (given password: ")
	known, _, _ = strings.Cut(known, " (username: ")
	open := strings.IndexByte(known, '(')
	for end := strings.LastIndex(known, "): "); end > open && open > 0; end = strings.LastIndex(known[:end], "): ") {
		if dovecotSubject(in, d, known[open+1:end]) {
			d.Set(format.FieldAction, format.ActionAuth)
			dovecotRefused(d, known[end+len("): "):])
			return
		}
	}
}

// dovecotSubject reads "user,1.2.3.4,<session>" and "user,1.2.3.4,master,<session>".
func dovecotSubject(in *format.Input, d *format.Draft, s string) bool {
	session := ""
	if i := strings.LastIndex(s, ",<"); i >= 0 && strings.HasSuffix(s, ">") {
		session, s = s[i+2:len(s)-1], s[:i]
	}
	s = strings.TrimSuffix(s, ",master")
	user, ip, _ := scan.CutLast(s, ",")
	if ip = scan.CanonicalIP(&in.Arena, ip); ip == "" {
		return false
	}
	d.Set(format.FieldClientIP, ip)
	d.Set(format.FieldConnectionID, session)
	if user != "?" { // a name that auth_username_chars forbids
		d.Set(format.FieldUser, user)
	}
	return true
}

// dovecotDeliveries are the words for what became of a mail
// (lib-lda/mail-deliver.c; Pigeonhole's lib-sieve), what follows them, and how
// far it goes. A longer one stands before its beginning.
var dovecotDeliveries = [...]struct {
	start, action, outcome string
	object                 format.Field // named behind start; NumFields for none
}{
	{"saved mail to ", "deliver", "success", format.FieldFolder},
	{"stored mail into mailbox ", "deliver", "success", format.FieldFolder},
	{"fileinto action: stored mail into mailbox ", "deliver", "success", format.FieldFolder},
	{"left message in mailbox ", "deliver", "success", format.FieldFolder},
	{"save failed to ", "deliver", "failure", format.FieldFolder},
	{"failed to store into mailbox ", "deliver", "failure", format.FieldFolder},
	{"failed to store", "deliver", "failure", format.NumFields},
	{"forwarded to ", "forward", "success", format.FieldTo},
	{"discarded duplicate forward to ", "forward", "duplicate", format.FieldTo},
	{"sent vacation response to ", "reply", "success", format.FieldTo},
	{"discarded duplicate vacation response to ", "reply", "duplicate", format.FieldTo},
	{"rejected message from ", "reject", "rejected", format.FieldFrom},
	{"marked message to be discarded", "discard", "discarded", format.NumFields},
	{"discarded", "discard", "discarded", format.NumFields},
}

// dovecotDelivery reads "sieve: msgid=<id>: stored mail into mailbox 'x'". The
// id is the sender's and may hold anything: it ends before the last words that
// tell what became of the mail.
func dovecotDelivery(in *format.Input, d *format.Draft, s string) {
	_, s, _ = strings.Cut(s, "msgid=")
	for end := strings.LastIndex(s, ": "); end > 0; end = strings.LastIndex(s[:end], ": ") {
		text := s[end+2:]
		for k := range dovecotDeliveries {
			v := &dovecotDeliveries[k]
			if rest, ok := strings.CutPrefix(text, v.start); ok {
				if s[0] == '<' {
					d.Set(format.FieldMessageID, messageID(in, s[:end]))
				}
				d.Set(format.FieldAction, v.action)
				d.Set(format.FieldOutcome, v.outcome)
				dovecotObject(d, v.object, v.outcome == "failure", rest)
				return
			}
		}
	}
}

// dovecotObject reads what follows the words: a mailbox, an address, and of a
// failure the reason.
func dovecotObject(d *format.Draft, f format.Field, failed bool, s string) {
	if failed {
		var why string
		s, why, _ = strings.Cut(s, ": ")
		d.Set(format.FieldError, scan.ShortText(why))
		d.Raise(format.LevelWarn)
	}
	switch f {
	case format.FieldFolder:
		d.Set(f, strings.Trim(strings.TrimPrefix(s, "open mailbox "), "'"))
	case format.FieldTo, format.FieldFrom:
		s, _, _ = strings.Cut(s, "> ")
		d.Set(f, strings.Trim(s, "<>"))
	}
}

// dovecotPeer reads "Connect from 192.0.2.1" and "Disconnect from local: Logged
// out (state=READY)".
func dovecotPeer(in *format.Input, d *format.Draft, s string) {
	switch verb, peer, _ := strings.Cut(s, " from "); verb {
	case "Connect":
		d.Set(format.FieldAction, "connect")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, peer))
	case "Disconnect":
		peer, status, _ := strings.Cut(peer, ": ")
		d.Set(format.FieldAction, "disconnect")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, peer))
		d.Set(format.FieldStatus, scan.ShortText(status))
	}
}

// dovecotSession reads "Disconnected: Logged out in=9 out=482 deleted=0 …" of
// imap and "… top=0/0, retr=1/456, del=0/1, size=789" of pop3
// (imap_logout_format, pop3_logout_format). What is 0 is left out, but for the
// bytes.
func dovecotSession(d *format.Draft, s string) {
	status := s
	for _, first := range [...]string{" in=", " top="} {
		if i := strings.LastIndex(s, first); i >= 0 {
			status = s[:i]
			dovecotStatistics(d, s[i+1:])
		}
	}
	rest, ok := strings.CutPrefix(status, "Disconnected: ")
	if !ok && len(status) == len(s) && !strings.HasPrefix(s, "Disconnected") {
		return
	}
	d.Set(format.FieldAction, "disconnect")
	status, reason, _ := strings.Cut(rest, " (")
	d.Set(format.FieldStatus, scan.ShortText(status))
	d.Set(format.FieldReason, scan.ShortText(strings.TrimSuffix(reason, ")")))
}

func dovecotStatistics(d *format.Draft, s string) {
	var one string
	for found := true; found; {
		one, s, found = strings.Cut(s, " ")
		key, v, _ := strings.Cut(strings.TrimSuffix(one, ","), "=")
		switch {
		case key == "in":
			d.Add("bytes_read", v)
		case key == "out":
			d.Add("bytes_written", v)
		case v == "0", v == "0/0":
		case key == "size":
			d.Add("mailbox_size", v)
		default:
			d.Add(key, v)
		}
	}
}
