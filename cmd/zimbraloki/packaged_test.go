package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCommand runs the command line as a user does.
func runCommand(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(&b)
	root.SetErr(&b)
	err = root.ExecuteContext(t.Context())
	return b.String(), err
}

func TestHealth(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ready" {
			http.Error(w, "cannot deliver", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	}))
	if out, err := runCommand(t, "health", s.URL+"/health"); err != nil || out != "ok\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := runCommand(t, "health", s.URL+"/ready"); err == nil || !strings.Contains(err.Error(), "503 Service Unavailable: cannot deliver") {
		t.Errorf("error %v", err)
	}
	s.Close()
	if _, err := runCommand(t, "health", s.URL); err == nil || !strings.Contains(err.Error(), "is metrics_listen set?") {
		t.Errorf("error %v", err)
	}
	if code := run([]string{"health", "a", "b"}); code != exitUsage {
		t.Errorf("code %d, want %d", code, exitUsage)
	}
}

// TestMan: two runs of one date write the same pages, one for each command.
func TestMan(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	var first []byte
	for range 2 {
		dir := t.TempDir()
		if _, err := runCommand(t, "man", dir); err != nil {
			t.Fatal(err)
		}
		for _, c := range rootCommand().Commands() {
			if c.Hidden {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "zimbraloki-"+c.Name()+".1")); err != nil {
				t.Error(err)
			}
		}
		page, err := os.ReadFile(filepath.Join(dir, "zimbraloki-explain.1"))
		if err != nil || !bytes.Contains(page, []byte(`"Sep 2026"`)) {
			t.Errorf("%v\n%s", err, page)
		}
		if first != nil && !bytes.Equal(page, first) {
			t.Error("two runs write two pages")
		}
		first = page
	}
	t.Setenv("SOURCE_DATE_EPOCH", "today")
	if _, err := runCommand(t, "man", t.TempDir()); err == nil || !strings.Contains(err.Error(), `"today"`) {
		t.Errorf("error %v", err)
	}
}
