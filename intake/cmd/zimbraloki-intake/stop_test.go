package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// half is a request whose body has been sent in half.
type half struct {
	t    *testing.T
	c    net.Conn
	in   *bufio.Reader
	rest []byte
}

// halfway sends a request without the second half of its body: the program has
// admitted it, and waits for the rest.
func (p *program) halfway(method, path string, header map[string]string, body []byte) *half {
	p.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: intake\r\nContent-Length: %d\r\nExpect: 100-continue\r\n", method, path, len(body))
	for k, v := range header {
		fmt.Fprintf(&b, "%s: %s\r\n", k, v)
	}
	b.WriteString("\r\n")
	h := &half{p.t, c, bufio.NewReader(c), body[len(body)/2:]}
	h.sends(b.Bytes())
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := h.in.ReadString('\n'); line != want || err != nil {
			p.t.Fatalf("%s %s: %q, %v", method, path, line, err)
		}
	}
	h.sends(body[:len(body)/2])
	return h
}

func (h *half) sends(b []byte) {
	h.t.Helper()
	if _, err := h.c.Write(b); err != nil {
		h.t.Fatal(err)
	}
}

// answer is the status that comes, 0 if the connection just ends.
func (h *half) answer() int {
	h.t.Helper()
	if err := h.c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		h.t.Fatal(err)
	}
	res, err := http.ReadResponse(h.in, nil)
	if err != nil {
		if n, ok := err.(net.Error); ok && n.Timeout() { //nolint:errorlint // as it comes
			h.t.Fatal("neither an answer nor an end in a minute")
		}
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// tus asks for something of a resumable upload.
func (p *program) tus(method, url string, header map[string]string, body []byte, want int) http.Header {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); res.StatusCode != want {
		p.t.Fatalf("%s %s: %s %s, want %d", method, url, res.Status, got, want)
	}
	return res.Header
}

func piece(offset int) map[string]string {
	return map[string]string{"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream"}
}

func (d desk) attempts(want int) {
	d.t.Helper()
	if got, err := d.open().TicketByNumber(d.t.Context(), "SUP-1488"); err != nil || got.Attempts != want {
		d.t.Errorf("%d attempts are left, %v; want %d", got.Attempts, err, want)
	}
}

// TestStopInUpload: SIGTERM in the middle of uploads. One by one request comes to
// its end within the grace, and the program ends in peace after it; a resumable
// one is told to go away, and goes on after the next start from where it was. One
// by one request that the grace is too short for costs no attempt.
func TestStopInUpload(t *testing.T) {
	d := desk{t, t.TempDir()}
	mine := d.signedIn()
	data := bytes.Repeat([]byte("2026-08-02 16:49:04,123 INFO  [main] [] misc - a line\n"), 20_000)
	post := map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename="mailbox.log"`}
	p := startWith(t, d.dir, "1m", "IMPORT=off")
	token := p.makesTicket(mine)
	post["Upload-Token"] = token

	where := p.tus("POST", p.url+"/api/v1/uploads/", map[string]string{"Upload-Token": token, "Upload-Length": strconv.Itoa(len(data)), "Upload-Metadata": "filename bWFpbGJveC5sb2c="}, nil, 201).Get("Location")
	path := where[strings.Index(where, "/api/"):]
	quarter := len(data) / 4
	p.tus("PATCH", p.url+path, piece(0), data[:quarter], 204)
	resumable := piece(quarter)
	resumable["Tus-Resumable"] = "1.0.0"
	cut, whole := p.halfway("PATCH", path, resumable, data[quarter:]), p.halfway("POST", "/api/v1/archives/", post, data)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := cut.answer(); got != 0 && got < 500 {
		t.Errorf("the resumable upload is answered %d", got)
	}
	whole.sends(whole.rest) // by now it is ending
	if got := whole.answer(); got != 201 {
		t.Errorf("the upload is answered %d", got)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	d.attempts(3)

	p = startWith(t, d.dir, "100ms", "IMPORT=off")
	at, err := strconv.Atoi(p.tus("HEAD", p.url+path, nil, nil, 200).Get("Upload-Offset"))
	if err != nil || at < quarter || at > quarter+(len(data)-quarter)/2 {
		t.Errorf("it goes on at %d, %v; %d were answered", at, err, quarter)
	}
	p.tus("PATCH", p.url+path, piece(at), data[at:], 204)
	late := p.halfway("POST", "/api/v1/archives/", post, data)
	d.attempts(2)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := late.answer(); got != 0 && got < 500 {
		t.Errorf("the upload that is cut is answered %d", got)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	d.attempts(3)
	sum := fmt.Sprintf("%x", sha256.Sum256(data))
	for id := range int64(2) {
		if a, err := d.open().Archive(t.Context(), id+1); err != nil || a.SHA256 != sum || a.Size != int64(len(data)) {
			t.Errorf("archive %+v, %v; want %d bytes of %s", a, err, len(data), sum)
		}
	}
	if a, err := d.open().Archive(t.Context(), 3); err == nil {
		t.Errorf("the upload that was cut is an archive: %+v", a)
	}
}
