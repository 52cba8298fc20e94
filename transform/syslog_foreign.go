package transform

import "strings"

// Syslog is the format syslog.
var Syslog = Spec{
	Name:     "syslog",
	Doc:      "any other program, by syslog: only the header is known",
	From:     "any other program of the host, by syslog",
	Log:      "syslog",
	Fixture:  Fixture{File: "zimbra-syslog/foreign.log", Path: "/var/log/zimbra.log", Example: "sshd"},
	Question: `{service_name="sshd"} | outcome="failure"`,
	Traps:    "The program's name is a label only for programs that are known; else `service_name` is `other` and `program` has it.",
}

// foreignPrograms are the programs outside of Zimbra that write to a mail
// host's syslog and whose names may be labels. Closed, because a tag can hold
// anything.
var foreignPrograms = setOf("CRON cron crond anacron atd sshd sshd-session sudo su login systemd systemd-logind systemd-resolved " +
	"systemd-timesyncd systemd-networkd systemd-journald systemd-udevd dbus-daemon polkitd kernel rsyslogd syslog-ng " +
	"auditd NetworkManager chronyd ntpd dhclient snmpd named unbound dnsmasq dnscache fail2ban logrotate nginx haproxy keepalived " +
	"postgrey opendmarc dovecot spamd mailboxd useradd usermod groupadd passwd chpasswd unix_chkpwd " +
	"zmtomcatmgr zmmailboxdmgr zmmailboxd zmlogger zmmtaconfig zmlogswatch zmcontrol zmpolicyd zmslapd zmstat logger")

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// parseForeign reads the lines of other programs that say who logged in to the
// host, or failed to, and who did what as another user.
func parseForeign(in *Input, d *draft, name, s string) {
	switch name {
	case "sshd", "sshd-session":
		sshdMessage(in, d, s)
	case "sudo":
		sudoMessage(d, s)
	case "CRON", "cron", "crond":
		cronMessage(d, s)
	}
	if l, rest := severityWord(s); l != LevelUnknown {
		d.raise(l)
		if l >= LevelError {
			d.setNew(FieldError, shortText(rest))
		}
	}
}

// sshdMessage reads OpenSSH's "Failed password for [invalid user ]u from ip
// port n ssh2" and "Accepted publickey for u from …" (auth.c), and PAM's
// "authentication failure; … rhost=ip  user=u".
func sshdMessage(in *Input, d *draft, s string) {
	verb, rest, _ := strings.Cut(s, " ")
	switch verb {
	case "Accepted", "Failed":
		method, who, ok := strings.Cut(rest, " for ")
		i := strings.LastIndex(who, " from ")
		if !ok || i < 0 {
			return
		}
		d.set(FieldAction, actionAuth)
		d.set(FieldMechanism, method)
		d.set(FieldUser, strings.TrimPrefix(who[:i], "invalid user "))
		d.set(FieldClientIP, canonicalIP(&in.a, valueOf(who[i:], " from ", " ")))
		d.set(FieldOutcome, "success")
		if verb == "Failed" {
			d.set(FieldOutcome, "failure")
			d.raise(LevelWarn)
		}
		d.set(FieldProtocol, "ssh")
	case "pam_unix(sshd:auth):":
		if !strings.HasPrefix(rest, "authentication failure;") {
			return
		}
		d.set(FieldAction, actionAuth)
		d.set(FieldOutcome, "failure")
		d.set(FieldClientIP, canonicalIP(&in.a, valueOf(rest, " rhost=", " ")))
		d.set(FieldUser, valueOf(rest, " user=", " "))
		d.set(FieldProtocol, "ssh")
		d.raise(LevelWarn)
	}
}

// sudoMessage reads "  user : TTY=… ; PWD=… ; USER=root ; COMMAND=…", with the
// reason of a refusal as the first of the list.
func sudoMessage(d *draft, s string) {
	user, rest, ok := strings.Cut(trimSpaces(s), " : ")
	if !ok || strings.IndexByte(user, ' ') >= 0 || !strings.Contains(rest, "COMMAND=") {
		return
	}
	d.set(FieldAction, "sudo")
	d.set(FieldUser, user)
	d.set(FieldTarget, valueOf(rest, "USER=", " ;"))
	d.set(FieldOutcome, "success")
	if i := strings.Index(rest, " ; "); i > 0 && strings.IndexByte(rest[:i], '=') < 0 {
		d.set(FieldOutcome, "failure")
		d.set(FieldError, rest[:i])
		d.raise(LevelWarn)
	}
}

// cronMessage reads "(user) CMD (command)".
func cronMessage(d *draft, s string) {
	if user, _, ok := strings.Cut(s, ") CMD ("); ok && user != "" && user[0] == '(' {
		d.set(FieldAction, "cron")
		d.set(FieldUser, user[1:])
	}
}
