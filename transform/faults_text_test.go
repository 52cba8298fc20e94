package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// textEntries reads the lines of input as a file and tells of each entry its
// metadata, its labels, its format ("format_name") and its time ("time").
func textEntries(t *testing.T, path, zone, input string) (out []map[string]string) {
	t.Helper()
	var b chunk.Builder
	for line := range strings.SplitSeq(input, "\n") {
		b.Record(time.Date(2026, 10, 26, 18, 30, 0, 0, time.UTC).UnixNano(), "log", line, "path", path)
	}
	tr := New(Options{Location: testtime.Location(t, zone), NoMails: true})
	transformChunk(tr, "test", b.Bytes(), func(e *entry.Entry) {
		m := metaOf(e)
		for _, p := range e.Labels.Pairs {
			m[p.Name] = p.Value
		}
		m["format_name"] = e.Format
		m["time"] = time.Unix(0, e.Time).UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
		out = append(out, m)
	})
	return out
}

// checkTextEntries compares entries with what is wanted of each: "key=value"
// after "; ", "!key" for a key that must not be there.
func checkTextEntries(t *testing.T, path, zone, input string, want ...string) {
	t.Helper()
	got := textEntries(t, path, zone, input)
	if len(got) != len(want) {
		t.Errorf("%q: %d entries, want %d", input, len(got), len(want))
		return
	}
	lines := strings.Split(input, "\n")
	for i, m := range got {
		for w := range strings.SplitSeq(want[i], "; ") {
			if key, ok := strings.CutPrefix(w, "!"); ok {
				if v, has := m[key]; has {
					t.Errorf("%q: %s=%q, want none", lines[min(i, len(lines)-1)], key, v)
				}
				continue
			}
			key, v, _ := strings.Cut(w, "=")
			if m[key] != v {
				t.Errorf("%q: %s=%q, want %q", lines[min(i, len(lines)-1)], key, m[key], v)
			}
		}
	}
}

