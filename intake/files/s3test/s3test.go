// Package s3test gives tests an S3 server: versitygw over a folder, one for all
// tests of a package, with a bucket for each.
package s3test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// gateway is the server, once it is wanted.
var gateway struct {
	sync.Mutex

	addr, dir string
	cmd       *exec.Cmd
	buckets   int
}

// Main runs the tests of a package and ends the server after them.
func Main(m *testing.M) int {
	code := m.Run()
	if gateway.cmd != nil {
		_ = gateway.cmd.Process.Kill()
		_ = gateway.cmd.Wait()
		_ = os.RemoveAll(gateway.dir)
	}
	return code
}

// Bucket makes an empty bucket and gives its URL, to which a prefix may be added
// before the question mark. The test is skipped where there is no versitygw.
func Bucket(t testing.TB) (url string) {
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
	if gateway.addr == "" {
		if err := start(program); err != nil {
			t.Fatalf("versitygw: %v", err)
		}
	}
	gateway.buckets++
	name := fmt.Sprintf("bucket-%d", gateway.buckets)
	if err := os.Mkdir(filepath.Join(gateway.dir, "root", name), 0o700); err != nil {
		t.Fatal(err)
	}
	return "s3://key:se%2Fcret@" + gateway.addr + "/" + name
}

// Query is what a URL of Bucket needs at its end.
const Query = "?insecure=1&region=us-east-1"

func start(program string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	l.Close()
	if gateway.dir, err = os.MkdirTemp("", "versitygw-*"); err != nil {
		return err
	}
	root, sidecar := filepath.Join(gateway.dir, "root"), filepath.Join(gateway.dir, "sidecar")
	for _, d := range []string{root, sidecar} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return err
		}
	}
	cmd := exec.Command(program, "--port", addr, "--access", "key", "--secret", "se/cret", "--quiet", "posix", "--sidecar", sidecar, root)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	gateway.cmd = cmd
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-look.C {
		if resp, err := http.Get("http://" + addr + "/"); err == nil {
			resp.Body.Close()
			gateway.addr = addr
			return nil
		}
	}
	return fmt.Errorf("no answer within 30 s")
}
