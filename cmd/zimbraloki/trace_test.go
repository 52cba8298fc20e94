package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTraceUsage(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		_, err := runCommand(t, append([]string{"trace"}, args...)...)
		if err == nil || !errors.As(err, &usageError{}) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", args, err, want)
		}
	}
	f("needs a message-id")
	f(`--by "colour"`, "anna@example.com", "--by", "colour", ".")
	f(`--output "xml"`, "anna@example.com", "-o", "xml", ".")
	f("--since", "anna@example.com", "--since", "yesterday", ".")
	f("give one of them", "anna@example.com", "--loki", "http://127.0.0.1:1", "zimbra.log")
	f("--loki finds single mails", "--all", "--loki", "http://127.0.0.1:1")
}

// TestTraceZone: times without a zone are of --timezone, and are shown in it.
func TestTraceZone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zimbra.log")
	log := "2026-11-23T08:00:00.5+00:00 mta postfix/cleanup[2]: 4C8A1A0F2D3: message-id=<one@example.org>\n"
	if err := os.WriteFile(file, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := runCommand(t, "trace", "<one@example.org>", "--timezone", "Europe/Moscow", file)
	if err != nil || !strings.Contains(out, "2026-11-23 +03:00\n  11:00:00.500  mta  cleanup  4C8A1A0F2D3  message-id=<one@example.org>\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