// TestTextPrograms: lines of web servers, databases, Java, JSON and logfmt, and
// of programs of the host, each kind with its variations.
func TestTextPrograms(t *testing.T) {
	const at = "time=2026-10-26T18:00:50Z"
	pod := "/var/log/pods/shop_web_1/web/0.log"
	f := func(path, input string, want ...string) {
		t.Helper()
		checkTextEntries(t, path, "UTC", input, want...)
	}

	// Access logs with more fields than the usual.
	access := func(client, tail string) string {
		return client + ` [26/Oct/2026:18:00:50 +0000] "GET /a HTTP/1.1" 200 47 ` + tail
	}
	nginxLog := "/opt/zimbra/log/nginx.access.log"
	f(nginxLog, access("192.0.2.1 - -", `"https://example.com/" "curl/8.5.0" "198.51.100.7"`),
		at+"; user_agent=curl/8.5.0; client_ip=198.51.100.7; ip=192.0.2.1; referer=https://example.com/; !oip; log=nginx.access; service_name=zimbra-proxy")
	f(nginxLog, access("192.0.2.1 - anna", `"-" "curl/8.5.0" "-"`), "user_agent=curl/8.5.0; client_ip=192.0.2.1; user=anna; !ip; !referer; !oip")
	f(nginxLog, access("2001:db8::1 - -", `"-" "Mozilla/5.0 (X11)" "2001:DB8::7, 192.0.2.9"`), "user_agent=Mozilla/5.0 (X11); client_ip=2001:db8::7; ip=2001:db8::1; oip=2001:DB8::7, 192.0.2.9")
	f(nginxLog, access("192.0.2.1 - -", `"-" "-" "198.51.100.7" "www.example.com"`), "!user_agent; client_ip=198.51.100.7")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" "unknown" "0.004"`), "user_agent=curl/8.5.0; client_ip=192.0.2.1; !ip")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" "198.51.100.7" 0.250 0.249`), "user_agent=curl/8.5.0; client_ip=198.51.100.7; duration_ms=250")
	f("/opt/zimbra/log/access_log.2026-10-26", access("192.0.2.1 - -", `"-" "a" "198.51.100.7" 12`), `user_agent=a" "198.51.100.7; client_ip=192.0.2.1; duration_ms=12; log=access_log; service_name=zimbra-mailbox`)
	f("/var/log/nginx/access.log", access("192.0.2.1 - -", `"-" "curl/8.5.0"`), "log=nginx.access; service_name=nginx")

	// Seconds and milliseconds.
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" 0.012`), "duration_ms=12; user_agent=curl/8.5.0")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" 31.500`), "duration_ms=31500")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" 12`), "duration_ms=12")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" 1234 0.012 [web-80] 192.0.2.5:80`), "duration_ms=12; user_agent=curl/8.5.0")
	f(nginxLog, access("192.0.2.1 - -", `"-" "curl/8.5.0" rt=0.5 uct="0.001" urt="0.4"`), "duration_ms=500; user_agent=curl/8.5.0")

	// nginx: STARTTLS, password files, limits.
	nginx := func(text string) string { return "2026/10/26 18:00:50 [error] 7#0: *66 " + text }
	f("/opt/zimbra/log/nginx.log", strings.Join([]string{
		nginx(`client login failed: "x" while in http auth state, client: 198.51.100.7 using starttls, server: 0.0.0.0:143, login: "anna@example.com"`),
		nginx(`upstream timed out (110: Connection timed out) while proxying, client: [2001:db8::7]:40122 using starttls, server: [::]:110`),
		nginx(`user "anna": password mismatch, client: 192.0.2.10, server: www.example.com, request: "GET / HTTP/1.1"`),
		nginx(`user "bob" was not found in "/etc/nginx/users", client: 2001:db8::10, server: www.example.com, request: "GET / HTTP/1.1"`),
		nginx(`limiting requests, excess: 5.4 by zone "one", client: 192.0.2.10, server: www.example.com, request: "GET / HTTP/1.1"`),
		nginx(`limiting connections by zone "addr", client: 192.0.2.10, server: www.example.com, request: "GET / HTTP/1.1"`),
		nginx(`limiting requests, dry run, excess: 5.4 by zone "one", client: 192.0.2.10, server: www.example.com, request: "GET / HTTP/1.1"`),
		nginx(`access forbidden by rule, client: 2001:db8::10, server: www.example.com, request: "GET / HTTP/1.1"`),
	}, "\n"),
		"action=Auth; outcome=failure; client_ip=198.51.100.7; tls=true; user=anna@example.com; protocol=imap",
		"client_ip=2001:db8::7; port=40122; tls=true",
		"action=Auth; outcome=failure; user=anna; client_ip=192.0.2.10",
		"action=Auth; outcome=failure; user=bob; client_ip=2001:db8::10",
		"outcome=rejected; client_ip=192.0.2.10",
		"outcome=rejected",
		"!outcome",
		"outcome=rejected; client_ip=2001:db8::10")

	// nginx by syslog.
	f("/var/log/zimbra.log", strings.Join([]string{
		`<187>Oct 26 18:00:50 proxy1 nginx: 2026/10/26 18:00:50 [error] 7#0: *9 open() "/srv/x" failed (2: No such file or directory), client: 2001:db8::17a, server: www.example.com, request: "GET /x HTTP/1.1", host: "www.example.com"`,
		`<190>Oct 26 18:00:50 proxy1 nginx: 192.0.2.7 - - [26/Oct/2026:18:00:50 +0000] "GET /x HTTP/1.1" 404 47 "-" "curl/8.5.0"`,
		`2026-10-26T18:00:50.250000+00:00 proxy1 zimbra-nginx[12]: 2026/10/26 18:00:50 [info] 7#0: *77 client login failed: "LOGIN failed" while in http auth state, client: 198.51.100.7, server: 0.0.0.0:993, login: "bob@example.com"`,
		`Oct 26 18:00:50 app1 shop[7]: level=error msg="could not store" err="disk full" user=anna@example.com`,
	}, "\n"),
		at+"; level=error; client_ip=2001:db8::17a; method=GET; path=/x; http_host=www.example.com; host=proxy1",
		at+"; client_ip=192.0.2.7; status=404; method=GET; path=/x; user_agent=curl/8.5.0; host=proxy1",
		"time=2026-10-26T18:00:50.25Z; action=Auth; outcome=failure; user=bob@example.com; client_ip=198.51.100.7; protocol=imap; host=proxy1",
		at+"; level=error; error=disk full; user=anna@example.com; host=app1; program=shop")

	// Placeholders of JSON.
	for _, none := range []string{"-", "--", "---", "null", "NULL", "undefined", "None", "N/A", "n/a", "nil", "<nil>", "(null)", "[none]", "unknown", "not available", ""} {
		f(pod, fmt.Sprintf(`{"time":"2026-10-26T18:00:50Z","level":"info","msg":"x","user":%q,"userAgent":%[1]q,"remoteAddr":%[1]q,"user_id":%[1]q,"request_id":%[1]q,"trace_id":%[1]q}`, none),
			at+"; !user; !user_agent; !client_ip; !user_id; !request_id; !trace_id")
	}
	f(pod, `{"time":"2026-10-26T18:00:50Z","msg":"x","trace_id":"00000000000000000000000000000000","span_id":"0000000000000000","error":"null","user":"-","login":"anna"}`, "!trace_id; !span_id; !error; user=anna; level=")
	f(pod, `{"level":"info","ts":1793037650,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.7","client_ip":"198.51.100.7","method":"GET","uri":"/a?token=x"},"duration":0.012,"status":502}`,
		at+"; client_ip=198.51.100.7; method=GET; path=/a; status=502; duration_ms=12")
	f(pod, `{"time":"2026-10-26T18:00:50Z","level":"info","msg":"x","method":"fast","status":"200"}`, "!method; !status")
	for _, name := range []string{"nullarbor", "nonesuch", "undefined@example.com", "-x", "000000", "unknown-7"} {
		f(pod, fmt.Sprintf(`{"time":"2026-10-26T18:00:50Z","level":"info","msg":"x","user":%q}`, name), "user="+name)
	}
}

