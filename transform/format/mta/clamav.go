package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// clamMessage reads a message of clamd or freshclam, of their own files or of
// syslog. ClamAV writes a level only for errors and warnings, before the message.
func clamMessage(_ *format.Input, d *format.Draft, s string) bool {
	if format.ProgramName(d.Header.Tag) == "freshclam" {
		d.Service = freshclamService
	}
	s = clamLevel(d, strings.TrimRight(s, " "))
	if v, ok := strings.CutSuffix(s, " FOUND"); ok {
		if i := strings.LastIndex(v, ": "); i >= 0 {
			d.Set(format.FieldAction, "scan")
			d.Set(format.FieldOutcome, "infected")
			// With ExtendedDetectionInfo the hash and the size stand behind the name.
			virus, _, _ := strings.Cut(v[i+2:], "(")
			d.Set(format.FieldVirus, virus)
			d.Add("scanned", v[:i])
			d.Raise(format.LevelWarn)
			return true
		}
	}
	switch {
	case strings.Contains(s, " updated (version: "):
		d.Set(format.FieldAction, "update")
		d.Set(format.FieldOutcome, "success")
		return true
	case strings.HasPrefix(s, "Update failed"):
		d.Set(format.FieldAction, "update")
		d.Set(format.FieldOutcome, "failure")
		return true
	}
	for _, p := range [...]struct{ part, action string }{
		{"SelfCheck: ", "self_check"},
		{"database is up", "update"},
		{"Database updated", "update"},
		{"update process started", "update"},
		{"Database correctly reloaded", "reload"},
		{"Reading databases from", "reload"},
		{"Database modification detected", "reload"},
		{"Loaded ", "reload"},
		{"daemon ", "start"},
		{"Pid file removed", "stop"},
		{"Update process terminated", "stop"},
		{"signatures", "update"},
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
