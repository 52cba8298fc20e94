package trace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

func TestTraceUsage(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		if out, code := flagtest.Run(t.Context(), Command(), args...); code != flags.ExitUsage || !strings.Contains(out, want) {
			t.Errorf("%q: exit code %d, want %q\n%s", args, code, want, out)
		}
	}
	f("needs a message-id")
	f(`--by "colour"`, "anna@example.com", "--by", "colour", ".")
	f(`--output "xml"`, "anna@example.com", "-o", "xml", ".")
	f("--since", "anna@example.com", "--since", "tomorrow", ".")
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
	out, code := flagtest.Run(t.Context(), Command(), "<one@example.org>", "--timezone", "Europe/Moscow", file)
	if code != 0 || !strings.Contains(out, "2026-11-23 +03:00\n  11:00:00.5  mta  cleanup  4C8A1A0F2D3  message-id=<one@example.org>\n") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	out, code = flagtest.Run(t.Context(), Command(), "<one@example.org>", "--brief", "--timezone", "Europe/Moscow", file)
	if code != 0 || !strings.Contains(out, "  began      2026-11-23 11:00:00 +03:00\n") || strings.Contains(out, "message-id=") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
