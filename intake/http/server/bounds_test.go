package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// short are bounds that a test can wait for.
const short = 150 * time.Millisecond

// drip sends text byte by byte, faster than any bound, until the other side has
// had enough or the test ends.
func drip(t *testing.T, c net.Conn, text string) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(short / 20)
		defer tick.Stop()
		for n := 0; ; n++ {
			if _, err := c.Write([]byte{text[n%len(text)]}); err != nil {
				return
			}
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	t.Cleanup(func() { close(done); ended.Wait() })
}

// rest reads until the server has ended the connection.
func rest(t *testing.T, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	var nerr net.Error
	if errors.As(err, &nerr) && nerr.Timeout() {
		t.Errorf("the connection is open still; it said %q", b)
	}
	return string(b) // a reset is an end
}

// TestSlow: who sends a header, or a body, a byte at a time is cut off when the
// time of the whole is over, whatever comes meanwhile; others are served.
func TestSlow(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Settings.Limits.IdleTimeout = short }, func(b *bounds) { b.header, b.body = short, short })
	token := r.token()
	f := func(name, begin, more, answer string, ok int) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			r.t = t
			began, c := time.Now(), r.dial()
			_, err := io.WriteString(c, begin)
			must(t, err)
			drip(t, c, more)
			if a := r.call("GET", "/api/v1/check/health/", ""); a.StatusCode != 200 {
				t.Errorf("another is answered %d meanwhile", a.StatusCode)
			}
			if got := rest(t, c); !strings.HasPrefix(got, answer) {
				t.Errorf("the answer is %q, want %q", got, answer)
			}
			if d := time.Since(began); d < short {
				t.Errorf("it was cut off after %s already", d)
			}
			r.attempts(ok)
		})
	}
	const host = "\r\nHost: intake\r\n"
	f("nothing", "", "G", "", 5)
	f("line", "GET /account/lo", "x", "", 5)
	f("header", "GET /account/login/ HTTP/1.1"+host+"X-Slow: ", "x", "", 5)
	if os.Getenv("INTAKE_STRESS") != "" { // the API's own bound is 5 s
		f("body", "POST /api/v1/auth/token/ HTTP/1.1"+host+"Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n", " ", "HTTP/1.1 4", 5)
	}
	f("form", "POST /account/login/ HTTP/1.1"+host+"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\n", "a", "HTTP/1.1 4", 5)
	// An upload may take a day, but not at this pace; it is no fault of the customer.
	f("upload", "POST /api/v1/archives/ HTTP/1.1"+host+"Upload-Token: "+token+"\r\nContent-Type: application/gzip\r\nContent-Disposition: attachment; filename=\"a.gz\"\r\nContent-Length: 1000000\r\n\r\n", "x", "HTTP/1.1 408 ", 5)
	f("chunks", "POST /api/v1/archives/ HTTP/1.1"+host+"Upload-Token: "+token+"\r\nContent-Type: application/gzip\r\nContent-Disposition: attachment; filename=\"a.gz\"\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "HTTP/1.1 408 ", 5)
}

// TestIdle: a connection that is kept and not used ends.
func TestIdle(t *testing.T) {
	r := newRig(t, nil, func(b *bounds) { b.idle = short })
	c := r.dial()
	_, err := io.WriteString(c, "GET /robots.txt HTTP/1.1\r\nHost: intake\r\n\r\n")
	must(t, err)
	if got := rest(t, c); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Errorf("the answer is %q", got)
	}
}

// TestAnswerNotTaken: a download that nobody reads does not stay for ever; one
// that is read slowly comes whole.
func TestAnswerNotTaken(t *testing.T) {
	r := newRig(t, nil, func(b *bounds) { b.answer = 2 * short })
	token := r.token()
	const size = 24 << 20 // more than the system buffers
	res := r.call("POST", "/api/v1/archives/", strings.Repeat("0", size), "Upload-Token", token, "Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="a.log"`)
	if res.StatusCode != 201 || r.request().Status != 201 {
		t.Fatal(res.Status, res.body)
	}
	get := fmt.Sprintf("GET /api/v1/archives/1/download/ HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer %s\r\n\r\n", r.signedIn())
	c := r.dial()
	must(t, c.SetReadBuffer(64<<10))
	_, err := io.WriteString(c, get)
	must(t, err)
	l := r.request() // is written when the answer has ended
	if l.Path != "/api/v1/archives/1/download/" || l.Status != 200 || l.Bytes >= size {
		t.Errorf("%s, want less than %d bytes", l.whole, size)
	}
	if got := rest(t, c); len(got) >= size {
		t.Errorf("%d bytes came", len(got))
	}

	c = r.dial()
	_, err = io.WriteString(c, get)
	must(t, err)
	answer, err := http.ReadResponse(bufio.NewReaderSize(&slowly{c, time.NewTicker(short / 20)}, piece), nil)
	must(t, err)
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); n != size || err != nil {
		t.Errorf("%d bytes came, %v", n, err)
	}
}

