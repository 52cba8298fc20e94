package envelope

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// TestFiltered: the line of a record that our own filter has made is in message,
// and log is a label; in any other record log is the line.
func TestFiltered(t *testing.T) {
	f := func(wantText, wantPath string, kv ...any) {
		t.Helper()
		r := newReader(keys{})
		var p Payload
		r.Unwrap(chunk.NewMap(kv...), &p)
		if p.Text != wantText || p.Path != wantPath {
			t.Errorf("%v: text %q, path %q, want %q, %q", kv, p.Text, p.Path, wantText, wantPath)
		}
	}
	filtered := []any{"job", "zimbra", "log", "mailbox", "service_name", "zimbra-mailbox", "detected_level", "info", "path", "/service/soap"}
	f("a\nb\n", "/opt/zimbra/log/mailbox.log", append(filtered, "filename", "/opt/zimbra/log/mailbox.log", "message", "a\nb\n")...)
	f("a line", "", append(filtered, "message", "a line")...)
	f("the line", "/opt/x.log", "log", "the line\n", "job", "zimbra", "service_name", "x", "filename", "/opt/x.log", "message", "m")
	var p Payload
	r := newReader(keys{})
	r.Unwrap(chunk.NewMap(filtered...), &p)
	if !p.Rebuilt {
		t.Errorf("without a line: %+v", p)
	}
}
