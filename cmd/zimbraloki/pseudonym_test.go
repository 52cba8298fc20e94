package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPseudonymCommand(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(want string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		c := rootCommand()
		c.SetOut(&out)
		c.SetArgs(append([]string{"pseudonym"}, args...))
		err := c.Execute()
		text := out.String()
		if err != nil {
			text = err.Error()
		}
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
