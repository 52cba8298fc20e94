package verify

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/logs"
)

func options(t *testing.T, url, path string) (Options, *bytes.Buffer) {
	t.Helper()
	cfg, err := config.ParseValues(func(key string) string {
		return map[string]string{"url": url, "timezone": "UTC", "dead_letter_path": "off", "flush_timeout": "30s"}[key]
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return Options{logs.Options{Paths: []string{path}, Config: cfg, Stderr: io.Discard, Log: slog.New(slog.DiscardHandler)}, &out}, &out
}

// lines are lines a minute apart, with two of one instant, from four hours ago.
func lines(n int) (all []string) {
	at := time.Now().UTC().Add(-4 * time.Hour).Truncate(time.Hour)
	for i := range n {
		all = append(all, at.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04:05,000")+
			fmt.Sprintf(" %s [main] [] misc - line %d\n", []string{"INFO ", "WARN "}[i%2], i))
	}
	return append(all, all[n-1])
}

func write(t *testing.T, path string, lines []string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestMissing: equal counts pass, and planted gaps are found in their hours.
func TestMissing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	runtest.Each(t, lokirun.Options{}, testMissing)
}

func testMissing(t *testing.T, l *lokirun.Server) {
	all := lines(150)
	path := filepath.Join(t.TempDir(), "mail1", "mailbox.log")
	write(t, path, append(append([]string{}, all[:70]...), all[73:]...)) // 70, 71 and 72 are missing
	o, out := options(t, l.URL(), path)
	if _, err := ship.Run(t.Context(), ship.Options{Options: o.Options, State: filepath.Join(t.TempDir(), "state.json"), Stdout: io.Discard}); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if differ, err := Run(t.Context(), o); differ || err != nil {
		t.Errorf("differ %v, %v\n%s", differ, err, out)
	}
	write(t, path, all)
	out.Reset()
	differ, err := Run(t.Context(), o)
	if !differ || err != nil || !strings.Contains(out.String(), "2 differ, 3 entries are missing") || !strings.Contains(out.String(), "-2") {
		t.Errorf("differ %v, %v\n%s", differ, err, out)
	}
	// The server may have more than a piece of a log, before and after it.
	write(t, path, all[10:60])
	out.Reset()
	if differ, err := Run(t.Context(), o); differ || err != nil {
		t.Errorf("differ %v, %v\n%s", differ, err, out)
	}
}

// TestRefused: an answer that is none is an error, not a difference.
func TestRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/loki/api/v1/query" {
			t.Errorf("path %s", r.URL.Path)
		}
		http.Error(w, "no org id", http.StatusUnauthorized)
	}))
	defer s.Close()
	path := filepath.Join(t.TempDir(), "mail1", "mailbox.log")
	write(t, path, lines(3))
	o, _ := options(t, s.URL, path)
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "no org id") {
		t.Errorf("error %v", err)
	}
}
