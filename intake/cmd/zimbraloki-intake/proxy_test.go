package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// proxied starts nginx with the configuration of the documentation, its
// addresses and paths moved.
func proxied(t *testing.T, ca *lokitest.Authority, target string) (address string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("no nginx in PATH: docs/nginx.conf cannot be tried")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	dir := t.TempDir()
	cert, key := ca.Files(t, "logs.example.com")
	moved := strings.NewReplacer("127.0.0.1:8000", target, "listen 443", "listen "+address,
		"/etc/ssl/certs/logs.example.com.pem", cert, "/etc/ssl/private/logs.example.com.key", key).Replace(string(text))
	conf := filepath.Join(dir, "nginx.conf")
	whole := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log; %[2]s
events {}
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
%[3]s}
`, dir, asRoot(), moved)
	if err := os.WriteFile(conf, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", conf, "-e", filepath.Join(dir, "error.log"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-tick.C {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
	}
	t.Fatal("nginx does not answer")
	return ""
}

// asRoot keeps workers of nginx what the test is, so that they read its folder.
func asRoot() string {
	if os.Geteuid() == 0 {
		return "user root;"
	}
	return ""
}

// TestProxy: behind nginx as it is documented an archive larger than nginx' own
// limit comes in, what a client says of its address counts for nothing, and
// cookies are for TLS alone.
func TestProxy(t *testing.T) {
	d := desk{t, t.TempDir()}
	mine := d.signedIn()
	p := start(t, d.dir, "BASE_URL=https://logs.example.com", "ALLOWED_HOSTS=logs.example.com,127.0.0.1", "IMPORT=false")
	p.call("POST", "/api/v1/platforms/", mine, []byte(`{"name":"zimbra","pretty_name":"Zimbra"}`), 201, nil)
	var ticket struct{ Token string }
	p.call("POST", "/api/v1/tickets/", mine, []byte(`{"number":7,"platform":"zimbra"}`), 201, &ticket)

	ca := lokitest.NewAuthority(t)
	nginx := proxied(t, ca, strings.TrimPrefix(p.url, "http://"))
	client := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool, ServerName: "logs.example.com"}}
	ask := func(method, path string, body io.Reader, headers ...string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+nginx+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "logs.example.com"
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := client.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 3<<16) // 3 MiB
	res := ask("POST", "/api/v1/archives/", bytes.NewReader(data), "Upload-Token", ticket.Token, "X-Forwarded-For", "203.0.113.9",
		"Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="a.bin"`)
	if res.StatusCode != http.StatusCreated {
		t.Errorf("upload: %s", res.Status)
	}
	res = ask("POST", "/account/login/", strings.NewReader("username=maria&password=correct+horse+battery"), "Origin", "https://logs.example.com",
		"Content-Type", "application/x-www-form-urlencoded")
	if c := res.Cookies(); res.StatusCode != http.StatusSeeOther || len(c) != 1 || !c[0].Secure || !c[0].HttpOnly || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("sign-in: %s, %v", res.Status, res.Header)
	}
	db := d.open()
	a, err := db.Archive(t.Context(), 1)
	if err != nil || a.Size != int64(len(data)) {
		t.Errorf("archive %+v, %v", a, err)
	}
	events, err := db.Events(t.Context(), model.EventFilter{Action: model.ActionUpload})
	if err != nil || len(events) != 1 || events[0].ClientIP != "127.0.0.1" {
		t.Errorf("events %+v, %v", events, err)
	}
}
