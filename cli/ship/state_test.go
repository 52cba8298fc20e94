//go:build unix

package ship

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestDamagedState: a position that nobody can have written is refused with the
// way out, and neither believed nor the end of the program.
func TestDamagedState(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := openState(path, false)
		if err == nil {
			s.unlock()
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--restart") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	const head = `{"version":1,"started":"2026-01-01T00:00:00Z","sources":`
	f(head+`null}`, "no sources")
	f(head+`{"a":null}}`, "no state")
	f(head+`{"a":{"parts":[1],"done":{"part":-5,"offset":1}}}}`, "part -5 of 1")
	f(head+`{"a":{"parts":[1],"done":{"part":1,"offset":1}}}}`, "part 1 of 1")
	f(head+`{"a":{"parts":[1],"done":{"part":0,"offset":-1}}}}`, "position -1")
	f(`{"version":7}`, "version 7")
	f(`garbage`, "not written by this version")
}

func TestStateIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openState(path, false); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe: %v", err)
	}
}

// TestReplaced: a file that was cut, or replaced by another that begins alike, is
// shipped from its beginning.
func TestReplaced(t *testing.T) {
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
	// The beginning is larger than what the files are told apart by.
	var common strings.Builder
	for i := range 2000 {
		common.WriteString(line(at, "common "+strings.Repeat("x", 40)+string(rune('a'+i%26))) + "\n")
	}
	f := func(name, first, then string, want ...string) {
		t.Run(name, func(t *testing.T) {
			l := lokitest.New(lokitest.Options{})
			defer l.Close()
			dir := t.TempDir()
			path := filepath.Join(dir, "mail1", "mailbox.log")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			o, _ := options(t, l, dir, nil)
			for _, text := range []string{first, then} {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				run(t, o)
			}
			got := texts(l)
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("Loki has no %q", w)
				}
			}
		})
	}
	tail := func(s string) string { return line(at.Add(time.Minute), s) + "\n" }
	f("cut", common.String()+tail("before-1")+tail("before-2")+tail("before-3"), common.String()+tail("after"), "before-3", "after")
	f("replaced, longer", common.String()+tail("before-1"), common.String()+tail("another-1")+tail("another-2"), "before-1", "another-1", "another-2")
	f("grown", common.String()+tail("before-1"), common.String()+tail("before-1")+tail("more"), "before-1", "more")
}
