package e2e_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// stamp writes a time as log4j does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05,000") }

func auth(t time.Time, user, ip, level, rest string) string {
	return fmt.Sprintf("%s %-5s [qtp1-2:https://mail.example.com/service/soap/AuthRequest] [oip=%s;ua=zclient/10.0.9;soapId=5a;] security - cmd=Auth; account=%s; protocol=soap;%s",
		stamp(t), level, ip, user, rest)
}

func TestFailedLoginsByQuery(t *testing.T) { each(t, lokirun.Options{}, testFailedLoginsByQuery) }

func testFailedLoginsByQuery(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	now := time.Now().Truncate(time.Millisecond)
	bad := auth(now.Add(-3*time.Minute), "ivanov@example.org", "198.51.100.23", "WARN", " error=authentication failed for [ivanov@example.org], invalid password;")
	good := auth(now.Add(-2*time.Minute), "ivanov@example.org", "203.0.113.9", "INFO", "")
	p.flush("zimbra.audit", chunkOf(now, "/opt/zimbra/log/audit.log", bad, good))

	wantLines(t, query(t, l, `{job="zimbra", log="audit"} | outcome="failure" | client_ip="198.51.100.23"`), bad)
	wantLines(t, query(t, l, `{job="zimbra"} | user="ivanov@example.org"`), bad, good)
	e := query(t, l, `{level="warn"}`)
	if len(e) != 1 || e[0].Metadata["action"] != "Auth" || e[0].Labels["service_name"] != "zimbra-mailbox" || e[0].Labels["host"] != "mail1" {
		t.Errorf("got %+v", e)
	}
	if e[0].Time.UnixMilli() != now.Add(-3*time.Minute).UnixMilli() {
		t.Errorf("time %v, want that of the line", e[0].Time)
	}
}

// TestRestartStoresOnce delivers every chunk twice, the second time in another
// order by a plugin that remembers nothing, as after a crash before the
// acknowledgement.
func TestRestartStoresOnce(t *testing.T) { each(t, lokirun.Options{}, testRestartStoresOnce) }

func testRestartStoresOnce(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	now := time.Now().Truncate(time.Millisecond)
	const path = "/opt/zimbra/log/mailbox.log"
	var chunks [][]byte
	heads := 0
	for c := range 8 {
		var ls []string
		if c > 0 { // begins with the rest of a trace
			ls = append(ls, fmt.Sprintf("\tat com.example.C%d.m(C.java:1)", c), "Caused by: java.io.IOException: x")
		}
		for i := range 50 {
			at := now.Add(-10*time.Minute + time.Duration(c*50+i/3)*time.Millisecond)
			ls = append(ls, fmt.Sprintf("%s WARN  [qtp1-%d] [name=u%d@example.com;] SoapEngine - handler exception", stamp(at), i, i%7))
			heads++
		}
		ls = append(ls, fmt.Sprintf("com.example.E%d: broken", c))
		chunks = append(chunks, chunkOf(now.Add(time.Duration(c)*time.Second), path, ls...))
	}
	for _, c := range chunks {
		p.flush("zimbra.mailbox", c)
	}
	p = openPlugin(t, l, nil)
	for i := len(chunks) - 1; i >= 0; i-- {
		p.flush("zimbra.mailbox", chunks[i])
	}
	// Only leading continuations may be there twice (docs/decisions/0003).
	got := query(t, l, `{job="zimbra"} | continued=""`)
	if len(got) != heads {
		t.Errorf("%d heads in Loki, want %d", len(got), heads)
	}
}

// TestPlanrEnvelopes sends one event in five envelopes: equal entries are
// stored once.
func TestPlanrEnvelopes(t *testing.T) { each(t, lokirun.Options{}, testPlanrEnvelopes) }