// TestLogfmt: the keys of a line in logfmt are read, not only its level.
func TestLogfmt(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		checkTextEntries(t, "/var/log/app.log", "UTC", line, want)
	}
	f(`time="2026-10-26T18:00:50.220731Z" level=error msg="could not store order 7" error="disk full" trace_id=4bf92f3577b34da6a3ce929d0e0e4736 user=anna@example.com duration=12ms`,
		"time=2026-10-26T18:00:50.220731Z; level=error; error=disk full; trace_id=4bf92f3577b34da6a3ce929d0e0e4736; user=anna@example.com; duration_ms=12")
	f(`ts=2026-10-26T18:00:50.22Z caller=main.go:77 level=error component=store msg="flush failed" err="context deadline exceeded"`,
		"time=2026-10-26T18:00:50.22Z; level=error; component=store; error=context deadline exceeded")
	f(`time="2026-10-26T18:00:50Z" level=fatal msg="cannot listen: \"80\" is taken" duration=1.5s`, `level=fatal; error=cannot listen: "80" is taken; duration_ms=1500`)
	f(`level=warn msg="slow" took=250µs user=- logger=a.b`, "level=warn; !error; duration_ms=0.25; !user; component=a.b")
	f(`level=info msg=done duration=12`, "level=info; !duration_ms; !error")
	f(`t=2026-10-26T18:00:50+0000 lvl=eror msg="x y" logger=alerting error="a=b c"`, "time=2026-10-26T18:00:50Z; level=error; error=a=b c; component=alerting")
}

