package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Syslog is the format syslog.
var Syslog = format.Spec{
	Name:     "syslog",
	Doc:      "any other program, by syslog: only the header is known",
	From:     "any other program of the host, by syslog",
	Log:      "syslog",
	Fixture:  format.Fixture{File: "zimbra-syslog/foreign.log", Path: "/var/log/zimbra.log", Example: "sshd"},
	Question: `{service_name="sshd"} | outcome="failure"`,
	Traps:    "The program's name is a label only for programs that are known; else `service_name` is `other` and `program` has it.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "sshd `Accepted`; sudo and su that were let; PAM"},
		{Value: "failure", When: "sshd, su, sudo and PAM that refuse; systemd and logrotate whose unit or job failed"},
		{Value: "lockout", When: "PAM's faillock locks an account"},
		{Value: "rejected", When: "sshd that takes no connection: throttled, refused, or not speaking its protocol"},
	},
}

// ForeignPrograms are the programs outside of Zimbra that write to a mail
// host's syslog and whose names may be labels. Closed, because a tag can hold
// anything.
var ForeignPrograms = setOf("CRON CROND cron crond crontab anacron run-parts atd sshd sshd-session sudo su login systemd systemd-logind systemd-resolved " +
	"systemd-timesyncd systemd-networkd systemd-journald systemd-udevd dbus-daemon polkitd kernel rsyslogd syslog-ng " +
	"auditd NetworkManager chronyd ntpd dhclient snmpd named unbound dnsmasq dnscache logrotate nginx haproxy keepalived " +
	"postgrey spamd mailboxd dockerd containerd caddy zmcertmgr useradd usermod groupadd passwd chpasswd unix_chkpwd " +
	"zmtomcatmgr zmmailboxdmgr zmmailboxd zmlogger zmmtaconfig zmlogswatch zmcontrol zmpolicyd zmslapd zmstat logger")

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// ParseForeign reads the lines of other programs that say who logged in to the
// host, or failed to, and who did what as another user.
func ParseForeign(in *format.Input, d *format.Draft, name, s string) {
	l, rest := format.SeverityWord(s)
	switch name {
	case "sshd", "sshd-session":
		sshdMessage(in, d, rest)
	case "sudo":
		sudoMessage(d, s)
	case "su", "login":
		suMessage(d, s)
	case "CRON", "cron", "crond", "CROND", "crontab", "anacron":
		cronMessage(d, s)
	case "kernel":
		kernelMessage(d, s)
	case "logrotate":
		logrotateMessage(d, l, s, rest)
	case "zmcertmgr":
		zmcertmgrMessage(d, s)
	case "systemd":
		systemdMessage(d, s)
	case "systemd-logind":
		logindMessage(d, s)
	}
	if !d.Has(format.FieldAction) {
		pamMessage(in, d, s)
	}
	if l != format.LevelUnknown {
		d.Raise(l)
		if l >= format.LevelError {
			d.SetNew(format.FieldError, scan.ShortText(rest))
		}
	}
}

// authFailure marks a login that failed. client may be a name, which is kept as
// such, or empty.
func authFailure(in *format.Input, d *format.Draft, user, client, protocol string) {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldUser, user)
	d.Set(format.FieldProtocol, protocol)
	if ip := scan.CanonicalIP(&in.Arena, client); ip != "" {
		d.Set(format.FieldClientIP, ip)
	} else {
		d.Set(format.FieldClientHost, client)
	}
	d.Raise(format.LevelWarn)
}

// sudoMessage reads "  user : TTY=… ; PWD=… ; USER=root ; COMMAND=…", with the
// reason of a refusal as the first of the list.
func sudoMessage(d *format.Draft, s string) {
	user, rest, ok := strings.Cut(scan.TrimSpaces(s), " : ")
	if !ok || strings.IndexByte(user, ' ') >= 0 || !strings.Contains(rest, "COMMAND=") {
		return
	}
	d.Set(format.FieldAction, "sudo")
	d.Set(format.FieldUser, user)
	d.Set(format.FieldTarget, scan.ValueOf(rest, "USER=", " ;"))
	d.Set(format.FieldOutcome, "success")
	if i := strings.Index(rest, " ; "); i > 0 && strings.IndexByte(rest[:i], '=') < 0 {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, rest[:i])
		d.Raise(format.LevelWarn)
	}
}