func testPlanrEnvelopes(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	const event = `{"client_ip":"192.0.2.195","command_name":"auth.local","auth_success":true,"container_name":"/planr_ru-main-1","request_source":"main","time":1749112947148,"trace_id":"42195a9e-17c3-4e2d-9868-ba7f7c253123","user_id":"3ce9d1d6-b169-498f-8d28-33aced2353a0","user_login":"ivanov@example.org"}`
	arrival := time.UnixMilli(1749112948000).UnixNano()
	quoted := strings.ReplaceAll(event, `"`, `\"`)
	record := func(kv ...any) []byte {
		var b chunk.Builder
		b.Record(arrival, kv...)
		return bytes.Clone(b.Bytes())
	}
	p.flush("json-file", record("log", `{"log":"`+quoted+`\n","stream":"stdout","time":"2025-06-05T08:42:27.148123456Z"}`))
	p.flush("cri", record("log", `2025-06-05T08:42:27.148123456Z stdout F `+event))
	p.flush("fluentd", record("container_id", "4e5e1bb3", "container_name", "/planr_ru-main-1", "source", "stdout", "log", event))
	p.flush("k8s", record("time", "2025-06-05T08:42:27.148123456Z", "stream", "stdout", "logtag", "F", "log", event))

	got := query(t, l, `{job="planr"}`)
	seen := map[string]bool{}
	for _, e := range got {
		seen[e.Line] = true
		if !e.Time.Equal(time.UnixMilli(1749112947148)) || e.Labels["service_name"] != "main" || e.Metadata["user"] != "ivanov@example.org" ||
			e.Metadata["trace_id"] != "42195a9e-17c3-4e2d-9868-ba7f7c253123" {
			t.Errorf("got %+v", e)
		}
	}
	if len(seen) != 1 || !seen[event] {
		t.Errorf("got the lines %v, want the event byte for byte", seen)
	}
}

// TestRefusedEntries sends what Loki will not take among what it does.
func TestRefusedEntries(t *testing.T) {
	l := runtest.Real(t, lokirun.Options{Limits: map[string]any{"reject_old_samples": true, "reject_old_samples_max_age": "168h", "max_line_size": 2000}})
	p := openPlugin(t, l, nil)
	now := time.Now().Truncate(time.Millisecond)
	line := func(at time.Time, text string) string { return stamp(at) + " INFO  [main] [] misc - " + text }
	p.flush("zimbra.mailbox", chunkOf(now, "/opt/zimbra/log/mailbox.log",
		line(now.Add(-time.Minute), "one"),
		line(now.Add(-30*24*time.Hour), "thirty days old"),
		line(now.Add(-time.Minute+time.Second), strings.Repeat("long ", 500)),
		line(now.Add(-time.Minute+2*time.Second), "two"),
	))
	got := query(t, l, `{job="zimbra"}`)
	if len(got) != 2 || !strings.HasSuffix(got[0].Line, "one") || !strings.HasSuffix(got[1].Line, "two") {
		t.Errorf("Loki holds %q", lines(got))
	}
	for _, want := range []string{"thirty days old", "long long"} {
		if !strings.Contains(p.deadLetters(), want) {
			t.Errorf("the dead-letter file lacks %q:\n%s", want, p.deadLetters())
		}
	}
}

// TestLateEntries sends entries that are behind what their stream already has:
// where Loki refuses them they go once more under late="true".
func TestLateEntries(t *testing.T) { each(t, lokirun.Options{}, testLateEntries) }

func testLateEntries(t *testing.T, l *lokirun.Server) {
	p := openPlugin(t, l, nil)
	now := time.Now().Truncate(time.Millisecond)
	line := func(at time.Time, text string) string { return stamp(at) + " INFO  [main] [] misc - " + text }
	p.flush("zimbra.mailbox", chunkOf(now, "/opt/zimbra/log/mailbox.log", line(now.Add(-time.Minute), "new")))
	p.flush("zimbra.mailbox", chunkOf(now, "/opt/zimbra/log/mailbox.log", line(now.Add(-3*time.Hour), "after the outage")))
	got := query(t, l, `{job="zimbra"}`)
	late := map[lokirun.Kind]string{lokirun.Loki: "true"}[l.Kind()] // serve takes any order
	if len(got) != 2 || got[0].Labels["late"] != late || got[1].Labels["late"] != "" {
		t.Errorf("got %+v\nlog:\n%s", got, p.log)
	}
	if d := p.deadLetters(); d != "" {
		t.Errorf("dead letters:\n%s", d)
	}
}

func TestTenants(t *testing.T) {
	l := runtest.Real(t, lokirun.Options{Tenant: "acme"})
	p := openPlugin(t, l, map[string]string{"tenant_id": "other", "tenant_id_key": "customer"})
	var b chunk.Builder
	now := time.Now()
	for i, customer := range []string{"acme", "globex", "acme"} {
		b.Record(now.UnixNano(), "log", fmt.Sprintf("%s INFO  [main] [] misc - %d", stamp(now), i), "customer", customer)
	}
	p.flush("zimbra", b.Bytes())
	got := query(t, l, `{job="zimbra"}`)
	if len(got) != 2 {
		t.Errorf("acme sees %q, want its two lines", lines(got))
	}
}
