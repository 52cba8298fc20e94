package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// clamMessage reads a message of clamd or freshclam, of their own files or of
// syslog. ClamAV writes a level only for errors and warnings, before the message.
func clamMessage(in *format.Input, d *format.Draft, s string) bool {
	if format.ProgramName(d.Header.Tag) == "freshclam" {
		d.Service = freshclamService
	}
	s = clamLevel(d, clamSecond(in, strings.TrimRight(s, " ")))
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
	if v, ok := strings.CutSuffix(s, " ERROR"); ok && clamUnscanned(d, v) {
		return true
	}
	switch {
	case strings.Contains(s, " updated (version: "):
		d.Set(format.FieldAction, "update")
		d.Set(format.FieldOutcome, "success")
		return true
	case strings.HasPrefix(s, "Update failed"):
		d.Set(format.FieldAction, "update")
		clamFailure(d, s)
		return true
	case strings.HasPrefix(s, "Clamd was NOT notified"):
		d.Set(format.FieldAction, "notify")
		clamFailure(d, s)
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
		{"clamd daemon ", "start"},
		{"Pid file removed", "stop"},
		{"Update process terminated", "stop"},
		{"Database update completed", "update"},
		{"Loading signatures from", "update"},
		{"Properly loaded ", "update"},
	} {
		if strings.Contains(s, p.part) {
			d.Set(format.FieldAction, p.action)
			return true
		}
	}
	switch {
	case strings.Contains(s, "failed"), strings.Contains(s, "Failed to"), strings.HasPrefix(s, "Giving up"):
		clamFailure(d, s)
	case strings.HasPrefix(s, "Loaded ") && strings.HasSuffix(s, " signatures."):
		d.Set(format.FieldAction, "reload")
	}
	return true // limits, sockets, the steps of an update: told in many words
}

func clamFailure(d *format.Draft, why string) {
	d.Set(format.FieldOutcome, "failure")
	d.Set(format.FieldError, scan.ShortText(why))
	d.Raise(format.LevelWarn)
}

// clamUnscanned reads "/path: lstat() failed: No such file or directory. ERROR"
// without its last word (clamd/scanner.c): what was not scanned may hold a virus.
func clamUnscanned(d *format.Draft, s string) bool {
	what, why, ok := strings.Cut(s, ": ")
	if !ok || !strings.HasPrefix(what, "/") && !strings.HasPrefix(what, "instream(") && !strings.HasPrefix(what, "fd[") {
		return false
	}
	d.Set(format.FieldAction, "scan")
	d.Add("scanned", what)
	d.Raise(format.LevelError)
	clamFailure(d, why)
	return true
}

// clamSecond takes the time and the level off the second half of a message that
// ClamAV writes in two, whose first has no end of line: "Download failed (7) Mon
// Oct 26 18:00:50 2026 -> WARNING:  Message: Couldn't connect to server".
func clamSecond(in *format.Input, s string) string {
	const stamp = len("Mon Jan _2 15:04:05 2006")
	i := strings.Index(s, clamdArrow)
	if i <= stamp || logtime.CtimeLen(s[i-stamp:]) != stamp {
		return s
	}
	second := s[i+len(clamdArrow):]
	if l, rest := format.SeverityWord(second); l != format.LevelUnknown {
		second = rest
	}
	return in.Arena.Concat(strings.TrimRight(s[:i-stamp], " "), " ", scan.TrimSpaces(second))
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
