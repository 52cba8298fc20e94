package filter

import (
	"bytes"
	"strings"
	"testing"
)

const (
	audit = `2026-08-02 16:49:04,242 WARN  [ImapSSLServer-1] [ip=10.0.0.4;oip=198.51.100.23;ua=Zimbra/10.0.9;cid=7;] security - cmd=Auth; account=ivanov@example.org; protocol=imap; error=authentication failed for [ivanov@example.org], invalid password;`
	index = `2026-08-02 16:49:04,242 INFO  [Index-1] [] index - Batch complete processed 4 in 286 ms`
)

// arrival is 2026-08-02 15:00:00 UTC.
const arrival = 1785682800

func newFilter(t testing.TB, settings string) (*Filter, *bytes.Buffer) {
	t.Helper()
	s, err := Parse(settings)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return New(s, &log), &log
}

func TestApply(t *testing.T) {
	const zone = "timezone Europe/Berlin\n"
	f := func(settings, record, want string) {
		t.Helper()
		fl, log := newFilter(t, settings)
		for range 2 { // one call leaves nothing behind for the next
			got := string(fl.Apply([]byte("zimbra"), arrival, 0, []byte(record)))
			if got != want {
				t.Errorf("%s\n got %s\nwant %s", record, got, want)
			}
		}
		if !strings.Contains(want, `"more_events":`) { // Chunks make a record of each
			checkChunks(t, settings, record, want)
		}
		if log.Len() > 0 {
			t.Errorf("%s: %s", record, log)
		}
	}
	const auditFields = `"job":"zimbra","level":"warn","log":"audit","service_name":"zimbra-mailbox","detected_level":"warn","component":"security",` +
		`"action":"Auth","outcome":"failure","user":"ivanov@example.org","client_ip":"198.51.100.23","protocol":"imap",` +
		`"error":"authentication failed for [ivanov@example.org], invalid password","user_agent":"Zimbra/10.0.9",` +
		`"thread":"ImapSSLServer-1","ip":"10.0.0.4","connection_id":"7"`
	f(zone, `{"path":"/opt/zimbra/log/audit.log","log":"`+audit+`"}`,
		`{"time":"2026-08-02T14:49:04.242000000Z",`+auditFields+`,"path":"/opt/zimbra/log/audit.log","message":"`+audit+`"}`)
	f(zone+"keep off\ntime_key @timestamp\nline_key off", `{"path":"/opt/zimbra/log/audit.log","log":"`+audit+`"}`,
		`{"@timestamp":"2026-08-02T14:49:04.242000000Z",`+auditFields+`}`)

	const indexFields = `"level":"info","log":"mailbox","service_name":"zimbra-mailbox","detected_level":"info","component":"index","thread":"Index-1"`
	const indexHead = `{"time":"2026-08-02T14:49:04.242000000Z","host":"mail","job":"zimbra",` + indexFields
	f(zone+"labels host=mail", `{"log":"`+index+`\n"}`, indexHead+`,"message":"`+index+`"}`)
	f(zone, `{"MESSAGE":"`+index+`","_HOSTNAME":"mail","n":12,"f":1.50,"deep":{"a":[1,null,true]}}`,
		indexHead+`,"_HOSTNAME":"mail","n":12,"f":1.5,"deep":{"a":[1,null,true]},"message":"`+index+`"}`)
	// The record's own names give way to ours, unless they say the same.
	f(zone, `{"host":"mail","level":"INFO","thread":"mine","thread_extracted":1,"time":0,"message":"", "log":"`+index+`"}`,
		indexHead+`,"thread_extracted":"mine","thread_extracted_extracted":1,"time_extracted":0,"message":"`+index+`"}`)
	f(zone+"prefix z_\nlabels host=mail", `{"thread":"mine","z_level":7,"log":"`+index+`"}`,
		`{"time":"2026-08-02T14:49:04.242000000Z","z_host":"mail","z_job":"zimbra","z_level":"info","z_log":"mailbox","z_service_name":"zimbra-mailbox",`+
			`"z_detected_level":"info","z_component":"index","z_thread":"Index-1","thread":"mine","z_level_extracted":7,"message":"`+index+`"}`)
	// All lines of a record stay together.
	const trace = index + `\njava.io.IOException: gone\n\tat a.b.C.d(C.java:1)\n` + index
	f(zone+"labels host=mail", `{"log":"`+trace+`"}`,
		strings.Replace(indexHead, `"thread"`, `"error":"gone","thread"`, 1)+`,"exception":"java.io.IOException","message":"`+trace+`","more_events":1}`)
	// A program's own record: nothing twice, and what is secret is out.
	f("", `{"level":"INFO","command_name":"login","message":"hello","more_events":true,"log":null,"kubernetes":{"pod_name":"p-1"},"stream":"stdout"}`,
		`{"time":"2026-08-02T15:00:00.000000000Z","job":"container","level":"info","log":"container","service_name":"unknown","detected_level":"info",`+
			`"stream":"stdout","pod":"p-1","time_source":"arrival","command_name":"login","message":"hello","more_events_extracted":true,`+
			`"log_extracted":null,"kubernetes":{"pod_name":"p-1"}}`)
	// A line that its format writes anew is still a line: what came of it does
	// not go on beside it, with its secrets.
	const event = `OperationName:Open with AccessType:Read on ObjectType: Global completed by User:sidorov with OperationStatus:Success`
	f("timezone UTC", `{"log":"2026-08-02 14:49:04.242 [INF] password=geheim `+event+`\n","stream":"stdout","own":1}`,
		`{"time":"2026-08-02T14:49:04.242000000Z","exporter":"OTLP","job":"visiology","level":"info","log":"visiology","service_name":"visiology",`+
			`"detected_level":"info","action":"Open","outcome":"success","user":"sidorov","stream":"stdout","operation":"Open","operation_status":"Success",`+
			`"access_type":"Read","object_type":"Global","own":1,"message":"{\"body\":\"`+event+`\",\"severity\":\"Information\",\"attributes\":`+
			`{\"OperationName\":\"Open\",\"AccessType\":\"Read\",\"ObjectType\":\"Global\",\"User\":\"sidorov\",\"OperationStatus\":\"Success\"},`+
			`\"prefix\":\"2026-08-02 14:49:04.242 [INF] password=*** \"}"}`)
	f("", `{"log":"{\"t\":\"password=geheim\",\"message\":\"`+event+`\"}"}`,
		`{"time":"2026-08-02T15:00:00.000000000Z","exporter":"OTLP","job":"visiology","level":"info","log":"visiology","service_name":"visiology",`+
			`"detected_level":"info","action":"Open","outcome":"success","user":"sidorov","time_source":"arrival","operation":"Open","operation_status":"Success",`+
			`"access_type":"Read","object_type":"Global","message":"{\"body\":\"`+event+`\",\"t\":\"password=***\",\"message\":\"`+event+`\"}"}`)
	// What is no record goes on as text.
	f("", `[1,2]`, `{"log":"[1,2]"}`)
	f("", ``, `{"log":""}`)
	f("", "{\"a\":\"\xff", `{"log":"{\"a\":\"`+"\ufffd"+`"}`)
	const other = `{"time":"2026-08-02T15:00:00.000000000Z","job":"zimbra","log":"json","service_name":"unknown","detected_level":"unknown","time_source":"arrival"`
	f("keep off\nline_key off", `{}`, other+`}`)
	f("keep off", ` { "a" : 1 } `, other+`,"message":"{\"a\":1}"}`)
	// What Fluent Bit writes that is not JSON.
	f("", `{"log":"x","a":nan,"b":-inf,"c":"\x01\xff",1:"one",true:2}`,
		`{"time":"2026-08-02T15:00:00.000000000Z","job":"zimbra","log":"other","service_name":"unknown","detected_level":"unknown","format":"unparsed",`+
			`"time_source":"arrival","a":null,"b":null,"c":"\\x01\\xff","1":"one","true":2,"message":"x"}`)
}

