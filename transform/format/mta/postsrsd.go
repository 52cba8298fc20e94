package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// PostSRSd is the format postsrsd.
var PostSRSd = format.Spec{
	Name:     "postsrsd",
	Doc:      "by syslog",
	From:     "PostSRSd by syslog: /var/log/mail.log, /var/log/zimbra.log",
	Programs: []string{"postsrsd"},
	Message:  parsePostSRSd,
	Fixture:  format.Fixture{File: "postsrsd/lines.log", Path: "/var/log/mail.log", Example: "rewritten"},
	Question: `{service_name="postsrsd"} | action="srs_reverse" | outcome="failure"`,
	Traps:    "It asks nobody which mail the address is of: no `queue_id`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "an address was rewritten"},
		{Value: "failure", When: "an address of SRS is forged or too old. One that needs no rewriting has none"},
	},
}

// parsePostSRSd reads "srs_forward: <a@b> rewritten as <SRS0=…>" of a sender,
// "srs_reverse: <SRS0=…> rewritten as <a@b>" of a recipient, and the reason of an
// address that stays (postsrsd.c, handle_forward and handle_reverse).
func parsePostSRSd(_ *format.Input, d *format.Draft, s string) bool {
	verb, rest, ok := strings.Cut(s, ": ")
	var field format.Field
	switch {
	case ok && verb == "srs_forward":
		field = format.FieldFrom
	case ok && verb == "srs_reverse":
		field = format.FieldTo
	default:
		return false
	}
	d.Set(format.FieldAction, verb)
	if who, as, ok := scanLast(rest, " rewritten as "); ok {
		d.Set(field, bareAddress(who))
		d.Add("rewritten", bareAddress(as))
		d.Set(format.FieldOutcome, "success")
		return true
	}
	for _, not := range [...]string{" not rewritten: ", " not reversed: "} {
		who, why, ok := scanLast(rest, not)
		if !ok {
			continue
		}
		d.Set(field, bareAddress(who))
		if verb == "srs_forward" || strings.HasPrefix(why, "No SRS address") || strings.HasPrefix(why, "Not an SRS address") {
			d.Set(format.FieldReason, scan.ShortText(why)) // what is wanted of most
			return true
		}
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(why))
		d.Raise(format.LevelWarn)
		return true
	}
	return false
}

// scanLast splits s at the last sep.
func scanLast(s, sep string) (before, after string, ok bool) {
	before, after, ok = scan.CutLast(s, sep)
	return before, after, ok && before != ""
}
