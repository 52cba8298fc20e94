package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/doctor"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func TestDoctorCommand(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	dead := "dead_letter_path=" + filepath.Join(t.TempDir(), "dead.jsonl")
	f := func(want int, args ...string) string {
		t.Helper()
		out, err := runCommand(t, append([]string{"doctor", "--url", l.URL, "--logs", filepath.Join(t.TempDir(), "*"), "--program", "", "-p", dead}, args...)...)
		if code := exitCode(err, io.Discard); code != want {
			t.Errorf("%v: exit code %d, want %d: %v\n%s", args, code, want, err, out)
		}
		return out
	}
	f(0)
	for line := range strings.Lines(f(0, "-o", "json")) {
		var got doctor.Finding
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Check == "" || got.Severity == "" || got.What == "" {
			t.Errorf("%v: %s", err, line)
		}
	}
	f(2, "-o", "xml")
	f(2, "mailbox.log")
	f(2, "-p", "urll=x", "--timezone", "Nowhere/City")
	l.Close()
	f(1)
}
