package transform

import "testing"

const (
	syslogPath = "/var/log/zimbra.log"
	podPath    = "/var/log/pods/shop_web_1/web/0.log"
)

// TestFaultsSyslogHeader: headers of syslog in all their dialects. A line that
// begins with a syslog time is an event of its own, whatever follows.
func TestFaultsSyslogHeader(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, syslogPath, "UTC", input, want...)
	}
	// No tag, or a tag without a colon, behind an event of log4j's.
	f(`Oct 26 18:00:50 store1 zimbra-mailbox: 2026-10-26 18:00:50,242 ERROR [qtp7-3] [name=eva@example.com;ip=192.0.2.9;] soap - no handler
Oct 26 18:00:51 store1 -- MARK --
Oct 26 18:00:52 store1 zimbra-nginx-err 2026/10/26 18:00:52 [info] 4242#0: *78 client login failed: "LOGIN failed" while in http auth state, client: 198.51.100.9, server: 0.0.0.0:993, login: "carl@example.com"
<22>Oct 26 18:00:53 store1 postfix/qmgr 4A1B2C3D4E9: removed
2026-10-26T18:00:54.5+00:00 store1 zimbra-mailbox 2026-10-26 18:00:54,500 INFO  [main] [] soap - x
2026-10-26T18:00:55.5+00:00 store1 -- MARK --
2026-10-26T18:00:56.5+00:00 store1 disk is nearly full
2026-10-26T18:00:57.5+00:00 store1 sshd Server listening on 0.0.0.0 port 22.`,
		"time=18:00:50.242, host=store1, error=no handler, user=eva@example.com, lines=1",
		"time=18:00:51, host=store1, !program, !user, lines=1, !format",
		"time=18:00:52, host=store1, program=zimbra-nginx-err, action=Auth, outcome=failure, user=carl@example.com, client_ip=198.51.100.9",
		"time=18:00:53, host=store1, program=postfix/qmgr, queue_id=4A1B2C3D4E9, !format",
		"time=18:00:54.5, host=store1, component=soap",
		"time=18:00:55.5, host=store1, !program",
		"time=18:00:56.5, host=store1, !program, lines=1",
		"time=18:00:57.5, host=store1, program=sshd, service_name=sshd")
	f(`Oct 26 18:00:51 store1 -- MARK --`, "time=18:00:51, host=store1, !program, is=syslog")
	f(`<46>Oct 26 18:00:51 store1 zimbra-audit 2026-10-26 18:00:51,001 INFO  [main] [] soap - x`, "time=18:00:51.001, host=store1, component=soap")
	// Words that are no host.
	f(`May 02 13:47:50 EDT prog[1]: started`, "time=2026-05-02T17:47:50Z, !host, program=prog, pid=1")
	f(`Oct 26 18:00:50 MSK prog[1]: started`, "time=15:00:50, !host, program=prog")
	f(`Oct 26 18:00:50 EST prog[1]: the zone would bring it after its arrival`, "time=18:00:50, !host, program=prog, !time_source")
	f(`Oct 26 18:00:50 --- last message repeated 3 times ---`, "time=18:00:50, !host, !program, repeat=3")
	f(`Oct 26 18:00:50 mx1 --- last message repeated 12 times ---`, "time=18:00:50, host=mx1, !program, repeat=12")
	f(`<13>Oct 26 18:00:50 last message repeated 2 times`, "time=18:00:50, !host, repeat=2")
	f(`Oct 26 18:00:50 sogod [1237]: [WARN] entry already exists`, "time=18:00:50, !host, program=sogod, pid=1237")
	f(`Oct 26 18:00:50 mx1 sogod [1237]: [WARN] entry already exists`, "time=18:00:50, host=mx1, program=sogod, pid=1237")
	f(`Oct 26 18:00:50 ERROR com.example.Foo: x`, "time=18:00:50, !host, !program, level=error")
	// Dialects.
	removed := "time=18:00:50, host=mx1, program=postfix/qmgr, pid=1, queue_id=4A1B2C3D4E7, !format, service_name=postfix, level=info"
	for _, header := range [...]string{
		"Oct 26 2026 18:00:50 mx1", "2026 Oct 26 18:00:50 mx1", "Oct 26 18:00:50 2026 mx1", "<22>Oct 26 2026 18:00:50 mx1",
		"Oct 26 18:00:50 mx1 mail.info", "Oct 26 18:00:50 mail.info mx1", "Oct 26 18:00:50 <mail.info> mx1", "Oct 26 18:00:50 <2.6> mx1",
		"окт 26 18:00:50 mx1", "Okt 26 18:00:50 mx1", "oct. 26 18:00:50 mx1", "oct 26 18:00:50 mx1", "ott 26 18:00:50 mx1",
		"2026-10-26 18:00:50 mx1", "2026-10-26 21:00:50 +0300 mx1", "2026-10-26 18:00:50Z mx1", "Oct 26 18:00:50 UTC mx1", "Oct 26 21:00:50 +0300 mx1",
	} {
		f(header+" postfix/qmgr[1]: 4A1B2C3D4E7: removed", removed)
	}
	f(`Oct 26 18:00:50.123 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed`, "time=18:00:50.123, host=mx1, !format")
	f(`2026-10-26 18:00:50.123 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed`, "time=18:00:50.123, host=mx1, !format")
	f(`Oct 26 2026 18:00:50.5 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed`, "time=18:00:50.5, host=mx1, !format")
	f(`1 2026-10-26T18:00:50Z mx1 postfix/qmgr 1 - - 4A1B2C3D4E7: removed`, "time=18:00:50, host=mx1, pid=1, !format")
	f(`2026-10-26T18:00:50Z mx1 postfix/qmgr 1 - [a b="c"] 4A1B2C3D4E7: removed`, "time=18:00:50, host=mx1, pid=1, !format")
	f(`Oct 26 18:00:50 mx1 auth.notice sshd[2]: Failed password for root from 192.0.2.7 port 5 ssh2`, "time=18:00:50, host=mx1, program=sshd, user=root, outcome=failure")
	f(`dic 31 23:59:59 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed`, "time=2025-12-31T23:59:59Z, host=mx1, !format")
	f(`févr. 3 18:00:50 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed`, "time=2026-02-03T18:00:50Z, host=mx1, !format")
}

