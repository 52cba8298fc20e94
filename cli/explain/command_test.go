package explain

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

// TestArrival: what is no time of Fluent Bit's is a mistake in the command line.
func TestArrival(t *testing.T) {
	f := func(arrival, want string) {
		t.Helper()
		c := Command()
		c.SetArgs([]string{"--arrival", arrival})
		c.SetIn(strings.NewReader("x\n"))
		c.SetOut(io.Discard)
		c.SetErr(io.Discard)
		err := c.Execute()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", arrival, err, want)
		}
	}
	f("2026-08-02T16:49:04Z", "")
	f("1970-01-01T00:00:00Z", "")
	f("1969-12-31T23:59:59Z", "before 1970")
	f("1969-12-31T23:59:59.9Z", "before 1970")
	f("yesterday", "RFC 3339")
}

// run runs explain on args and returns its lines.
func run(t *testing.T, in string, args ...string) (lines []string, code int) {
	t.Helper()
	c := Command()
	var out bytes.Buffer
	c.SetArgs(append([]string{"--timezone", "UTC"}, args...))
	c.SetIn(strings.NewReader(in))
	c.SetOut(&out)
	c.SetErr(io.Discard)
	c.SilenceUsage, c.SilenceErrors = true, true
	code = flags.ExitCode(c.ExecuteContext(t.Context()), io.Discard)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), code
}

// TestPacked: what is packed is read as ship reads it, several files and a range
// of times too.
func TestPacked(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 60 {
		fmt.Fprintf(&text, "2026-08-02 16:%02d:00,000 INFO  [main] [] misc - line %d\n", i, i)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text.String()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := put("mail1/mailbox.log", text.String())
	gz := put("mail2/mailbox.log.2026-08-02.gz", packed.String())
	binary := put("mail3/core", "\x00\x01\x02")
	f := func(want, code int, in string, args ...string) {
		t.Helper()
		lines, got := run(t, in, args...)
		n := 0
		for _, l := range lines {
			if strings.Contains(l, "misc - line ") && strings.HasPrefix(l, `{"time":`) {
				n++
			}
		}
		if n != want || got != code || n != len(lines) && want > 0 {
			t.Errorf("%q: %d of %d lines, exit code %d; want %d, %d", args, n, len(lines), got, want, code)
		}
	}
	f(60, 0, "", plain)
	f(60, 0, "", gz)
	f(120, 0, "", plain, gz)
	f(120, 0, "", filepath.Join(dir, "mail[12]"))
	f(60, 0, packed.String(), "-")
	f(60, 0, text.String())
	f(10, 0, "", "--since", "2026-08-02T16:10", "--until", "2026-08-02T16:20", plain)
	f(20, 0, "", "--since", "2026-08-02T16:10", "--until", "2026-08-02T16:20", plain, gz)
	f(120, 3, "", dir)
	f(0, 3, "", binary)
	f(0, 1, "", filepath.Join(dir, "nowhere.log"))
	f(0, 2, "", "--path", "/x", plain, gz)
	if lines, _ := run(t, "", gz); !strings.Contains(lines[0], `"host":"mail2"`) {
		t.Errorf("not as ship reads it: %s", lines[0])
	}
	if lines, _ := run(t, "", "-o", "text", "--why", "--since", "2026-08-02T16:59", plain); len(lines) < 3 || !strings.Contains(strings.Join(lines, "\n"), "line 59") {
		t.Errorf("why: %q", lines)
	}
}
