package pipeline

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// openMetered is open with the metrics served.
func openMetered(t *testing.T, set map[string]string) (*Pipeline, error) {
	t.Helper()
	values := map[string]string{"timezone": "UTC", "flush_timeout": "500ms", "dead_letter_path": "off", "metrics_listen": "127.0.0.1:1"}
	for k, v := range set {
		values[k] = v
	}
	cfg, err := config.Parse(func(key string) string { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	if set["metrics_listen"] == "" {
		cfg.MetricsListen = "127.0.0.1:0"
	}
	p, err := Open(cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Cleanup(func() { _ = p.Close(context.Background()) })
	}
	return p, err
}

func get(t *testing.T, p *Pipeline, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + p.MetricsAddr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// wants complains of each line that the page of p does not have.
func wants(t *testing.T, p *Pipeline, lines ...string) {
	t.Helper()
	_, page := get(t, p, "/metrics")
	for _, l := range lines {
		if !strings.Contains(page, "\n"+l+"\n") {
			t.Errorf("no line %q in\n%s", l, page)
		}
	}
}

// audited is a chunk of a failed login.
func audited(now time.Time) []byte {
	var b chunk.Builder
	b.Line(now.UnixNano(), "log", now.UTC().Format("2006-01-02 15:04:05,000")+
		" WARN  [ImapServer-1] [ip=192.0.2.7;] security - cmd=Auth; account=a@example.com; protocol=imap; error=authentication failed for [a@example.com], invalid password;")
	return b.Bytes()
}

func TestMetricsCountAChunkOnce(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	p, err := openMetered(t, map[string]string{"url": l.URL})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, p, `zimbraloki_lines_total 0`, `zimbraloki_outcomes_total{outcome="lockout"} 0`, `zimbraloki_chunks_total{result="retry"} 0`,
		`zimbraloki_last_success_timestamp_seconds 0`, `zimbraloki_label_values{label="container"} 0`)
	now := time.Unix(time.Now().Unix(), 0)
	data := audited(now)
	l.Random(1, 1, lokitest.Fault{Status: 503})
	if r := p.Flush(t.Context(), "zimbra.opt.zimbra.log.audit.log", data); r != Retry {
		t.Fatalf("result %d, want Retry", r)
	}
	wants(t, p, `zimbraloki_lines_total 0`, `zimbraloki_chunks_total{result="retry"} 1`)
	if status, text := get(t, p, "/ready"); status != 503 || !strings.Contains(text, "1 pushes failed") {
		t.Errorf("ready %d %q", status, text)
	}
	l.Random(1, 0)
	if r := p.Flush(t.Context(), "zimbra.opt.zimbra.log.audit.log", data); r != OK {
		t.Fatalf("result %d, want OK", r)
	}
	wants(t, p, `zimbraloki_lines_total 1`, `zimbraloki_entries_total{format="audit"} 1`, `zimbraloki_outcomes_total{outcome="failure"} 1`,
		`zimbraloki_chunks_total{result="ok"} 1`, `zimbraloki_retried_chunks_total 1`, `zimbraloki_flush_duration_seconds_count 2`,
		`zimbraloki_push_total{result="ok"} 1`, `zimbraloki_entries_pushed_total 1`, `zimbraloki_streams 1`,
		`zimbraloki_newest_timestamp_seconds{log="audit"} `+strconv.FormatInt(now.Unix(), 10))
	if status, _ := get(t, p, "/ready"); status != 200 {
		t.Errorf("ready %d", status)
	}
}

// TestMetricsOfDamage: what is lost for want of a dead-letter file is dropped,
// what stands in one is not.
func TestMetricsOfDamage(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	data, _ := damaged()
	for path, want := range map[string][]string{
		"off": {`zimbraloki_dropped_total{reason="damaged_chunk"} 1`, `zimbraloki_dead_letters_total{reason="damaged_chunk"} 0`},
		filepath.Join(t.TempDir(), "dead"): {
			`zimbraloki_dropped_total{reason="damaged_chunk"} 0`, `zimbraloki_dead_letters_total{reason="damaged_chunk"} 1`,
			`zimbraloki_dropped_total{reason="rotated_out"} 0`,
		},
	} {
		p, err := openMetered(t, map[string]string{"url": l.URL, "dead_letter_path": path})
		if err != nil {
			t.Fatal(err)
		}
		if r := p.Flush(t.Context(), "zimbra", bytes.Clone(data)); r != OK {
			t.Fatalf("result %d", r)
		}
		wants(t, p, want...)
	}
}

// TestReadyBeforeTheFirstPush asks whether anything answers at Loki's address.
func TestReadyBeforeTheFirstPush(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	p, err := openMetered(t, map[string]string{"url": l.URL})
	if err != nil {
		t.Fatal(err)
	}
	if status, text := get(t, p, "/ready"); status != 200 {
		t.Errorf("ready %d %q", status, text)
	}
	l.Close()
	if status, text := get(t, p, "/ready"); status != 503 || !strings.Contains(text, "does not answer") {
		t.Errorf("ready %d %q", status, text)
	}
}

// TestTwoInstancesOnOneAddress: the second one does not start, and frees what
// it had opened.
func TestTwoInstancesOnOneAddress(t *testing.T) {
	p, err := openMetered(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openMetered(t, map[string]string{"metrics_listen": p.MetricsAddr(), "dead_letter_path": filepath.Join(t.TempDir(), "dead")})
	if err == nil || !strings.Contains(err.Error(), p.MetricsAddr()) {
		t.Errorf("error %v", err)
	}
	addr := p.MetricsAddr()
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := openMetered(t, map[string]string{"metrics_listen": addr}); err != nil {
		t.Errorf("after close: %v", err)
	}
}
