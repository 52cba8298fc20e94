// Package live_test asks zimbraloki serve, and a real Loki if there is one, everything that dashboards and alerts ask.
package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/observe/incident"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// eachServer runs f against zimbraloki serve, which takes any tenant for the
// only one, and against a Loki with tenants if there is one.
func eachServer(t *testing.T, f func(t *testing.T, l *lokirun.Server)) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	runtest.Each(t, lokirun.Options{Tenant: "nobody"}, f)
}

// log is a log's lines as Fluent Bit reads them.
type log struct {
	path, host string // host may be empty: the lines say it
	lines      []incident.Line
}

// feed delivers lines as one tenant, through the plugin's own pipeline.
func feed(t *testing.T, loki, tenant string, lines []incident.Line) {
	t.Helper()
	deliver(t, loki, tenant, byPath(lines))
}

// byPath sorts lines into logs, in order of their first lines.
func byPath(lines []incident.Line) (logs []*log) {
	at := map[string]*log{}
	for _, l := range lines {
		if at[l.Path] == nil {
			at[l.Path] = &log{path: l.Path}
			logs = append(logs, at[l.Path])
		}
		at[l.Path].lines = append(at[l.Path].lines, l)
	}
	return logs
}

// deliver sends logs one after the other, in chunks of at most a thousand lines.
func deliver(t *testing.T, loki, tenant string, logs []*log) {
	t.Helper()
	values := map[string]string{"url": loki, "tenant_id": tenant, "timezone": "UTC", "flush_timeout": "60s", "dead_letter_path": filepath.Join(t.TempDir(), "dead.jsonl")}
	cfg, err := config.Parse(func(key string) string { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	p, err := pipeline.Open(cfg, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	for _, l := range logs {
		for lines := range slices.Chunk(l.lines, 1000) {
			if r := p.Flush(t.Context(), "zimbra", l.chunk(lines)); r != pipeline.OK {
				t.Fatalf("%s: result %d; the plugin wrote:\n%s", l.path, r, &said)
			}
		}
	}
	if dead, err := os.ReadFile(values["dead_letter_path"]); err == nil && len(dead) > 0 {
		t.Fatalf("tenant %s: dead letters: %s", tenant, dead[:min(len(dead), 2000)])
	}
}

// chunk is a part of the log's lines as records.
func (l *log) chunk(lines []incident.Line) []byte {
	var b chunk.Builder
	fields := []any{"filename", l.path}
	if l.host != "" {
		fields = append(fields, "hostname", l.host)
	}
	for _, line := range lines {
		for text := range strings.SplitSeq(line.Text, "\n") {
			b.Record(line.Time.UnixNano(), append([]any{"log", text}, fields...)...)
		}
	}
	return b.Bytes()
}

// get asks the server as a tenant; the answer's data is decoded into data.
func get(t *testing.T, l *lokirun.Server, tenant, path string, params url.Values, data any) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL()+path+"?"+params.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Scope-OrgID", tenant)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", resp.StatusCode, bytes.TrimSpace(body))
	}
	return json.Unmarshal(body, &struct {
		Data any `json:"data"`
	}{data})
}

// ofAlert returns the incident of an alert.
func ofAlert(name string) (incident.Incident, bool) {
	all := incident.All()
	i := slices.IndexFunc(all, func(i incident.Incident) bool { return i.Alert == name })
	if i < 0 {
		return incident.Incident{}, false
	}
	return all[i], true
}
