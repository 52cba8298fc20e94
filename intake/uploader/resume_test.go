package uploader_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/http/upload"
	"github.com/zimbraloki/zimbraloki/intake/uploader"
)

// cutter breaks each connection after so many bytes from the client, budget times.
type cutter struct {
	net.Listener

	target string
	after  int64
	budget atomic.Int64
}

func startCutter(t *testing.T, target string, after, budget int64) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, target: target, after: after}
	c.budget.Store(budget)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { c.pass(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return c
}

func (c *cutter) pass(conn net.Conn) {
	defer conn.Close()
	server, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(conn, server); conn.Close() }()
	n, _ := io.Copy(server, io.LimitReader(conn, c.after))
	if n < c.after || c.budget.Add(-1) >= 0 {
		return // the client is done, or it is cut
	}
	_, _ = io.Copy(server, conn)
}

// TestResume: three cuts in the middle, one attempt, the same bytes.
func TestResume(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		in := start(t, 1)
		c := startCutter(t, in.Listener.Addr().String(), 2<<20, 3)
		file, data := archive(t, "big.tgz", 9<<20)
		out := want(t, command(shell, "-f", file, "-t", token, "-u", "http://"+c.Addr().String()+"/api/v1/archives/"), 0, "is stored (9437184 bytes)")
		if strings.Count(out, "going on in a moment") != 3 {
			t.Error(out)
		}
		in.wantArchive(t, "big.tgz", data)
		in.wantAttempts(t, 0)
	})
}

// TestResumeLater: one run gives up, another goes on, without the token.
func TestResumeLater(t *testing.T) {
	in := start(t, 1)
	c := startCutter(t, in.Listener.Addr().String(), 2<<20, 1000)
	file, data := archive(t, "it's big.tgz", 5<<20)
	cmd := command("sh", "-f", file, "-t", token, "-u", "http://"+c.Addr().String()+"/api/v1/archives/")
	cmd.Env = append(cmd.Env, "UPLOAD_RETRIES=1")
	out := want(t, cmd, 4, "to go on later: uploader.sh -f")
	_, path, ok := strings.Cut(out, upload.PathUploads)
	path, _, _ = strings.Cut(path, "'")
	if !ok || len(path) < 20 {
		t.Fatal(out)
	}
	want(t, command("sh", "-f", file, "-r", in.URL+upload.PathUploads+path), 0, "is stored")
	in.wantArchive(t, "it's big.tgz", data)
	other, _ := archive(t, "other", 5<<20)
	want(t, command("sh", "-f", other, "-r", in.URL+upload.PathUploads+"AAAAAAAAAAAAAAAAAAAAAAAA"), 3, "(404)")
}

// TestDamaged: another file under the same upload is never taken for the first.
func TestDamaged(t *testing.T) {
	in := start(t, 1)
	file, _ := archive(t, "a.tgz", 100_000)
	in.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, 99_999), strings.NewReader("!")))
			}
			next.ServeHTTP(w, r)
		})
	})
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 5, "other bytes")
}

// TestSecret: the token is in no command line while curl runs.
func TestSecret(t *testing.T) {
	proc, err := os.ReadDir("/proc")
	if err != nil || len(proc) == 0 {
		t.Skip("no /proc: command lines cannot be read")
	}
	in := start(t, 1)
	seen := make(chan string, 1)
	in.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			curls := 0
			for _, p := range lines {
				line, _ := os.ReadFile(p)
				if bytes.Contains(line, []byte("Tus-Resumable")) {
					curls++
				}
				if bytes.Contains(line, []byte(token)) {
					select {
					case seen <- string(line):
					default:
					}
				}
			}
			if curls == 0 {
				t.Error("no curl is seen")
			}
			next.ServeHTTP(w, r)
		})
	})
	file, _ := archive(t, "a.tgz", 100_000)
	cmd := command("sh", "-f", file, "-u", in.api())
	cmd.Env = append(cmd.Env, "UPLOAD_TOKEN="+token)
	want(t, cmd, 0, "is stored")
	select {
	case line := <-seen:
		t.Errorf("everybody sees %q", line)
	default:
	}
}

// TestShellcheck: the linter of shells has nothing to say.
func TestShellcheck(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("no shellcheck in PATH")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "shellcheck", "uploader.sh").CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if !bytes.HasPrefix(uploader.Script, []byte("#!/bin/sh\n")) {
		t.Error("the script does not begin with its shell")
	}
}
