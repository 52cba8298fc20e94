package uploader_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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

// TestLostAnswer: the upload has begun, and its client did not learn so, twice;
// the ticket's only attempt is for it all the same. Another run is another upload.
func TestLostAnswer(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		in := start(t, 2)
		keys := map[string]int{}
		in.before(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					next.ServeHTTP(w, r)
					return
				}
				key := r.Header.Get("Idempotency-Key")
				if keys[key]++; keys[key] > 2 {
					next.ServeHTTP(w, r)
					return
				}
				next.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			})
		})
		for i, name := range []string{"a.tgz", "b.tgz"} {
			file, data := archive(t, name, 100_000+i)
			out := want(t, command(shell, "-f", file, "-t", token, "-u", in.api()), 0, "is stored")
			if strings.Count(out, "trying again") != 2 {
				t.Error(out)
			}
			in.wantArchive(t, name, data)
			in.wantAttempts(t, 1-i)
		}
		for key, n := range keys {
			if n != 3 || len(key) != 32 {
				t.Errorf("%q was sent %d times", key, n)
			}
		}
		if len(keys) != 2 {
			t.Errorf("keys %v, want 2", keys)
		}
	})
}

// TestResumeLater: one run gives up, another goes on, without the token.
func TestResumeLater(t *testing.T) {
	in := start(t, 1)
	c := startCutter(t, in.Listener.Addr().String(), 2<<20, 1000)
	file, data := archive(t, "it's big.tgz", 5<<20)
	cmd := command("sh", "-f", file, "-t", token, "-u", "http://"+c.Addr().String()+"/api/v1/archives/")
	cmd.Env = append(cmd.Env, "UPLOAD_RETRIES=1")
	goOn(t, want(t, cmd, 4, "to go on later"), c.Addr().String(), in.Listener.Addr().String())
	in.wantArchive(t, "it's big.tgz", data)
	other, _ := archive(t, "other", 5<<20)
	want(t, command("sh", "-f", other, "-r", in.URL+upload.PathUploads+"AAAAAAAAAAAAAAAAAAAAAAAA"), 3, "(404)")
}

// goOn types what a broken-off run says, with another address for the server's.
func goOn(t *testing.T, out, from, to string) {
	t.Helper()
	_, line, ok := strings.Cut(out, "to go on later: ")
	if line, _, _ = strings.Cut(line, "\n"); !ok {
		t.Fatalf("it does not say how to go on:\n%s", out)
	}
	cmd := exec.Command("sh", "-c", strings.Replace(line, from, to, 1))
	cmd.Env = append(os.Environ(), "UPLOAD_PAUSE=0", "no_proxy=*")
	want(t, cmd, 0, "is stored")
}

// TestInterrupted: Ctrl-C in the middle, and the same upload goes on.
func TestInterrupted(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		in := start(t, 1)
		file, data := archive(t, "big.tgz", 5<<20)
		begun, gone, routes := make(chan struct{}), make(chan struct{}), *in.routes.Load()
		in.before(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPatch {
					r.Body = io.NopCloser(&stalled{Reader: io.LimitReader(r.Body, 2<<20), begun: begun, gone: gone})
				}
				next.ServeHTTP(w, r)
			})
		})
		cmd := command(shell, "-f", file, "-t", token, "-u", in.api())
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-begun
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // as a terminal does, to all of the group
		if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
			t.Errorf("exit code %d, want 130\n%s", cmd.ProcessState.ExitCode(), out.String())
		}
		close(gone)
		in.put(routes)
		goOn(t, out.String(), "", "")
		in.wantArchive(t, "big.tgz", data)
		in.wantAttempts(t, 0)
	})
}

// stalled is a body that stops in the middle, until its client is gone.
type stalled struct {
	io.Reader

	begun, gone chan struct{}
}

func (s *stalled) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF { //nolint:errorlint // as readers say it
		close(s.begun)
		<-s.gone
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
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
