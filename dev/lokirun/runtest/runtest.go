// Package runtest gives a test its server: zimbraloki serve always, and a real Loki too where the machine has one.
package runtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// Each runs f as a subtest "serve" with a zimbraloki serve of its own, and as "loki" with a real Loki, which is
// skipped where there is none and with -short.
//
// Tenant, Limits and Config of the options are for Loki alone: serve is started without them. A test whose outcome
// depends on them takes Real.
func Each(t *testing.T, o lokirun.Options, f func(t *testing.T, l *lokirun.Server)) {
	t.Helper()
	EachProgram(t, func(t *testing.T, bin lokirun.Program) {
		f(t, Start(t, For(bin, o)))
	})
}

// For returns the options for one of the programs: those that are Loki's alone are left out for serve.
func For(bin lokirun.Program, o lokirun.Options) lokirun.Options {
	o.Bin = bin
	if bin.Kind == lokirun.Serve {
		o.Tenant, o.Limits, o.Config = "", nil, nil
	}
	return o
}

// EachProgram is Each for tests that start the server themselves, or start it again.
func EachProgram(t *testing.T, f func(t *testing.T, bin lokirun.Program)) {
	t.Helper()
	t.Run(string(lokirun.Serve), func(t *testing.T) {
		bin, err := lokirun.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		asks(t, bin)
		f(t, bin)
	})
	t.Run(string(lokirun.Loki), func(t *testing.T) { f(t, Loki(t)) })
}

// Real starts a real Loki for what only it has: its limits, tenants, ruler, configuration. Where there is none, and
// with -short, the test is skipped.
func Real(t *testing.T, o lokirun.Options) *lokirun.Server {
	t.Helper()
	o.Bin = Loki(t)
	return Start(t, o)
}

// Loki returns the real Loki's program, or skips the test.
func Loki(t *testing.T) lokirun.Program {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a real Loki: not with -short")
	}
	bin, err := lokirun.Find()
	if errors.Is(err, lokirun.ErrNoLoki) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	asks(t, bin)
	return bin
}

// asks leaves the mark that dev/testsum counts.
func asks(t *testing.T, bin lokirun.Program) {
	t.Helper()
	t.Logf("%s%s", lokirun.Asked, bin.Kind)
}

// Start starts a server that ends with the test. Without a Dir it gets one of the test's own.
func Start(t *testing.T, o lokirun.Options) *lokirun.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	l, err := lokirun.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Not t.Context(): it is done when clean-ups run. Stop itself is bounded.
		if err := l.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// Build returns the folder that make builds into. Where it lacks one of the files that a test needs, the test is
// skipped.
func Build(t *testing.T, files ...string) string {
	t.Helper()
	build, err := lokirun.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(build, f)); err != nil {
			t.Skipf("build/%s is not there: run `make so host`", f)
		}
	}
	return build
}

// FluentBits are the Fluent Bits to try: those that FLUENT_BIT names (paths with : between), or the one on
// PATH. Where there is none, the test is skipped.
func FluentBits(t *testing.T) []string {
	t.Helper()
	if list := os.Getenv("FLUENT_BIT"); list != "" {
		return filepath.SplitList(list)
	}
	path, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no Fluent Bit: fluent-bit is not on PATH and FLUENT_BIT is not set")
	}
	return []string{path}
}
