package loki

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func newDirect() *direct {
	return &direct{fallback: &http.Transport{DialContext: (&net.Dialer{}).DialContext}}
}

func postTo(ctx context.Context, t testing.TB, rt http.RoundTripper, url string, body []byte) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Test", "a b")
	r.ContentLength, r.Body = int64(len(body)), newBodyReader(body, new(atomic.Int32))
	return rt.RoundTrip(r)
}

// TestDirectReuses sends bodies of all sizes over one connection and wants the
// answers' bodies whole.
func TestDirectReuses(t *testing.T) {
	var conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b)%2 == 1 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprintf(w, "%s %s %d %s", r.Header.Get("X-Test"), r.URL.RequestURI(), len(b), strings.Repeat("x", len(b)/10))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	rt := newDirect()
	defer rt.CloseIdleConnections()
	for _, n := range []int{0, 1, 10, 1 << 20, 3<<20 + 1, 2} {
		resp, err := postTo(t.Context(), t, rt, s.URL+"/push?a=%20b", bytes.Repeat([]byte("b"), n))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		want := fmt.Sprintf("a b /push?a=%%20b %d %s", n, strings.Repeat("x", n/10))
		if n%2 == 1 {
			want = ""
		}
		if err != nil || string(got) != want {
			t.Errorf("%d bytes: got %.60q, error %v", n, got, err)
		}
	}
	if conns.Load() != 1 {
		t.Errorf("%d connections, want 1", conns.Load())
	}
}

// raw serves one connection after the other with f.
func raw(t *testing.T, f func(c net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f(c, bufio.NewReader(c))
			c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// TestDirectInterimAnswer: answers below 200 announce the real one.
func TestDirectInterimAnswer(t *testing.T) {
	url := raw(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err == nil {
			io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	resp, err := postTo(t.Context(), t, newDirect(), url, nil)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Errorf("got %v, error %v", resp, err)
	}
}

// TestDirectEarlyAnswer: a server that refuses a body and hangs up without
// reading it has answered all the same.
func TestDirectEarlyAnswer(t *testing.T) {
	url := raw(t, func(c net.Conn, r *bufio.Reader) {
		r.ReadString('\n')
		io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		c.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, io.LimitReader(r, 1<<20)) // not all of it
	})
	resp, err := postTo(t.Context(), t, newDirect(), url, make([]byte, 64<<20))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusRequestEntityTooLarge || string(b) != "big" {
		t.Errorf("got %d %q", resp.StatusCode, b)
	}
}

// TestDirectEndsWithContext: a server that never answers is left when the
// context ends, by its deadline and by its cancellation.
func TestDirectEndsWithContext(t *testing.T) {
	got := make(chan struct{}, 2)
	url := raw(t, func(_ net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err == nil {
			got <- struct{}{}
			io.Copy(io.Discard, r)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := postTo(ctx, t, newDirect(), url, []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	<-got
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-got; stop() }()
	if _, err := postTo(ctx, t, newDirect(), url, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
}

// TestDirectProxy: a request that the environment sends through a proxy goes
// there.
func TestDirectProxy(t *testing.T) {
	seen := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.URL.String()
		w.WriteHeader(http.StatusNoContent)
	}))
	defer proxy.Close()
	rt := newDirect()
	rt.fallback.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	resp, err := postTo(t.Context(), t, rt, "http://loki.example.com/push", []byte("x"))
	if err != nil || resp.StatusCode != http.StatusNoContent || seen != "http://loki.example.com/push" {
		t.Errorf("got %v, error %v, the proxy saw %q", resp, err, seen)
	}
}

// TestEndlessHead: a server whose answer's head never ends costs no more than
// its bound, and is said to be no Loki.
func TestEndlessHead(t *testing.T) {
	f := func(name, begin, more string) {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var sent atomic.Int64
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						c.Read(make([]byte, 64<<10)) //nolint:errcheck // whatever it asks
						io.WriteString(c, begin)     //nolint:errcheck // the client hangs up
						for {
							n, err := io.WriteString(c, more)
							if sent.Add(int64(n)); err != nil {
								return
							}
						}
					}()
				}
			}()
			c, err := NewClient(Options{URL: "http://" + l.Addr().String(), Timeout: 10 * time.Second, BatchBytes: 1 << 20, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var kept atomic.Int32
			a, _ := c.postOnce(t.Context(), "", []byte("body"), &kept)
			if a.err == nil || !strings.Contains(a.err.Error(), "head of the answer is larger than 64 KiB") {
				t.Errorf("%v", a.err)
			}
			// What the kernel buffers was sent too.
			if n := sent.Load(); n > 16<<20 {
				t.Errorf("took %d bytes", n)
			}
		})
	}
	f("one line", "HTTP/1.1 204 No Content\r\nX: ", strings.Repeat("x", 4096))
	f("lines", "HTTP/1.1 204 No Content\r\n", strings.Repeat("X-Y: z\r\n", 512))
	f("status", "HTTP/1.1 204 ", strings.Repeat("x", 4096))
	f("announcements", "", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
}
