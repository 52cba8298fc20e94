package terminal

import (
	"os"
	"strings"
	"testing"
)

// TestPrint: colours stand around the word alone, and what is printed steers
// nothing.
func TestPrint(t *testing.T) {
	f := func(colours bool, want string) {
		t.Helper()
		var b strings.Builder
		if err := Print(&Writer{w: &b, colours: colours}, "a\x1b: ", Red, "error", ": b\x1b\n"); err != nil || b.String() != want {
			t.Errorf("%q, %v, want %q", b.String(), err, want)
		}
	}
	f(true, "a\\u001b: \x1b[31merror\x1b[0m: b\\u001b\n")
	f(false, "a\\u001b: error: b\\u001b\n")
	var b strings.Builder
	if err := Print(&b, "a ", Red, "error", " b"); err != nil || b.String() != "a error b" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// TestColourful: no colours where no terminal is, or where nobody wants them.
func TestColourful(t *testing.T) {
	terminal := pty(t)
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	f := func(want bool, to *os.File, noColour, term string) {
		t.Helper()
		t.Setenv("NO_COLOR", noColour)
		t.Setenv("TERM", term)
		if got := NewWriter(to).colours; got != want {
			t.Errorf("%s, NO_COLOR=%q, TERM=%s: %v", to.Name(), noColour, term, got)
		}
	}
	f(true, terminal, "", "xterm")
	f(false, terminal, "1", "xterm")
	f(false, terminal, "", "dumb")
	f(false, file, "", "xterm")
	f(false, null, "", "xterm")
}

// pty is a terminal.
func pty(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal to open here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
