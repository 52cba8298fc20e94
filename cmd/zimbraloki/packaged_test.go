package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

// TestPackaged: what only the packaging needs is not in the program.
func TestPackaged(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		for _, bad := range []string{"cobra/doc", "md2man", "blackfriday", "lokitest"} {
			if strings.Contains(dep, bad) {
				t.Errorf("the program would link %s", dep)
			}
		}
	}
}

func TestExitCode(t *testing.T) {
	f := func(want int, args ...string) {
		t.Helper()
		if got := run(args); got != want {
			t.Errorf("%q: exit code %d, want %d", args, got, want)
		}
	}
	f(0, "version")
	f(flags.ExitUsage, "versionn")
	f(flags.ExitUsage, "version", "--colour")
	f(flags.ExitUsage, "health", "a", "b")
	f(flags.ExitError, "explain", "nowhere.log")
}
