package cli_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

// TestExitCodesInHelp: each command says how it ends.
func TestExitCodesInHelp(t *testing.T) {
	root := cli.Command()
	for _, c := range append(root.Commands(), root) {
		if !strings.Contains(c.Long, "Exit codes") {
			t.Errorf("the help of %s lists no exit codes", c.Name())
		}
	}
}

// TestDidYouMean: an unknown command names those that are near.
func TestDidYouMean(t *testing.T) {
	f := func(word, want string) {
		t.Helper()
		out, code := flagtest.Run(t.Context(), cli.Command(), word)
		if code != flags.ExitUsage || !strings.Contains(out, want) {
			t.Errorf("%s: %d, %q, want %q", word, code, out, want)
		}
	}
	f("shp", "did you mean ship?")
	f("chekc", "did you mean check?")
	f("expl", "did you mean explain?")
	f("versionn", "did you mean version?")
	f("Doctor", "did you mean doctor?")
	f("loki", "zimbraloki help")
	f("xyzzy", "zimbraloki help")
}

// TestQuiet: --quiet leaves what is wrong, and nothing else.
func TestQuiet(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "mailbox.log")
	conf := filepath.Join(dir, "fluent-bit.yaml")
	for path, text := range map[string]string{
		log:  mailboxLine + "\n",
		conf: "pipeline:\n  outputs:\n    - {name: zimbraloki, match: '*', url: 'http://192.0.2.1', workers: 2, retry_limit: 3}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := func(want, not string, args ...string) {
		t.Helper()
		out, _ := flagtest.Run(t.Context(), cli.Command(), args...)
		if !strings.Contains(out, want) || not != "" && strings.Contains(out, not) {
			t.Errorf("%q: %s\nwant %q, not %q", args, out, want, not)
		}
	}
	f("warning", "\x1b", "check", conf)
	f("retry-limit", ": warning:", "check", "--quiet", conf)
	f("workers-many", ": hint:", "check", "-q", "--strict", conf)
	f("error", "\nhint", "doctor", "-q", "--url", "http://127.0.0.1:1", "--program", "", "--logs", log)
	f("ok ", "", "doctor", "--url", "http://127.0.0.1:1", "--program", "", "--logs", log)
}

// TestStreams: what is asked for is on standard output, and nothing else is.
func TestStreams(t *testing.T) {
	log := filepath.Join(t.TempDir(), "mailbox.log")
	if err := os.WriteFile(log, []byte(mailboxLine+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		c := cli.Command()
		c.SetArgs(args)
		c.SetIn(strings.NewReader(""))
		c.SetOut(&out)
		c.SetErr(&errs)
		if code := flags.ExitCode(c.ExecuteContext(t.Context()), io.Discard); code != 0 || out.Len() == 0 || errs.Len() > 0 {
			t.Errorf("%q: %d\n%s\n%s", args, code, out.String(), errs.String())
		}
	}
	f("explain", log)
	f("labels", log)
	f("ask", "--timezone", "UTC", `{job="zimbra"}`, log)
	f("version")
}
