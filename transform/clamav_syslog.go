package transform

import "strings"

// syslogClamAV reads the messages of clamd and freshclam as they stand in
// syslog, without the date of their own files.
func syslogClamAV(_ *Input, d *draft, s string) bool {
	s = clamLevel(d, s)
	if v, ok := strings.CutSuffix(s, " FOUND"); ok {
		if i := strings.LastIndex(v, ": "); i >= 0 {
			d.set(FieldAction, "scan")
			d.set(FieldOutcome, "infected")
			d.set(FieldVirus, v[i+2:])
			d.add("scanned", v[:i])
			d.raise(LevelWarn)
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
			d.set(FieldAction, p.action)
			return true
		}
	}
	if strings.Contains(s, "failed") || strings.Contains(s, "Failed to") || strings.HasPrefix(s, "Giving up") {
		d.set(FieldOutcome, "failure")
		d.set(FieldError, shortText(s))
		d.raise(LevelWarn)
		return true
	}
	return true // limits, sockets, the steps of an update: told in many words
}

// clamLevel takes "WARNING: ", "ERROR: " and "LibClamAV Error: " off, and the
// marks "^" and "!" that freshclam once used for them.
func clamLevel(d *draft, s string) string {
	if l, rest := severityWord(s); l != LevelUnknown {
		s = rest
		d.raise(l)
	} else if rest, ok := strings.CutPrefix(s, "LibClamAV Warning: "); ok {
		s = rest
		d.raise(LevelWarn)
	} else if rest, ok := strings.CutPrefix(s, "LibClamAV Error: "); ok {
		s = rest
		d.raise(LevelError)
	}
	if d.level >= LevelError {
		d.set(FieldError, shortText(s))
	}
	return s
}
