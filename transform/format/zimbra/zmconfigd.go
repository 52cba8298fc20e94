package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// zmconfigdMessage reads zmconfigd's messages (zm-core-utils src/jylibs,
// commands.py and state.py), of its file or of syslog: "Watchdog: service
// antivirus status is OK.", "Service status change: host svc changed from
// stopped to running", "All rewrite threads completed in 0.00 sec".
func zmconfigdMessage(in *format.Input, d *format.Draft, s string) bool {
	if l, rest := format.SeverityWord(s); l != format.LevelUnknown {
		d.Raise(l)
		s = rest
	}
	switch {
	case strings.HasPrefix(s, "Watchdog: service "):
		d.Set(format.FieldAction, "watchdog")
		service, status, _ := strings.Cut(s[len("Watchdog: service "):], " ")
		d.Set(format.FieldTarget, service)
		status = strings.TrimSuffix(strings.TrimPrefix(status, "status is "), ".")
		d.Set(format.FieldStatus, status)
		if status != "OK" {
			d.Raise(format.LevelWarn)
		}
	case strings.HasPrefix(s, "Service status change: "):
		serviceChange(d, s[len("Service status change: "):])
	case strings.HasPrefix(s, "All "), strings.HasPrefix(s, "Rewrote: "), strings.HasPrefix(s, "LDAP "):
		d.Set(format.FieldAction, "configure")
		d.Set(format.FieldDurationMS, secondsIn(in, s))
	case strings.HasPrefix(s, "Fetching "), strings.HasPrefix(s, "Processing "), strings.HasPrefix(s, "Executing"),
		strings.HasPrefix(s, "Tracking service "), strings.HasPrefix(s, "Loading "), strings.HasPrefix(s, "Setting "),
		strings.HasPrefix(s, "Var "), strings.HasPrefix(s, "Rewriting"), strings.HasPrefix(s, "CONFIG "), strings.HasPrefix(s, "Restart"):
		d.Set(format.FieldAction, "configure")
	case strings.HasPrefix(s, "Skipping "), strings.HasPrefix(s, "Sleeping"):
	default:
		return false
	}
	return true
}

// serviceChange reads "host svc changed from stopped to running".
func serviceChange(d *format.Draft, s string) {
	d.Set(format.FieldAction, "status_change")
	i := strings.Index(s, " changed from ")
	if i < 0 {
		return
	}
	who := s[:i]
	j := strings.IndexByte(who, ' ')
	d.Set(format.FieldServer, who[:max(j, 0)])
	d.Set(format.FieldTarget, who[j+1:])
	if _, to, ok := strings.Cut(s[i:], " to "); ok {
		d.Set(format.FieldStatus, to)
		if to != "running" {
			d.Raise(format.LevelWarn)
		}
	}
}

// secondsIn finds "0.06 sec" in a text and gives it in milliseconds.
func secondsIn(in *format.Input, s string) string {
	i := strings.Index(s, " sec")
	if i <= 0 {
		return ""
	}
	v := s[strings.LastIndexAny(s[:i], " (")+1 : i]
	whole, frac, _ := strings.Cut(v, ".")
	n, ok := scan.Integer(whole)
	if !ok || len(frac) > 9 || len(scan.Number(frac)) != len(frac) {
		return ""
	}
	ns := n * 1e9
	for i, unit := 0, int64(1e8); i < len(frac); i, unit = i+1, unit/10 {
		ns += int64(scan.Digit(frac[i])) * unit
	}
	return in.Arena.Millis(ns)
}
