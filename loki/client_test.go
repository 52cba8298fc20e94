package loki

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
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
	f("http://a:s3cret@127.0.0.1:1/s?key=s3cret", func(*Options) {})                       // nobody listens
	f("https://a:s3cret@"+echo.Listener.Addr().String()+"/?key=s3cret", func(*Options) {}) // no TLS there
}

// TestStaleConnection: a kept connection that the server closed meanwhile is
// replaced at once, within the same push and without a wait.
func TestStaleConnection(t *testing.T) {
	x := setUp(t, lokitest.Options{}, nil)
	for i := range 20 {
		x.want(x.push(at(logA, 0, fmt.Sprint(i))), Result{Accepted: 1})
		x.server.CloseConnections()
	}
	if n := x.client.Stats().Again.Load(); n != 0 {
		t.Errorf("waited %d times", n)
	}
	// The same if it breaks only when it is used.
	for i := range 5 {
		x.server.Script(lokitest.Fault{}, lokitest.Fault{Break: lokitest.BreakReset})
		x.want(x.push(at(logA, 1, fmt.Sprint(i))), Result{Accepted: 1})
		x.want(x.push(at(logA, 2, fmt.Sprint(i))), Result{Accepted: 1})
	}
	if n := x.client.Stats().Again.Load(); n != 0 {
		t.Errorf("waited %d times", n)
	}
}

// TestAllConnectionsAreStale: when one kept connection is dead, the others are
// not tried.
func TestAllConnectionsAreStale(t *testing.T) {
	const kept = 4
	type number struct{}
	var opened, dead atomic.Int32
	var together sync.WaitGroup
	together.Add(kept)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch n := r.Context().Value(number{}).(int32); {
		case n <= dead.Load():
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
			return
		case n <= kept:
			together.Done()
			together.Wait() // so that each push needs a connection of its own
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	srv.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, number{}, opened.Add(1))
	}
	srv.Start()
	defer srv.Close()
	c, err := NewClient(Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range kept {
		wg.Go(func() { c.Push(t.Context(), batchOf([]entry.Entry{at(logA, 0, "1")})) })
	}
	wg.Wait()
	dead.Store(kept)
	if r := c.Push(t.Context(), batchOf([]entry.Entry{at(logA, 0, "1")})); r.Retry || c.Stats().Again.Load() != 0 {
		t.Errorf("result %+v, waited %d times", r, c.Stats().Again.Load())
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
