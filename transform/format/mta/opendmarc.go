package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// OpenDMARC is the format opendmarc.
var OpenDMARC = format.Spec{
	Name:     "opendmarc",
	Doc:      "by syslog",
	From:     "OpenDMARC by syslog: /var/log/mail.log, /var/log/zimbra.log",
	Programs: []string{"opendmarc"},
	Message:  parseOpenDMARC,
	Fixture:  format.Fixture{File: "opendmarc/lines.log", Path: "/var/log/mail.log", Example: "opendmarc"},
	Question: `{service_name="opendmarc"} | action="dmarc" | status="fail"`,
	Traps:    "`fail` says that the author's domain did not stand for the mail, not that the mail was refused: that is a line of Postfix, with the same `queue_id`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "DMARC or SPF: `pass`"},
		{Value: "failure", When: "`fail`, or a mail that breaks RFC 5322. `none`, `neutral`, `softfail` and errors of DNS have none"},
		{Value: "rejected", When: "rejected by the policy of the domain"},
		{Value: "held", When: "quarantined by the policy of the domain"},
	},
}

// parseOpenDMARC reads "Q: example.com pass", "Q: SPF(mailfrom): a@b pass", "Q:
// ignoring Authentication-Results at 1 from h" and what the filter writes of
// itself (opendmarc/opendmarc.c).
func parseOpenDMARC(in *format.Input, d *format.Draft, s string) bool {
	n := queueIDLen(s)
	if n == 0 {
		return filterOfItself(in, d, s, "OpenDMARC Filter")
	}
	d.Set(format.FieldQueueID, s[:n])
	s = s[n+2:]
	switch {
	case strings.HasPrefix(s, "SPF("):
		d.Set(format.FieldAction, "spf")
		_, rest, _ := strings.Cut(s, "): ")
		dmarcResult(d, rest)
		return true
	case strings.HasPrefix(s, "ignoring Authentication-Results"):
		d.Set(format.FieldAction, "ignore")
		return true
	case strings.HasPrefix(s, "RFC5322 requirement error: "), strings.HasPrefix(s, "unable to parse "):
		d.Set(format.FieldAction, "dmarc")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s))
		d.Raise(format.LevelWarn)
		return true
	}
	for _, p := range [...]struct{ before, outcome string }{{"rejected by DMARC policy for ", "rejected"}, {"quarantined by DMARC policy for ", "held"}} {
		if domain, ok := strings.CutPrefix(s, p.before); ok {
			d.Set(format.FieldAction, "dmarc")
			d.Set(format.FieldOutcome, p.outcome)
			d.Add("domain", domain)
			d.Raise(format.LevelWarn)
			return true
		}
	}
	d.Set(format.FieldAction, "dmarc")
	return dmarcResult(d, s)
}

// dmarcResult reads "example.com pass": of whom, and the result.
func dmarcResult(d *format.Draft, s string) bool {
	who, result, ok := strings.Cut(s, " ")
	switch result {
	case "pass":
		d.Set(format.FieldOutcome, "success")
	case "fail":
		d.Set(format.FieldOutcome, "failure")
	case "none", "neutral", "softfail", "temperror", "permerror":
	default:
		return false
	}
	d.Set(format.FieldStatus, result)
	if strings.IndexByte(who, '@') >= 0 {
		d.Set(format.FieldFrom, who)
		return ok
	}
	d.Add("domain", who)
	return ok
}

// filterOfItself reads what the milters of OpenDKIM and OpenDMARC write at their
// start and end, and about a client.
func filterOfItself(in *format.Input, d *format.Draft, s, name string) bool {
	if host, ok := strings.CutPrefix(s, "ignoring connection from "); ok {
		d.Set(format.FieldAction, "ignore")
		host, ip, _ := strings.Cut(host, " ")
		d.Set(format.FieldClientHost, host)
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, strings.Trim(ip, "[]()")))
		return true
	}
	if rest, ok := strings.CutPrefix(s, "exited with status "); ok {
		d.Set(format.FieldAction, "restart")
		d.Set(format.FieldStatus, scan.Number(rest))
		d.Raise(format.LevelWarn)
		return true
	}
	if strings.HasPrefix(s, "configuration reloaded") {
		d.Set(format.FieldAction, "reload")
		return true
	}
	rest, ok := strings.CutPrefix(s, name)
	switch {
	case !ok:
		return false
	case strings.Contains(rest, " starting"):
		d.Set(format.FieldAction, "start")
	case strings.Contains(rest, " terminating"):
		d.Set(format.FieldAction, "stop")
	case strings.HasPrefix(rest, ": mi_stop="):
		d.Set(format.FieldAction, "stop")
	case strings.HasPrefix(rest, ": "):
		d.Set(format.FieldError, scan.ShortText(rest[2:]))
		d.Raise(format.LevelWarn)
	}
	return true
}
