package envelope

import (
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

type kv = chunk.KV

// unwrapped describes what unwrap finds in a record.
func unwrapped(t *testing.T, k keys, rec kv) string {
	t.Helper()
	r := newReader(k)
	var p Payload
	r.Unwrap(chunk.NewMap(rec...), &p)
	return p.describe()
}

func TestUnwrap(t *testing.T) {
	f := func(rec kv, want ...string) {
		t.Helper()
		got := strings.Split(unwrapped(t, keys{}, rec), "\n  ")
		if !sameSet(got, want) {
			t.Errorf("%q\n got %q\nwant %q", rec, got, want)
		}
	}
	// tail.
	f(kv{"log", "a line"}, "a line")
	f(kv{"log", "a line\n"}, "a line")
	f(kv{"log", "a line\r\n"}, "a line\r")
	f(kv{"log", "a\n\n"}, "a\n")
	f(kv{"log", []byte("bin")}, "bin")
	f(kv{"log", ""}, "")
	f(kv{"log", 5}, "5")
	f(kv{"log", true}, "true")
	f(kv{"log", "x", "path", "/opt/zimbra/log/mailbox.log"}, "x", "path=/opt/zimbra/log/mailbox.log")
	f(kv{"filename", "/opt/zimbra/log/audit.log", "log", "x"}, "x", "path=/opt/zimbra/log/audit.log")
	f(kv{"log", "x", "file", "f.log", "hostname", "mail1"}, "x", "path=f.log", "host=mail1")
	f(kv{"log", "x", "foo", "bar"}, "x")
	f(kv{"log", "first", "log", "second"}, "second")

	// Docker's json-file, parser docker.
	docker := kv{"log", "hi\n", "stream", "stderr", "time", "2025-06-05T08:42:27.1Z"}
	f(docker, "hi", "time=2025-06-05T08:42:27.1Z", "stream=stderr", "is=container")
	f(kv{"log", "hi", "stream", "stdout"}, "hi", "stream=stdout", "is=container")
	f(kv{"log", strings.Repeat("x", 16<<10), "stream", "stdout"}, strings.Repeat("x", 16<<10), "stream=stdout", "is=container", "partial=more")
	f(kv{"log", strings.Repeat("x", 16<<10) + "\n", "stream", "stdout"}, strings.Repeat("x", 16<<10), "stream=stdout", "is=container")
	f(kv{"log", strings.Repeat("x", 16<<10), "stream", "stdout", "logtag", "F"}, strings.Repeat("x", 16<<10), "stream=stdout", "is=container")
	f(kv{"log", "x\n", "stream", "stdout", "attrs", kv{"com.docker.compose.service", "web", "tag", "shop-web-1", "n", 1}},
		"x", "stream=stdout", "is=container", "service=web", "container=shop-web-1")

	// CRI. The multiline parser leaves the first piece's tag at the joined line.
	f(kv{"time", "2025-06-05T08:42:27.1Z", "stream", "stdout", "_p", "F", "log", "x"}, "x", "time=2025-06-05T08:42:27.1Z", "stream=stdout", "is=container")
	f(kv{"time", "2025-06-05T08:42:27.1Z", "stream", "stdout", "_p", "P", "log", "x"}, "x", "time=2025-06-05T08:42:27.1Z", "stream=stdout", "is=container")
	f(kv{"time", "2025-06-05T08:42:27.1Z", "stream", "stdout", "logtag", "P", "message", "x"}, "x", "time=2025-06-05T08:42:27.1Z", "stream=stdout", "is=container", "partial=more")
	f(kv{"stream", "stdout", "logtag", "F:a", "message", "x"}, "x", "stream=stdout", "is=container")

	// Docker's fluentd driver.
	f(kv{"container_id", "ab12", "container_name", "/shop-web-1", "source", "stdout", "log", "x"},
		"x", "stream=stdout", "is=container", "container=shop-web-1", "container_id=ab12", "service=web")
	f(kv{"container_id", "ab12", "container_name", "/x", "com.docker.compose.project", "shop", "com.docker.compose.service", "web-api", "source", "stderr", "log", "x"},
		"x", "stream=stderr", "is=container", "container=x", "container_id=ab12", "service=web-api")
	piece := kv{"container_id", "ab12", "container_name", "/w", "source", "stdout", "log", "x", "partial_message", "true", "partial_id", "p1", "partial_ordinal", "1"}
	with := func(rec kv, more ...any) kv { return append(append(kv{}, rec...), more...) }
	f(with(piece, "partial_last", "false"), "x", "stream=stdout", "is=container", "container=w", "container_id=ab12", "service=w", "partial=more", "partial_id=p1")
	f(with(piece, "partial_last", "true"), "x", "stream=stdout", "is=container", "container=w", "container_id=ab12", "service=w", "partial=last", "partial_id=p1")
	f(kv{"source", "stdout", "container_id", "c", "log", "x", "partial_message", true, "partial_last", false}, "x", "stream=stdout", "is=container", "container_id=c", "partial=more")
	f(with(piece, "partial_message", "false"), "x", "stream=stdout", "is=container", "container=w", "container_id=ab12", "service=w", "partial_id=p1")
	// Its log of 16 KiB without a newline is no piece unless it says so.
	f(kv{"container_id", "c", "source", "stdout", "log", strings.Repeat("y", 20000)}, strings.Repeat("y", 20000), "stream=stdout", "is=container", "container_id=c")

	// Kubernetes.
	meta := kv{"pod_name", "api-1", "namespace_name", "shop", "host", "node7", "container_name", "web", "docker_id", "cd34", "labels", kv{"app", "api", "k8s-app", "old", "app.kubernetes.io/name", "api-server"}}
	f(kv{"log", "x\n", "stream", "stdout", "kubernetes", meta},
		"x", "stream=stdout", "is=container", "pod=api-1", "namespace=shop", "node=node7", "container=web", "container_id=cd34", "service=api-server")
	f(kv{"log", "x", "kubernetes", kv{"container_name", "web", "labels", kv{"app", "api"}}}, "x", "is=container", "container=web", "service=api")
	f(kv{"log", "x", "kubernetes", kv{"container_name", "web"}}, "x", "is=container", "container=web", "service=web")
	f(kv{"log", "x", "kubernetes", "no map"}, "x")
	f(kv{"log", "x", "docker", kv{"container_id", "ef56"}}, "x", "is=container", "container_id=ef56")

	// systemd, and Docker's journald driver.
	f(kv{"_HOSTNAME", "mail1", "_SYSTEMD_UNIT", "nginx.service", "PRIORITY", "6", "MESSAGE", "started", "CODE_LINE", "12"}, "started", "host=mail1")
	f(kv{"MESSAGE", "x", "CONTAINER_NAME", "shop-web-1", "CONTAINER_ID_FULL", "ab12", "CONTAINER_PARTIAL_MESSAGE", "true", "CONTAINER_PARTIAL_ID", "p", "CONTAINER_PARTIAL_LAST", "true"},
		"x", "is=container", "container=shop-web-1", "container_id=ab12", "service=web", "partial=last", "partial_id=p")
	// in_syslog.
	f(kv{"pri", "14", "time", "Jun  5 08:42:27", "host", "mail1", "ident", "postfix/qmgr", "pid", "999", "message", "4ABC: removed"}, "4ABC: removed", "host=mail1")
	f(kv{"message", "x"}, "x")
	f(kv{"message", "x", "path", "/var/log/app.log"}, "x", "path=/var/log/app.log")
}

func TestUnwrapOptions(t *testing.T) {
	f := func(k keys, rec kv, want ...string) {
		t.Helper()
		got := strings.Split(unwrapped(t, k, rec), "\n  ")
		if !sameSet(got, want) {
			t.Errorf("%q\n got %q\nwant %q", rec, got, want)
		}
	}
	f(keys{payload: "text"}, kv{"log", "no", "text", "yes\n", "message", "no"}, "yes")
	f(keys{payload: "text"}, kv{"log", "other"}, "other")
	f(keys{payload: "log"}, kv{"log", "yes", "message", "no"}, "yes")
	f(keys{payload: "message"}, kv{"message", "yes", "level", "info", "log", "no"}, "yes")
	f(keys{path: "from"}, kv{"log", "x", "from", "/a.log"}, "x", "path=/a.log")
	f(keys{path: "from"}, kv{"log", "x", "path", "/request", "from", "/a.log"}, "x", "path=/a.log")
	f(keys{path: "from"}, kv{"from", "/a", "level", "info"}, `{"level":"info"}`, "path=/a", "is=rebuilt")
	f(keys{}, kv{"log", "x", "", "empty key"}, "x")
}

// TestRebuild: the line of a record that was structured on its way is the
// program's JSON, without what envelopes added.
func TestRebuild(t *testing.T) {
	f := func(rec kv, want ...string) {
		t.Helper()
		got := strings.Split(unwrapped(t, keys{}, rec), "\n  ")
		if !sameSet(got, append(want, "is=rebuilt")) {
			t.Errorf("%q\n got %q\nwant %q", rec, got, want)
		}
	}
	f(kv{"level", "info", "message", "hi", "n", 5, "f", 1.5, "b", true, "z", nil, "o", kv{"a", []any{1, "x"}}},
		`{"level":"info","message":"hi","n":5,"f":1.5,"b":true,"z":null,"o":{"a":[1,"x"]}}`)
	f(kv{`a "key"`, "x\ny"}, `{"a \"key\"":"x\ny"}`)
	f(kv{"log", kv{"level", "info"}, "message", "x"}, `{"log":{"level":"info"},"message":"x"}`)
	// A program's own time, stream, source, path, host and container_id stay.
	f(kv{"time", "2025-06-05T08:42:27Z", "stream", "orders", "source", "web", "path", "/index.html", "host", "h", "container_id", "c", "container_name", "n", "x", 1},
		`{"time":"2025-06-05T08:42:27Z","stream":"orders","source":"web","path":"/index.html","host":"h","container_id":"c","container_name":"n","x":1}`)
	// The name of a log file does not.
	f(kv{"path", "/var/log/app/app.json.log", "x", 1}, `{"x":1}`, "path=/var/log/app/app.json.log")
	// message is the program's if it has other keys.
	f(kv{"message", "hi", "level", "info"}, `{"message":"hi","level":"info"}`)
	f(kv{"message", "GET", "path", "/index.html"}, `{"message":"GET","path":"/index.html"}`)
	// Nothing but an envelope: all of it.
	f(kv{"stream", "stdout", "time", "2025-06-05T08:42:27Z", "kubernetes", kv{"pod_name", "p"}},
		`{"time":"2025-06-05T08:42:27Z"}`, "stream=stdout", "pod=p", "is=container")
	f(kv{"stream", "stdout", "_p", "F"}, `{"stream":"stdout","_p":"F"}`, "stream=stdout", "is=container")
	f(kv{}, "{}")

	// filter kubernetes with Merge_Log, Keep_Log off: the envelope first.
	meta := kv{"pod_name", "p", "namespace_name", "n", "container_name", "web"}
	where := []string{"stream=stdout", "pod=p", "namespace=n", "container=web", "service=web", "is=container"}
	f(kv{"stream", "stdout", "time", "2025-06-05T08:42:27.5Z", "client_ip", "192.0.2.7", "time", 1749112947148, "kubernetes", meta},
		append(where, `{"client_ip":"192.0.2.7","time":1749112947148}`, "time=2025-06-05T08:42:27.5Z")...)
	f(kv{"time", "2025-06-05T08:42:27.5Z", "stream", "stdout", "_p", "F", "time", "2025-06-05T08:42:26Z", "level", "INFO", "kubernetes", meta},
		append(where, `{"time":"2025-06-05T08:42:26Z","level":"INFO"}`, "time=2025-06-05T08:42:27.5Z")...)
	f(kv{"time", "2025-06-05T08:42:27.5Z", "stream", "stdout", "_p", "F", "level", "INFO", "kubernetes", meta},
		append(where, `{"level":"INFO"}`, "time=2025-06-05T08:42:27.5Z")...)
	f(kv{"stream", "stdout", "_p", "F", "time", "2025-06-05T08:42:26Z", "level", "INFO", "kubernetes", meta},
		append(where, `{"time":"2025-06-05T08:42:26Z","level":"INFO"}`)...)
	f(kv{"stream", "stdout", "logtag", "F", "level", "INFO", "kubernetes", meta}, append(where, `{"level":"INFO"}`)...)
	// Merge_Log_Key.
	f(kv{"stream", "stdout", "log_processed", kv{"level", "INFO", "msg", "x"}, "kubernetes", meta}, append(where, `{"level":"INFO","msg":"x"}`)...)
	f(kv{"stream", "stdout", "log_processed", "text", "kubernetes", meta}, append(where, `{"log_processed":"text"}`)...)

	// filter parser with Reserve_Data behind the fluentd driver: the envelope last.
	driver := []string{"stream=stdout", "container=shop-web-1", "container_id=ab12", "service=web", "is=container"}
	f(kv{"command_name", "x", "container_name", "/shop-web-1", "trace_id", "t", "container_id", "ab12", "container_name", "/shop-web-1", "source", "stdout"},
		append(driver, `{"command_name":"x","container_name":"/shop-web-1","trace_id":"t"}`)...)
	f(kv{"level", "info", "container_id", "ab12", "container_name", "/shop-web-1", "source", "stdout", "com.docker.compose.project", "shop"},
		append(driver, `{"level":"info"}`)...)
	f(kv{"command_name", "x", "trace_id", "t", "container_name", "/shop-web-1", "container_id", "ab12", "source", "stdout"},
		append(driver, `{"command_name":"x","trace_id":"t","container_name":"/shop-web-1"}`)...)
	// parser docker, then filter parser: two times as text, Docker's is the last.
	f(kv{"time", "2025-06-05T08:42:26Z", "level", "info", "stream", "stdout", "time", "2025-06-05T08:42:27.5Z"},
		`{"time":"2025-06-05T08:42:26Z","level":"info"}`, "stream=stdout", "time=2025-06-05T08:42:27.5Z", "is=container")
}

// TestUnwrapRecordText: records written out as JSON text.
func TestUnwrapRecordText(t *testing.T) {
	r := newReader(keys{})
	f := func(in string, want ...string) {
		t.Helper()
		p := Payload{Text: in, Path: "/data/out.json"}
		r.UnwrapText(&p)
		if got := strings.Split(p.describe(), "\n  "); !sameSet(got, append(want, "path=/data/out.json")) {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
	f(`{"date":1749112947.5,"log":"x\n","stream":"stdout","extra":{"a":[1,null,true]}}`, "x", "stream=stdout", "is=container")
	f(`{"container_id":"ab12","container_name":"/shop-web-1","source":"stdout","log":"x","env":"prod"}`,
		"x", "stream=stdout", "is=container", "container=shop-web-1", "container_id=ab12", "service=web")
	f(`{"log":"x\n","stream":"stdout","kubernetes":{"pod_name":"p","container_name":"web"}}`, "x", "stream=stdout", "is=container", "pod=p", "container=web", "service=web")
	f(`{"stream":"stdout","time":"2025-06-05T08:42:27Z","client_ip":"192.0.2.7","n":18446744073709551615,"f":1.5,"time":1749112947148,"kubernetes":{"pod_name":"p"}}`,
		`{"client_ip":"192.0.2.7","n":18446744073709551615,"f":1.5,"time":1749112947148}`, "stream=stdout", "time=2025-06-05T08:42:27Z", "pod=p", "is=container", "is=rebuilt")
	for _, in := range []string{
		`{"log":"x","level":"info"}`, `{"level":"info","log":"x","stream":"stdout"}`, `{"time":"t","level":"x","log":"stdout"}`, `{"kubernetes":"x","log":"y"}`,
		`{"log":"x","stream":"stdout","more":}`, `{"log":"x","stream":"stdout","more":1} y`, `{"log":"x","stream":"orders","note":"stdout"}`,
		`{"log":"x","stream":"stdout","a":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`, `{"time":"a","stream":`, `{"time":"a"`, `{"log`, `{"tag":[1],"log":1}`,
		`{"kubernetes":{"labels":{}},"msg":"x"}`,
	} {
		f(in, in)
	}
}

func TestUnwrapAllocs(t *testing.T) {
	r := newReader(keys{})
	for _, rec := range []kv{
		{"log", "x"},
		{"log", "x", "path", "/a.log"},
		{"log", sample.Docker, "stream", "stdout", "time", "2025-06-05T08:42:27.1Z"},
		{"container_id", "ab12", "container_name", "/shop-web-1", "source", "stdout", "log", "x"},
		{"client_ip", "192.0.2.7", "time", 1749112947148, "f", 0.5, "kubernetes", kv{"pod_name", "p", "labels", kv{"app", "x"}}},
	} {
		m := chunk.NewMap(rec...)
		var p Payload
		if n := testing.AllocsPerRun(100, func() {
			r.Arena.Reset()
			p = Payload{}
			r.Unwrap(m, &p)
		}); n != 0 {
			t.Errorf("%v allocations for %q", n, rec)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	r := newReader(keys{})
	f := func(name string, rec ...any) {
		m := chunk.NewMap(rec...)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m)))
			b.ReportAllocs()
			var p Payload
			for b.Loop() {
				r.Arena.Reset()
				p = Payload{}
				r.Unwrap(m, &p)
			}
		})
	}
	f("log", "log", sample.Docker)
	f("log_path", "log", sample.Docker, "path", "/opt/zimbra/log/mailbox.log")
	f("docker_parsed", "log", sample.Planr+"\n", "stream", "stdout", "time", "2025-06-05T08:42:27.148123456Z")
	f("fluentd", "container_id", "ab12", "container_name", "/planr_ru-main-1", "source", "stdout", "log", sample.Planr)
	f("kubernetes", "log", sample.Planr, "stream", "stdout", "kubernetes", kv{
		"pod_name", "api-1", "namespace_name", "shop", "pod_id", "1b9c", "host", "node7", "container_name", "web",
		"docker_id", "cd34", "labels",
		kv{"app", "api", "pod-template-hash", "6d5f8"},
		"annotations",
		kv{"a", "b"},
	})
	f("structured", "client_ip", "198.51.100.44", "command_name", "auth.local", "time", 1749112947148, "trace_id", "0f8d2c1e-5b7a-4c9d-8e6f-112233445566", "user_login", "petrova@example.org")
}
