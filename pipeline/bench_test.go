package pipeline

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/transform"
)

// accept answers every push with 204 without reading more than it must: the
// network and Loki are not what is measured here.
type accept struct{ bytes, requests int64 }

func (a *accept) RoundTrip(r *http.Request) (*http.Response, error) {
	n, err := io.Copy(io.Discard, r.Body)
	a.bytes += n
	a.requests++
	r.Body.Close()
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: http.Header{}, Request: r}, err
}

// benchLog is a log whose way is measured: files below transform/testdata, and
// the path that the server has them under.
type benchLog struct{ name, files, path string }

// benchLogs are what is measured besides the fixtures of all formats.
var benchLogs = []benchLog{
	{"mailbox", "mailbox/*.log", "/opt/zimbra/log/mailbox.log"},
	{"audit", "audit/*.log", "/opt/zimbra/log/audit.log"},
	{"sync", "sync/*.log", "/opt/zimbra/log/sync.log"},
	{"cli", "text/cli.log", "/opt/zimbra/log/zmprov.log"},
	{"activity", "activity/*.log", "/opt/zimbra/log/activity.log"},
	{"zimbra-syslog", "zimbra-syslog/*.log", "/var/log/zimbra.log"},
	{"zimbra-real", "real/zimbra-*.log", "/var/log/zimbra.log"},
	{"postfix", "postfix/*.log", "/var/log/zimbra.log"},
	{"amavis", "amavis/*.log", "/var/log/zimbra.log"},
	{"slapd", "real/zimbra-ldap-*.log", "/var/log/zimbra.log"},
	{"joined", "joins/*.log", "/var/log/zimbra.log"},
	{"wrapped", "syslog/*.log", "/var/log/zimbra.log"},
	{"zmstat", "zimbra-stats/*.log", "/var/log/zimbra-stats.log"},
	{"nginx-access", "nginx/*.log", "/opt/zimbra/log/nginx.access.log"},
	{"nginx-error", "nginxerror/*.log", "/opt/zimbra/log/nginx.log"},
	{"access_log", "accesslog/*.log", "/opt/zimbra/log/access_log.2026-08-02"},
	{"trace_log", "jettytrace/*.log", "/opt/zimbra/log/trace_log.2026_08_02"},
	{"zmmailboxd.out", "mailboxdout/*.log", "/opt/zimbra/log/zmmailboxd.out"},
	{"clamd", "clamdlog/*.log", "/opt/zimbra/log/clamd.log"},
	{"myslow", "mysqlslow/*.log", "/opt/zimbra/log/myslow.log"},
	{"zmconfigd", "zmconfigdlog/*.log", "/opt/zimbra/log/zmconfigd.log"},
	{"cbpolicyd", "cbpolicyd/*.log", "/opt/zimbra/log/cbpolicyd.log"},
	{"spamtrain", "spamtrain/*.log", "/opt/zimbra/log/spamtrain.log"},
	{"zmsetup", "zmsetup/*.log", "/opt/zimbra/log/zmsetup.log"},
	{"visiology", "visiology/*.log", ""},
	{"planr", "planr/*.jsonl", ""},
	{"json", "json/*.jsonl", ""},
	{"carbonio", "carbonio/*.log", ""},
	{"plain text", "plaintext/*.log", "/var/log/other.log"},
}

// logLines reads the lines of the files that pattern names; what starts with
// "//" is a comment of the fixtures.
func logLines(tb testing.TB, pattern string) (lines []string) {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("..", "transform", "testdata", filepath.FromSlash(pattern)))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "//") {
				lines = append(lines, line)
			}
		}
	}
	if len(lines) == 0 {
		tb.Fatalf("no lines in %s", pattern)
	}
	return lines
}

// benchChunk makes a chunk of Fluent Bit's size of the lines, again and again.
func benchChunk(lines []string, path string) (data []byte, bytes, records int64) {
	var bl chunk.Builder
	for at := time.Now().UnixNano(); len(bl.Bytes()) < 2e6; {
		for _, line := range lines {
			if path == "" {
				bl.Record(at, "log", line)
			} else {
				bl.Record(at, "log", line, "path", path)
			}
			bytes += int64(len(line)) + 1
			records++
			at += 1000
		}
	}
	return bl.Bytes(), bytes, records
}

// otelChunk is benchChunk for events that came by OTLP.
func otelChunk() (data []byte, bytes, records int64) {
	const event = "OperationName:SaveDashboard with AccessType:Write on ObjectType:Dashboard completed by User:ivanov with OperationStatus:Success"
	var bl chunk.Builder
	for at := time.Now().UnixNano(); len(bl.Bytes()) < 2e6; {
		bl.GroupStart(chunk.KV{"schema", "otlp", "resource_id", 0, "scope_id", 0},
			chunk.KV{"resource", chunk.KV{"attributes", chunk.KV{"service.name", "dashboard-service", "host.name", "v1.example.org"}}, "scope", chunk.KV{"name", "Visiology.Audit"}})
		for range 50 {
			bl.RecordMeta(at, chunk.KV{"otlp", chunk.KV{"severity_number", 9, "severity_text", "Information", "attributes", chunk.KV{"User", "ivanov"}}}, "log", event)
			bytes += int64(len(event)) + 1
			records++
			at += 1000
		}
		bl.GroupEnd()
	}
	return bl.Bytes(), bytes, records
}

// eachFormat calls f with a chunk of each of benchLogs, and of OpenTelemetry.
func eachFormat(tb testing.TB, f func(name string, data []byte, bytes, records int64)) {
	tb.Helper()
	logs := slices.Clone(benchLogs)
	for _, spec := range transform.Formats() {
		files := path.Dir(spec.Fixture.File) + "/*" + path.Ext(spec.Fixture.File)
		if !slices.ContainsFunc(benchLogs, func(l benchLog) bool { return path.Dir(l.files) == path.Dir(files) }) {
			logs = append(logs, benchLog{spec.Name, files, spec.Fixture.Path})
		}
	}
	for _, l := range logs {
		data, bytes, records := benchChunk(logLines(tb, l.files), l.path)
		f(l.name, data, bytes, records)
	}
	data, bytes, records := otelChunk()
	f("otel", data, bytes, records)
}

// BenchmarkFlush measures the whole way from chunk bytes to compressed body,
// HTTP without a network. MB/s count the bytes of the log file.
//
//	go test -run '^$' -bench Flush -cpu 1 ./pipeline
func BenchmarkFlush(b *testing.B) {
	eachFormat(b, func(name string, data []byte, bytes, records int64) {
		b.Run(name, func(b *testing.B) {
			p, _ := benchPipeline(b)
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				if p.Flush(context.Background(), "zimbra", data) != OK {
					b.Fatal("flush did not end well")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(records), "ns/record")
		})
	})
}

func benchPipeline(b testing.TB) (*Pipeline, *accept) {
	b.Helper()
	cfg, err := config.ParseValues(func(key string) string {
		if key == "dead_letter_path" {
			return "off"
		}
		return ""
	})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	p := &Pipeline{transform: NewTransform(cfg, log), timeout: time.Minute, log: log}
	p.batches.New = func() any { return new(loki.Batch) }
	o := clientOptions(cfg, nil, log)
	a := &accept{}
	o.Transport = a
	if p.client, err = loki.NewClient(o); err != nil {
		b.Fatal(err)
	}
	return p, a
}
