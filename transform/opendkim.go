package transform

import "strings"

// OpenDKIM is the format opendkim.
var OpenDKIM = Spec{
	Name:     "opendkim",
	Doc:      "by syslog",
	From:     "opendkim by syslog: /var/log/zimbra.log",
	Programs: []string{"opendkim"},
	Message:  parseOpenDKIM,
	Fixture:  Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "DKIM-Signature field added"},
	Question: `{service_name="opendkim"} | dkim!=""`,
}

// parseOpenDKIM reads "Q: DKIM-Signature field added (s=sel, d=dom)", "Q: no
// signing table match for 'a@b'", "Q: s=sel d=dom SSL error:…" and "Q: DKIM
// verification successful" (opendkim/opendkim.c).
func parseOpenDKIM(in *Input, d *draft, s string) bool {
	n := queueIDLen(s)
	if n == 0 {
		return strings.HasPrefix(s, "OpenDKIM Filter")
	}
	d.set(FieldQueueID, s[:n])
	s = s[n+2:]
	switch {
	case strings.HasPrefix(s, "DKIM-Signature field added"), strings.HasPrefix(s, `DKIM-Signature header added`):
		d.set(FieldAction, "sign")
		d.set(FieldOutcome, "success")
		d.set(FieldDKIM, in.a.concat(valueOf(s, "s=", ", )"), ":", valueOf(s, "d=", ", )")))
	case strings.HasPrefix(s, "no signing table match for '"):
		d.set(FieldAction, "sign")
		d.set(FieldOutcome, "not_signed")
		d.set(FieldFrom, strings.TrimSuffix(s[len("no signing table match for '"):], "'"))
	case strings.HasPrefix(s, "s="):
		dkimKeyError(in, d, s)
	case strings.HasPrefix(s, "DKIM verification successful"):
		d.set(FieldAction, "verify")
		d.set(FieldOutcome, "success")
	case strings.HasPrefix(s, "bad signature data"), strings.HasPrefix(s, "key retrieval failed"),
		strings.HasPrefix(s, "DKIM verification failed"), strings.HasPrefix(s, "signature=") && strings.Contains(s, "verification failed"):
		d.set(FieldAction, "verify")
		d.set(FieldOutcome, "failure")
		d.set(FieldError, shortText(s))
		d.raise(LevelWarn)
	case strings.HasPrefix(s, "no signature data"), strings.HasPrefix(s, "message has signatures from"):
		d.set(FieldAction, "verify")
	case strings.HasSuffix(s, " not internal"), s == "not authenticated":
		d.set(FieldAction, "sign")
		d.set(FieldOutcome, "not_signed")
		if host, ip, ok := strings.Cut(s, " ["); ok {
			d.set(FieldClientHost, host)
			d.set(FieldClientIP, canonicalIP(&in.a, valueOf(ip, "", "]")))
		}
	default:
		return false
	}
	return true
}

// dkimKeyError reads "s=sel d=dom SSL error:0407006A:…"; without an error
// the line tells which key was used.
func dkimKeyError(in *Input, d *draft, s string) {
	d.set(FieldAction, "verify")
	d.set(FieldDKIM, in.a.concat(valueOf(s, "s=", " "), ":", valueOf(s, " d=", " ")))
	if i := strings.Index(s, "SSL error:"); i >= 0 {
		d.set(FieldOutcome, "failure")
		d.set(FieldError, shortText(s[i:]))
		d.raise(LevelWarn)
	} else if i := strings.Index(s, "SSL "); i >= 0 && len(s) > i+4 {
		d.set(FieldOutcome, "failure")
		d.set(FieldError, shortText(s[i+4:]))
		d.raise(LevelWarn)
	}
}
