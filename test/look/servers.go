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

	"github.com/zimbraloki/zimbraloki/dev/demo"
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

// startPrometheus starts the Prometheus of PATH, which asks nobody: panels about
// metrics have a data source, and stay empty. Without one they say that they
// cannot reach it.
func startPrometheus(ctx context.Context, _ *demo.Demo) (*server, error) {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		fmt.Println("no prometheus in PATH: panels about metrics will fail")
		return &server{url: "http://127.0.0.1:9"}, nil
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "zimbraloki-look-")
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(conf, []byte("global: {}\n"), 0o600); err != nil {
		return nil, err
	}
	s := &server{url: "http://127.0.0.1:" + port, dir: dir}
	s.cmd = exec.Command(path, "--config.file="+conf, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:"+port)
	return s, s.start(ctx, "/-/ready")
}

func (s *server) start(ctx context.Context, path string) error {
	var output bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &output, &output
	if err := s.cmd.Start(); err != nil {
		return err
	}
	return s.ready(ctx, path, &output)
}

// startGrafana starts Grafana with our provisioning; everybody may look.
func startGrafana(ctx context.Context, f found, root, loki, prometheus string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "zimbraloki-look-")
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(root, "conf", "grafana")
	if err := provision(conf, filepath.Join(dir, "provisioning")); err != nil {
		return nil, err
	}
	s := &server{url: "http://127.0.0.1:" + port, dir: dir}
	s.cmd = exec.Command(f.grafana, "server", "--homepath", f.home)
	s.cmd.Dir = f.home
	s.cmd.Env = append(os.Environ(), "LOKI_URL="+loki, "LOKI_USER=", "LOKI_PASSWORD=", "PROMETHEUS_URL="+prometheus)
	for _, v := range [][2]string{
		{"SERVER_HTTP_ADDR", "127.0.0.1"},
		{"SERVER_HTTP_PORT", port},
		{"PATHS_DATA", filepath.Join(dir, "data")},
		{"PATHS_LOGS", filepath.Join(dir, "logs")},
		{"PATHS_PLUGINS", filepath.Join(dir, "plugins")},
		{"PATHS_PROVISIONING", filepath.Join(dir, "provisioning")},
		{"AUTH_ANONYMOUS_ENABLED", "true"},
		{"AUTH_ANONYMOUS_ORG_ROLE", "Viewer"},
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

// provision copies what Grafana reads at its start, with the dashboards' folder of
// this checkout. The alerts are left out, as in docker-compose.yaml.
func provision(conf, to string) error {
	for _, name := range []string{"dashboards", "datasources"} {
		text, err := os.ReadFile(filepath.Join(conf, "provisioning", name, "zimbraloki.yaml"))
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("/etc/zimbraloki/dashboards"), []byte(filepath.Join(conf, "dashboards")))
		if err := os.MkdirAll(filepath.Join(to, name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name, "zimbraloki.yaml"), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
