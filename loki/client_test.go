package loki

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func TestNewClientFailures(t *testing.T) {
	dir := t.TempDir()
	empty, two := filepath.Join(dir, "empty"), filepath.Join(dir, "two")
	write(t, empty, " \n")
	write(t, two, "a\nb\n")
	const u = "http://127.0.0.1:3100"
	f := func(o Options, want string) {
		t.Helper()
		_, err := NewClient(o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%#v: error %v, want %q", o, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a secret stands in the error %q", err)
		}
	}
	f(Options{}, "url is empty")
	f(Options{URL: "127.0.0.1:3100"}, "first path segment in URL cannot contain colon")
	f(Options{URL: "localhost:3100"}, "must begin with http:// or https://")
	f(Options{URL: "//localhost:3100"}, "must begin with http:// or https://")
	f(Options{URL: "ftp://a:s3cret@localhost"}, "must begin with http:// or https://")
	f(Options{URL: "http://"}, "names no host")
	f(Options{URL: "http://:3100"}, "names no host")
	f(Options{URL: u + "/#push"}, "fragment")
	f(Options{URL: "http://a:s3cret@localhost:port"}, "cannot parse url")
	f(Options{URL: "http://a:s3cret@local host"}, "cannot parse url")
	f(Options{URL: u, Compress: "zstd"}, `compress "zstd"`)
	f(Options{URL: u, BatchBytes: 1000}, "batch bytes 1000")
	f(Options{URL: u, BatchBytes: 4 << 20}, "batch bytes 4194304")
	f(Options{URL: u, Timeout: -1}, "request timeout -1ns is negative")
	f(Options{URL: u, TenantID: "a/b"}, `tenant ID "a/b" contains '/'`)
	f(Options{URL: u, TenantID: ".."}, "not allowed")
	f(Options{URL: u, TenantID: strings.Repeat("x", 151)}, "longer than 150")
	f(Options{URL: u, Password: "s3cret"}, "http_passwd needs http_user")
	f(Options{URL: u, User: "a", BearerToken: "s3cret"}, "exclude each other")
	f(Options{URL: u, User: "a", Password: "s3cret", PasswordFile: empty}, "http_passwd and http_passwd_file exclude each other")
	f(Options{URL: u, BearerToken: "s3cret", BearerTokenFile: empty}, "bearer_token and bearer_token_file exclude each other")
	f(Options{URL: "http://a:s3cret@127.0.0.1", User: "b"}, "given twice")
	f(Options{URL: "http://a:s3cret@127.0.0.1", Password: "b"}, "given twice")
	f(Options{URL: u, User: "a", PasswordFile: filepath.Join(dir, "none")}, "cannot read http_passwd_file")
	f(Options{URL: u, BearerTokenFile: empty}, "is empty")
	f(Options{URL: u, BearerTokenFile: two}, "more than one line")
	f(Options{URL: u, Headers: []entry.Pair{{Name: "", Value: "x"}}}, "no name")
	f(Options{URL: u, Headers: []entry.Pair{{Name: "a b", Value: "x"}}}, "contains ' '")
	f(Options{URL: u, Headers: []entry.Pair{{Name: "A", Value: "s3cret\n"}}}, "control character")
	f(Options{URL: u, Headers: []entry.Pair{{Name: "authorization", Value: "s3cret"}}}, "is set by http_user or bearer_token")
	f(Options{URL: u, Headers: []entry.Pair{{Name: "x-scope-orgid", Value: "a"}}}, "is set by tenant_id")
	f(Options{URL: u, TLS: TLS{CAFile: filepath.Join(dir, "none")}}, "cannot read tls_ca_file")
	f(Options{URL: u, TLS: TLS{CAFile: two}}, "no PEM certificate")
	f(Options{URL: u, TLS: TLS{CertFile: two}}, "need each other")
	f(Options{URL: u, TLS: TLS{CertFile: two, KeyFile: two}}, "cannot load tls_cert_file")
}

