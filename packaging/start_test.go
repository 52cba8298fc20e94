package packaging

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// freePort is a port of loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// startImage starts the image's configuration with the Fluent Bit of this
// machine, its paths and ports moved, until its health check is content.
func startImage(t *testing.T, root, config string) {
	t.Helper()
	fluentBit, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no fluent-bit on PATH to start the image's configuration with")
	}
	text, err := os.ReadFile(filepath.Join(root, config))
	if err != nil {
		t.Fatal(err)
	}
	metrics := freePort(t)
	moved := strings.NewReplacer(
		"/usr/lib/zimbraloki", filepath.Join(root, "usr/lib/zimbraloki"),
		"/var/lib/zimbraloki", filepath.Join(root, "var/lib/zimbraloki"),
		"0.0.0.0", "127.0.0.1", "24224", freePort(t), "2112", metrics).Replace(string(text))
	path := filepath.Join(t.TempDir(), "fluent-bit.yaml")
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	var log bytes.Buffer
	c := exec.Command(fluentBit, "-c", path)
	c.Stdout, c.Stderr, c.Env = &log, &log, append(os.Environ(), "LOKI_URL="+l.URL)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	ask := func() ([]byte, error) {
		return exec.Command(filepath.Join(root, "usr/bin/zimbraloki"), "health", "http://127.0.0.1:"+metrics+"/ready").CombinedOutput()
	}
	out, err := ask()
	for deadline := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(deadline); out, err = ask() {
		time.Sleep(100 * time.Millisecond) // another process; there is nothing else to wait on
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if end := <-ended; end != nil || err != nil {
		t.Errorf("Fluent Bit ended with %v, its health check with %v: %s\n%s", end, err, out, log.String())
	}
}
