package doctor

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// front stands before a fake Loki: it answers /config and may have another time.
func front(t *testing.T, l *lokitest.Server, settings string, clock time.Duration) string {
	t.Helper()
	u, err := url.Parse(strings.TrimSuffix(l.URL, "/loki/api/v1/push"))
	if err != nil {
		t.Fatal(err)
	}
	p := httputil.NewSingleHostReverseProxy(u)
	p.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(clock).UTC().Format(http.TimeFormat))
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/config" && settings != "" {
			_, _ = io.WriteString(w, settings)
			return
		}
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { s.Close(); l.Close() })
	return s.URL
}

// look returns the findings, one "severity check" each, of those not ok or hint.
func look(t *testing.T, o Options, properties ...string) string {
	t.Helper()
	dead := filepath.Join(t.TempDir(), "dead.jsonl")
	cfg, err := config.ParseValues(func(key string) string {
		for i := 0; i < len(properties); i += 2 {
			if properties[i] == key {
				return properties[i+1]
			}
		}
		return map[string]string{"timezone": "UTC", "dead_letter_path": dead}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Config = cfg
	if o.Logs == nil {
		log := filepath.Join(t.TempDir(), "mailbox.log")
		if err := os.WriteFile(log, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		o.Logs = []string{log}
	}
	var bad []string
	for _, f := range Run(t.Context(), o) {
		t.Log(f)
		if f.Severity == OK || f.Severity == Hint {
			continue
		}
		if f.Cure == "" && f.Check != "files" {
			t.Errorf("no cure: %v", f)
		}
		bad = append(bad, f.Severity+" "+f.Check)
	}
	return strings.Join(bad, ", ")
}

const goodSettings = "limits_config: {allow_structured_metadata: true, max_line_size: 256KB, ingestion_burst_size_mb: 6}\nschema_config: {configs: [{schema: v13}]}\n"

// TestPlanted: each fault is found, and nothing else.
func TestPlanted(t *testing.T) {
	f := func(name, want string, l lokitest.Options, settings string, clock time.Duration, script ...lokitest.Fault) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			s := lokitest.New(l)
			s.Script(script...)
			if got := look(t, Options{}, "url", front(t, s, settings, clock), "tenant_id", "mail"); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
	f("healthy", "", lokitest.Options{}, goodSettings, 0)
	f("no settings", "", lokitest.Options{}, "", 0)
	f("tenant", "error auth", lokitest.Options{Auth: func(r *http.Request) int {
		if r.Header.Get("X-Scope-OrgID") != "other" {
			return http.StatusForbidden
		}
		return 0
	}}, goodSettings, 0)
	f("metadata in an answer", "error metadata", lokitest.Options{Refuse: func(e *lokitest.Entry) string {
		if len(e.Meta) == 0 {
			return ""
		}
		return fmt.Sprintf("stream '%s' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it.", e.Labels)
	}}, "", 0)
	f("metadata in the settings", "error metadata", lokitest.Options{}, strings.Replace(goodSettings, "true", "false", 1), 0)
	f("schema", "error metadata", lokitest.Options{}, strings.Replace(goodSettings, "v13", "v12", 1), 0)
	f("line and burst", "warning limits, warning rate", lokitest.Options{}, "limits_config: {allow_structured_metadata: true, max_line_size: 10KB, ingestion_burst_size_mb: 1}", 0)
	f("clock ahead", "error clock", lokitest.Options{MaxFuture: 10 * time.Minute, Now: func() time.Time { return time.Now().Add(-20 * time.Minute) }}, goodSettings, -20*time.Minute)
	f("clock behind", "error clock", lokitest.Options{}, goodSettings, 20*time.Minute)
	f("clock a little off", "warning clock", lokitest.Options{}, goodSettings, time.Minute)
	limit := lokitest.Fault{Status: 429, Body: "ingestion rate limit exceeded for user mail (limit: 1 bytes/sec)"}
	script := []lokitest.Fault{{}, limit, limit, limit, limit, limit, limit, limit, limit, limit, limit}
	f("rate", "error rate", lokitest.Options{}, goodSettings, 0, script...)
	f("gateway", "error reach", lokitest.Options{}, goodSettings, 0, lokitest.Fault{Status: 502})
}

func TestDown(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	if got := look(t, Options{}, "url", s.URL); got != "error reach" {
		t.Errorf("found %q", got)
	}
}

// TestMachine: what is wrong on this side.
func TestMachine(t *testing.T) {
	u := front(t, lokitest.New(lokitest.Options{}), goodSettings, 0)
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := func(want string, o Options, properties ...string) {
		t.Helper()
		if got := look(t, o, append(properties, "url", u)...); got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	f("warning logs", Options{Logs: []string{filepath.Join(dir, "*.log")}})
	// A link to nothing cannot be read by root either.
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "gone.log")); err != nil {
		t.Fatal(err)
	}
	f("error logs", Options{Logs: []string{filepath.Join(dir, "*.log")}})
	if os.Geteuid() != 0 {
		f("error logs", Options{Logs: []string{file("closed", "x", 0)}})
	}
	f("error files", Options{}, "dead_letter_path", filepath.Join(file("plain", "", 0o600), "dead.jsonl"))
	f("warning dead-letter", Options{}, "dead_letter_path", "off")
	f("warning fluent-bit", Options{Program: file("old", "#!/bin/sh\necho Fluent Bit v3.0.7\n", 0o755)})
	f("", Options{Program: file("new", "#!/bin/sh\necho Fluent Bit v5.1.1\n", 0o755)})
	f("error fluent-bit", Options{Program: file("odd", "#!/bin/sh\nexit 1\n", 0o755)})
	f("error config", Options{FluentBit: filepath.Join(dir, "nowhere.yaml")})
	wrong := file("wrong.yaml", "pipeline:\n  outputs:\n    - {name: zimbraloki, match: '*', urll: x, workers: 1, retry_limit: no_limits}\n", 0o600)
	if got := look(t, Options{FluentBit: wrong}, "url", u); !strings.Contains(got, "error config") {
		t.Errorf("found %q", got)
	}
}

// TestServer: nothing is wrong with a server that takes what the plugin sends.
func TestServer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	runtest.Each(t, lokirun.Options{}, func(t *testing.T, l *lokirun.Server) {
		if got := look(t, Options{}, "url", l.URL()); got != "" {
			t.Errorf("found %q", got)
		}
	})
}

// TestRealLoki: what a real one says of metadata and of a missing tenant.
func TestRealLoki(t *testing.T) {
	f := func(want string, o lokirun.Options, properties ...string) {
		t.Helper()
		l := runtest.Real(t, o)
		if got := look(t, Options{}, append(properties, "url", l.URL())...); got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
	f("", lokirun.Options{Tenant: "mail"}, "tenant_id", "mail")
	f("error auth", lokirun.Options{Tenant: "mail"})
	f("error metadata, error metadata", lokirun.Options{Limits: map[string]any{"allow_structured_metadata": false}})
}
