package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// cronMessage reads the messages of the daemons that start commands at times:
// "(user) CMD (command)" (Vixie cron, cronie), "USER user pid 12 cmd command"
// (busybox), "Job `cron.daily' terminated (exit status: 1)" (anacron).
func cronMessage(d *format.Draft, s string) {
	switch {
	case strings.HasPrefix(s, "("):
		if user, rest, ok := strings.Cut(s[1:], ") "); ok && user != "" {
			cronVerb(d, user, rest)
		}
	case strings.HasPrefix(s, "USER "):
		if user, rest, ok := strings.Cut(s[len("USER "):], " pid "); ok && strings.Contains(rest, " cmd ") {
			d.Set(format.FieldAction, "cron")
			d.Set(format.FieldUser, user)
		}
	case strings.HasPrefix(s, "Job `"):
		anacronJob(d, s[len("Job `"):])
	}
}

// cronVerb reads what stands behind "(user) ". The user of cron's own matters is
// CRON, that of a file of the system "*system*name".
func cronVerb(d *format.Draft, user, s string) {
	action, outcome := "", ""
	switch {
	case strings.HasPrefix(s, "CMD ("), strings.HasPrefix(s, "CMDEND ("), strings.HasPrefix(s, "CMDOUT ("):
		action = "cron"
	case strings.HasPrefix(s, "MAIL ("):
		action = "cron_mail"
		if strings.Contains(s, " but got status ") {
			outcome = "failure"
		}
	case strings.HasPrefix(s, "RELOAD ("):
		action = "reload"
	case strings.HasPrefix(s, "REPLACE ("), strings.HasPrefix(s, "DELETE ("), strings.HasPrefix(s, "END EDIT ("):
		action = "crontab_change"
	case strings.HasPrefix(s, "BEGIN EDIT ("), strings.HasPrefix(s, "LIST ("):
		action = "crontab"
	case strings.HasPrefix(s, "AUTH ("), strings.HasPrefix(s, "FAILED "), strings.HasPrefix(s, "PAM ERROR "), strings.HasPrefix(s, "ERROR "),
		strings.HasPrefix(s, "error ("), strings.HasPrefix(s, "BAD FILE MODE "), strings.HasPrefix(s, "WRONG FILE OWNER "),
		strings.HasPrefix(s, "NOT A REGULAR FILE "), strings.HasPrefix(s, "CAN'T "), strings.HasPrefix(s, "DEATH "):
		action, outcome = "cron", "failure"
	default:
		return
	}
	d.Set(format.FieldAction, action)
	if user != "CRON" && !strings.HasPrefix(user, "*") {
		d.Set(format.FieldUser, user)
	}
	if outcome != "" {
		d.Set(format.FieldOutcome, outcome)
		d.Set(format.FieldError, scan.ShortText(s))
		d.Raise(format.LevelWarn)
	}
}

// anacronJob reads "cron.daily' terminated (exit status: 1) (mailing output)",
// without a status if that was 0.
func anacronJob(d *format.Draft, s string) {
	job, rest, ok := strings.Cut(s, "' ")
	if !ok {
		return
	}
	d.Set(format.FieldAction, "cron")
	d.Set(format.FieldTarget, job)
	if !strings.HasPrefix(rest, "terminated") {
		return
	}
	d.Set(format.FieldOutcome, "success")
	if strings.Contains(rest, "(exit status: ") {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(rest))
		d.Raise(format.LevelWarn)
	}
}
