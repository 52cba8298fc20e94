package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/cli/flags"
)

// network are the commands whose examples speak to somebody, write where the
// system's files are, or answer at a port until they are stopped: their flags
// and arguments are checked only.
var network = map[string]bool{
	"ship": true, "replay": true, "doctor": true, "verify": true, "health": true, "trace": true, "serve": true,
}

// TestExamples: every command has examples, all of them are valid, and those
// that need no network run, on files made for them.
func TestExamples(t *testing.T) {
	root := cli.Command()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Example == "" {
			t.Errorf("%s has no example", c.Name())
		}
		for line := range strings.Lines(c.Example) {
			if i := strings.Index(line, "zimbraloki "); i >= 0 {
				example(t, c.Name(), strings.TrimSpace(line[i:]))
			}
		}
	}
}

var words = regexp.MustCompile(`'[^']*'|\S+`)

func example(t *testing.T, name, line string) {
	t.Helper()
	var args []string
	for _, w := range words.FindAllString(line, -1)[1:] {
		if w == "|" || w == ">" { // the shell's
			break
		}
		args = append(args, strings.Trim(w, "'"))
	}
	root := cli.Command()
	c, rest, err := root.Find(args)
	if err != nil || c.Name() != name {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	if !network[name] {
		runExample(t, c, line, rest)
	}
}

// runExample runs a command with its files below a folder of the test. What it
// finds there is not the point: it must not take the line for a mistake.
func runExample(t *testing.T, c *cobra.Command, line string, args []string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Chdir(dir) // what it writes goes there
	for i, a := range args {
		if strings.HasPrefix(a, "/") || strings.HasPrefix(a, "conf/") || strings.HasSuffix(a, ".log") || strings.HasSuffix(a, ".conf") {
			args[i] = filepath.Join(dir, strings.NewReplacer("*", "x").Replace(a))
			path := args[i]
			if filepath.Ext(path) == "" && (i == 0 || args[i-1] != "--env-file") {
				path = filepath.Join(path, "mailbox.log")
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("2026-08-02 16:49:04,000 INFO  [main] [] misc - x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	root := cli.Command()
	root.SetArgs(append([]string{c.Name()}, args...))
	root.SetIn(strings.NewReader("2026-08-02 16:49:04,000 INFO  [main] [] misc - x\n"))
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	if code := flags.ExitCode(root.ExecuteContext(t.Context()), io.Discard); code == flags.ExitUsage {
		t.Errorf("%s (as %q): a mistake in the command line", line, args)
	}
}
