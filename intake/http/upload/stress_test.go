package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/files/s3test"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// stress is set for the sizes that the intake has to stand: 50 uploads of 200
// MB. They take some minutes and 11 GB of disk in TMPDIR.
var stress = os.Getenv("INTAKE_STRESS") == "1"

// breaker is a proxy that breaks a part of all connections: somewhere on the
// request's way to the server, as often near its beginning as near its end, or the
// answer, if the request is shorter.
type breaker struct {
	net.Listener

	target string
	within int64 // bytes
	of100  int64 // connections of a hundred that break
	count  atomic.Int64
	broken atomic.Int64
}

func startBreaker(t *testing.T, target string, within, of100 int64) *breaker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &breaker{Listener: l, target: target, within: within, of100: of100}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { b.pass(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return b
}

func (b *breaker) pass(client *net.TCPConn) {
	defer client.Close()
	conn, err := net.Dial("tcp", b.target)
	if err != nil {
		return
	}
	server := conn.(*net.TCPConn)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer server.Close()
	cut := func() {
		_ = server.SetLinger(0) // a reset, as a dead link gives
		_ = client.SetLinger(0)
		server.Close()
		client.Close()
	}
	if n := b.count.Add(1); n*b.of100/100 == (n-1)*b.of100/100 {
		wg.Go(func() {
			_, _ = io.Copy(client, server)
			client.Close()
		})
		_, _ = io.Copy(server, client)
		return
	}
	b.broken.Add(1)
	wg.Go(func() {
		_, _ = server.Read(make([]byte, 1))
		cut()
	})
	_, _ = io.CopyN(server, client, int64(math.Pow(float64(b.within), rand.Float64())))
	cut()
}

// body is n bytes that are different for each seed, made as they are read.
func body(seed byte, n int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{seed, 1}), n)
}

// client uploads as a program does that resumes.
type client struct {
	http *http.Client
	base string
	cuts atomic.Int64

	mu   sync.Mutex
	said map[string]int // answers by method and status
}

// failed tells how often the server said that the fault is its own.
func (c *client) failed() (n int) {
	for what, times := range c.said {
		if strings.HasSuffix(what, " 500") {
			n += times
		}
	}
	return n
}

func newClient(addr string) *client {
	// A connection for each request, so that each may break.
	return &client{http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, base: "http://" + addr, said: map[string]int{}}
}

func (c *client) do(method, path string, body io.Reader, size int64, headers ...string) (*http.Response, error) {
	req, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = size
	req.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.cuts.Add(1)
		return nil, err
	}
	resp.Body.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said[fmt.Sprint(method, " ", resp.StatusCode)]++
	return resp, nil
}

// upload sends size bytes of a seed, going on after cuts. The offset never falls
// behind what was acknowledged.
func (c *client) upload(token string, seed byte, size, chunk int64) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, body(seed, size)); err != nil {
		return err
	}
	meta := metadata("filename", fmt.Sprintf("%d.gz", seed), "sha256", hex.EncodeToString(sum.Sum(nil)))
	var path string
	for path == "" {
		resp, err := c.do("POST", PathUploads, nil, 0, "Upload-Token", token, "Upload-Length", fmt.Sprint(size), "Upload-Metadata", meta)
		switch {
		case err == nil && resp.StatusCode >= 500: // once more
		case err == nil && resp.StatusCode != 201:
			return fmt.Errorf("creation: %s", resp.Status)
		case err == nil:
			path = resp.Header.Get("Location")
		}
	}
	return c.send(path, seed, size, chunk)
}

func (c *client) send(path string, seed byte, size, chunk int64) error {
	for safe := int64(0); ; {
		resp, err := c.do("HEAD", path, nil, 0)
		if err != nil {
			continue
		}
		if resp.StatusCode == 423 || resp.StatusCode >= 500 {
			continue // the former request is not at its end yet
		}
		at, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
		if resp.StatusCode != 200 || err != nil {
			return fmt.Errorf("HEAD: %s, %w", resp.Status, err)
		}
		if at < safe {
			return fmt.Errorf("offset %d, and %d were acknowledged", at, safe)
		}
		if at == size {
			return nil
		}
		r := body(seed, size)
		if _, err := io.CopyN(io.Discard, r, at); err != nil {
			return err
		}
		n := min(chunk, size-at)
		resp, err = c.do("PATCH", path, io.LimitReader(r, n), n, "Upload-Offset", fmt.Sprint(at), "Content-Type", "application/offset+octet-stream")
		if err != nil {
			continue
		}
		if resp.StatusCode == 204 {
			safe = at + n
		} else if resp.StatusCode < 500 && resp.StatusCode != 400 && resp.StatusCode != 409 && resp.StatusCode != 423 {
			return fmt.Errorf("PATCH at %d: %s", at, resp.Status)
		}
	}
}

// TestStress: many uploads at once through bad connections all arrive, in a
// server of little memory.
func TestStress(t *testing.T) {
	uploads, size := 12, int64(6<<20)
	if stress {
		uploads, size = 50, 200_000_000
	}
	t.Run("folder", func(t *testing.T) { testStress(t, uploads, size, 20, "") })
	t.Run("s3", func(t *testing.T) { // more than a part each
		testStress(t, min(uploads, 20), max(size/5, 20<<20), 20, s3test.Bucket(t)+s3test.Query)
	})
}

