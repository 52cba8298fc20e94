package files

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
)

var s3Store = store{"s3", func(t *testing.T) (Blobs, func() Blobs) {
	url := startS3(t) + "/" + newBucket(t)
	tmp := t.TempDir()
	open := func() Blobs {
		s, err := OpenS3(t.Context(), url+"/some/prefix?insecure=1&region=us-east-1", tmp)
		if err != nil {
			t.Fatal(err)
		}
		s.firstPart = testPart
		return s
	}
	return open(), open
}, testPart}

// testPart is the least that S3 takes.
const testPart = 5 << 20

// gateway is the S3 server of all tests of the package.
var gateway struct {
	sync.Mutex
	url, dir string
	cmd      *exec.Cmd
	buckets  int
}

func TestMain(m *testing.M) {
	code := m.Run()
	if gateway.cmd != nil {
		_ = gateway.cmd.Process.Kill()
		_ = gateway.cmd.Wait()
		os.RemoveAll(gateway.dir)
	}
	os.Exit(code)
}

// startS3 starts versitygw over a folder, once.
func startS3(t *testing.T) string {
	t.Helper()
	program := os.Getenv("VERSITYGW")
	if program == "" {
		program, _ = exec.LookPath("versitygw")
	}
	if program == "" {
		t.Skip("no versitygw in VERSITYGW or PATH: the same tests on S3 are left out")
	}
	gateway.Lock()
	defer gateway.Unlock()
	if gateway.url != "" {
		return gateway.url
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if gateway.dir, err = os.MkdirTemp("", "versitygw-*"); err != nil {
		t.Fatal(err)
	}
	root, sidecar := filepath.Join(gateway.dir, "root"), filepath.Join(gateway.dir, "sidecar")
	for _, d := range []string{root, sidecar} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--port", addr, "--access", "key", "--secret", "se/cret", "--quiet", "posix", "--sidecar", sidecar, root)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gateway.cmd, gateway.url = cmd, "s3://key:se%2Fcret@"+addr
	for end := time.Now().Add(20 * time.Second); ; {
		if resp, err := http.Get("http://" + addr + "/"); err == nil {
			resp.Body.Close()
			return gateway.url
		}
		if time.Now().After(end) {
			t.Fatal("versitygw does not answer within 20 s")
		}
		<-time.After(50 * time.Millisecond)
	}
}

func newBucket(t *testing.T) string {
	t.Helper()
	gateway.Lock()
	defer gateway.Unlock()
	gateway.buckets++
	name := "bucket-" + strconv.Itoa(gateway.buckets)
	if err := os.Mkdir(filepath.Join(gateway.dir, "root", name), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestOpenS3: what is wrong with a URL is said, its secret is not.
func TestOpenS3(t *testing.T) {
	f := func(url, want string) {
		t.Helper()
		_, err := OpenS3(t.Context(), url, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("s3://key:geheim@localhost", "want s3://")
	f("ftp://key:geheim@localhost/bucket", "want s3://")
	f("s3://key:geheim/x@localhost/bucket", "want s3://")
	f("s3://key:%zzgeheim@localhost/bucket", "the URL of S3 is none")
	url := startS3(t)
	f(strings.Replace(url, "se%2Fcret", "geheim", 1)+"/bucket?insecure=1", "bucket bucket")
	f(url+"/missing?insecure=1", "create it first")
}

// TestS3Errors: codes of S3 have our names.
func TestS3Errors(t *testing.T) {
	f := func(code string, status int, want error) {
		t.Helper()
		wantError(t, code, s3Error("k", minio.ErrorResponse{Code: code, StatusCode: status}), want)
	}
	f("NoSuchKey", 404, ErrNotFound)
	f("XMinioStorageFull", 507, ErrNoSpace)
	f("QuotaExceeded", 403, ErrNoSpace)
	f("", 507, ErrNoSpace)
	if err := s3Error("k", nil); err != nil {
		t.Error(err)
	}
}

// TestPartSize: as many parts as S3 takes hold what it takes, 5 TiB is more
// than an archive has.
func TestPartSize(t *testing.T) {
	total := int64(0)
	for i := range 10000 {
		if s := (&S3{firstPart: firstPart}).partSize(i); s < 5<<20 || s > 5<<30 {
			t.Fatalf("part %d has %d bytes", i, s)
		} else {
			total += s
		}
	}
	if total < 900<<30 {
		t.Errorf("%d GiB in all", total>>30)
	}
}