// slowly is a client that takes a piece of an answer at each tick.
type slowly struct {
	c    net.Conn
	tick *time.Ticker
}

func (s *slowly) Read(p []byte) (int, error) {
	<-s.tick.C
	n, err := io.ReadAtLeast(s.c, p[:min(len(p), piece)], 1)
	return n, err
}

// TestHeaderSize: a header has 64 KiB, and is refused with more.
func TestHeaderSize(t *testing.T) {
	r := newRig(t, nil, nil)
	f := func(size, want int) {
		t.Helper()
		if a := r.call("GET", "/robots.txt", "", "X-Long", strings.Repeat("x", size)); a.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", size, a.StatusCode, want)
		}
	}
	f(32<<10, 200)
	f(63<<10, 200)
	f(80<<10, 431)
	f(900<<10, 431)
}

// TestShare: an address has so many connections, and as soon as one ends another;
// a proxy that is trusted has as many as it likes.
func TestShare(t *testing.T) {
	const most = 3
	f := func(proxies bool) {
		t.Helper()
		r := newRig(t, func(o *Options) {
			if !proxies {
				o.Settings.TrustedProxies = nil
			}
		}, func(b *bounds) { b.address = most })
		// asks reports whether a connection is served, and keeps it.
		asks := func() (*net.TCPConn, bool) {
			c := r.dial()
			if _, err := io.WriteString(c, "GET /robots.txt HTTP/1.1\r\nHost: intake\r\n\r\n"); err != nil {
				return c, false
			}
			_, err := bufio.NewReader(c).ReadString('\n')
			return c, err == nil
		}
		var held []*net.TCPConn
		for n := range 2 * most {
			c, ok := asks()
			if want := proxies || n < most; ok != want {
				t.Errorf("proxies %v: connection %d is served: %v, want %v", proxies, n, ok, want)
			}
			if ok {
				held = append(held, c)
			}
		}
		must(t, held[0].Close())
		for end := time.Now().Add(time.Minute); ; { // the server has to notice
			if _, ok := asks(); ok {
				return
			}
			if time.Now().After(end) {
				t.Errorf("proxies %v: none is served after another has ended", proxies)
				return
			}
		}
	}
	f(false)
	f(true)
}

// TestStop: an upload that is under way when the server is told to end arrives
// within the grace; one that does not is cut, and costs no attempt. No other is
// taken.
func TestStop(t *testing.T) {
	f := func(finishes bool, attempts int) {
		t.Helper()
		r := newRig(t, func(o *Options) {
			o.Grace = time.Minute
			if !finishes {
				o.Grace = short
			}
		}, nil)
		token := r.token()
		c := r.dial()
		_, err := fmt.Fprintf(c, "POST /api/v1/archives/ HTTP/1.1\r\nHost: intake\r\nUpload-Token: %s\r\nContent-Type: application/gzip\r\nContent-Disposition: attachment; filename=\"a.gz\"\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n", token)
		must(t, err)
		in := bufio.NewReader(c)
		line, err := in.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") { // it is admitted
			t.Fatal(line, err)
		}
		_, err = io.WriteString(c, "12345")
		must(t, err)
		r.attempts(4)
		ended := make(chan struct{})
		go func() { r.stop(); close(ended) }()
		for !r.ending.Load() {
			if other, err := net.Dial("tcp", r.address); err == nil {
				other.Close()
			}
		}
		if finishes {
			_, err = io.WriteString(c, "67890")
			must(t, err)
		}
		got := rest(t, c)
		<-ended
		if ok := strings.Contains(got, "HTTP/1.1 201 "); ok != finishes {
			t.Errorf("finishes %v: the answer is %q", finishes, got)
		}
		r.attempts(attempts)
		if other, err := net.Dial("tcp", r.address); err == nil {
			other.Close()
			t.Error("it listens still")
		}
	}
	f(true, 4)
	f(false, 5)
}
