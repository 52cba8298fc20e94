package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// TestUnknownPrograms: lines of programs that nobody told us of, as the
// documentation of each shows them, get their time and their level.
func TestUnknownPrograms(t *testing.T) {
	const zone = "Europe/Berlin"
	loc := testtime.Location(t, zone)
	local := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	f := func(program, text, level string, at time.Time) {
		t.Helper()
		var b chunk.Builder
		for line := range strings.SplitSeq(text, "\n") {
			b.Record(time.Date(2026, 8, 2, 18, 0, 0, 0, time.UTC).UnixNano(), "log", line, "path", "/var/log/app/other.log")
		}
		n := 0
		transformChunk(New(Options{Location: loc}), "app", b.Bytes(), func(e *entry.Entry) {
			if n++; n > 1 {
				t.Errorf("%s: a second entry %q", program, e.AppendLine(nil))
				return
			}
			if m := metaOf(e); at.IsZero() {
				if m["detected_level"] != level || m["time_source"] != "arrival" || level != "unknown" && e.Format != "text" {
					t.Errorf("%s: %q\n  %s, level %s, time %s; want %s, that of the arrival", program, e.Line, e.Format, m["detected_level"], m["time_source"], level)
				}
			} else if m["detected_level"] != level || e.Time != at.UnixNano() || m["time_source"] != "" {
				t.Errorf("%s: %q\n  %s, level %s, time %s %s; want %s, %s", program, e.Line, e.Format, m["detected_level"],
					time.Unix(0, e.Time).In(loc), m["time_source"], level, at)
			}
		})
	}
	noon, milli, micro := local("2026-08-02 16:49:04"), local("2026-08-02 16:49:04.242"), local("2026-08-02 16:49:04.242424")
	utc := time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC)
	utcMilli, utcMicro := utc.Add(242*time.Millisecond), utc.Add(242424*time.Microsecond)

	f("log4j TTCC", "2026-08-02 16:49:04,242 [main] WARN  org.example.App - slow", "warn", milli)
	f("log4j with a line number", "2026-08-02 16:49:04,242 ERROR org.example.App:42 - failed", "error", milli)
	f("log4j2 default", "16:49:04.242 [main] ERROR org.example.App - failed", "error", milli)
	f("logback", "2026-08-02 16:49:04.242 DEBUG 1 --- [main] o.e.App : x", "debug", milli)
	f("spring boot 3", "2026-08-02T16:49:04.242+02:00  INFO 1 --- [app] [main] o.e.App : Started", "info", milli)
	f("python logging", "2026-08-02 16:49:04,242 - app.db - ERROR - failed", "error", milli)
	f("python basicConfig", "WARNING:root:disk nearly full", "warn", time.Time{})
	f("uvicorn", "INFO:     192.0.2.1:4711 - \"GET / HTTP/1.1\" 200 OK", "info", time.Time{})
	f("gunicorn", "[2026-08-02 16:49:04 +0000] [12] [ERROR] Worker timeout", "error", utc)
	f("glog", "E0802 16:49:04.242424   12 server.go:42] failed", "error", micro)
	f("klog", "W0802 16:49:04.242424       1 reflector.go:324] watch closed", "warn", micro)
	f("zap console", "2026-08-02T16:49:04.242Z\tERROR\tserver/main.go:42\tfailed\t{\"a\": 1}", "error", utcMilli)
	f("logfmt", "time=2026-08-02T16:49:04Z level=error msg=failed", "error", utc)
	f("logrus", "time=\"2026-08-02T16:49:04Z\" level=warning msg=\"slow\"", "warn", utc)
	f("go-kit", "ts=2026-08-02T16:49:04.242Z caller=main.go:1 level=info msg=x", "info", utcMilli)
	f("slog", "time=2026-08-02T16:49:04.242+02:00 level=WARN msg=x", "warn", milli)
	f("logrus on a terminal", "WARN[0042] slow", "warn", time.Time{})
	f("rails", "W, [2026-08-02T16:49:04.242424 #12]  WARN -- : slow", "warn", micro)
	f("apache error", "[Sun Aug 02 16:49:04.242424 2026] [core:error] [pid 12:tid 34] [client 192.0.2.1:4711] AH00037: denied", "error", micro)
	f("apache 2.2 error", "[Sun Aug 02 16:49:04 2026] [warn] slow", "warn", noon)
	f("go log", "2026/08/02 16:49:04 listening", "unknown", noon)
	f("go log, micro, prefix", "2026/08/02 16:49:04.242424 main.go:12: listening", "unknown", micro)
	f("java.util.logging", "Aug 02, 2026 4:49:04 PM org.example.App run\nSEVERE: failed", "error", noon)
	f("java.util.logging of Tomcat", "02-Aug-2026 16:49:04.242 SEVERE [main] org.apache.catalina.core.X failed", "error", milli)
	f("redis", "12:M 02 Aug 2026 16:49:04.242 # WARNING overcommit_memory is set to 0!", "warn", milli)
	f("redis notice", "12:C 02 Aug 2026 16:49:04.242 * Ready", "info", milli)
	f("postgres", "2026-08-02 16:49:04.242 UTC [12] ERROR:  relation \"x\" does not exist", "error", utcMilli)
	f("postgres, local", "2026-08-02 16:49:04.242 CEST [12] FATAL:  password authentication failed", "fatal", milli)
	f("mysql 8", "2026-08-02T16:49:04.242424Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed.", "warn", utcMicro)
	f("mariadb", "2026-08-02 16:49:04 0 [ERROR] InnoDB: failed", "error", noon)
	f("mongodb", `{"t":{"$date":"2026-08-02T16:49:04.242+00:00"},"s":"W","c":"CONTROL","id":22120,"ctx":"main","msg":"Access control is not enabled"}`, "warn", utcMilli)
	f("rabbitmq", "2026-08-02 16:49:04.242424+00:00 [error] <0.1.0> failed", "error", utcMicro)
	f("elasticsearch", "[2026-08-02T16:49:04,242][WARN ][o.e.d.x               ] [node-1] slow", "warn", milli)
	f("elasticsearch json", `{"type":"server","timestamp":"2026-08-02T16:49:04,242Z","level":"WARN","component":"o.e.x","message":"slow"}`, "warn", utcMilli)
	f("haproxy", "[ALERT]    (12) : config : parsing failed", "fatal", time.Time{})
	f("kubelet json", `{"ts":1785689344242.0,"caller":"x.go:1","msg":"failed","err":"x"}`, "error", utcMilli)
	f("cri-o", "time=\"2026-08-02 16:49:04.242424242Z\" level=info msg=x", "info", utc.Add(242424242))
	f("systemd", "Aug 02 16:49:04 host systemd[1]: Started x.", "info", noon)
	f("dmesg", "[    4.242424] usb 1-1: new device", "unknown", time.Time{})
	f("serilog", "[16:49:04 WRN] slow", "warn", noon)
	f("asp.net", "warn: Microsoft.AspNetCore.Server.Kestrel[0]", "warn", time.Time{})
	f("nlog", "2026-08-02 16:49:04.2424|ERROR|App.Program|failed", "error", local("2026-08-02 16:49:04.2424"))
	f("winston", "2026-08-02T16:49:04.242Z error: failed", "error", utcMilli)
	f("bunyan short", "16:49:04.242Z  WARN app: slow", "warn", utcMilli)
	f("monolog", "[2026-08-02T16:49:04.242424+02:00] app.ERROR: failed {\"a\":1} []", "error", micro)
	f("php-fpm", "[02-Aug-2026 16:49:04] NOTICE: ready to handle connections", "info", noon)
	f("php error log", "[02-Aug-2026 16:49:04 UTC] PHP Warning:  Undefined variable", "warn", utc)
	f("squid", "2026/08/02 16:49:04 kid1| WARNING: slow", "warn", noon)
	f("consul", "2026-08-02T16:49:04.242Z [WARN]  agent: slow", "warn", utcMilli)
	f("samba", "[2026/08/02 16:49:04.242424,  0] ../../source3/smbd/server.c:1 (main)", "unknown", micro)
	f("ntfy", "2026/08/02 16:49:04 WARN slow", "warn", noon)
	f("prometheus 3", "time=2026-08-02T16:49:04.242Z level=ERROR source=main.go:1 msg=x", "error", utcMilli)
}