// TestFaultsJournalCopy: lines of the journal that have lost their time.
func TestFaultsJournalCopy(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, "/var/log/nginx.txt", "UTC", input, want...)
	}
	f(`web-2 nginx[984]: 2026/10/26 18:00:50 [error] 984#984: *13 open() "/srv/y" failed (2: No such file or directory), client: 2001:db8::7, server: _, request: "GET /y HTTP/1.1"`,
		"time=18:00:50, level=error, client_ip=2001:db8::7, host=web-2, path=/y")
	f(`nginx[984]: 2026/10/26 18:00:51 [warn] 984#984: *13 x, client: 192.0.2.7, server: _`, "time=18:00:51, level=warn, client_ip=192.0.2.7, !host")
}

// TestFaultsLevelIsNoHost: behind an RFC 3339 time stands a level, not a host.
func TestFaultsLevelIsNoHost(t *testing.T) {
	f := func(path, input string, want ...string) {
		t.Helper()
		checkLines(t, path, "UTC", input, want...)
	}
	for _, path := range [...]string{podPath, "/srv/app/out.txt"} {
		f(path, `2026-10-26T18:00:50.123Z ERROR com.example.Bar: disk gone`, "is=text, time=18:00:50.123, level=error, component=com.example.Bar, error=disk gone, !host")
		f(path, `2026-10-26T18:00:50.123+00:00 warn Backend[12]: slow answer`, "is=text, time=18:00:50.123, level=warn, component=Backend, !host")
		f(path, `2026-10-26T18:00:50.123Z INFO ready`, "is=text, time=18:00:50.123, level=info, !component, !host")
		f(path, `2026-10-26T18:00:50.123456Z  INFO shop::server: listening`, "is=text, time=18:00:50.123456, level=info, component=shop::server, !host")
		f(path, `2026-10-26T18:00:50.123Z [FATAL] Store: gone`, "is=text, level=fatal, component=Store, error=gone, !host")
		f(path, `2026-10-26T18:00:50.123Z Debug store: x`, "is=text, level=debug, component=store, !host")
	}
	f(podPath, `2026-10-26T18:00:50.3Z stdout F 2026-10-26T18:00:50.123Z ERROR com.example.Bar: disk gone`,
		"time=18:00:50.123, level=error, component=com.example.Bar, service_name=web, job=container, stream=stdout, !host")
	f(podPath, `{"log":"2026-10-26T18:00:50.123Z trace a.b: x\n","stream":"stderr","time":"2026-10-26T18:00:50.3Z"}`,
		"time=18:00:50.123, level=trace, component=a.b, service_name=web, job=container, stream=stderr, !host")
}

