package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/files/s3test"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// metadata is the header Upload-Metadata: name, value, ….
func metadata(pairs ...string) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(list, ",")
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// create begins an upload.
func (f *fixture) create(token string, size int, meta string) reply {
	f.t.Helper()
	return f.do("POST", PathUploads, nil, "Tus-Resumable", "1.0.0", "Upload-Token", token, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", meta)
}

func (f *fixture) mustCreate(token string, size int, meta string) (path string) {
	f.t.Helper()
	r := f.create(token, size, meta)
	r.want(f.t, 201, "")
	path = r.header.Get("Location")
	if !strings.HasPrefix(path, PathUploads) || len(path) < len(PathUploads)+22 {
		f.t.Fatalf("location %q", path)
	}
	return path
}

func (f *fixture) patch(path string, offset int, body io.Reader) reply {
	f.t.Helper()
	return f.do("PATCH", path, body, "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
}

func (f *fixture) wantOffset(path string, want int) {
	f.t.Helper()
	r := f.do("HEAD", path, nil, "Tus-Resumable", "1.0.0")
	if r.status != 200 || r.header.Get("Upload-Offset") != strconv.Itoa(want) || r.header.Get("Cache-Control") != "no-store" {
		f.t.Errorf("%d, offset %q, want %d", r.status, r.header.Get("Upload-Offset"), want)
	}
}

// eachStore runs the test over a folder, and over S3 where there is one.
func eachStore(t *testing.T, test func(t *testing.T, blobs change)) {
	t.Run("folder", func(t *testing.T) { test(t, func(*Options, *tickets.Rules) {}) })
	t.Run("s3", func(t *testing.T) {
		b, err := files.OpenS3(t.Context(), s3test.Bucket(t)+s3test.Query, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, func(o *Options, _ *tickets.Rules) { o.Blobs = b })
	})
}

// TestTus: created with the token, gone on with without it, whole in the end.
func TestTus(t *testing.T) { eachStore(t, testTus) }

func testTus(t *testing.T, blobs change) {
	f := start(t, blobs)
	token, data := f.ticket("1", 1), noise(200_000)
	path := f.mustCreate(token, len(data), metadata("filename", "логи.tgz", "filetype", "application/gzip", "sha256", hexSum(data)))
	f.wantAttempts("1", 0)
	f.wantOffset(path, 0)
	at := 0
	for _, n := range []int{1, 65_535, 100_000} {
		r := f.patch(path, at, bytes.NewReader(data[at:at+n]))
		at += n
		if r.status != 204 || r.header.Get("Upload-Offset") != strconv.Itoa(at) {
			t.Fatalf("%d %s, offset %q", r.status, r.body, r.header.Get("Upload-Offset"))
		}
		f.wantOffset(path, at)
	}
	f.patch(path, at-1, bytes.NewReader(data[at:])).want(t, 409, "")
	f.patch(path, at, bytes.NewReader(noise(200_000))).want(t, 413, "")
	f.patch(path, at, io.MultiReader(bytes.NewReader(data[at:]))).want(t, 204, "")
	f.wantArchive("1", "логи.tgz", data)
	f.wantOffset(path, len(data))
	f.patch(path, len(data), nil).want(t, 204, "")
	f.do("DELETE", path, nil, "Tus-Resumable", "1.0.0").want(t, 403, "")
	f.wantArchive("1", "логи.tgz", data)
}

// TestTusWithCreation: the bytes may come with the first request.
func TestTusWithCreation(t *testing.T) {
	f := start(t)
	data := noise(5000)
	r := f.do("POST", PathUploads, bytes.NewReader(data), "Tus-Resumable", "1.0.0", "Upload-Token", f.ticket("1", 1), "Upload-Length", "5000",
		"Content-Type", "application/offset+octet-stream", "Upload-Metadata", metadata("name", `C:\logs\a.gz`))
	r.want(t, 201, "")
	if r.header.Get("Upload-Offset") != "5000" {
		t.Error(r.header)
	}
	f.wantArchive("1", "a.gz", data)
}

// TestTusOnce: one attempt admits one of 20 at once.
func TestTusOnce(t *testing.T) {
	f := start(t)
	token := f.ticket("1", 1)
	var mu sync.Mutex
	got := map[int]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r := f.create(token, 10, "")
			mu.Lock()
			got[r.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[201] != 1 || got[423] != 19 {
		t.Errorf("%v", got)
	}
}

// TestTusRefused: the same answers as to a POST, before anything is spent.
func TestTusRefused(t *testing.T) {
	f := start(t, func(_ *Options, r *tickets.Rules) { r.MaxUpload = 1000 })
	name := metadata("filename", "a")
	f.create("", 10, name).want(t, 401, `{"detail":"Header Upload-Token is required"}`)
	f.create("nonsense", 10, name).want(t, 403, `{"detail":"token nonsense is not valid"}`)
	f.create(f.ticket("1", 5, func(t *model.Ticket) { t.Resolved = true }), 10, name).want(t, 423, `{"detail":"ticket 1 already resolved"}`)
	used := f.ticket("2", 0)
	f.create(used, 10, name).want(t, 423, `{"detail":"token `+used+` expired"}`)
	token := f.ticket("3", 5)
	f.create(token, 0, name).want(t, 400, `{"file":["The submitted file is empty."]}`)
	f.create(token, 10, metadata("filename", strings.Repeat("a", 101))).want(t, 400, `{"file":["Ensure this filename has at most 100 characters (it has 101)."]}`)
	f.create(token, 10, name+","+metadata("sha256", "12")).want(t, 400, "")
	f.create(token, 1001, name).want(t, 413, "")
	f.create(token, -1, name).want(t, 400, "")
	f.do("POST", PathUploads, nil, "Upload-Token", token, "Upload-Length", "10").want(t, 412, "")
	f.do("POST", PathUploads, nil, "Tus-Resumable", "1.0.0", "Upload-Token", token, "Upload-Defer-Length", "1").want(t, 501, "")
	f.wantAttempts("3", 5)
	f.wantNothing("3")
}

// TestTusRoutes: what is no upload is not found, nothing can be read, and no other
// origin is invited.
func TestTusRoutes(t *testing.T) {
	f := start(t)
	tus := []string{"Tus-Resumable", "1.0.0"}
	for _, id := range []string{"x", "..%2f..%2fdb", "AAAAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("a", 5000), "a%00aaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa.lock"} {
		for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
			r := f.do(method, PathUploads+id, nil, append(tus, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")...)
			if r.status != 404 {
				t.Errorf("%s %s: %d %s", method, id, r.status, r.body)
			}
		}
	}
	path := f.mustCreate(f.ticket("1", 1), 10, metadata("filename", "x.html"))
	r := f.do("GET", path, nil)
	r.want(t, 405, "")
	if r.header.Get("Allow") != "HEAD, PATCH, DELETE, OPTIONS" {
		t.Error(r.header)
	}
	f.do("GET", PathUploads, nil).want(t, 405, "")
	f.do("DELETE", PathUploads, nil, tus...).want(t, 405, "")
	r = f.do("OPTIONS", PathUploads, nil, "Origin", "https://evil.example.com", "Access-Control-Request-Method", "POST")
	r.want(t, 200, "")
	if r.header.Get("Tus-Version") != "1.0.0" || r.header.Get("Tus-Extension") != "creation,creation-with-upload,termination" {
		t.Error(r.header)
	}
	for name := range r.header {
		if strings.HasPrefix(name, "Access-Control") {
			t.Errorf("%s: %v", name, r.header[name])
		}
	}
	r = f.do("HEAD", path, nil, "Origin", "https://evil.example.com", "X-Forwarded-Host", "evil.example.com")
	if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

// TestTusChecksum: bytes that are not those promised go, and the upload begins
// anew at its URL without another attempt.
func TestTusChecksum(t *testing.T) { eachStore(t, testTusChecksum) }

func testTusChecksum(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(3000)
	path := f.mustCreate(f.ticket("1", 1), len(data), metadata("filename", "a", "sha256", strings.ToUpper(hexSum(data))))
	wrong := bytes.Clone(data)
	wrong[2999]++
	for range 2 {
		f.patch(path, 0, bytes.NewReader(wrong[:1000])).want(t, 204, "")
		f.patch(path, 1000, bytes.NewReader(wrong[1000:])).want(t, 460, "")
		f.wantOffset(path, 0)
	}
	if list := f.archives("1"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	f.patch(path, 0, bytes.NewReader(data)).want(t, 204, "")
	f.wantArchive("1", "a", data)
	f.wantAttempts("1", 0)
}

// TestTusDelete: a customer who gives up has the attempt back.
func TestTusDelete(t *testing.T) {
	f := start(t)
	path := f.mustCreate(f.ticket("1", 1), 100, "")
	f.patch(path, 0, bytes.NewReader(noise(50))).want(t, 204, "")
	f.do("DELETE", path, nil, "Tus-Resumable", "1.0.0").want(t, 204, "")
	f.wantAttempts("1", 1)
	f.wantNothing("1")
	f.do("HEAD", path, nil, "Tus-Resumable", "1.0.0").want(t, 410, "")
	f.patch(path, 50, bytes.NewReader(noise(50))).want(t, 410, "")
}

// TestTusExpiry: after a day of silence the attempt comes back and the bytes go.
func TestTusExpiry(t *testing.T) { eachStore(t, testTusExpiry) }

func testTusExpiry(t *testing.T, blobs change) {
	f := start(t, blobs)
	path := f.mustCreate(f.ticket("1", 1), 100, "")
	f.patch(path, 0, bytes.NewReader(noise(50))).want(t, 204, "")
	later := func(d time.Duration) {
		svc := tickets.New(f.db, f.svc.Rules(), tickets.Options{
			Now: func() time.Time { return time.Now().Add(d) }, Storage: tickets.Storage{Delete: f.blobs.Delete},
		})
		if err := svc.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	later(23 * time.Hour)
	f.wantOffset(path, 50)
	later(25 * time.Hour)
	f.do("HEAD", path, nil, "Tus-Resumable", "1.0.0").want(t, 410, "")
	f.wantAttempts("1", 1)
	f.wantNothing("1")
}

// TestTusCut: what came before the connection broke counts.
func TestTusCut(t *testing.T) { eachStore(t, testTusCut) }

func testTusCut(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(700_000)
	path := f.mustCreate(f.ticket("1", 1), len(data), metadata("filename", "a", "sha256", hexSum(data)))
	f.cutPatch(path, 0, len(data), data[:1])
	f.wantOffset(path, 1)
	f.cutPatch(path, 1, len(data), data[1:300_000])
	f.wantOffset(path, 300_000)
	f.patch(path, 300_000, bytes.NewReader(data[300_000:])).want(t, 204, "")
	f.wantArchive("1", "a", data)
}

// cutPatch announces more than it sends.
func (f *fixture) cutPatch(path string, at, size int, piece []byte) {
	f.t.Helper()
	conn := f.dial()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", path, at, size-at)
	_, _ = conn.Write(piece)
	_ = conn.(*net.TCPConn).CloseWrite()
	if status, text := answerOf(f.t, conn); status != 400 || !strings.Contains(text, "ERR_UNEXPECTED_EOF") {
		f.t.Errorf("%d %s", status, text)
	}
}

// touchAlways has the server tell the database of each piece it takes.
func touchAlways(_ *Options, r *tickets.Rules) { r.TouchUploadEvery = time.Nanosecond }

// waitTouched waits until the server has taken n bytes of an upload.
func (f *fixture) waitTouched(path string, n int64) {
	f.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-look.C {
		if up, err := f.db.Upload(context.Background(), strings.TrimPrefix(path, PathUploads)); err == nil && up.Offset >= n {
			return
		}
	}
	f.t.Fatal("the server takes nothing")
}
