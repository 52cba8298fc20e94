package settings_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/settings"
)

var update = flag.Bool("update", false, "write the documentation anew")

// TestDocumentation: the table of docs/settings.md is the code's.
func TestDocumentation(t *testing.T) {
	path := filepath.Join("..", "docs", "settings.md")
	want := settings.Markdown()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is stale (%v): go test ./settings -update", path, err)
	}
}

// TestDefaults: without a word everything has a value.
func TestDefaults(t *testing.T) {
	s, err := settings.Load(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	wd, _ := os.Getwd()
	dir := filepath.Join(wd, "data")
	if s.Listen != "0.0.0.0:8000" || s.DataDir != dir || s.DBURL != "sqlite://"+dir+"/db.sqlite3" || s.Zone != time.UTC || !s.Imports.On ||
		s.Limits.MaxUpload != 50<<30 || s.Limits.TokenLife != 720*time.Hour || s.Loki != nil || s.OIDC.Issuer != "" || len(s.TrustedProxies) != 2 {
		t.Errorf("settings %+v", s)
	}
	for _, v := range settings.Variables {
		if v.Doc == "" || v.Section == "" {
			t.Errorf("%s is not described", v.Name)
		}
	}
}

// TestOriginal: the environment of the original's compose file serves.
func TestOriginal(t *testing.T) {
	f := func(environ string, get func(settings.Settings) string, want string) {
		t.Helper()
		s, err := settings.Load(strings.Fields(environ), "")
		if err != nil || get(s) != want || len(s.Warnings) > 0 {
			t.Errorf("%s: %q, %v, %q, want %q", environ, get(s), err, s.Warnings, want)
		}
	}
	listen := func(s settings.Settings) string { return s.Listen }
	level := func(s settings.Settings) string { return s.LogLevel }
	f("GUNICORN_BIND=0.0.0.0:9000", listen, "0.0.0.0:9000")
	f("WEB_PORT=9001", listen, "0.0.0.0:9001")
	f("WEB_PORT=9001 GUNICORN_BIND=[::]:9000", listen, "[::]:9000")
	f("LISTEN=127.0.0.1:1 GUNICORN_BIND=0.0.0.0:9000", listen, "127.0.0.1:1")
	f("GUNICORN_LOGLEVEL=critical", level, "error")
	f("GUNICORN_LOGLEVEL=WARNING", level, "warn")
	f("DEBUG=True", level, "debug")
	f("DB_URL=psql://u:p@db:5432/logs", func(s settings.Settings) string { return s.DBURL }, "psql://u:p@db:5432/logs")
	f("DATA_DIR=/data", func(s settings.Settings) string { return s.DBURL }, "sqlite:///data/db.sqlite3")
	f("ALLOWED_HOSTS=a.example.org,b.example.org", func(s settings.Settings) string { return strings.Join(s.AllowedHosts, "+") }, "a.example.org+b.example.org")
	f("CSRF_TRUSTED_ORIGINS=https://a.example.org", func(s settings.Settings) string { return strings.Join(s.CSRFTrustedOrigins, "+") }, "https://a.example.org")
	f("TZ=Europe/Moscow", func(s settings.Settings) string { return s.Zone.String() }, "Europe/Moscow")
	f("VERSION=0.1.0 GUNICORN_WORKERS=4 GUNICORN_TIMEOUT=3600 HEALTHCHECK_URL=api/v1/check/health/ HOME=/x PATH=/bin", listen, "0.0.0.0:8000")
	f("TICKETS_VISIBLE=own MAX_UPLOAD=1.5GB KEEP_RESOLVED=7d", func(s settings.Settings) string {
		if s.Limits.OwnTicketsOnly && s.Limits.MaxUpload == 1.5e9 && s.Keep.Resolved == 168*time.Hour {
			return "read"
		}
		return "wrong"
	}, "read")
}

// TestErrors: what is wrong is told with its name, its value, what is allowed
// and the nearest name, and no secret.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "intake.env")
	f := func(environ, content string, want ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := settings.Load(strings.Fields(environ), file)
		if err == nil {
			t.Errorf("%s %q: no error", environ, content)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s %q: %v, want %q", environ, content, err, w)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a secret is told: %v", err)
		}
	}
	f("SECRET_KEY=j9QGbvM9Z4otb47", "", "SECRET_KEY", "default of LOGS-COLLECTOR", "openssl rand")
	f("SECRET_KEY=s3cret", "", "SECRET_KEY", "6 characters", "32 at least")
	f("MAX_UPLOAD=big", "", `MAX_UPLOAD "big"`, "allowed: a number with B, KiB")
	f("MAX_UPLOAD=-1", "", `MAX_UPLOAD "-1"`)
	f("IDLE_TIMEOUT=0", "", `IDLE_TIMEOUT "0"`, "more than 0")
	f("KEEP_EVENTS=1y", "", `KEEP_EVENTS "1y"`, "36h or 30d")
	f("TOKEN_ATTEMPTS=11", "", `TOKEN_ATTEMPTS "11"`, "from 0 to 10")
	f("LOG_LEVEL=inof", "", `LOG_LEVEL "inof"`, "debug, info, warn, error", "did you mean info?")
	f("DEBUG=maybe", "", `DEBUG "maybe"`, "true or false")
	f("TZ=Moscow", "", `TZ "Moscow"`, "Europe/Moscow")
	f("DB_URL=mysql://u:s3cret@h/x", "", "DB_URL", "xxxxx", "sqlite:// or postgres://")
	f("LOKI_URL=loki:3100", "", "LOKI_URL", "http:// or https://")
	f("LISTEN=8000", "", `LISTEN "8000"`, "host:port")
	f("GUNICORN_BIND=unix:/run/x", "", "GUNICORN_BIND", "a unix socket is not served")
	f("TRUSTED_PROXIES=10.0.0.0/33", "", "TRUSTED_PROXIES", "is no network")
	f("OIDC_ISSUER=https://id.example.org", "", "OIDC_CLIENT_ID is missing", "BASE_URL is missing")
	f("", "MAX_UPLAOD=1", `setting "MAX_UPLAOD" is unknown; did you mean MAX_UPLOAD?`)
	f("", "SECRET_KEY s3cret", ":1:", "is no NAME=value")
	f("BASE_URL=https://example.org/intake", "", "BASE_URL", "root of a host", "https://example.org")
	f("SECRET_KEY_FILE=/no/such/file", "", "SECRET_KEY_FILE")
	f("MAX_UPLOAD=x TZ=y", "", "MAX_UPLOAD", "TZ") // all at once
}