// TestFaultsOtherJava: log4j's time and levels are not Zimbra's alone.
func TestFaultsOtherJava(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		checkLines(t, podPath, "UTC", line, want+", is=text, log=other, service_name=unknown")
		checkLines(t, "/srv/app/out.txt", "UTC", line, want+", is=text, log=other, service_name=unknown")
		checkLines(t, podPath, "UTC", "2026-10-26T18:00:50.4Z stdout F "+line, want+", is=text, job=container, service_name=web")
		checkLines(t, podPath, "UTC", `{"log":"`+line+`\n","stream":"stdout","time":"2026-10-26T18:00:50.4Z"}`, want+", is=text, job=container, service_name=web")
	}
	f(`2026-10-26 18:00:50,357 WARN  [org.example.audit] (executor-thread-7) type=LOGOUT`, "time=18:00:50.357, level=warn, component=org.example.audit, thread=executor-thread-7")
	f(`2026-10-26 18:00:50,357 INFO  [io.quarkus] (main) started`, "level=info, component=io.quarkus, thread=main")
	f(`2026-10-26 18:00:50,357 ERROR [http-nio-8080-exec-4] com.example.Shop - order lost`, "level=error, component=com.example.Shop, thread=http-nio-8080-exec-4, error=order lost")
	f(`2026-10-26 18:00:50,357 ERROR [main] [com.example.Shop] order lost`, "level=error, component=com.example.Shop, thread=main, error=order lost")
	f(`2026-10-26 18:00:50,357 ERROR [ApiHandler-9] [cid=24;] no such order`, "level=error, thread=ApiHandler-9, error=no such order")
	// Zimbra's own stay what they are.
	checkLines(t, podPath, "UTC", `2026-10-26T18:00:50.4Z stdout F 2026-10-26 18:00:50,357 WARN  [main] [name=anna@example.com;] soap - slow`,
		"is=mailbox, service_name=zimbra-mailbox, component=soap, user=anna@example.com")
	checkLines(t, "/opt/zimbra/log/mailbox.log", "UTC", `2026-10-26 18:00:50,357 WARN  [main] com.example.Ext - slow`, "is=mailbox, service_name=zimbra-mailbox")
}

// TestFaultsContainerClock: the time of a container's runtime is exact and has a
// zone; a time without one inside of the line only adds to it.
func TestFaultsContainerClock(t *testing.T) {
	for _, zone := range [...]string{"Europe/Moscow", "America/New_York", "UTC", "Asia/Kathmandu"} {
		f := func(line, want string) {
			t.Helper()
			checkLines(t, podPath, zone, line, want+", !time_source")
		}
		for _, inner := range [...]string{
			`[2026/10/26 18:00:50] [ info] [input] started`, `{\"time\":\"2026-10-26 18:00:50\",\"level\":\"info\",\"msg\":\"x\"}`,
			`{\"ts\":\"2026-10-26T18:00:50\",\"level\":\"info\"}`, `time=\"2026-10-26 18:00:50\" level=info msg=\"x\"`, `ts=2026-10-26T18:00:50 level=info msg=x`,
			`2026-10-26 18:00:50 INFO x`, `2026-10-26 23:45:50 INFO of a container in Asia/Kathmandu`, `2026-10-26 11:00:50 INFO in Los Angeles`,
		} {
			f(`{"log":"`+inner+`\n","stream":"stdout","time":"2026-10-26T18:00:50.220731Z"}`, "time=18:00:50, level=info")
		}
		f(`2026-10-26T18:00:50.220731000Z stdout F 2026-10-26 18:00:50,200 INFO  [main] [a.b.C] x`, "time=18:00:50.2, level=info")
		f(`2026-10-26T18:00:50.220731000Z stdout F 2026-10-26 18:00:50.210  INFO 1 --- [main] a.b.C : x`, "time=18:00:50.21, level=info")
		f(`2026-10-26T18:00:50.220731000Z stdout F {"time":"2026-10-26 18:00:50.123","level":"error","msg":"x"}`, "time=18:00:50.123, level=error")
		// Of another time altogether: the runtime knows better.
		f(`2026-10-26T18:00:50.220731000Z stdout F 2025-01-02 03:04:05 INFO old news`, "time=18:00:50.220731, level=info")
		// With a zone of its own it is the program's.
		f(`2026-10-26T18:00:50.220731000Z stdout F 2026-10-26T17:50:00Z INFO x`, "time=17:50:00")
	}
}