func testStress(t *testing.T, uploads int, size, broken int64, s3 string) {
	dir := t.TempDir()
	if u, err := diskFree(dir); err == nil && u < int64(uploads)*size*11/10 {
		t.Skipf("%d MB are free in %s, %d are needed", u>>20, dir, int64(uploads)*size*11/10>>20)
	}
	p := startProcess(t, dir, s3)
	f := connect(t, dir, s3)
	proxy := startBreaker(t, p.addr, size, broken)
	c := newClient(proxy.Addr().String())
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range uploads {
		number := strconv.Itoa(i + 1)
		token := f.ticket(number, 10)
		wg.Go(func() {
			if err := c.upload(token, byte(i), size, size); err != nil {
				t.Errorf("upload %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	for i := range uploads {
		list := f.archives(strconv.Itoa(i + 1))
		sum := sha256.New()
		_, _ = io.Copy(sum, body(byte(i), size))
		if len(list) != 1 || list[0].Size != size || list[0].SHA256 != hex.EncodeToString(sum.Sum(nil)) {
			t.Errorf("upload %d: %+v", i, list)
		}
	}
	peak := p.peak()
	t.Logf("%d uploads of %d MB in %.1f s, %.0f MB/s, %d of %d connections broken, answers %v, memory at most %d MiB",
		uploads, size/1e6, took.Seconds(), float64(uploads)*float64(size)/1e6/took.Seconds(), proxy.broken.Load(), proxy.count.Load(), c.said, peak)
	if peak > 200 {
		t.Errorf("the server had %d MiB of memory, want at most 200", peak)
	}
	if n := c.failed(); n > 0 {
		t.Errorf("the server failed %d times", n)
	}
	if proxy.broken.Load() == 0 {
		t.Error("no connection was broken: the test tests nothing")
	}
}

func diskFree(dir string) (int64, error) {
	f, err := files.OpenFolder(dir)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	u, err := f.Free(context.Background())
	return u.Free, err
}

// TestKill: a server that is killed in the middle loses nothing it acknowledged;
// a request in one piece gives its attempt back.
func TestKill(t *testing.T) {
	rounds, size := 3, int64(8<<20)
	if stress {
		rounds, size = 10, 500_000_000
	}
	t.Run("folder", func(t *testing.T) { testKill(t, rounds, size, "") })
	t.Run("s3", func(t *testing.T) {
		if !stress {
			t.Skip("INTAKE_STRESS=1 kills a server over S3 too, which takes half a minute")
		}
		testKill(t, min(rounds, 2), max(size/5, 80<<20), s3test.Bucket(t)+s3test.Query)
	})
}

func testKill(t *testing.T, rounds int, size int64, s3 string) {
	dir := t.TempDir()
	p := startProcess(t, dir, s3)
	f := connect(t, dir, s3)
	token, other := f.ticket("1", 1), f.ticket("2", 1)
	c := newClient(p.addr)
	sum := sha256.New()
	_, _ = io.Copy(sum, body(1, size))
	resp, err := c.do("POST", PathUploads, nil, 0, "Upload-Token", token, "Upload-Length", fmt.Sprint(size), "Upload-Metadata", metadata("filename", "a", "sha256", hex.EncodeToString(sum.Sum(nil))))
	if err != nil || resp.StatusCode != 201 {
		t.Fatal(resp, err)
	}
	path := resp.Header.Get("Location")
	for round := range rounds {
		// Whole chunks, and one that the server dies in.
		at := c.offset(t, path)
		if min := size / int64(2*rounds) * int64(round); at < min {
			t.Fatalf("round %d: offset %d, at least %d was acknowledged", round, at, min)
		}
		r := body(1, size)
		_, _ = io.CopyN(io.Discard, r, at)
		n := size / int64(2*rounds) * int64(round+1)
		if n > at {
			resp, err := c.do("PATCH", path, io.LimitReader(r, n-at), n-at, "Upload-Offset", fmt.Sprint(at), "Content-Type", "application/offset+octet-stream")
			if err != nil || resp.StatusCode != 204 {
				t.Fatal(resp, err)
			}
			at = n
		}
		pr, pw := io.Pipe()
		done := make(chan struct{}, 2)
		patch := func(path string, headers ...string) {
			_, _ = c.do("POST", path, pr, -1, headers...)
			done <- struct{}{}
		}
		if round == 0 {
			go patch(PathArchives, "Upload-Token", other, "Content-Disposition", "attachment; filename=a")
		} else {
			go func() {
				_, _ = c.do("PATCH", path, pr, -1, "Upload-Offset", fmt.Sprint(at), "Content-Type", "application/offset+octet-stream")
				done <- struct{}{}
			}()
		}
		_, _ = io.CopyN(pw, r, size/int64(4*rounds))
		p.kill()
		pw.CloseWithError(errors.New("the server is dead"))
		<-done
		p = startProcess(t, dir, s3)
		c.base = "http://" + p.addr
	}
	if err := c.send(path, 1, size, size/7); err != nil {
		t.Fatal(err)
	}
	if list := f.archives("1"); len(list) != 1 || list[0].Size != size || list[0].SHA256 != hex.EncodeToString(sum.Sum(nil)) {
		t.Errorf("%+v", list)
	}
	later := tickets.New(f.db, tickets.DefaultRules(), tickets.Options{
		Now: func() time.Time { return time.Now().Add(10 * time.Minute) }, Storage: tickets.Storage{Delete: f.blobs.Delete},
	})
	if err := later.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantAttempts("2", 1)
	if err := f.blobs.Sweep(t.Context(), time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if n := len(f.archives("2")); n != 0 {
		t.Errorf("%d archives of a request that was cut", n)
	}
}

func (c *client) offset(t *testing.T, path string) int64 {
	t.Helper()
	resp, err := c.do("HEAD", path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	at, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		t.Fatal(resp.Status, err)
	}
	return at
}
