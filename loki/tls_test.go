package loki

import (
	"crypto/tls"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestTLS: with the right authority and certificate a push goes through, else
// it comes again, and the error says what to mend.
func TestTLS(t *testing.T) {
	ca, stranger := lokitest.NewAuthority(t), lokitest.NewAuthority(t)
	serverCert := ca.Issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))
	mutual := &tls.Config{Certificates: []tls.Certificate{serverCert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool}
	oneWay := &tls.Config{Certificates: []tls.Certificate{serverCert}}
	certFile, keyFile := ca.Files(t, "client")
	foreignCert, foreignKey := stranger.Files(t, "stranger")
	f := func(server *tls.Config, client TLS, want string) {
		t.Helper()
		x := setUp(t, lokitest.Options{TLS: server.Clone()}, func(o *Options) { o.TLS = client })
		r := x.push(at(logA, 0, "1"))
		if want == "" {
			x.want(r, Result{Accepted: 1})
			return
		}
		x.want(r, Result{Retry: true})
		if !strings.Contains(r.Err.Error(), want) {
			t.Errorf("error %v, want %q", r.Err, want)
		}
	}
	f(oneWay, TLS{CAFile: ca.File}, "")
	f(oneWay, TLS{CAFile: ca.File, ServerName: "loki.example.com"}, "")
	f(oneWay, TLS{InsecureSkipVerify: true}, "")
	f(oneWay, TLS{}, "check tls_ca_file")
	f(oneWay, TLS{CAFile: stranger.File}, "check tls_ca_file")
	f(oneWay, TLS{CAFile: ca.File, ServerName: "other.example.com"}, "tls_server_name")
	f(mutual, TLS{CAFile: ca.File, CertFile: certFile, KeyFile: keyFile}, "")
	f(mutual, TLS{CAFile: ca.File}, "check tls_cert_file")
	f(mutual, TLS{CAFile: ca.File, CertFile: foreignCert, KeyFile: foreignKey}, "check tls_cert_file")

	wrong := func(change func(*Options), so lokitest.Options) {
		t.Helper()
		x := setUp(t, so, change)
		r := x.push(at(logA, 0, "1"))
		x.want(r, Result{Retry: true})
		if !strings.Contains(r.Err.Error(), "check http:// or https://") {
			t.Errorf("error %v", r.Err)
		}
	}
	wrong(func(o *Options) { o.URL = strings.Replace(o.URL, "http:", "https:", 1) }, lokitest.Options{})
	wrong(func(o *Options) { o.URL = strings.Replace(o.URL, "https:", "http:", 1) }, lokitest.Options{TLS: oneWay})
}

// TestClientCertificateIsRenewed: a certificate that was replaced in its files
// is used at the next handshake.
func TestClientCertificateIsRenewed(t *testing.T) {
	ca, old := lokitest.NewAuthority(t), lokitest.NewAuthority(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{ca.Issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool,
	}
	certFile, keyFile := old.Files(t, "client")
	x := setUp(t, lokitest.Options{TLS: server}, func(o *Options) {
		o.TLS = TLS{CAFile: ca.File, CertFile: certFile, KeyFile: keyFile}
	})
	x.want(x.push(at(logA, 0, "1")), Result{Retry: true})
	newCert, newKey := ca.Files(t, "client")
	rename(t, newCert, certFile)
	rename(t, newKey, keyFile)
	x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
