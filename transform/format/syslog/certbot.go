package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Certbot is the format certbot.
var Certbot = format.Spec{
	Name:     "certbot",
	Doc:      "letsencrypt.log, and what certbot says by syslog",
	From:     "certbot: /var/log/letsencrypt/letsencrypt.log, and by syslog",
	Log:      "letsencrypt",
	Service:  "certbot",
	Head:     isCertbotHead,
	Parse:    parseCertbot,
	Programs: []string{"certbot"},
	Message:  certbotMessage,
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: `@:INFO:certbot._internal.renewal:Certificate not due for renewal`},
	Fixture:  format.Fixture{File: "certbot/lines.log", Path: "/var/log/letsencrypt/letsencrypt.log", Example: "Failed to renew"},
	Question: `{service_name="certbot"} | action="renew" | outcome="failure"`,
	Traps:    "A renewal that is not due yet is no failure and no success: it has no outcome. Requests to the authority are at debug level.",
}

// isCertbotHead reports whether s starts as certbot's log does:
// "2026-10-26 18:00:50,123:DEBUG:certbot._internal.main:".
func isCertbotHead(s string) bool {
	_, _, _, ok := certbotHead(s)
	return ok
}

// certbotHead splits "stamp:LEVEL:logger:message"; certbot logs for the libraries
// acme, urllib3 and requests too.
func certbotHead(s string) (level format.Level, logger, rest string, ok bool) {
	if !logtime.IsLog4jStamp(s) || len(s) <= logtime.Log4jStampLen || s[logtime.Log4jStampLen] != ':' {
		return
	}
	word, rest, _ := strings.Cut(s[logtime.Log4jStampLen+1:], ":")
	logger, rest, ok = strings.Cut(rest, ":")
	level = format.WordLevel(word)
	name, _, _ := strings.Cut(logger, ".")
	return level, logger, rest, ok && level != format.LevelUnknown && (name == "certbot" || name == "acme" || strings.HasPrefix(name, "certbot_"))
}

// parseCertbot reads letsencrypt.log (certbot/_internal/log.py, FILE_FMT).
func parseCertbot(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	level, logger, rest, ok := certbotHead(s)
	if !ok {
		return false
	}
	d.Time, _ = in.Clock.Log4j(s, d.Head.Arrival)
	d.Level = level
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Set(format.FieldComponent, logger)
	d.Msg = strings.TrimRight(rest, " \r")
	d.SetKnown(certbotMessage(in, d, d.Msg))
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(d.Msg))
	}
	return true
}

// certbotTexts are the beginnings of what certbot says of a certificate
// (renewal.py, client.py, auth_handler.py). The domain stands behind them.
var certbotTexts = [...]struct {
	start, action, outcome string
}{
	{"Renewing an existing certificate for ", "renew", ""},
	{"Attempting to renew cert (", "renew", "failure"},
	{"Failed to renew certificate ", "renew", "failure"},
	{"Requesting a certificate for ", "issue", ""},
	{"Successfully received certificate.", "issue", "success"},
	{"Congratulations, all renewals succeeded", "renew", "success"},
	{"Certificate not due for renewal", "renew", ""},
	{"Certificate not yet due for renewal", "renew", ""},
	{"Cert not yet due for renewal", "renew", ""},
	{"Some challenges have failed", "issue", "failure"},
	{"All renewals failed", "renew", "failure"},
	{"All renewal attempts failed", "renew", "failure"},
	{"Hook command ", "hook", ""},
	{"Hook '", "hook", ""},
	{"Performing the following challenges", "challenge", ""},
	{"Challenge failed for domain ", "challenge", "failure"},
}

// certbotMessage reads a message: "Failed to renew certificate mail.example.com
// with error: Some challenges have failed."
func certbotMessage(_ *format.Input, d *format.Draft, s string) bool {
	for i := range certbotTexts {
		f := &certbotTexts[i]
		rest, ok := strings.CutPrefix(s, f.start)
		if !ok {
			continue
		}
		d.Set(format.FieldAction, f.action)
		d.Set(format.FieldOutcome, f.outcome)
		if strings.HasSuffix(f.start, " ") || strings.HasSuffix(f.start, "(") {
			name := rest
			if n := strings.IndexAny(rest, " ,)\r"); n >= 0 {
				name = rest[:n]
			}
			if f.action != "hook" {
				d.Set(format.FieldTarget, name)
			}
		}
		outcome := f.outcome
		if f.action == "hook" && (strings.Contains(rest, " returned error code ") || strings.Contains(rest, " reported error code ")) {
			outcome = "failure"
			d.Set(format.FieldOutcome, outcome)
		}
		if outcome == "failure" {
			certbotError(d, s, rest)
		}
		return true
	}
	return true
}

// certbotError gives the reason behind " with error: " or " error: ", else the
// whole message.
func certbotError(d *format.Draft, s, rest string) {
	for _, mark := range [...]string{" with error: ", " produced an unexpected error: "} {
		if _, why, ok := strings.Cut(rest, mark); ok {
			s = why
			break
		}
	}
	d.Set(format.FieldError, scan.ShortText(s))
	d.Raise(format.LevelWarn)
}