// TestTextLead: level, thread and logger of a text line are no part of its error.
func TestTextLead(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		checkTextEntries(t, "/var/log/app.log", "UTC", line, want)
	}
	f("2026-10-26 18:00:50,156 ERROR [ApiHandler-8] [cid=23;] authentication failed", "level=error; error=authentication failed")
	f("2026-10-26 18:00:50,156 ERROR [ApiHandler-8] [cid=23;] failed for anna - at last", "level=error; error=failed for anna - at last; !component")
	f("ERROR [WorkerPool-3] Database connection lost", "level=error; error=Database connection lost; thread=WorkerPool-3")
	f("2026-10-26T18:00:50.856Z\terror\tinternal/sender.go:128\tExporting failed.", "time=2026-10-26T18:00:50.856Z; level=error; error=Exporting failed.")
	f("2026-10-26T18:00:50.856Z\tERROR\tstore.blob\tinternal/sender.go:128\tExporting failed.\t{\"error\":\"gone\"}", "level=error; error=gone; component=store.blob")
	for word, level := range map[string]string{"debug": "debug", "info": "info", "warn": "warn", "error": "error", "fatal": "fatal", "dpanic": "fatal", "panic": "fatal"} {
		f("2026-10-26T18:00:50.856Z\t"+word+"\tmain.go:1\tx", "level="+level)
	}
	f("[2026-10-26 18:00:50.219][example::api::identity][ERROR] Username or password is incorrect. Try again. IP: 192.0.2.7. Username: anna@example.com.",
		"time=2026-10-26T18:00:50.219Z; level=error; component=example::api::identity; user=anna@example.com; client_ip=192.0.2.7; action=Auth; outcome=failure")
	f("[2026-10-26 18:00:50.219][x::y][WARN] Invalid token. IP: 2001:db8::7. Username: bob.", "level=warn; component=x::y; user=bob; client_ip=2001:db8::7")
	f("[] ERROR: Error", "level=error; error=Error")
	f("[name=zimbra;] WARN: zimlet is old", "level=warn; !error")
	f("[] INFO: Deployed", "level=info")
	f("[ERROR][app.db:42] no connection", "level=error; component=app.db; error=no connection")
	f("[error] [app.db:42] no connection", "level=error; component=app.db; error=no connection")
	f("2026-10-26 18:00:50 - app.db - ERROR - failed", "level=error; component=app.db; error=failed")
	f("2026-10-26T18:00:50.242Z ERROR 1 --- [app] [main] o.e.App : failed: x", "level=error; component=o.e.App; thread=main; error=failed: x")
	f("[2026-10-26 18:00:50] ERROR [io.quarkus] (main) failed", "level=error; component=io.quarkus; thread=main; error=failed")
	f("2026-10-26 18:00:50:ERROR:certbot._internal.log:Some challenges have failed.", "level=error; component=certbot._internal.log; error=Some challenges have failed.")
	f("2026-10-26 18:00:50 WARN  [org.keycloak.events] (executor-thread-31) type=\"LOGIN_ERROR\", realmId=\"r\", userId=\"null\", ipAddress=\"2001:db8::7\", error=\"user_not_found\", username=\"anna\"",
		"level=warn; action=Auth; outcome=failure; user=anna; client_ip=2001:db8::7; !user_id; error=user_not_found; component=org.keycloak.events")
	f("2026-10-26 18:00:50 DEBUG [org.keycloak.events] (executor-thread-31) type=LOGIN, realmId=r, userId=17, ipAddress=192.0.2.7, username=anna",
		"level=debug; action=Auth; outcome=success; user=anna; client_ip=192.0.2.7; user_id=17; !error")
	f("ERROR:root:disk is full", "level=error; error=disk is full")
	f("E1026 18:00:50.242424   12 server.go:42] failed", "level=error; error=failed")
	f("2026-10-26 18:00:50 error opening the file", "!level")
	f("2026-10-26 18:00:50 ERROR [see above] failed", "level=error; error=[see above] failed")
	f(`Exception in thread "main" java.lang.OutOfMemoryError: Java heap space`, "level=error; exception=java.lang.OutOfMemoryError; error=Java heap space")
	f(`Exception in thread "qtp1-2 x" java.lang.IllegalStateException`, "level=error; exception=java.lang.IllegalStateException; error=java.lang.IllegalStateException")
	checkTextEntries(t, "/opt/zimbra/log/zmmailboxd.out", "UTC", `Exception in thread "Timer-1" java.lang.NullPointerException: null`, "level=error; log=zmmailboxd.out; service_name=zimbra-mailbox")
}

// TestMySQLErrorLog: every form of the time, service and log by the path.
func TestMySQLErrorLog(t *testing.T) {
	f := func(path, line, want string) {
		t.Helper()
		checkTextEntries(t, path, "UTC", line, want+"; log=mysql_error")
	}
	const path = "/opt/zimbra/log/mysql_error.log"
	f(path, "2026-10-26  5:13:12 8 [Warning] Access denied for user 'zimbra'@'2001:db8::7' (using password: YES)",
		"time=2026-10-26T05:13:12Z; level=warn; action=Auth; outcome=failure; user=zimbra; client_ip=2001:db8::7; service_name=zimbra-mysql")
	f(path, "2026-10-26 15:13:12 8 [Warning] Access denied for user 'root'@'localhost' (using password: NO)", "user=root; !client_ip; client_host=localhost")
	f(path, "261026  5:13:12 [Note] /opt/zimbra/common/sbin/mysqld: ready for connections.", "time=2026-10-26T05:13:12Z; level=info; service_name=zimbra-mysql")
	f("/opt/zextras/log/mysql_error.log", "261026 15:13:12 mysqld_safe Starting mysqld daemon", "time=2026-10-26T15:13:12Z; service_name=carbonio-mysql")
	f(path, "261026 15:13:12  InnoDB: The InnoDB memory heap is disabled", "time=2026-10-26T15:13:12Z; level=info")
	f(path, "2026-10-26T15:13:12.835618Z 0 [ERROR] [MY-012487] [InnoDB] no space", "time=2026-10-26T15:13:12.835618Z; level=error; error=no space; component=InnoDB")
	f(path, "InnoDB: Doing recovery: scanned up to log sequence number 1", "level=info; service_name=zimbra-mysql")
	f(path, "2026-10-26 15:13:12 0 [Note] InnoDB: Starting shutdown...", "time=2026-10-26T15:13:12Z; level=info; component=InnoDB")
}

