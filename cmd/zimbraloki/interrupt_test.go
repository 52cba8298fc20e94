package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// childEnv makes the test program be zimbraloki with these arguments.
const childEnv = "ZIMBRALOKI_TEST_ARGS"

func TestMain(m *testing.M) {
	if args, child := os.LookupEnv(childEnv); child {
		os.Exit(run(strings.Split(args, "\n")))
	}
	os.Exit(m.Run())
}

// child is zimbraloki in a process of its own.
func child(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), exe)
	c.Env = append(os.Environ(), childEnv+"="+strings.Join(args, "\n"))
	c.Stderr = os.Stderr
	return c
}

// exitCode waits for the end of c.
func exitCode(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	err := c.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// endsSoon is how long a command may take to end after Ctrl-C, with a machine
// that has other work too.
const endsSoon = 10 * time.Second

// TestSignals: Ctrl-C and SIGTERM end ship soon, though Loki does not answer,
// with the exit codes that shells give; the next run goes on, and each line is
// there once.
func TestSignals(t *testing.T) {
	if testing.Short() {
		t.Skip("stops a program that waits: not with -short")
	}
	const lines, pushes = 2000, 3
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		var n atomic.Int64
		hangs := make(chan struct{})
		loki := lokitest.New(lokitest.Options{Auth: func(r *http.Request) int {
			if strings.HasSuffix(r.URL.Path, "/push") && n.Add(1) == pushes {
				close(hangs)
				<-r.Context().Done() // no answer
				return http.StatusServiceUnavailable
			}
			return 0
		}})
		defer loki.Close()
		path := filepath.Join(t.TempDir(), "mailbox.log")
		if err := os.WriteFile(path, []byte(numbered(lines)), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"ship", "--timezone", "UTC", "--url", loki.URL, "--state", filepath.Join(t.TempDir(), "state.json"), "-p", "batch_bytes=300KiB", path}
		c := child(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-hangs
		began := time.Now()
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, c); code != want || time.Since(began) > endsSoon {
			t.Errorf("%v: exit code %d after %v, want %d", sig, code, time.Since(began), want)
		}
		c = child(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, c); code != 0 {
			t.Errorf("%v: the next run ends with %d", sig, code)
		}
		counts := map[string]int{}
		for _, e := range loki.Entries() {
			counts[e.Line]++
		}
		if len(counts) != lines {
			t.Errorf("%v: %d of %d lines are there", sig, len(counts), lines)
		}
		for line, k := range counts {
			if k != 1 {
				t.Errorf("%v: %d times %s", sig, k, line)
			}
		}
	}
}

// numbered are lines of a mailbox.log, long enough for some pushes.
func numbered(n int) string {
	var b strings.Builder
	at := time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, "%s INFO  [main] [] misc - line %d %s\n", at.Add(time.Duration(i)*time.Second).Format("2006-01-02 15:04:05,000"), i, strings.Repeat("x", 500))
	}
	return b.String()
}
