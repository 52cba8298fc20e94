package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

// TestPersonsJoin: one person has one name in every log, whatever the log
// calls her.
func TestPersonsJoin(t *testing.T) {
	p := person.NewPseudonyms([]byte("0123456789abcdef"))
	tr := New(Options{Pseudonyms: p, Location: time.UTC})
	n := 0
	for _, line := range []string{
		"2026-08-02 16:49:04,242 INFO  [t] [name=ivanov@example.com;] soap - x",
		"Aug  2 16:49:04 mail postfix/smtps/smtpd[77]: 4Zk0hT1Wx2z9: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=ivanov",
		`{"time":1785678544000,"client_ip":"192.0.2.1","command_name":"a.b","trace_id":"7b0c52c1","user_login":"Ivanov"}`,
	} {
		transformChunk(tr, "x", chunkOf([]string{line}, benchArrival), func(e *entry.Entry) {
			for _, m := range e.Meta {
				if m.Name == "user" && strings.HasPrefix(m.Value, p.Name("ivanov")) && strings.Contains(e.Line, p.Name("ivanov")) {
					n++
				}
			}
		})
	}
	if n != 3 {
		t.Errorf("%d of 3 lines join", n)
	}
}
