package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Fail2ban is the format fail2ban.
var Fail2ban = format.Spec{
	Name:     "fail2ban",
	Doc:      "fail2ban.log, and by syslog",
	From:     "fail2ban: /var/log/fail2ban.log, and by syslog",
	Log:      "fail2ban",
	Service:  "fail2ban",
	Head:     isFail2banHead,
	Parse:    parseFail2ban,
	Tag:      isFail2banTag,
	Message:  fail2banMessage,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: `@ fail2ban.actions        [812]: NOTICE  [zimbra-smtp] Ban 198.51.100.9`},
	Fixture:  format.Fixture{File: "fail2ban/lines.log", Path: "/var/log/fail2ban.log", Example: "] Ban "},
	Question: `{service_name="fail2ban"} | action="ban"`,
	Traps:    "`found` is one failure that a filter saw; the line it saw is in the log of the program. An address that is banned again after a restart has `action=\"restore_ban\"`.",
}

func isFail2banTag(tag string) bool {
	name := format.ProgramName(tag)
	return name == "fail2ban" || strings.HasPrefix(name, "fail2ban.") || name == "fail2ban-server"
}

const fail2banName = " fail2ban."

// isFail2banHead reports whether s starts as a line of fail2ban.log does:
// "2026-10-26 18:00:50,123 fail2ban.actions".
func isFail2banHead(s string) bool {
	return logtime.IsLog4jStamp(s) && strings.HasPrefix(s[logtime.Log4jStampLen:], fail2banName)
}

// parseFail2ban reads fail2ban.log (fail2ban/helpers.py, the formatter):
//
//	2026-10-26 18:00:50,123 fail2ban.actions        [812]: NOTICE  [jail] Ban 192.0.2.1
func parseFail2ban(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isFail2banHead(s) {
		return false
	}
	part, pid, rest, ok := fail2banPart(s[logtime.Log4jStampLen+1:])
	if !ok {
		return false
	}
	if d.Time, ok = in.Clock.Log4j(s, d.Head.Arrival); !ok {
		return false
	}
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Set(format.FieldPID, pid)
	d.Set(format.FieldComponent, part)
	d.Msg = strings.TrimRight(rest, " \r")
	d.SetKnown(fail2banMessage(in, d, d.Msg))
	return true
}

// fail2banPart reads the component and the process before a message,
// "fail2ban.actions        [812]: ".
func fail2banPart(s string) (part, pid, rest string, ok bool) {
	part, rest, ok = strings.Cut(s, "[")
	if !ok {
		return "", "", "", false
	}
	pid = scan.Number(rest)
	rest, ok = strings.CutPrefix(rest[len(pid):], "]: ")
	return strings.TrimRight(part, " "), pid, rest, ok
}

// fail2banMessage reads "NOTICE [jail] Ban 192.0.2.1" and "INFO [jail] Found
// 192.0.2.1 - 2026-10-26 18:00:49", its level word before it or not.
func fail2banMessage(in *format.Input, d *format.Draft, s string) bool {
	if name := format.ProgramName(d.Header.Tag); strings.HasPrefix(name, "fail2ban") {
		d.Service = "fail2ban"
		if strings.HasPrefix(name, "fail2ban.") {
			d.SetNew(format.FieldComponent, name)
		}
	}
	if strings.HasPrefix(s, fail2banName[1:]) { // fail2ban-server's own form behind syslog's tag
		if part, _, rest, ok := fail2banPart(s); ok {
			d.SetNew(format.FieldComponent, part)
			s = scan.TrimSpaces(rest)
		}
	}
	if word := s[:scan.WordLen(s)]; scan.IsUpper(word) {
		if l := format.WordLevel(word); l != format.LevelUnknown {
			d.Level = l
			s = scan.TrimSpaces(strings.TrimPrefix(s[len(word):], ":"))
		}
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	if !strings.HasPrefix(s, "[") {
		fail2banServer(d, s)
		return true
	}
	jail, rest, ok := strings.Cut(s[1:], "] ")
	if !ok {
		return false
	}
	d.Add("jail", jail)
	for _, e := range fail2banEvents {
		if who, ok := strings.CutPrefix(rest, e.before); ok {
			if ip := scan.CanonicalIP(&in.Arena, scan.ValueOf(who, "", " ")); ip != "" {
				d.Set(format.FieldAction, e.action)
				d.Set(format.FieldClientIP, ip)
				return true
			}
		}
	}
	if ip, ok := strings.CutSuffix(rest, " already banned"); ok {
		d.Set(format.FieldAction, "already_banned")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, ip))
	}
	return true
}

// fail2banEvents are what a jail says of an address.
var fail2banEvents = [...]struct{ before, action string }{
	{"Ban ", "ban"},
	{"Unban ", "unban"},
	{"Restore Ban ", "restore_ban"},
	{"Increase Ban ", "increase_ban"},
	{"Found ", "found"},
	{"Ignore ", "ignore"},
}

func fail2banServer(d *format.Draft, s string) {
	if strings.HasPrefix(s, "Jail ") {
		fail2banJail(d, s)
	}
	switch {
	case strings.HasPrefix(s, "Starting Fail2ban"):
		d.Set(format.FieldAction, "start")
	case strings.HasPrefix(s, "Exiting Fail2ban"), strings.HasPrefix(s, "Shutdown in progress"), strings.HasPrefix(s, "Stopping all jails"):
		d.Set(format.FieldAction, "stop")
	case strings.HasPrefix(s, "Reload jail"), strings.HasPrefix(s, "Reload finished"), strings.HasPrefix(s, "Jail ") && strings.HasSuffix(s, " reloaded"):
		d.Set(format.FieldAction, "reload")
	}
}

// fail2banJail reads "Jail 'sshd' started" and "Jail 'sshd' stopped".
func fail2banJail(d *format.Draft, s string) {
	name, what, ok := strings.Cut(s[len("Jail "):], "' ")
	if !ok || !strings.HasPrefix(name, "'") {
		return
	}
	d.Add("jail", name[1:])
	switch strings.TrimRight(what, " \r") {
	case "started":
		d.Set(format.FieldAction, "start")
	case "stopped":
		d.Set(format.FieldAction, "stop")
	}
}
