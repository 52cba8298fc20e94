package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// TestMain lets the test's program be what main would be when it is started
// again as a server.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == string(lokirun.Serve) {
		os.Exit(runServe(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// TestServer: without a Loki the program is its own server, which answers; a Loki that was asked for and is not there is an error.
func TestServer(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv(lokirun.BinEnv, "")
	p, err := program(self)
	if err != nil {
		t.Fatal(err)
	}
	l := runtest.Start(t, lokirun.Options{Bin: p})
	now := time.Now()
	if n, err := l.Count(t.Context(), `{job=~".+"}`, now.Add(-time.Hour), now); err != nil || n != 0 {
		t.Errorf("an empty server counts %d entries: %v", n, err)
	}
	t.Setenv(lokirun.BinEnv, "/nowhere/loki")
	if p, err := program(self); err == nil {
		t.Errorf("got %v, want an error", p)
	}
}

// TestLinks: `make demo` is compiled before it answers, so it has nothing of the
// command line, the archives and the plugin that its server does not need.
func TestLinks(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	f := func(pkg string, want bool) {
		t.Helper()
		if slices.Contains(deps, pkg) != want {
			t.Errorf("imports %s: want %t; `go mod why` and `go list -deps` say by which package", pkg, want)
		}
	}
	const ours = "github.com/zimbraloki/zimbraloki/"
	f(ours+"serve/server", true)
	f(ours+"cli/flags", false)
	f(ours+"logs", false)
	f(ours+"config", false)
	f(ours+"transform", false)
	f("github.com/spf13/cobra", false)
	f("github.com/spf13/pflag", false)
	f("github.com/goccy/go-yaml", false)
	f("archive/tar", false)
	f("archive/zip", false)
	f("net/rpc", false)
	f("os/user", false)
}