// TestWarnings: a slip in the environment is told, names of others are not.
func TestWarnings(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		s, err := settings.Load([]string{name + "=1"}, "")
		got := strings.Join(s.Warnings, " ")
		if err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	f("KEEP_RESOLVD", "did you mean KEEP_RESOLVED?")
	f("OIDC_CLIENTID", "did you mean OIDC_CLIENT_ID?")
	f("MAX_UPLOADS", "did you mean MAX_UPLOAD?")
	f("LANG", "")
	f("LC_ALL", "")
	f("HOSTNAME", "")
	f("LOKI_ADDR", "")
}

// TestFile: a file's settings count, and the environment counts more.
func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "intake.env")
	key := strings.Repeat("k", 40)
	keyFile := filepath.Join(t.TempDir(), "key")
	for name, text := range map[string]string{file: "# comment\n\nexport MIN_FREE=2GiB\nENVIRONMENT=\"Test bench\"\nMAX_UPLOAD=1\n", keyFile: key + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(address, []byte("postgres://u:p@db/logs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := settings.Load([]string{"MAX_UPLOAD=2", "SECRET_KEY_FILE=" + keyFile, "DB_URL_FILE=" + address, "BASE_URL=https://example.org/"}, file)
	if err != nil || s.Limits.MinFree != 2<<30 || s.Environment != "Test bench" || s.Limits.MaxUpload != 2 || string(s.SecretKey) != key || s.DBURL != "postgres://u:p@db/logs" {
		t.Errorf("%v, %+v", err, s)
	}
}

// TestPrepare: one key is made, kept for the owner alone, and found again by
// all.
func TestPrepare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			s, err := settings.Load([]string{"DATA_DIR=" + dir}, "")
			if err == nil {
				err = s.Prepare()
			}
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(s.SecretKey)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != 64 || k != keys[0] {
			t.Errorf("keys %q", keys)
		}
	}
	info, err := os.Stat(filepath.Join(dir, settings.KeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
	if err := os.WriteFile(filepath.Join(dir, settings.KeyFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := settings.Load([]string{"DATA_DIR=" + dir}, "")
	if err := s.Prepare(); err == nil || !strings.Contains(err.Error(), "holds 5 characters") {
		t.Errorf("error %v", err)
	}
}
