package loki

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func TestParseSettings(t *testing.T) {
	f := func(text string, want Settings) {
		t.Helper()
		got, err := parseSettings([]byte(text))
		if err != nil || *got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	const week = 168 * time.Hour
	f("limits_config: {reject_old_samples: true, reject_old_samples_max_age: 1w}", Settings{RejectOld: true, MaxAge: week})
	f("limits_config: {reject_old_samples: false, reject_old_samples_max_age: 2d12h}", Settings{MaxAge: 60 * time.Hour})
	f("limits_config: {allow_structured_metadata: true, max_line_size: 256KB, ingestion_burst_size_mb: 6}\nschema_config: {configs: [{schema: v11}, {schema: v13}]}",
		Settings{Metadata: true, MaxLine: 256 << 10, BurstMB: 6, RejectOld: true, MaxAge: week, Schema: 13})
	f("limits_config: {max_line_size: 0, max_line_size_truncate: true}", Settings{Truncate: true, RejectOld: true, MaxAge: week})
	f("ingester: {max_chunk_age: 2h0m0s}\nlimits_config: {reject_old_samples: false}", Settings{MaxAge: week, ChunkAge: 2 * time.Hour})
	for _, text := range []string{"not found", "", "server: {http_listen_port: 3100}"} {
		if got, err := parseSettings([]byte(text)); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestSettingsAge(t *testing.T) {
	f := func(s Settings, age string, oldest int64) {
		t.Helper()
		if got := s.Age(); got != age {
			t.Errorf("%q, want %q", got, age)
		}
		if got := s.Oldest(time.Unix(1e9, 0)); got != oldest {
			t.Errorf("oldest %d, want %d", got, oldest)
		}
	}
	f(DefaultSettings, "7 days", (1e9-7*86400)*1e9)
	f(Settings{RejectOld: true, MaxAge: 36 * time.Hour}, "36h0m0s", (1e9-36*3600)*1e9)
	f(Settings{MaxAge: 48 * time.Hour}, "2 days", 0)
}

// TestSettings: the question goes the way of the pushes, with their authority,
// certificate, credentials, headers and tenant.
func TestSettings(t *testing.T) {
	ca := lokitest.NewAuthority(t)
	cert, key := ca.Files(t, "client")
	so := lokitest.Options{
		Config: "limits_config: {reject_old_samples_max_age: 3d}",
		TLS: &tls.Config{
			Certificates: []tls.Certificate{ca.Issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))},
			ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool,
		},
		Auth: func(r *http.Request) int {
			user, password, _ := r.BasicAuth()
			if user+password != "annsecret" || r.Header.Get("X-Scope-OrgID") != "mail" || r.Header.Get("X-Gate") != "open" {
				return http.StatusForbidden
			}
			return 0
		},
	}
	x := setUp(t, so, func(o *Options) {
		o.TLS = TLS{CAFile: ca.File, CertFile: cert, KeyFile: key}
		o.User, o.Password, o.TenantID = "ann", "secret", "mail"
		o.Headers = append(o.Headers, entry.Pair{Name: "X-Gate", Value: "open"})
	})
	if s, err := x.client.Settings(t.Context()); err != nil || s.MaxAge != 72*time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
	x = setUp(t, so, func(o *Options) { o.TLS = TLS{CAFile: ca.File, CertFile: cert, KeyFile: key} })
	if _, err := x.client.Settings(t.Context()); err == nil || !strings.Contains(err.Error(), "status 403") {
		t.Errorf("error %v", err)
	}
}
