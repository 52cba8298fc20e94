package pipeline

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/planted"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// sendPlanted sends files through a pipeline to a Loki that refuses every
// second entry; it returns what came out, as text: entries, dead letters, log.
func sendPlanted(t *testing.T, files []planted.File, properties map[string]string) (stored []lokitest.Entry, dead, log string) {
	t.Helper()
	n := 0
	l := lokitest.New(lokitest.Options{Refuse: func(*lokitest.Entry) string {
		if n++; n%2 == 0 {
			return "refused for a test"
		}
		return ""
	}})
	defer l.Close()
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	cfg, err := config.Parse(func(key string) string {
		if v := properties[key]; v != "" {
			return v
		}
		return map[string]string{"url": l.URL, "dead_letter_path": path, "timezone": "UTC", "log_verbosity": "debug"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	p, err := Open(cfg, slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var b chunk.Builder
		for _, line := range f.Lines {
			b.Record(time.Date(2026, 8, 2, 18, 0, 0, 0, time.UTC).UnixNano(), "log", line, "filename", f.Path)
		}
		if r := p.Flush(t.Context(), "zimbra", b.Bytes()); r != OK {
			t.Fatalf("%s: result %d, log %s", f.Path, r, &buf)
		}
	}
	if err := p.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return l.Entries(), string(text), buf.String()
}

// allText is everything that was sent, one entry a line.
func allText(entries []lokitest.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(e.Labels + " " + e.Line)
		for _, m := range e.Meta {
			b.WriteString(" " + m.Name + "=" + m.Value)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestNoSecretGetsOut: none of the planted secrets is in Loki, in the
// dead-letter file or in the log, and the rest of each line is.
func TestNoSecretGetsOut(t *testing.T) {
	files, markers, kept := planted.Secrets()
	if len(markers) < 30 {
		t.Fatalf("%d secrets planted", len(markers))
	}
	stored, dead, log := sendPlanted(t, files, nil)
	all := allText(stored)
	for _, m := range markers {
		for name, text := range map[string]string{"Loki": all, "dead letters": dead, "log": log} {
			if i := strings.Index(text, m); i >= 0 {
				t.Errorf("%s holds %s: …%s…", name, m, text[max(0, i-120):min(len(text), i+40)])
			}
		}
	}
	for _, k := range kept {
		if !strings.Contains(all+strings.ReplaceAll(dead, `\"`, `"`), k) {
			t.Errorf("%q did not get through", k)
		}
	}
	// Without redaction they are there: the test sees what it looks for.
	stored, dead, _ = sendPlanted(t, files, map[string]string{"redact": "off"})
	if all := allText(stored) + dead; !strings.Contains(all, markers[0]) || !strings.Contains(all, markers[len(markers)-1]) {
		t.Error("redact off takes secrets out")
	}
}

// TestNoPersonGetsOut: none of the planted persons is anywhere, and one
// person's lines join across the logs.
func TestNoPersonGetsOut(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, names, kept := planted.Persons()
	on := map[string]string{"pseudonymize": "on", "pseudonymize_key_file": key, "label_keys": "user"}
	stored, dead, log := sendPlanted(t, files, on)
	all := allText(stored)
	for _, n := range names {
		for where, text := range map[string]string{"Loki": all, "dead letters": dead, "log": log} {
			if i := strings.Index(strings.ToLower(text), n); i >= 0 {
				t.Errorf("%s holds %s: …%s…", where, n, text[max(0, i-160):min(len(text), i+60)])
			}
		}
	}
	for _, k := range kept {
		if !strings.Contains(all+dead, k) {
			t.Errorf("%q did not get through", k)
		}
	}
	on["pseudonymize_logs"] = "audit"
	stored, dead, _ = sendPlanted(t, files, on)
	if text := allText(stored) + dead; strings.Contains(text, "account=ivanov") || !strings.Contains(text, "User:ivanov") {
		t.Error("pseudonymize_logs does not limit to audit")
	}
}
