package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// ZPush is the format z-push.
var ZPush = format.Spec{
	Name:     "z-push",
	Doc:      "Z-Push, ActiveSync for Zimbra and others",
	From:     "Z-Push: /var/log/z-push/z-push.log, z-push-error.log",
	Log:      "z-push",
	Service:  "z-push",
	Head:     isZPushHead,
	Parse:    parseZPush,
	Stamp:    format.Stamp{Layout: "02/01/2006 15:04:05", Line: `@ [ 1234] [ERROR] [anna@example.com] ZPushAutodiscover->Login(): failed`},
	Fixture:  format.Fixture{File: "zpush/lines.log", Path: "/var/log/z-push/z-push.log", Example: "[ERROR]"},
	Question: `{log="z-push"} | detected_level="error"`,
	Traps:    "The day stands before the month. `user` may lack its domain, as the device sent it. A wrong password is said twice, as an exception and, with `LOGAUTHFAIL`, with the address: count those that have `client_ip`.",
	Outcomes: []format.Outcome{
		{Value: "failure", When: "a login that failed. A request without a password has none"},
	},
}

// zpushStampLen is the length of "26/10/2026 18:00:50".
const zpushStampLen = 19

// isZPushHead reports whether s starts as a line of Z-Push does:
// "26/10/2026 18:00:50 [ 1234] [ERROR] ".
func isZPushHead(s string) bool {
	_, _, _, ok := zpushHead(s)
	return ok
}

func zpushHead(s string) (pid string, level format.Level, rest string, ok bool) {
	if !scan.DigitsAt(s, "00/00/0000 00:00:00 [") {
		return
	}
	pid, s, ok = strings.Cut(s[zpushStampLen+2:], "] [")
	pid = strings.Trim(pid, " ")
	if !ok || len(scan.Number(pid)) != len(pid) {
		return "", 0, "", false
	}
	word, rest, ok := strings.Cut(s, "]")
	level = zpushLevel(strings.Trim(word, " "))
	return pid, level, rest, ok && level != format.LevelUnknown
}

// zpushLevel reads Z-Push's levels (lib/log/log.php GetLogLevelString).
func zpushLevel(s string) format.Level {
	switch s {
	case "WBXML", "WBXMLSTACK", "DEVICEID":
		return format.LevelTrace
	}
	return format.WordLevel(s)
}

// parseZPush reads "time [pid] [level] [user] message" (lib/log/filelog.php);
// without a user there is no bracket for him, and the device may have one behind.
func parseZPush(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	pid, level, rest, ok := zpushHead(s)
	if !ok {
		return false
	}
	d.SetLog(d.Format.Log, d.Format.Service)
	w := logtime.Wall{
		Year: scan.Two(s, 6)*100 + scan.Two(s, 8), Month: scan.Two(s, 3), Day: scan.Two(s, 0),
		Hour: scan.Two(s, 11), Minute: scan.Two(s, 14), Second: scan.Two(s, 17),
	}
	d.Time = in.Clock.Wall(&w, 0, d.Head.Arrival)
	d.Level = level
	d.Set(format.FieldPID, pid)
	d.Set(format.FieldProtocol, "activesync")
	rest = scan.TrimSpaces(rest)
	for _, f := range [...]format.Field{format.FieldUser, format.FieldDeviceID} {
		v, after, ok := strings.Cut(rest, "]")
		if !ok || v == "" || v[0] != '[' || strings.IndexByte(v, ' ') >= 0 {
			break
		}
		d.Set(f, v[1:])
		rest = scan.TrimSpaces(after)
	}
	d.Msg = strings.TrimRight(rest, " \r")
	zpushEvent(in, d, d.Msg)
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	java.ParseTrace(d)
	return true
}

// zpushEvent reads the messages that say who did what: the request that each
// run begins with (index.php), and logins that failed. The exception is thrown
// for a request without a password too, which is a question and no failure.
func zpushEvent(in *format.Input, d *format.Draft, s string) {
	const denied = "Exception: (AuthenticationRequiredException) - "
	switch {
	case strings.HasPrefix(s, "Version='"):
		d.Set(format.FieldMethod, scan.ValueOf(s, " method='", "'"))
		d.Set(format.FieldAction, scan.OrElse(scan.ValueOf(s, " cmd='", "'"), d.Get(format.FieldMethod)))
		zimbra.SetClient(in, d, scan.ValueOf(s, " from='", "'"), "")
		d.SetNew(format.FieldUser, scan.ValueOf(s, " getUser='", "'"))
		d.SetNew(format.FieldDeviceID, scan.ValueOf(s, " devId='", "'"))
	case strings.HasPrefix(s, "IP: ") && strings.Contains(s, " failed to authenticate user '"):
		ip, name, _ := strings.Cut(s[len("IP: "):], " failed to authenticate user '")
		zimbra.SetClient(in, d, ip, "")
		d.Set(format.FieldUser, scan.OrElse(strings.TrimSuffix(name, "'"), d.Get(format.FieldUser)))
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, "failed to authenticate")
	case strings.HasPrefix(s, denied):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldError, scan.FirstLine(s[len(denied):]))
		if strings.HasSuffix(s, " incorrect") {
			d.Set(format.FieldOutcome, "failure")
		}
	case d.Level >= format.LevelError && (strings.Contains(s, "->Logon(): ") || strings.Contains(s, "->Login(): ")):
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
	}
}
