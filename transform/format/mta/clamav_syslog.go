package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// syslogClamAV reads the messages of clamd and freshclam as they stand in
// syslog, without the date of their own files.
func syslogClamAV(_ *format.Input, d *format.Draft, s string) bool {
	s = clamLevel(d, s)
	if v, ok := strings.CutSuffix(s, " FOUND"); ok {
		if i := strings.LastIndex(v, ": "); i >= 0 {
			d.Set(format.FieldAction, "scan")
			d.Set(format.FieldOutcome, "infected")
			d.Set(format.FieldVirus, v[i+2:])
			d.Add("scanned", v[:i])
			d.Raise(format.LevelWarn)
			return true
		}
	}
	for _, p := range [...]struct{ part, action string }{
		{"SelfCheck: ", "self_check"}, {"database is up", "update"}, {"updated (version: ", "update"}, {"Database updated", "update"},
		{"update process started", "update"}, {"Database correctly reloaded", "reload"}, {"Reading databases from", "reload"},
		{"Database modification detected", "reload"}, {"Loaded ", "reload"}, {"daemon ", "start"}, {"Pid file removed", "stop"},
		{"Update process terminated", "stop"}, {"signatures", "update"},
	} {
		if strings.Contains(s, p.part) {
			d.Set(format.FieldAction, p.action)
			return true
		}
	}
	if strings.Contains(s, "failed") || strings.Contains(s, "Failed to") || strings.HasPrefix(s, "Giving up") {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(s))
		d.Raise(format.LevelWarn)
		return true
	}
	return true // limits, sockets, the steps of an update: told in many words
}

// clamLevel takes "WARNING: ", "ERROR: " and "LibClamAV Error: " off, and the
// marks "^" and "!" that freshclam once used for them.
func clamLevel(d *format.Draft, s string) string {
	if l, rest := format.SeverityWord(s); l != format.LevelUnknown {
		s = rest
		d.Raise(l)
	} else if rest, ok := strings.CutPrefix(s, "LibClamAV Warning: "); ok {
		s = rest
		d.Raise(format.LevelWarn)
	} else if rest, ok := strings.CutPrefix(s, "LibClamAV Error: "); ok {
		s = rest
		d.Raise(format.LevelError)
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	return s
}