// TestGCLog: the collector's lines with a time alone, with all decorations and
// as before Java 9.
func TestGCLog(t *testing.T) {
	const path, stamp = "/opt/zimbra/log/gc.log", "2026-10-26T18:00:50.123+0000"
	f := func(line, want string) {
		t.Helper()
		checkTextEntries(t, path, "UTC", line, want+"; time=2026-10-26T18:00:50.123Z; level=info; log=gc; service_name=zimbra-mailbox")
	}
	f("["+stamp+"] GC(12) Pause Full (G1 Compaction Pause) 2000M->1900M(2048M) 4523.100ms", "component=gc; duration_ms=4523.1")
	f("["+stamp+"] GC(3) Pause Remark 30M->30M(100M) 1.234ms", "component=gc; duration_ms=1.234")
	f("["+stamp+"] Using G1", "component=gc; !duration_ms")
	f("["+stamp+"][18.406s][info][gc] GC(1012) Pause Young (Normal) (G1 Evacuation Pause) 38M->19M(46M) 1.815ms", "component=gc; duration_ms=1.815")
	f("["+stamp+"][info][gc] GC(2) Concurrent Mark Cycle", "component=gc; !duration_ms")
	f(stamp+": 12.345: [GC (Allocation Failure) "+stamp+": 12.345: [ParNew: 78656K->8703K(78656K), 0.0123456 secs] 100000K->30000K(200000K), 0.0124000 secs] [Times: user=0.04 sys=0.00, real=0.01 secs]", "component=gc; duration_ms=12.4")
	f(stamp+": 12.345: [Full GC (Ergonomics) 100K->30K(200K), 1.5 secs] [Times: user=0.04 sys=0.00, real=1.50 secs]", "component=gc; duration_ms=1500")
	f(stamp+": 12.345: Total time for which application threads were stopped: 0.0012345 seconds, Stopping threads took: 0.0000123 seconds", "component=gc; duration_ms=1.2345")
	f("["+stamp+"] Total time for which application threads were stopped: 0.5 seconds, Stopping threads took: 0.0000123 seconds", "component=gc; duration_ms=500")
	f("["+stamp+"] Safepoint \"G1CollectForAllocation\", Time since last: 5 ns, Reaching safepoint: 6 ns, At safepoint: 7 ns, Total: 1250000 ns", "component=gc; duration_ms=1.25")
}

