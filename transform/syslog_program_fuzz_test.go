package transform

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzSyslogMessage: whatever stands behind a header, a line is read without
// harm; labels come from closed sets; what is found stands in the line, but for
// addresses in their canonical form, joined lists and what has a unit; a second
// reading finds the same.
func FuzzSyslogMessage(f *testing.F) {
	for _, line := range syslogSamples(f) {
		f.Add(line)
	}
	services := map[string]bool{"postfix": true, "other": true}
	for _, s := range strings.Fields("amavis amavisd opendkim saslauthd slapd clamd freshclam zmconfigd zimbramon cbpolicyd policyd-spf") {
		services[s] = true
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := benchRun(t, Options{})
		d, ok := readSyslog(r, line)
		if !ok {
			return
		}
		if !services[d.service] && !foreignPrograms[d.service] {
			t.Errorf("service_name %q", d.service)
		}
		if d.log != "zimbra" && d.log != "zimbra-stats" && d.log != "syslog" || d.level == LevelUnknown || d.format == &Unparsed {
			t.Errorf("log %q, level %s, format %s", d.log, d.level, d.format)
		}
		for f, v := range d.val {
			switch Field(f) {
			case FieldQueueID, FieldQueuedAs, FieldFrom, FieldStatus, FieldRelay, FieldUser, FieldDSN, FieldHelo, FieldError, FieldReason, FieldSize, FieldScore:
				if !strings.Contains(line, v) {
					t.Errorf("%s = %q stands nowhere in the line", Field(f), v)
				}
			}
		}
		if utf8.ValidString(line) {
			for _, m := range d.appendMeta(nil) {
				if !utf8.ValidString(m.Value) || m.Name == "" {
					t.Errorf("%q = %q", m.Name, m.Value)
				}
			}
		}
		first := describeSyslog(r, line)
		if second := describeSyslog(r, line); second != first {
			t.Errorf("read twice:\n%s\n%s", first, second)
		}
	})
}