func TestURL(t *testing.T) {
	f := func(in, want, shown string) {
		t.Helper()
		c, err := NewClient(Options{URL: in})
		if err != nil {
			t.Fatal(err)
		}
		if c.url != want || c.shown != shown {
			t.Errorf("%s: %s, shown as %s; want %s, %s", in, c.url, c.shown, want, shown)
		}
	}
	const push = "http://127.0.0.1:3100/loki/api/v1/push"
	f("http://127.0.0.1:3100", push, push)
	f("http://127.0.0.1:3100/", push, push)
	f("HTTP://127.0.0.1:3100/loki/api/v1/push", push, push)
	f("https://logs.example.com/prefix/push", "https://logs.example.com/prefix/push", "https://logs.example.com/prefix/push")
	f("http://user:pass@127.0.0.1:3100?key=s3cret", push+"?key=s3cret", push)
	f("http://[2001:db8::1]:3100", "http://[2001:db8::1]:3100/loki/api/v1/push", "http://[2001:db8::1]:3100/loki/api/v1/push")
}

func TestHeaders(t *testing.T) {
	f := func(o Options, name, want string) {
		t.Helper()
		x := setUp(t, lokitest.Options{}, func(def *Options) {
			o.URL, o.Log, o.Version = strings.Replace(def.URL, "://", "://"+o.URL, 1), def.Log, def.Version
			*def = o
		})
		x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1})
		if got := x.server.Requests()[0].Header[http.CanonicalHeaderKey(name)]; strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f(Options{}, "User-Agent", "zimbraloki/1.2.3")
	f(Options{}, "Content-Type", "application/x-protobuf")
	f(Options{}, "Content-Encoding", "")
	f(Options{}, "X-Scope-OrgID", "")
	f(Options{}, "Authorization", "")
	f(Options{}, "Idempotency-Key", "")
	f(Options{}, "Accept-Encoding", "")
	f(Options{Compress: "gzip"}, "Content-Encoding", "gzip")
	f(Options{Compress: "gzip"}, "Content-Type", "application/json")
	f(Options{Compress: "none"}, "Content-Type", "application/json")
	f(Options{TenantID: "a"}, "X-Scope-OrgID", "a")
	f(Options{User: "a", Password: "b"}, "Authorization", "Basic YTpi")
	f(Options{User: "a"}, "Authorization", "Basic YTo=")
	f(Options{URL: "a:b@"}, "Authorization", "Basic YTpi")
	f(Options{URL: "a@", Password: "b"}, "Authorization", "Basic YTpi")
	f(Options{BearerToken: "t"}, "Authorization", "Bearer t")
	f(Options{Headers: []entry.Pair{{Name: "x-key", Value: "v"}, {Name: "User-Agent", Value: "own"}}}, "X-Key", "v")
	f(Options{Headers: []entry.Pair{{Name: "User-Agent", Value: "own"}}}, "User-Agent", "own")
}

// TestSecretFile: a file is read again when it changes, and after a 401 even
// if nothing shows that it has.
func TestSecretFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "first\n")
	valid := "first"
	x := setUp(t, lokitest.Options{Auth: func(r *http.Request) int {
		if r.Header.Get("Authorization") != "Bearer "+valid {
			return http.StatusUnauthorized
		}
		return 0
	}}, func(o *Options) { o.BearerTokenFile = file })
	requests := func(want int) {
		t.Helper()
		if got := len(x.server.Requests()); got != want {
			t.Errorf("%d requests so far, want %d", got, want)
		}
	}
	x.want(x.push(at(logA, 0, "1")), Result{Accepted: 1})
	requests(1)
	valid = "second one"
	write(t, file, "second one")
	x.want(x.push(at(logA, 0, "2")), Result{Accepted: 1})
	requests(2)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	valid = "third! one"
	write(t, file, valid)
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil { // same size, same time
		t.Fatal(err)
	}
	x.want(x.push(at(logA, 0, "3")), Result{Accepted: 1})
	requests(4)
	if err := os.Remove(file); err != nil { // being replaced: the last value holds
		t.Fatal(err)
	}
	x.want(x.push(at(logA, 0, "4")), Result{Accepted: 1})
	requests(5)
	valid = "fourth"
	x.want(x.push(at(logA, 0, "5")), Result{Retry: true})
	requests(6)
}