// TestHostLogins: who could not log in to the host, in the words of sshd, PAM
// and su.
func TestHostLogins(t *testing.T) {
	f := func(message, want string) {
		t.Helper()
		checkTextEntries(t, "/var/log/auth.log", "UTC", "Oct 26 18:00:50 mx1 "+message, want)
	}
	failed := "action=Auth; outcome=failure; level=warn; "
	f("sshd[5]: Invalid user oracle from 192.0.2.100 port 48856", failed+"user=oracle; client_ip=192.0.2.100; port=48856; protocol=ssh")
	f("sshd[5]: Invalid user  from 2001:db8::7 port 48856", failed+"!user; client_ip=2001:db8::7")
	f("sshd[5]: Invalid user a from b from 192.0.2.100", failed+"user=a from b; client_ip=192.0.2.100")
	f("sshd[5]: error: PAM: Authentication failure for illegal user oracle from 192.0.2.100", "action=Auth; outcome=failure; level=error; user=oracle; client_ip=192.0.2.100; error=Authentication failure")
	f("sshd[5]: error: PAM: Authentication failure for root from 2001:db8::7", "action=Auth; outcome=failure; user=root; client_ip=2001:db8::7")
	f("sshd[5]: error: maximum authentication attempts exceeded for invalid user pi from 192.0.2.100 port 5 ssh2 [preauth]", "action=Auth; outcome=failure; user=pi; client_ip=192.0.2.100; port=5")
	f("sshd[5]: Disconnecting authenticating user root 192.0.2.100 port 5: Too many authentication failures [preauth]", failed+"user=root; client_ip=192.0.2.100; port=5; error=Too many authentication failures")
	f("sshd-session[5]: Disconnecting invalid user pi 2001:db8::7 port 5: Too many authentication failures [preauth]", failed+"user=pi; client_ip=2001:db8::7")
	f("sshd[5]: User bob from 192.0.2.100 not allowed because not listed in AllowUsers", failed+"user=bob; client_ip=192.0.2.100")
	f("sshd[5]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.100  user=root", failed+"user=root; client_ip=192.0.2.100; protocol=ssh")
	f("sshd[5]: Failed password for invalid user admin from 2001:db8::7 port 5 ssh2", failed+"user=admin; client_ip=2001:db8::7; mechanism=password")
	f("sshd[5]: Connection closed by authenticating user root 192.0.2.100 port 5 [preauth]", "action=disconnect; user=root; client_ip=192.0.2.100; !outcome")
	f("sshd[5]: Connection closed by 192.0.2.100 port 5 [preauth]", "action=disconnect; !user; client_ip=192.0.2.100")
	f("su[5]: pam_unix(su:auth): authentication failure; logname=anna uid=1000 euid=0 tty=pts/0 ruser=anna rhost=  user=root", failed+"user=root; auth_user=anna; !client_ip; !protocol")
	f("sshd[5]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=host.example.net", failed+"!user; !client_ip; client_host=host.example.net; protocol=ssh")
	f("sshd(pam_unix)[5]: authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.100  user=root", failed+"user=root; client_ip=192.0.2.100")
	f("sudo: pam_unix(sudo:auth): authentication failure; logname=anna uid=1000 euid=0 tty=/dev/pts/0 ruser=anna rhost=  user=anna", failed+"user=anna; !auth_user")
	f("su: FAILED SU (to root) anna on pts/0", failed+"user=root; auth_user=anna")
	f("login[5]: FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", failed+"user=root")
	f("su: (to zimbra) root on none", "action=Auth; outcome=success; user=zimbra; auth_user=root; level=info")
	f("sshd[5]: pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)", "action=session_open; user=anna; !outcome")
	f("kernel: [12.5] Out of memory: Killed process 4100 (java) total-vm:1kB", "level=error; action=oom_kill; target=java")
	f("kernel: mysqld invoked oom-killer: gfp_mask=0x1", "level=warn; action=oom; target=mysqld")
	f("systemd[1]: Failed to start zimbra.service - Zimbra.", "level=error; action=start; outcome=failure; target=zimbra.service")
	f("systemd[1]: zimbra.service: Main process exited, code=killed, status=9/KILL", "level=warn; action=exit; outcome=failure; target=zimbra.service")
	f("logrotate[12]: ALERT exited abnormally with [1]", "level=error; outcome=failure; error=exited abnormally with [1]")
	f("systemd[1]: Started Zimbra.", "level=info; action=start; target=Zimbra; !outcome")
}

// TestZPush: the day stands before the month.
func TestZPush(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		checkTextEntries(t, "/var/log/z-push/z-push.log", "UTC", line, want+"; log=z-push; service_name=z-push")
	}
	f("26/10/2026 18:00:50 [ 1234] [ERROR] [anna@example.com] Zimbra->Logon(): failed", "time=2026-10-26T18:00:50Z; level=error; pid=1234; user=anna@example.com; error=Zimbra->Logon(): failed")
	f("05/04/2026 18:00:50 [12345] [ WARN] [bob] x", "time=2026-04-05T18:00:50Z; level=warn; pid=12345; user=bob; !error")
	f("26/10/2026 18:00:50 [    7] [FATAL] Exception: x", "level=fatal; pid=7; !user; error=Exception: x")
	f("26/10/2026 18:00:50 [    7] [WBXML] [anna] I <Sync>", "level=trace; user=anna")
}
