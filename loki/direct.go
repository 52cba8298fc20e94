package loki

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"sync"
	"time"
)

// direct is an http.RoundTripper that does the whole exchange on the goroutine
// that calls it. http.Transport hands each request to one goroutine that
// writes and another that reads, and every hand-over wakes a thread. With the
// best of its buffer sizes that costs some 70 µs of CPU more for each push
// (BenchmarkExchange): 5 to 8 % of the whole way of a chunk of zimbra.log, which
// makes 13 bodies, and 2 to 3 % of one of mailbox.log or PLAN-R, which makes 4
// or 5 (docs/performance.md).
//
// HTTP/1.1, POST with a known length. Requests that go through a proxy take
// fallback.
type direct struct {
	fallback *http.Transport // its dialer, TLS and proxy settings count here too
	mu       sync.Mutex
	idle     []*directConn // the one used last is at the end
}

const (
	maxIdle     = 16               // one per Fluent Bit worker is enough
	idleTimeout = 60 * time.Second // Loki closes after 120 s (http_server_idle_timeout)
	dialTimeout = 10 * time.Second // TLS included
)

// directConn is one connection.
type directConn struct {
	net.Conn
	host  string            // of the URL, with the scheme
	limit *io.LimitedReader // of what r may read before the answer's body
	r     *bufio.Reader
	head  []byte // scratch
	used  time.Time
}

// RoundTrip implements http.RoundTripper.
func (t *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.fallback.Proxy != nil {
		if proxy, err := t.fallback.Proxy(r); err != nil || proxy != nil {
			return t.fallback.RoundTrip(r)
		}
	}
	c, reused, err := t.take(r)
	if err != nil {
		r.Body.Close() //nolint:errcheck // nothing was read of it
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn, Reused: reused})
	}
	return t.exchange(c, r)
}

// take returns an idle connection or a new one.
func (t *direct) take(r *http.Request) (c *directConn, reused bool, err error) {
	host := r.URL.Scheme + "://" + r.URL.Host
	t.mu.Lock()
	for n := len(t.idle); n > 0 && c == nil; n = len(t.idle) {
		last := t.idle[n-1]
		t.idle[n-1], t.idle = nil, t.idle[:n-1]
		if last.host == host && time.Since(last.used) < idleTimeout {
			c = last
		} else {
			last.Close() //nolint:errcheck // it is done with
		}
	}
	t.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	conn, err := t.dial(r)
	if err != nil {
		return nil, false, err
	}
	limit := &io.LimitedReader{R: conn}
	return &directConn{Conn: conn, host: host, limit: limit, r: bufio.NewReaderSize(limit, 4<<10)}, false, nil
}

func (t *direct) dial(r *http.Request) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(r.Context(), dialTimeout)
	defer cancel()
	port := r.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[r.URL.Scheme]
	}
	conn, err := t.fallback.DialContext(ctx, "tcp", net.JoinHostPort(r.URL.Hostname(), port))
	if err != nil || r.URL.Scheme != "https" {
		return conn, err
	}
	config := &tls.Config{}
	if t.fallback.TLSClientConfig != nil {
		config = t.fallback.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = r.URL.Hostname()
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close() //nolint:errcheck // the handshake's error counts
		return nil, err
	}
	return secure, nil
}

// exchange sends r and reads the head of the answer; its body is read by the
// caller. Whatever ends the request's context ends the exchange.
func (t *direct) exchange(c *directConn, r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	deadline, _ := ctx.Deadline()
	c.SetDeadline(deadline)                                                   //nolint:errcheck // a closed connection says so at the write
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // a closed connection ends the exchange too
	werr := c.send(r)
	r.Body.Close() //nolint:errcheck // a reader of bytes
	if werr != nil && ctx.Err() == nil {
		// A server that will not have the body may have answered before it hung up.
		c.SetDeadline(time.Now().Add(100 * time.Millisecond)) //nolint:errcheck // the same
	}
	resp, err := c.answer(r)
	if werr != nil && err != nil {
		err = werr
	}
	if err != nil {
		stop()
		c.Close() //nolint:errcheck // the exchange's error counts
		return nil, contextError(ctx, err)
	}
	resp.Body = &directBody{ReadCloser: resp.Body, t: t, c: c, stop: stop, keep: werr == nil && !resp.Close && !r.Close, done: resp.Body == http.NoBody}
	return resp, nil
}

// contextError names the end of the context as the cause, if it was: the
// connection's deadline, which is the context's own, may pass a moment before.
func contextError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := ctx.Deadline(); ok && errors.Is(err, os.ErrDeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

// send writes the request: head and body with one write each.
func (c *directConn) send(r *http.Request) error {
	w := headWriter{c.head[:0]}
	w.line(r.Method, " ", r.URL.RequestURI(), " HTTP/1.1\r\nHost: ", r.URL.Host, "\r\n")
	if err := r.Header.Write(&w); err != nil {
		return err
	}
	w.b = strconv.AppendInt(append(w.b, "Content-Length: "...), r.ContentLength, 10)
	w.line("\r\n\r\n")
	c.head = w.b
	if _, err := c.Write(w.b); err != nil {
		return err
	}
	var err error
	if body, ok := r.Body.(io.WriterTo); ok {
		_, err = body.WriteTo(c.Conn) // one write
	} else {
		_, err = io.Copy(c.Conn, r.Body)
	}
	return err
}

// maxHead bounds the heads of one answer, in bytes, those before it that only
// announce one too. Loki's and proxies' have less than 1 KiB.
const maxHead = 64 << 10

// answer reads the head of the answer, past those that only announce one.
func (c *directConn) answer(r *http.Request) (*http.Response, error) {
	c.limit.N = maxHead
	for {
		resp, err := http.ReadResponse(c.r, r)
		switch {
		case err != nil && c.limit.N <= 0:
			return nil, fmt.Errorf("the head of the answer is larger than %d KiB: this is not Loki", maxHead>>10)
		case err != nil:
			return nil, err
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			c.limit.N = math.MaxInt64 // the body has its own bound
			return resp, nil
		}
	}
}

// CloseIdleConnections is called by http.Client's method of that name.
func (t *direct) CloseIdleConnections() {
	t.mu.Lock()
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, c := range idle {
		c.Close() //nolint:errcheck // it is done with
	}
	t.fallback.CloseIdleConnections()
}

func (t *direct) put(c *directConn) {
	c.used = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle) == maxIdle {
		c.Close() //nolint:errcheck // it is done with
		return
	}
	t.idle = append(t.idle, c)
}

// directBody is the body of an answer. Read to its end and closed, it gives the
// connection back.
type directBody struct {
	io.ReadCloser
	t          *direct
	c          *directConn
	stop       func() bool // ends the watch on the request's context
	keep, done bool
	closed     bool
}

// Read implements io.Reader.
func (b *directBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.done = true
	}
	return n, err
}

// Close implements io.Closer.
func (b *directBody) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	if intact := b.stop(); intact && b.keep && b.done && b.c.r.Buffered() == 0 {
		b.t.put(b.c)
		return nil
	}
	return b.c.Close()
}

// headWriter collects the head of a request.
type headWriter struct{ b []byte }

// Write implements io.Writer.
func (w *headWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

func (w *headWriter) line(parts ...string) {
	for _, s := range parts {
		w.b = append(w.b, s...)
	}
}
