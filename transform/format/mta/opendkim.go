package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// OpenDKIM is the format opendkim.
var OpenDKIM = format.Spec{
	Name:     "opendkim",
	Doc:      "by syslog",
	From:     "opendkim by syslog: /var/log/zimbra.log",
	Programs: []string{"opendkim"},
	Message:  parseOpenDKIM,
	Fixture:  format.Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "DKIM-Signature field added"},
	Question: `{service_name="opendkim"} | dkim!=""`,
	Outcomes: []format.Outcome{
		{Value: "success", When: "a signature was added, or verified"},
		{Value: "not_signed", When: "no key for the sender, or a host that is not to sign"},
		{Value: "failure", When: "a signature is wrong, a key cannot be had, the filter has an error. A mail that is taken all the same without a sender has none"},
	},
}

// parseOpenDKIM reads "Q: DKIM-Signature field added (s=sel, d=dom)", "Q: no
// signing table match for 'a@b'", "Q: s=sel d=dom SSL error:…" and "Q: DKIM
// verification successful" (opendkim/opendkim.c).
func parseOpenDKIM(in *format.Input, d *format.Draft, s string) bool {
	n := queueIDLen(s)
	if n == 0 {
		return filterOfItself(in, d, s, "OpenDKIM Filter")
	}
	d.Set(format.FieldQueueID, s[:n])
	s = s[n+2:]
	switch {
	case strings.HasPrefix(s, "DKIM-Signature field added"), strings.HasPrefix(s, `DKIM-Signature header added`):
		d.Set(format.FieldAction, "sign")
		d.Set(format.FieldOutcome, "success")
		d.Set(format.FieldDKIM, in.Arena.Concat(scan.ValueOf(s, "s=", ", )"), ":", scan.ValueOf(s, "d=", ", )")))
	case strings.HasPrefix(s, "no signing table match for '"):
		d.Set(format.FieldAction, "sign")
		d.Set(format.FieldOutcome, "not_signed")
		d.Set(format.FieldFrom, strings.TrimSuffix(s[len("no signing table match for '"):], "'"))
	case strings.HasPrefix(s, "s="):
		dkimKeyError(in, d, s)
	case strings.HasPrefix(s, "DKIM verification successful"):
		d.Set(format.FieldAction, "verify")
		d.Set(format.FieldOutcome, "success")
	case strings.HasPrefix(s, "bad signature data"), strings.HasPrefix(s, "key retrieval failed"),
		strings.HasPrefix(s, "DKIM verification failed"), strings.HasPrefix(s, "signature=") && strings.Contains(s, "verification failed"):
		d.Set(format.FieldAction, "verify")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s))
		d.Raise(format.LevelWarn)
	case strings.HasPrefix(s, "no signature data"), strings.HasPrefix(s, "message has signatures from"):
		d.Set(format.FieldAction, "verify")
	case strings.HasSuffix(s, " not internal"), s == "not authenticated":
		d.Set(format.FieldAction, "sign")
		d.Set(format.FieldOutcome, "not_signed")
		if host, ip, ok := strings.Cut(s, " ["); ok {
			d.Set(format.FieldClientHost, host)
			d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.ValueOf(ip, "", "]")))
		}
	default:
		return dkimOther(d, s)
	}
	return true
}

// dkimOther reads what keeps a mail from being signed or checked: "external host h
// attempted to send as d", "can't determine message sender; accepting".
func dkimOther(d *format.Draft, s string) bool {
	if rest, ok := strings.CutPrefix(s, "external host "); ok {
		host, domain, ok := strings.Cut(rest, " attempted to send as ")
		d.Set(format.FieldAction, "sign")
		d.Set(format.FieldOutcome, "not_signed")
		d.Set(format.FieldClientHost, host)
		d.Add("domain", domain)
		d.Raise(format.LevelWarn)
		return ok
	}
	if strings.HasPrefix(s, "mode select: ") || strings.HasPrefix(s, "ignoring ") {
		return true
	}
	for _, p := range [...]string{"can't ", "failed to ", "unable to ", "error ", "dkim_", "no sender ", "key data is not secure", "multiple "} {
		if strings.HasPrefix(s, p) {
			d.Set(format.FieldError, scan.ShortText(s))
			d.Raise(format.LevelWarn)
			if !strings.HasSuffix(s, "; accepting") && !strings.HasPrefix(s, "key data is not secure") {
				d.Set(format.FieldOutcome, "failure") // else the mail, or the key, was taken all the same
			}
			return true
		}
	}
	return false
}

// dkimKeyError reads "s=sel d=dom SSL error:0407006A:…"; without an error
// the line tells which key was used.
func dkimKeyError(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "verify")
	d.Set(format.FieldDKIM, in.Arena.Concat(scan.ValueOf(s, "s=", " "), ":", scan.ValueOf(s, " d=", " ")))
	if i := strings.Index(s, "SSL error:"); i >= 0 {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s[i:]))
		d.Raise(format.LevelWarn)
	} else if i := strings.Index(s, "SSL "); i >= 0 && len(s) > i+4 {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s[i+4:]))
		d.Raise(format.LevelWarn)
	}
}
