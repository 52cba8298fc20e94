package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// TestTraceCommand: a mail is told out of Loki as it is out of the files, by
// whatever it is asked for.
func TestTraceCommand(t *testing.T) { each(t, lokirun.Options{}, testTraceCommand) }

func testTraceCommand(t *testing.T, l *lokirun.Server) {
	dir := t.TempDir()
	for _, log := range sampleHour(time.Now()) {
		var b strings.Builder
		for _, line := range log.Lines {
			b.WriteString(line.Text + "\n")
		}
		writeFile(t, dir, filepath.Join(log.Host, log.Name), []byte(b.String()), time.Now())
	}
	bin := cli(t)
	run := func(args ...string) string {
		t.Helper()
		var stderr strings.Builder
		cmd := exec.Command(bin, args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%q: %v: %s", args, err, stderr.String())
		}
		return string(out)
	}
	run("ship", "--url", l.URL(), "--state", filepath.Join(t.TempDir(), "state.json"), dir)
	const id = "<agenda-0815@pc23.example.com>"
	f := func(word string) {
		t.Helper()
		want := ending(t, run("trace", word, "--limit", "0", dir))
		got := ending(t, run("trace", word, "--limit", "0", "--loki", l.URL()))
		if got != want {
			t.Errorf("%s: out of Loki\n%sout of the files\n%s", word, got, want)
		}
	}
	f(id)
	f("b.rossi@example.com")
	f("b.rossi")
	f("maria@partner.example.net")
	f("7F3C6A0F2E6")
}

// ending is what a trace says at the end of the mail of the agenda.
func ending(t *testing.T, out string) string {
	t.Helper()
	_, mail, ok := strings.Cut("\n"+out, "\n<agenda-0815@pc23.example.com>\n")
	_, mail, ok2 := strings.Cut(mail, "\n\n")
	_, mail, ok3 := strings.Cut(mail, "\n\n")
	mail, _, _ = strings.Cut(mail, "\n\n")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("the mail is not told:\n%s", out)
	}
	return strings.TrimSpace(mail) + "\n"
}
