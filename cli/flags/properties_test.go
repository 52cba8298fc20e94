package flags

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/config"
)

// withConfigFile parses flags behind --config FILE, a file of that text.
func withConfigFile(t *testing.T, name, text string, args ...string) (*config.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var p Properties
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	p.Add(flags)
	if err := flags.Parse(append([]string{"--config", path}, args...)); err != nil {
		t.Fatal(err)
	}
	return p.Config()
}

// TestConfigFlag: --config reads what Fluent Bit gives the plugin.
func TestConfigFlag(t *testing.T) {
	t.Setenv("ZIMBRALOKI_TEST_USER", "me")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	f := func(name, text string) {
		t.Helper()
		cfg, err := withConfigFile(t, name, text, "--tenant", "flag", "--label", "site=a")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if cfg.URL != "http://192.0.2.1:3100/loki/api/v1/push" || cfg.HTTPUser != "me" || cfg.HTTPPasswd.Reveal() != "s3cr$et" ||
			cfg.TenantID != "flag" || len(cfg.Headers) > 0 || cfg.PathKey != "file" {
			t.Errorf("%s: %s", name, cfg)
		}
		if l := cfg.Labels; len(l) != 2 || l[0].Name != "host" || l[0].Value != host || l[1].Value != "a" {
			t.Errorf("%s: labels %v", name, l)
		}
	}
	f("a.conf", `[OUTPUT]
    Name        http
    header      Authorization Basic eA==
[OUTPUT]
    Name        zimbraloki
    Match       *
    tls         on
    url         ${ZIMBRALOKI_TEST_URL:-http://192.0.2.1:3100}
    tenant_id   mail
    labels      host=$HOSTNAME
    http_user   ${ZIMBRALOKI_TEST_USER}
    http_passwd s3cr$et
    path_key    file
`)
	f("a.yaml", `pipeline:
  outputs:
    - name: http
      header: Authorization Basic eA==
    - name: zimbraloki # to Loki
      match: '*'
      tls: on
      url: ${ZIMBRALOKI_TEST_URL:-http://192.0.2.1:3100} # the proxy
      tenant_id: mail
      labels: host=$HOSTNAME
      http_user: ${ZIMBRALOKI_TEST_USER}
      http_passwd: s3cr$et
      path_key: file # of the record
`)
}

func TestOutputSectionFlag(t *testing.T) {
	const two = "[OUTPUT]\n    name zimbraloki\n    url http://192.0.2.1\n[OUTPUT]\n    name zimbraloki\n    alias archive\n    url http://192.0.2.2\n"
	if cfg, err := withConfigFile(t, "a.conf", two, "--output-section", "archive"); err != nil || !strings.HasPrefix(cfg.URL, "http://192.0.2.2/") {
		t.Errorf("%v, %v", cfg, err)
	}
	if _, err := withConfigFile(t, "a.conf", two); err == nil || !strings.Contains(err.Error(), "a.conf:4, alias archive") {
		t.Errorf("several: %v", err)
	}
	if _, err := withConfigFile(t, "a.conf", "[OUTPUT]\n    name loki\n"); err == nil || !strings.Contains(err.Error(), "no output named zimbraloki") {
		t.Errorf("none: %v", err)
	}
	p := Properties{section: "1"}
	if _, err := p.Config(); err == nil || !strings.Contains(err.Error(), "--config: is missing") {
		t.Errorf("without a file: %v", err)
	}
}
