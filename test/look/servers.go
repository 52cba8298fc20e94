package main

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
	"time"
)

// server is a program that was started for the pictures.
type server struct {
	url, dir string
	cmd      *exec.Cmd
}

func (s *server) stop() {
	if s.cmd != nil {
		s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		s.cmd.Wait()                          // its code says nothing after a signal
	}
	if s.dir != "" {
		os.RemoveAll(s.dir) // of os.MkdirTemp
	}
}

// freePort returns a TCP port of loopback that is free now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// ready waits until path answers with 200.
func (s *server) ready(ctx context.Context, path string, output *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, http.NoBody)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			s.stop()
			return fmt.Errorf("%s does not answer on %s: %w; it wrote:\n%s", s.cmd.Path, s.url+path, ctx.Err(), tail(output.String()))
		case <-tick.C:
		}
	}
}

func tail(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

func (s *server) start(ctx context.Context, path string) error {
	var output bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &output, &output
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.ready(ctx, path, &output)
}

// setting is what tells one Grafana from another.
type setting struct {
	loki, prometheus string // addresses
	role             string // of those who do not log in
	// provision writes what Grafana reads at its start.
	provision func(dir string) error
}

// startGrafana starts Grafana with a provisioning; everybody may look.
func startGrafana(ctx context.Context, f found, set setting) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "zimbraloki-look-")
	if err != nil {
		return nil, err
	}
	if err := set.provision(filepath.Join(dir, "provisioning")); err != nil {
		return nil, err
	}
	s := &server{url: "http://127.0.0.1:" + port, dir: dir}
	s.cmd = exec.Command(f.grafana, "server", "--homepath", f.home)
	s.cmd.Dir = f.home
	s.cmd.Env = append(os.Environ(), "LOKI_URL="+set.loki, "LOKI_USER=", "LOKI_PASSWORD=", "PROMETHEUS_URL="+set.prometheus)
	for _, v := range [][2]string{
		{"SERVER_HTTP_ADDR", "127.0.0.1"},
		{"SERVER_HTTP_PORT", port},
		{"PATHS_DATA", filepath.Join(dir, "data")},
		{"PATHS_LOGS", filepath.Join(dir, "logs")},
		{"PATHS_PLUGINS", filepath.Join(dir, "plugins")},
		{"PATHS_PROVISIONING", filepath.Join(dir, "provisioning")},
		{"AUTH_ANONYMOUS_ENABLED", "true"},
		{"AUTH_ANONYMOUS_ORG_ROLE", set.role},
		{"AUTH_DISABLE_LOGIN_FORM", "true"},
		{"AUTH_BASIC_ENABLED", "false"},
		{"SECURITY_DISABLE_INITIAL_ADMIN_CREATION", "true"},
		{"USERS_VIEWERS_CAN_EDIT", "true"},
		{"NEWS_NEWS_FEED_ENABLED", "false"},
		{"ANALYTICS_REPORTING_ENABLED", "false"},
		{"ANALYTICS_CHECK_FOR_UPDATES", "false"},
		{"ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"},
		{"PLUGINS_PREINSTALL_DISABLED", "true"},
		{"UNIFIED_ALERTING_ENABLED", "true"},
		{"LOG_LEVEL", "warn"},
		{"FEATURE_TOGGLES_ENABLE", "correlations"}, // off by default before Grafana 10.4
	} {
		s.cmd.Env = append(s.cmd.Env, "GF_"+v[0]+"="+v[1])
	}
	return s, s.start(ctx, "/api/health")
}

// ours is the provisioning of this checkout. The alerts are left out, as in
// docker-compose.yaml.
func ours(root string) func(string) error {
	return func(to string) error {
		conf := filepath.Join(root, "conf", "grafana")
		for _, name := range []string{"dashboards", "datasources"} {
			text, err := os.ReadFile(filepath.Join(conf, "provisioning", name, "zimbraloki.yaml"))
			if err != nil {
				return err
			}
			text = bytes.ReplaceAll(text, []byte("/etc/zimbraloki/dashboards"), []byte(filepath.Join(conf, "dashboards")))
			if err := write(filepath.Join(to, name, "zimbraloki.yaml"), text); err != nil {
				return err
			}
		}
		return nil
	}
}

// write makes a file and the folder of it.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
