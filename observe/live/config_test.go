package live_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/observe/incident"
)

// freePort returns a TCP port of loopback that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// program starts a program and ends it with the test.
func program(t *testing.T, env []string, name string, args ...string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command(name, args...)
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), env...), &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		c.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", name, &out)
		}
	})
	return &out
}

// answers waits until an address answers with a status.
func answers(t *testing.T, address string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == status {
				return
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: no status %d within a minute: %v", address, status, err)
		}
		time.Sleep(50 * time.Millisecond) // a program that starts has no way to say so
	}
}

// shipped starts Loki with conf/loki/loki.yaml, on free ports, and returns its
// address. Replace changes further text of the file.
func shipped(t *testing.T, replace ...string) string {
	t.Helper()
	bin := runtest.Loki(t).Path
	text, err := os.ReadFile(filepath.Join("..", "..", "conf", "loki", "loki.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(filepath.Join("..", "..", "conf", "loki", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	port, dir := freePort(t), t.TempDir()
	replace = append(replace, "http_listen_port: 3100", "http_listen_port: "+port, "9095", freePort(t))
	file := filepath.Join(dir, "loki.yaml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(replace...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, []string{"LOKI_DATA=" + dir, "LOKI_RULES=" + rules}, bin, "-config.file="+file, "-config.expand-env=true")
	address := "http://127.0.0.1:" + port
	answers(t, address+"/ready", http.StatusOK)
	return address
}

// status asks with a user and returns what is answered.
func status(t *testing.T, method, address, user, password, tenant string, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	if tenant != "" {
		req.Header.Set("X-Scope-OrgID", tenant)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	text.ReadFrom(resp.Body)
	return resp.StatusCode, text.String()
}

// TestShippedConfiguration starts the real Loki with conf/loki/loki.yaml: it
// takes what the plugin sends, also lines days old, answers at once, and has
// the rules of conf/loki/rules.
func TestShippedConfiguration(t *testing.T) {
	loki := shipped(t)
	now := time.Now()
	feed(t, loki, "", incident.Ordinary(now.Add(-50*time.Hour)))
	feed(t, loki, "", incident.Everything(now))
	f := func(path, want string) {
		t.Helper()
		code, text := status(t, http.MethodGet, loki+path, "", "", "", "")
		if code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d %.300s, want %q", path, code, text, want)
		}
	}
	count := func(at time.Time) string {
		return fmt.Sprintf(`/loki/api/v1/query?query=sum(count_over_time({job=%%22zimbra%%22}[2h]))&time=%d`, at.UnixNano())
	}
	f(count(now), `"value":[`)
	f(count(now.Add(-50*time.Hour)), `"value":[`)
	f("/prometheus/api/v1/rules", "ZimbraAccountLocked")
	f("/prometheus/api/v1/rules", "zimbra:lines:rate5m")
	f(fmt.Sprintf(`/loki/api/v1/index/volume?query={job=%%22zimbra%%22}&start=%d&end=%d`, now.Add(-time.Hour).UnixNano(), now.UnixNano()), `"result":[`)
}

// TestGateway puts the real nginx with conf/loki/gateway/nginx.conf before a
// Loki with tenants: a user writes and reads its own tenant only.
func TestGateway(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip(err)
	}
	loki := shipped(t, "auth_enabled: false", "auth_enabled: true", "limits_config:", "querier: {multi_tenant_queries_enabled: true}\n\nlimits_config:")
	text, err := os.ReadFile(filepath.Join("..", "..", "conf", "loki", "gateway", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), freePort(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	users := "zimbra:{PLAIN}z-word\nplanr:{PLAIN}p-word\ngrafana:{PLAIN}g-word\nguest:{PLAIN}word\n"
	upstream := strings.TrimPrefix(loki, "http://")
	conf := strings.NewReplacer("listen 8080", "listen 127.0.0.1:"+port, "/run/keys", dir, "/tmp/", dir+"/", "/dev/stderr", dir+"/error.log", "/dev/stdout", dir+"/access.log",
		"loki-write:3100", upstream, "loki-read:3100", upstream, "loki-backend:3100", upstream, "events {", "daemon off;\nuser root;\nevents {").Replace(string(text))
	for name, content := range map[string]string{"gateway.htpasswd": users, "nginx.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	program(t, nil, nginx, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log"))
	gate := "http://127.0.0.1:" + port
	answers(t, gate+"/ready", http.StatusOK)

	push := func(text string) string {
		return fmt.Sprintf(`{"streams":[{"stream":{"job":"zimbra"},"values":[["%d",%q]]}]}`, time.Now().UnixNano(), text)
	}
	f := func(method, path, user, password, tenant, body string, want int) {
		t.Helper()
		if code, text := status(t, method, gate+path, user, password, tenant, body); code != want {
			t.Errorf("%s %s by %q: %d %.200s, want %d", method, path, user, code, text, want)
		}
	}
	const pushPath, labels = "/loki/api/v1/push", "/loki/api/v1/labels"
	f("POST", pushPath, "", "", "", push("a"), 401)
	f("POST", pushPath, "zimbra", "wrong", "", push("a"), 401)
	f("POST", pushPath, "zimbra", "z-word", "", push("of zimbra"), 204)
	f("POST", pushPath, "planr", "p-word", "zimbra", push("of planr"), 204) // the tenant it names is not believed
	f("POST", pushPath, "grafana", "g-word", "", push("a"), 401)            // reads only: Loki hears no tenant
	f("POST", pushPath, "guest", "word", "zimbra", push("a"), 401)
	f("GET", labels, "guest", "word", "zimbra", "", 401)
	f("POST", "/loki/api/v1/delete?query={job=%22zimbra%22}", "zimbra", "z-word", "", "", 403)
	f("POST", "/loki/api/v1/rules/x", "zimbra", "z-word", "", "", 403)
	f("GET", "/config", "zimbra", "z-word", "", "", 404)

	read := func(user, password string, want ...string) {
		t.Helper()
		_, text := status(t, http.MethodGet, gate+"/loki/api/v1/query_range?query={job=%22zimbra%22}", user, password, "planr", "")
		for _, line := range []string{"of zimbra", "of planr"} {
			if has := strings.Contains(text, line); has != strings.Contains(strings.Join(want, ","), line) {
				t.Errorf("%s sees %q: %v; %.300s", user, line, has, text)
			}
		}
	}
	read("zimbra", "z-word", "of zimbra")
	read("planr", "p-word", "of planr")
	read("grafana", "g-word", "of zimbra", "of planr")
}