// TestFaultsCompose: what docker compose prints before each line.
func TestFaultsCompose(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, podPath, "UTC", input, want...)
	}
	f(`nginx_1  | 198.51.100.20 - - [26/Oct/2026:18:00:50 +0000] "GET / HTTP/1.1" 200 47 "-" "curl/8.5.0"`, "time=18:00:50, client_ip=198.51.100.20, status=200, container=nginx, !oip")
	f(`web-12  | 2001:db8::7 - - [26/Oct/2026:18:00:50 +0000] "GET / HTTP/1.1" 200 47 "-" "curl/8.5.0"`, "time=18:00:50, client_ip=2001:db8::7, container=web, !oip")
	f("\x1b[36mcaddy  |\x1b[0m {\"level\":\"error\",\"ts\":1793037650.5,\"msg\":\"bind failed\"}", "time=18:00:50.5, level=error, container=caddy, error=bind failed")
	f("\x1b[33;1mmta-1    | \x1b[0mOct 26 18:00:50 mx1 postfix/qmgr[1]: 4A1B2C3D4E7: removed", "time=18:00:50, host=mx1, container=mta, !format")
	f("mailbox-1  | 2026-10-26 18:00:50,123 ERROR [qtp1-2] [name=anna@example.com;ip=192.0.2.7;] soap - slow\nnginx-1    | 198.51.100.20 - - [26/Oct/2026:18:00:50 +0000] \"GET / HTTP/1.1\" 200 47 \"-\" \"curl/8.5.0\"\n"+
		"mailbox-1  | java.io.IOException: gone\nmailbox-1  | \tat a.B.c(B.java:1)\nmailbox-1  | \nmailbox-1  |\nmailbox-1  | 2026-10-26 18:00:51,123 INFO  [qtp1-2] [] soap - x",
		"time=18:00:50.123, level=error, component=soap, user=anna@example.com, client_ip=192.0.2.7, container=mailbox, lines=5, exception=java.io.IOException",
		"container=mailbox, time=18:00:51.123", "container=nginx, client_ip=198.51.100.20")
	// No prefix.
	f(`INFO  | 2026-10-26 18:00:50 x`, "!container")
	f(`id | name`, "!container")
	f(`id  | name`, "container=id")
}

// TestFaultsJournalJSON: a line that journalctl -o json has written.
func TestFaultsJournalJSON(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, "/var/log/journal.json", "Europe/Moscow", input, want...)
	}
	f(`{"__REALTIME_TIMESTAMP":"1793037650221374","PRIORITY":"4","_HOSTNAME":"mx2","SYSLOG_IDENTIFIER":"postfix/smtpd","_PID":"185","MESSAGE":"NOQUEUE: reject: CONNECT from unknown[192.0.2.8]: 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.8]; proto=SMTP"}`,
		"time=18:00:50.221374, level=warn, host=mx2, program=postfix/smtpd, pid=185, action=reject, outcome=rejected, client_ip=192.0.2.8, dsn=4.7.25")
	f(`{"MESSAGE":"Failed password for root from 192.0.2.7 port 5 ssh2","_SOURCE_REALTIME_TIMESTAMP":"1","__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1793037650221373","_BOOT_ID":"0","SYSLOG_FACILITY":"10","SYSLOG_IDENTIFIER":"sshd","_HOSTNAME":"mx1","PRIORITY":"6","UNIT":["a","b"]}`,
		"time=18:00:50.221373, host=mx1, program=sshd, user=root, action=Auth, outcome=failure")
	f(`{"MESSAGE":[52,65,49,66,50,67,51,68,52,69,55,58,32,114,101,109,111,118,101,100],"__REALTIME_TIMESTAMP":"1793037650221373","SYSLOG_IDENTIFIER":"postfix/qmgr","_HOSTNAME":"mx1","PRIORITY":"6"}`,
		"time=18:00:50.221373, host=mx1, !format, queue_id=4A1B2C3D4E7")
	f(`{"MESSAGE":"x","level":"warn","time":"2026-10-26T18:00:50Z"}`, "is=json, level=warn")
}

// TestFaultsOTLPFile: a line of the collector's file exporter is as many
// entries as it has records.
func TestFaultsOTLPFile(t *testing.T) {
	f := func(input string, want ...string) {
		t.Helper()
		checkLines(t, podPath, "UTC", input, want...)
	}
	f(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.name","value":{"stringValue":"n1"}}]},"scopeLogs":[{"scope":{"name":"a.b"},"logRecords":[`+
		`{"timeUnixNano":"1793037650221373000","severityText":"ERROR","body":{"stringValue":"disk full"},"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"},`+
		`{"observedTimeUnixNano":1793037651000000000,"severityNumber":13,"severityText":"Warning","body":{"kvlistValue":{"values":[{"key":"msg","value":{"stringValue":"slow"}},{"key":"n","value":{"intValue":"7"}}]}},"traceId":"","spanId":"0000000000000000"}]}]},`+
		`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1793037652000000000","severityText":"INFO","body":{"stringValue":"ready"}}]}]}]}`,
		"time=18:00:50.221373, level=error, service_name=shop, host=n1, scope_name=a.b, trace_id=4bf92f3577b34da6a3ce929d0e0e4736, span_id=00f067aa0ba902b7, error=disk full, line=disk full, !format",
		"time=18:00:51, level=warn, service_name=shop, !trace_id, !span_id, !error, line={\"msg\":\"slow\",\"n\":7}",
		"time=18:00:52, level=info, service_name=cart, !error, !trace_id, line=ready")
	f(`{"resourceLogs":[]}`, "is=json")
	f(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"FATAL","body":{"stringValue":"x"}}]}]}]`, "is=unparsed")
}
