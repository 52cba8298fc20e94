package pseudonym

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

func TestPseudonymCommand(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want string, args ...string) {
		t.Helper()
		text, _ := flagtest.Run(t.Context(), Command(), args...)
		if !strings.Contains(text, want) {
			t.Errorf("%v gives %q, want %q", args, text, want)
		}
	}
	f("ivanov@example.com\tp_", "ivanov@example.com", "--key-file", key)
	f("postmaster\tpostmaster", "postmaster", "--key-file", key)
	f("needs a name", "--key-file", key)
	f("--key-file is missing", "ivanov")
	f("cannot be read", "ivanov", "--key-file", key+"x")
}
