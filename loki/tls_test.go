package loki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestTLS: with the right authority and certificate a push goes through, else
// it comes again, and the error says what to mend.
func TestTLS(t *testing.T) {
	ca, stranger := newCA(t), newCA(t)
	serverCert := ca.issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))
	mutual := &tls.Config{Certificates: []tls.Certificate{serverCert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool}
	oneWay := &tls.Config{Certificates: []tls.Certificate{serverCert}}
	certFile, keyFile := ca.files(t, "client")
	foreignCert, foreignKey := stranger.files(t, "stranger")
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
	f(oneWay, TLS{CAFile: ca.file}, "")
	f(oneWay, TLS{CAFile: ca.file, ServerName: "loki.example.com"}, "")
	f(oneWay, TLS{InsecureSkipVerify: true}, "")
	f(oneWay, TLS{}, "check tls_ca_file")
	f(oneWay, TLS{CAFile: stranger.file}, "check tls_ca_file")
	f(oneWay, TLS{CAFile: ca.file, ServerName: "other.example.com"}, "tls_server_name")
	f(mutual, TLS{CAFile: ca.file, CertFile: certFile, KeyFile: keyFile}, "")
	f(mutual, TLS{CAFile: ca.file}, "check tls_cert_file")
	f(mutual, TLS{CAFile: ca.file, CertFile: foreignCert, KeyFile: foreignKey}, "check tls_cert_file")

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
	ca, old := newCA(t), newCA(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.pool,
	}
	certFile, keyFile := old.files(t, "client")
	x := setUp(t, lokitest.Options{TLS: server}, func(o *Options) {
		o.TLS = TLS{CAFile: ca.file, CertFile: certFile, KeyFile: keyFile}
	})
	x.want(x.push(at(logA, 0, "1")), Result{Retry: true})
	newCert, newKey := ca.files(t, "client")
	rename(t, newCert, certFile)
	rename(t, newKey, keyFile)
	x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1})
}

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
	file string // PEM
}

func newCA(t *testing.T) *authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	ca := &authority{cert: cert, key: key, pool: x509.NewCertPool(), file: filepath.Join(t.TempDir(), "ca.pem")}
	ca.pool.AddCert(cert)
	write(t, ca.file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return ca
}

func (ca *authority) issue(t *testing.T, name string, ips ...net.IP) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: ips,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// files issues a certificate into PEM files.
func (ca *authority) files(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	c := ca.issue(t, name)
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	return certFile, keyFile
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
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
