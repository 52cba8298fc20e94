package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestTusUnfinished: all bytes are there and the process died before it said so.
func TestTusUnfinished(t *testing.T) { eachStore(t, testTusUnfinished) }

func testTusUnfinished(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(3000)
	for i, commit := range []bool{false, true} {
		number := strconv.Itoa(i)
		path := f.mustCreate(f.ticket(number, 1), len(data), metadata("filename", "a", "sha256", hexSum(data)))
		up, err := f.db.Upload(t.Context(), strings.TrimPrefix(path, PathUploads))
		if err != nil {
			t.Fatal(err)
		}
		w, err := f.blobs.Append(t.Context(), up.Blob)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(data)
		if commit {
			_, err = w.Commit(t.Context())
		} else {
			err = w.Suspend(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		f.wantOffset(path, len(data))
		f.wantArchive(number, "a", data)
		f.wantOffset(path, len(data))
	}
}

// TestRecover: the same, and the client never asks again.
func TestRecover(t *testing.T) { eachStore(t, testRecover) }

func testRecover(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(3000)
	for i, kind := range []string{"whole", "committed", "wrong", "young", "short", "held"} {
		number := strconv.Itoa(i)
		sum := hexSum(data)
		if kind == "wrong" {
			sum = hexSum(nil)
		}
		id := strings.TrimPrefix(f.mustCreate(f.ticket(number, 1), len(data), metadata("filename", "a", "sha256", sum)), PathUploads)
		up, err := f.db.Upload(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		w, err := f.blobs.Append(t.Context(), up.Blob)
		if err != nil {
			t.Fatal(err)
		}
		n := len(data)
		if kind == "short" {
			n--
		}
		_, _ = w.Write(data[:n])
		if kind == "committed" {
			_, err = w.Commit(t.Context())
		} else {
			err = w.Suspend(t.Context())
		}
		now := time.Now()
		if err == nil && kind != "young" {
			err = f.db.TouchUpload(t.Context(), id, int64(n), "x", now.Add(-time.Hour))
		}
		if err == nil && kind == "held" {
			_, err = f.db.HoldTus(t.Context(), id, "other", now, now.Add(time.Hour))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.h.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	f.wantArchive("0", "a", data)
	f.wantArchive("1", "a", data)
	for _, number := range []string{"2", "3", "4", "5"} {
		if list := f.archives(number); len(list) != 0 {
			t.Errorf("%s: %+v", number, list)
		}
	}
}

// TestStop: a server that ends keeps what came and sends its clients on.
func TestStop(t *testing.T) {
	dir := t.TempDir()
	f := &fixture{t: t}
	f.open(dir, touchAlways)
	data := noise(700_000)
	path := f.mustCreate(f.ticket("1", 1), len(data), metadata("filename", "a", "sha256", hexSum(data)))
	r, w := io.Pipe()
	got := make(chan reply, 1)
	go func() { got <- f.patch(path, 0, r) }()
	if _, err := w.Write(data[:400_000]); err != nil {
		t.Fatal(err)
	}
	f.waitTouched(path, 400_000)
	f.h.Stop()
	(<-got).want(t, 503, "")
	w.Close()
	f.srv.Close()
	f.open(dir)
	at, err := strconv.Atoi(f.do("HEAD", path, nil).header.Get("Upload-Offset"))
	if err != nil || at != 400_000 {
		t.Fatalf("offset %d, %v", at, err)
	}
	f.patch(path, at, bytes.NewReader(data[at:])).want(t, 204, "")
	f.wantArchive("1", "a", data)
}

// TestTusDeleted: a ticket that is deleted ends its uploads.
func TestTusDeleted(t *testing.T) {
	f := start(t, touchAlways)
	path := f.mustCreate(f.ticket("1", 1), 1000_000, "")
	r, w := io.Pipe()
	got := make(chan reply, 1)
	go func() { got <- f.patch(path, 0, r) }()
	_, _ = w.Write(noise(400_000))
	f.waitTouched(path, 400_000)
	ticket, err := f.db.TicketByNumber(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.DeleteTicket(t.Context(), ticket.ID); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(noise(400_000))
	w.Close()
	(<-got).want(t, 410, "")
	f.do("HEAD", path, nil).want(t, 404, "")
}

// TestTusTwoProcesses: who comes through another process has the former one
// stopped, and goes on where it was.
func TestTusTwoProcesses(t *testing.T) { eachStore(t, testTusTwoProcesses) }

func testTusTwoProcesses(t *testing.T, blobs change) {
	dir := t.TempDir()
	a, b := &fixture{t: t}, &fixture{t: t}
	a.open(dir, touchAlways, blobs)
	b.open(dir, blobs)
	data := noise(500_000)
	path := a.mustCreate(a.ticket("1", 1), len(data), metadata("filename", "a", "sha256", hexSum(data)))
	r, w := io.Pipe()
	got := make(chan reply, 1)
	go func() { got <- a.patch(path, 0, r) }()
	if _, err := w.Write(data[:300_000]); err != nil {
		t.Fatal(err)
	}
	a.waitTouched(path, 300_000)
	head := b.do("HEAD", path, nil, "Tus-Resumable", "1.0.0") // the first connection hangs
	at, err := strconv.Atoi(head.header.Get("Upload-Offset"))
	if err != nil || at != 300_000 {
		t.Fatalf("%d, offset %d, %v", head.status, at, err)
	}
	b.patch(path, at, bytes.NewReader(data[at:])).want(t, 204, "")
	w.Close()
	if r := <-got; r.status < 400 {
		t.Errorf("the first request got %d %s", r.status, r.body)
	}
	b.wantArchive("1", "a", data)
	a.wantOffset(path, len(data))
}

// TestTusDeadHolder: a process that died holds an upload for a short time only.
func TestTusDeadHolder(t *testing.T) {
	f := start(t)
	path := f.mustCreate(f.ticket("1", 1), 10, "")
	id := strings.TrimPrefix(path, PathUploads)
	now := time.Now()
	if ok, err := f.db.HoldTus(t.Context(), id, "dead", now, now.Add(time.Second)); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := f.db.HoldTus(t.Context(), id, "other", now, now.Add(time.Second)); ok || err != nil {
		t.Errorf("held by two: %v", err)
	}
	if held, err := f.db.HeldTus(t.Context(), "dead"); err != nil || len(held) != 1 || !held[id] {
		t.Errorf("held: %v %v", held, err)
	}
	f.wantOffset(path, 0)
	if err := f.db.RenewTus(t.Context(), "dead", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	f.wantOffset(path, 0) // it is not the dead one's any more
}

// TestTusLost: who has lost an upload to another, having been silent too long,
// stops writing to it.
func TestTusLost(t *testing.T) {
	f := start(t, touchAlways)
	path := f.mustCreate(f.ticket("1", 1), 1000_000, "")
	r, w := io.Pipe()
	defer w.Close()
	got := make(chan reply, 1)
	go func() { got <- f.patch(path, 0, r) }()
	if _, err := w.Write(noise(1000)); err != nil {
		t.Fatal(err)
	}
	f.waitTouched(path, 1000)
	later := time.Now().Add(time.Hour)
	if ok, err := f.db.HoldTus(t.Context(), strings.TrimPrefix(path, PathUploads), "other", later, later); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if r := <-got; r.status < 400 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestTusSlow: bytes that drip end the request and stay; the client may go on.
func TestTusSlow(t *testing.T) {
	dir := t.TempDir()
	f, slow := &fixture{t: t}, &fixture{t: t}
	f.open(dir)
	slow.open(dir, func(o *Options, _ *tickets.Rules) { o.Idle, o.Least = 2*time.Second, 100 })
	path := f.mustCreate(f.ticket("1", 1), 1000, "")
	r, w := io.Pipe()
	defer w.Close()
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := w.Write([]byte("x")); err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "PATCH", slow.url+path, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}, "Content-Type": {"application/offset+octet-stream"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 408 {
		t.Errorf("%s", resp.Status)
	}
	head := f.do("HEAD", path, nil)
	if n, err := strconv.Atoi(head.header.Get("Upload-Offset")); err != nil || n < 1 || n >= 100 {
		t.Errorf("%d %v", n, err)
	}
}

// TestInterruptEarly: who is to stop before its body is read stops at the first
// byte, with that reason; one whose request is over touches nothing any more.
func TestInterruptEarly(t *testing.T) {
	f := func(over bool, want error) {
		t.Helper()
		w, r := httptest.NewRecorder(), httptest.NewRequest("PATCH", "/", strings.NewReader("x"))
		b := newPacedBody(w, r, pace{time.Minute, 1})
		if over {
			b.end()
		}
		b.interrupt(handler.ErrUploadInterrupted)
		b.interrupt(handler.ErrServerShutdown)
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	f(false, handler.ErrUploadInterrupted)
	f(true, nil)
}
