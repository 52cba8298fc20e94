package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// kernelMessage reads what the kernel says of a process that it killed for want
// of memory (mm/oom_kill.c): "Out of memory: Killed process 4100 (java) …",
// "Memory cgroup out of memory: Kill process …", "java invoked oom-killer: …".
func kernelMessage(d *format.Draft, s string) {
	if strings.HasPrefix(s, "[") { // seconds since the start
		if _, rest, ok := strings.Cut(s, "] "); ok {
			s = rest
		}
	}
	if name, _, ok := strings.Cut(s, " invoked oom-killer: "); ok && strings.IndexByte(name, ' ') < 0 {
		d.Set(format.FieldAction, "oom")
		d.Set(format.FieldTarget, name)
		d.Raise(format.LevelWarn)
		return
	}
	i := strings.Index(s, "ut of memory: Kill")
	if i < 0 || i > len("Memory cgroup o") {
		return
	}
	d.Set(format.FieldAction, "oom_kill")
	d.Set(format.FieldError, scan.ShortText(s))
	d.Raise(format.LevelError)
	_, s, ok := strings.Cut(s, " process ")
	if !ok {
		return
	}
	if _, s, ok = strings.Cut(s, "("); ok {
		if name, _, ok := strings.Cut(s, ")"); ok {
			d.Set(format.FieldTarget, name)
		}
	}
}

// systemdMessage reads what systemd says of units (src/core/unit.c, service.c):
// "Started Zimbra.", "Failed to start zimbra.service - Zimbra.",
// "zimbra.service: Main process exited, code=killed, status=9/KILL".
func systemdMessage(d *format.Draft, s string) {
	for _, v := range [...]struct{ start, action string }{
		{"Starting ", "start"},
		{"Started ", "start"},
		{"Stopping ", "stop"},
		{"Stopped ", "stop"},
		{"Reloading ", "reload"},
		{"Reloaded ", "reload"},
		{"Failed to start ", "start"},
		{"Failed to stop ", "stop"},
	} {
		rest, ok := strings.CutPrefix(s, v.start)
		if !ok {
			continue
		}
		d.Set(format.FieldAction, v.action)
		unit, _, _ := strings.Cut(rest, " - ") // the unit, and since v249 its description behind it
		d.Set(format.FieldTarget, strings.TrimRight(unit, ".\r"))
		if strings.HasPrefix(s, "Failed ") {
			d.Set(format.FieldOutcome, "failure")
			d.Set(format.FieldError, scan.ShortText(s))
			d.Raise(format.LevelError)
		}
		return
	}
	unit, text, ok := strings.Cut(s, ": ")
	if !ok || strings.IndexByte(unit, ' ') >= 0 || strings.IndexByte(unit, '.') < 0 {
		return
	}
	d.Set(format.FieldTarget, unit)
	switch {
	case strings.HasPrefix(text, "Failed with result "), strings.HasPrefix(text, "Main process exited, ") && !strings.Contains(text, "status=0/SUCCESS"):
		d.Set(format.FieldAction, "exit")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(text))
		d.Raise(format.LevelWarn)
	case strings.HasSuffix(text, "timed out. Terminating."), strings.HasPrefix(text, "Watchdog timeout"), strings.HasPrefix(text, "Start request repeated too quickly"):
		d.Set(format.FieldAction, "exit")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(text))
		d.Raise(format.LevelWarn)
	case strings.HasPrefix(text, "A process of this unit has been killed by the OOM killer"):
		d.Set(format.FieldAction, "oom_kill")
		d.Set(format.FieldError, scan.ShortText(text))
		d.Raise(format.LevelError)
	}
}

// logrotateMessage reads "ALERT exited abnormally with [1]", which the daily job
// of logrotate logs, and "error: skipping "/var/log/x.log" because …", whose level
// l stands before the rest.
func logrotateMessage(d *format.Draft, l format.Level, s, text string) {
	if l >= format.LevelError {
		d.Set(format.FieldAction, "rotate")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldTarget, scan.ValueOf(text, `skipping "`, `"`))
	}
	if rest, ok := strings.CutPrefix(s, "ALERT "); ok {
		d.Set(format.FieldAction, "rotate")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(rest))
		d.Raise(format.LevelError)
	}
}