// TestSecretsAreNotTold: neither errors nor the log nor dead letters repeat a
// secret, even if the server does.
func TestSecretsAreNotTold(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusForbidden
		if r.Header.Get("X-Case") == "refuse" {
			status = http.StatusBadRequest
		}
		user, password, _ := r.BasicAuth()
		http.Error(w, fmt.Sprintf("you sent %s: %s %s %q %s", user, password, r.URL, r.Header.Get("Authorization"), r.Header.Get("X-Key")), status)
	}))
	defer echo.Close()
	file := filepath.Join(t.TempDir(), "secret")
	write(t, file, "s3cret-file")
	f := func(url string, change func(*Options)) {
		t.Helper()
		x := setUp(t, lokitest.Options{}, func(o *Options) {
			o.URL = url
			o.Headers = append(o.Headers, entry.Pair{Name: "X-Key", Value: "s3cret-key"})
			change(o)
			o.Log.Info("options", "options", *o)
			o.Log.Info(fmt.Sprintf("%v %+v %#v", *o, *o, *o))
		})
		var said []string
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			r := x.client.Push(ctx, batchOf([]entry.Entry{at(logA, 0, "1")}))
			cancel()
			said = append(said, fmt.Sprintf("%+v %v %#v", r, r.Err, r.Err))
		}
		said = append(said, x.log.String(), fmt.Sprintf("%+v", x.records()))
		for _, s := range said {
			if strings.Contains(s, "s3cret") {
				t.Errorf("%s: a secret is told: %s", url, s)
			}
		}
	}
	basic := func(o *Options) { o.User, o.Password = "a", "s3cret" }
	f(echo.URL, basic)
	f(echo.URL, func(o *Options) { o.User, o.PasswordFile = "a", file })
	f(echo.URL, func(o *Options) { o.BearerToken = "s3cret" })
	f(echo.URL, func(o *Options) { o.BearerTokenFile = file })
	f(echo.URL, func(o *Options) { basic(o); o.Headers = append(o.Headers, entry.Pair{Name: "X-Case", Value: "refuse"}) })
	f(strings.Replace(echo.URL, "://", "://a:s3cret@", 1), func(*Options) {})
	f("http://a:s3cret@127.0.0.1:1/s?key=s3cret", func(*Options) {}) // nobody listens
	f("http://a:s3cret@loki.invalid/", func(*Options) {})
	f("https://a:s3cret@"+echo.Listener.Addr().String()+"/?key=s3cret", func(*Options) {}) // no TLS there
}

// TestStaleConnection: a kept connection that the server closed meanwhile is
// replaced at once, within the same push and without a wait.
func TestStaleConnection(t *testing.T) {
	x := setUp(t, lokitest.Options{}, nil)
	for i := range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), minBackoff/2) // no time for a backoff
		r := x.client.Push(ctx, batchOf([]entry.Entry{at(logA, 0, fmt.Sprint(i))}))
		cancel()
		x.want(r, Result{Accepted: 1})
		x.server.CloseConnections()
	}
	// The same if it breaks only when it is used.
	for i := range 5 {
		x.server.Script(lokitest.Fault{}, lokitest.Fault{Break: lokitest.BreakReset})
		x.want(x.push(at(logA, 1, fmt.Sprint(i))), Result{Accepted: 1})
		ctx, cancel := context.WithTimeout(t.Context(), minBackoff/2)
		r := x.client.Push(ctx, batchOf([]entry.Entry{at(logA, 2, fmt.Sprint(i))}))
		cancel()
		x.want(r, Result{Accepted: 1})
	}
}

// TestConnectionIsKept: one connection serves many pushes, whatever the answer.
func TestConnectionIsKept(t *testing.T) {
	opened := make(chan struct{}, 1000)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, strings.Repeat("a long refusal ", 10_000), http.StatusForbidden)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened <- struct{}{}
		}
	}
	srv.Start()
	defer srv.Close()
	c, err := NewClient(Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 10 {
		if r := c.Push(t.Context(), batchOf([]entry.Entry{at(logA, 0, "1")})); !r.Retry || len(r.Err.Error()) > 2*maxQuoted {
			t.Fatalf("result %+v", r)
		}
	}
	if len(opened) != 1 {
		t.Errorf("%d connections for 10 pushes, want 1", len(opened))
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	followed := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/login?token=s3cret", http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	c, err := NewClient(Options{URL: srv.URL, BearerToken: "t0ken"})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Push(t.Context(), batchOf([]entry.Entry{at(logA, 0, "1")}))
	if !r.Retry || followed || !strings.Contains(r.Err.Error(), "to "+other.URL+"/login (") {
		t.Errorf("followed %v, error %v", followed, r.Err)
	}
}

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
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool}
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
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
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
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: ips,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
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
