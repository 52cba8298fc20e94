package doctor

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

func TestDoctorCommand(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	dead := "dead_letter_path=" + filepath.Join(t.TempDir(), "dead.jsonl")
	f := func(want int, args ...string) string {
		t.Helper()
		out, code := flagtest.Run(t.Context(), Command(), append([]string{"--url", l.URL, "--logs", filepath.Join(t.TempDir(), "*"), "--program", "", "-p", dead}, args...)...)
		if code != want {
			t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, out)
		}
		return out
	}
	f(0)
	for line := range strings.Lines(f(0, "-o", "json")) {
		var got Finding
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
