package serve_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/cli/serve"
)

// TestMistakes: each names the flag and the cure.
func TestMistakes(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want string, args ...string) {
		t.Helper()
		out, code := flagtest.Run(t.Context(), serve.Command(), args...)
		if code != flags.ExitUsage || !strings.Contains(out, want) {
			t.Errorf("%q: code %d, %s, want %s", args, code, out, want)
		}
	}
	f("serve needs --data")
	f("set --token-file, or --user and --password-file, or listen on 127.0.0.1", "--data", "x", "--listen", ":3100")
	f("set --token-file", "--data", "x", "--listen", "192.0.2.1:3100")
	f("write host:port", "--data", "x", "--listen", "3100")
	f("no such file", "--data", "x", "--token-file", "nosuch")
	f("must hold one line that is not empty", "--data", "x", "--token-file", empty)
	f("belong together", "--data", "x", "--user", "ann")
	f("write a time like 30d", "--data", "x", "--retention", "x")
	f("write a size like 500MB", "--data", "x", "--max-size", "x")
	f("at least 4MB", "--data", "x", "--memory", "1MB")
	f("must be more than 0", "--data", "x", "--query-max-series", "0")
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to the end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// stop ends a server as systemd does, and waits for it.
func (c *child) stop(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the server ends with %v", err)
	}
}

// TestFolder serves a folder of logs: as the plugin would have sent them, and a
// second time nothing is double.
func TestFolder(t *testing.T) {
	logs := t.TempDir()
	line := "2026-08-02 16:49:04,123 WARN  [qtp1-9:https://mail.example.com/] [oip=192.0.2.7;] security - cmd=Auth; account=ann@example.com; protocol=soap; error=authentication failed for [ann@example.com], invalid password;\n"
	if err := os.WriteFile(filepath.Join(logs, "audit.log"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	query := "/loki/api/v1/query?time=1785800000&query=" + url.QueryEscape(`sum by (log, outcome) (count_over_time({job="zimbra"} | user="ann@example.com" [90d]))`)
	for _, args := range [][]string{{logs}, {"--data", data, logs}, {"--data", data, logs}, {"--data", data}} {
		c := start(t, append([]string{"--timezone", "UTC"}, args...)...)
		for get(t, c.url+"/ready") != "ready\n" {
		}
		got := get(t, c.url+query)
		if want := `"result":[{"metric":{"log":"audit","outcome":"failure"},"value":[1785800000,"1"]}]`; !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
		c.stop(t)
	}
}

// TestInUse: a folder has one server.
func TestInUse(t *testing.T) {
	data := t.TempDir()
	c := start(t, "--data", data)
	out, code := flagtest.Run(context.Background(), serve.Command(), "--data", data, "--listen", "127.0.0.1:0")
	if code != flags.ExitError || !strings.Contains(out, "another zimbraloki serve uses it") {
		t.Errorf("code %d, %s", code, out)
	}
	if _, code := flagtest.Run(context.Background(), serve.Command(), "--data", t.TempDir(), "--listen", strings.TrimPrefix(c.url, "http://")); code != flags.ExitError {
		t.Errorf("code %d for an address that is taken", code)
	}
	c.stop(t)
}