// TestPanic plants a fault: the record goes on as it came, and so do those that
// follow, with their fields.
func TestPanic(t *testing.T) {
	f, log := newFilter(t, "")
	sound := f.out.set
	const record = `{"log":"x"}`
	want := string(f.Apply(nil, 1, 0, []byte(record)))
	for range 5 {
		f.out.set = nil
		if got := string(f.Apply(nil, 1, 0, []byte(record))); got != record {
			t.Errorf("got %s, want the record unchanged", got)
		}
		f.out.set = sound
		if got := string(f.Apply(nil, 1, 0, []byte(record))); got != want {
			t.Errorf("after a fault: got %s, want %s", got, want)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 3 { // the 1st, 2nd and 4th
		t.Errorf("%d lines on the log: %s", n, log)
	}
	f.out.set = nil
	if got := string(f.Apply(nil, 1, 0, []byte(`{"log":nan}`))); got != `{"log":"{\"log\":nan}"}` {
		t.Errorf("not JSON and a fault: %s", got)
	}
}

// TestMemory holds what a large record took against what is kept.
func TestMemory(t *testing.T) {
	f, _ := newFilter(t, "")
	big := []byte(`{"log":"` + strings.Repeat("x", 4*keepBytes) + `"}`)
	if got := f.Apply(nil, 1, 0, big); len(got) < 4*keepBytes {
		t.Fatalf("the record was cut to %d bytes", len(got))
	}
	f.Apply(nil, 1, 0, []byte(`{"log":"x"}`))
	if n := cap(f.out.out) + cap(f.in.buf); n > 2*keepBytes {
		t.Errorf("%d bytes are kept after a large record", n)
	}
}

// TestAllocations bounds the garbage of a record, which Go's collector has to
// find in an interpreter.
func TestAllocations(t *testing.T) {
	f, _ := newFilter(t, "timezone Europe/Berlin")
	tag, record := []byte("zimbra"), []byte(`{"path":"/opt/zimbra/log/audit.log","log":"`+audit+`"}`)
	n := testing.AllocsPerRun(200, func() { f.Apply(tag, arrival, 0, record) })
	if n > 3 && !race { // the name of the source, and what becomes of it
		t.Errorf("%v allocations a record", n)
	}
}

func BenchmarkApply(b *testing.B) {
	f, _ := newFilter(b, "timezone Europe/Berlin")
	tag, record := []byte("zimbra"), []byte(`{"path":"/opt/zimbra/log/audit.log","log":"`+audit+`"}`)
	b.SetBytes(int64(len(audit)))
	b.ReportAllocs()
	for b.Loop() {
		f.Apply(tag, arrival, 0, record)
	}
}

// TestTenTimesDeep: a record of ten times the depth goes on as it is.
func TestTenTimesDeep(t *testing.T) {
	f, _ := newFilter(t, "")
	deep := `{"log":"x","a":` + strings.Repeat("[", 10*maxDepth) + strings.Repeat("]", 10*maxDepth) + `}`
	if got := string(f.Apply(nil, 1, 0, []byte(deep))); !strings.Contains(got, strings.Repeat("[", 10*maxDepth)) {
		t.Errorf("%d bytes of %d: %.100s", len(got), len(deep), got)
	}
}
