package metrics

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Page == nil {
		o.Page = func(w *Writer) { w.Begin(Desc{"a_total", Counter, "A", nil}); w.Int(1) }
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}
	o.Log = slog.New(slog.DiscardHandler)
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func get(t *testing.T, s *Server, path string) (status int, body []byte) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + s.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestServer(t *testing.T) {
	ready := errors.New("cannot deliver")
	s := listen(t, Options{Ready: func(context.Context) error { return ready }})
	f := func(path string, status int, text string) {
		t.Helper()
		if got, body := get(t, s, path); got != status || !strings.Contains(string(body), text) {
			t.Errorf("%s: %d %q, want %d %q", path, got, body, status, text)
		}
	}
	f("/metrics", 200, "a_total 1\n")
	f("/health", 200, "ok")
	f("/ready", 503, "cannot deliver")
	ready = nil
	f("/ready", 200, "ready")
	f("/", 404, "")
	f("/debug/pprof/", 404, "") // not asked for
	resp, err := http.Post("http://"+s.Addr()+"/metrics", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", resp.Status)
	}
}

func TestPprof(t *testing.T) {
	s := listen(t, Options{Pprof: true})
	f := func(path string, status int) []byte {
		t.Helper()
		got, body := get(t, s, path)
		if got != status {
			t.Errorf("%s: %d %q, want %d", path, got, body, status)
		}
		return body
	}
	if !bytes.Contains(f("/debug/pprof/", 200), []byte("goroutine")) {
		t.Error("the list lacks goroutine")
	}
	f("/debug/pprof/nothing", 404)
	if !bytes.Contains(f("/debug/pprof/goroutine?debug=1", 200), []byte("goroutine profile: total")) {
		t.Error("no text of goroutines")
	}
	for _, path := range []string{"/debug/pprof/heap?gc=1", "/debug/pprof/profile?seconds=0.1"} {
		if _, err := gzip.NewReader(bytes.NewReader(f(path, 200))); err != nil { // profile.proto comes packed
			t.Errorf("%s: %v", path, err)
		}
	}
	if b := f("/debug/pprof/trace?seconds=0.01", 200); !bytes.HasPrefix(b, []byte("go 1.")) {
		t.Errorf("trace begins with %q", b[:min(len(b), 16)])
	}
}

// TestServerGivesTheAddressBack: a hot reload opens the address again at once,
// whatever a reader of metrics still holds open.
func TestServerGivesTheAddressBack(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	reading := make(chan struct{})
	s := listen(t, Options{Page: func(*Writer) { close(reading); <-release }})
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-reading
	done := make(chan error)
	go func() { done <- s.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("close waits for a reader")
	}
	again := listen(t, Options{Addr: s.Addr()})
	if status, _ := get(t, again, "/health"); status != 200 {
		t.Errorf("status %d", status)
	}
}

func TestListenOnATakenAddress(t *testing.T) {
	s := listen(t, Options{})
	_, err := Listen(Options{Addr: s.Addr(), Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), s.Addr()) || !strings.Contains(err.Error(), "an address of its own") {
		t.Errorf("error %v", err)
	}
}

// TestDeafReader: whoever asks and does not read loses the connection.
func TestDeafReader(t *testing.T) {
	began := make(chan struct{})
	s := listen(t, Options{WriteTimeout: 50 * time.Millisecond, Page: func(w *Writer) {
		close(began)
		w.Begin(Desc{"a_total", Counter, strings.Repeat("A", 64<<20), nil})
		w.Int(1)
	}})
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-began
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		t.Errorf("the connection is still there: %v", err)
	}
}
