package transform

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
)

// FuzzSyslogMessage: whatever stands behind a header, a line is read without
// harm; labels come from closed sets; what is found stands in the line, but for
// addresses in their canonical form, joined lists and what has a unit; a second
// reading finds the same.
func FuzzSyslogMessage(f *testing.F) {
	for _, line := range syslogSamples(f) {
		f.Add(line)
	}
	services := map[string]bool{"other": true, "zimbra-freshclam": true}
	for _, f := range Formats() {
		services[f.Service] = true
		for _, p := range f.Programs {
			services[p] = true
		}
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := benchRun(t, Options{})
		d, ok := readSyslog(r, line)
		if !ok {
			return
		}
		if !services[d.Service] && !syslog.ForeignPrograms[d.Service] {
			t.Errorf("service_name %q", d.Service)
		}
		if d.Log != "zimbra" && d.Log != "zimbra-stats" && d.Log != "syslog" && d.Log != "sogo" || d.Level == format.LevelUnknown || d.Format == &format.Unparsed {
			t.Errorf("log %q, level %s, format %s", d.Log, d.Level, d.Format)
		}
		for f := range format.NumFields {
			switch v := d.Get(f); f {
			case format.FieldQueueID, format.FieldQueuedAs, format.FieldFrom, format.FieldRelay, format.FieldUser, format.FieldDSN, format.FieldHelo, format.FieldReason, format.FieldSize, format.FieldScore:
				if !strings.Contains(line, v) {
					t.Errorf("%s = %q stands nowhere in the line", f, v)
				}
			case format.FieldError: // between these words and the rest the server stands
				if !strings.Contains(line, strings.TrimPrefix(v, "lost connection ")) {
					t.Errorf("%s = %q stands nowhere in the line", f, v)
				}
			case format.FieldStatus: // Authentication-Results has those of SPF in lower case
				if !strings.Contains(strings.ToLower(line), strings.ToLower(v)) {
					t.Errorf("%s = %q stands nowhere in the line", f, v)
				}
			}
		}
		if utf8.ValidString(line) {
			for _, m := range d.AppendMeta(nil) {
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
