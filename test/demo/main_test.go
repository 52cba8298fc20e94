package main

import (
	"os"
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
	p, err := server(self)
	if err != nil {
		t.Fatal(err)
	}
	l := runtest.Start(t, lokirun.Options{Bin: p})
	now := time.Now()
	if n, err := l.Count(t.Context(), `{job=~".+"}`, now.Add(-time.Hour), now); err != nil || n != 0 {
		t.Errorf("an empty server counts %d entries: %v", n, err)
	}
	t.Setenv(lokirun.BinEnv, "/nowhere/loki")
	if p, err := server(self); err == nil {
		t.Errorf("got %v, want an error", p)
	}
}
