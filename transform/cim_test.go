package transform

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// cimMeta transforms lines of a log with the names of the model and without:
// the entries' metadata by name, in order.
func cimMeta(t *testing.T, cim bool, path string, lines ...string) (list []map[string]string) {
	t.Helper()
	var b chunk.Builder
	for i, line := range lines {
		b.Record(testtime.Instant(t, "2026-10-26T18:30:00Z")+int64(i), "log", line, "path", path)
	}
	tr := New(Options{Host: "h", Location: testtime.Location(t, "UTC"), CIM: cim, MaxLineBytes: 300})
	transformChunk(tr, "test", b.Bytes(), func(e *entry.Entry) {
		m := map[string]string{}
		for _, p := range e.Meta {
			if _, twice := m[p.Name]; twice {
				t.Errorf("%s stands twice in %q", p.Name, e.Meta)
			}
			m[p.Name] = p.Value
		}
		list = append(list, m)
	})
	return list
}

// TestCIMNames: the names are the model's, the values the same, and FromCIM
// leads back; mails are followed all the same.
func TestCIMNames(t *testing.T) {
	lines := []string{
		"Oct 26 18:00:49 mx1 postfix/cleanup[8]: 4A1B2C3D4E5: message-id=<1@example.net>",
		"Oct 26 18:00:50 mx1 postfix/smtp[9]: 4A1B2C3D4E5: to=<a@example.net>, orig_to=<b@example.com>, relay=none, delay=900.1, delays=900/0/0.1/0, dsn=4.4.1, status=deferred (x)",
	}
	own, cim := cimMeta(t, false, mailLog, lines...), cimMeta(t, true, mailLog, lines...)
	want := map[string]string{
		"action": "deferred", "command": "deliver", "internal_message_id": "4A1B2C3D4E5", "message_id": "<1@example.net>",
		"recipient": "a@example.net", "orig_recipient": "b@example.com", "dest": "none", "status_code": "4.4.1", "delay": "900.1s",
	}
	if len(cim) != 2 || len(own) != 2 {
		t.Fatalf("%d and %d entries", len(own), len(cim))
	}
	for name, v := range want {
		if got := cim[1][name]; got != v {
			t.Errorf("%s is %q, want %q", name, got, v)
		}
	}
	for i := range cim {
		var back []entry.Pair
		for name, v := range cim[i] {
			back = append(back, entry.Pair{Name: name, Value: v})
		}
		format.FromCIM(back)
		if len(back) != len(own[i]) {
			t.Errorf("%d pieces of metadata, want %d", len(back), len(own[i]))
		}
		for _, p := range back {
			if own[i][p.Name] != p.Value {
				t.Errorf("%s is %q after the way back, want %q", p.Name, p.Value, own[i][p.Name])
			}
		}
	}
}

// TestCIMNamesTaken: a key of a log that has a name of the model stands beside
// the field; a line in pieces is renamed once.
func TestCIMNamesTaken(t *testing.T) {
	m := cimMeta(t, true, "/var/log/app.log", `{"level":"info","message":"x","client_ip":"192.0.2.1","src":"web"}`)
	if len(m) != 1 || m[0]["src"] != "192.0.2.1" {
		t.Errorf("got %q", m)
	}
	long := `2026-10-26 18:00:50,123 INFO  [qtp1-2] [ip=192.0.2.1;] soap - SearchRequest elapsed=3 `
	for range 20 {
		long += "and a text that goes on "
	}
	for i, e := range cimMeta(t, true, mailboxPath, long) {
		if i == 0 && (e["src"] != "192.0.2.1" || e["command"] != "SearchRequest" || e["truncated"] != "true") || i > 0 && e["continued"] != "true" {
			t.Errorf("piece %d: %q", i, e)
		}
	}
}
