package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/internal/golden"
)

const investigations = "../../docs/investigations.md"

// TestInvestigations: the commands of docs/investigations.md give the answers
// that stand below them; -update writes them anew.
func TestInvestigations(t *testing.T) { each(t, lokirun.Options{}, testInvestigations) }

func testInvestigations(t *testing.T, l *lokirun.Server) {
	doc, err := os.ReadFile(investigations)
	if err != nil {
		t.Fatal(err)
	}
	const written = "\ngo run ./dev/samplelogs/write -dir logs -start 2026-11-23T00:00:00Z -timezone UTC\n"
	if !bytes.Contains(doc, []byte(written)) {
		t.Fatalf("the page does not write its logs so:%s", written)
	}
	dir := t.TempDir()
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if _, err := samplelogs.Write(filepath.Join(dir, "logs"), samplelogs.Options{Start: at, Seed: 20260802}); err != nil {
		t.Fatal(err)
	}
	sh := shell{dir: dir, env: []string{"TZ=UTC", "LANG=C", "LOKI_ADDR=" + l.URL(), "PATH=" + filepath.Dir(cli(t)) + ":" + os.Getenv("PATH")}}
	if bin, err := lookLogcli(); err == nil {
		sh.logcli = bin
		sh.env = append(sh.env, "PATH="+filepath.Dir(cli(t))+":"+filepath.Dir(bin)+":"+os.Getenv("PATH"))
	}
	sh.run(t, `zimbraloki ship --url "$LOKI_ADDR" --state state.json logs`)
	golden.Compare(t, investigations, answered(t, &sh, doc))
	t.Logf("%d commands, %d left out for want of logcli", sh.ran, sh.without)
}

// shell runs commands of a page.
type shell struct {
	dir          string
	env          []string
	logcli       string
	ran, without int
}

func (s *shell) run(t *testing.T, command string) string {
	t.Helper()
	s.ran++
	c := exec.CommandContext(t.Context(), "sh", "-c", command)
	c.Dir, c.Env = s.dir, append(os.Environ(), s.env...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, stderr.String())
	}
	return string(out)
}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```\n")

// answered is a page with the answers that its commands give now.
func answered(t *testing.T, s *shell, page []byte) []byte {
	t.Helper()
	return consoleBlock.ReplaceAllFunc(page, func(block []byte) []byte {
		var out strings.Builder
		text := string(consoleBlock.FindSubmatch(block)[1])
		for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
			command, shown, _ := strings.Cut(part, "\n")
			out.WriteString("$ " + command + "\n")
			if s.logcli == "" && strings.Contains(command, "logcli") || strings.Contains(command, "kuznetsova.jsonl") && s.logcli == "" {
				s.without++
				out.WriteString(ended(shown))
				continue
			}
			out.WriteString(shortened(s.run(t, command), shown))
		}
		return []byte("```console\n" + out.String() + "```\n")
	})
}

// widest is how much of a line a page shows.
const widest = 200

// shortened is an answer as it is shown: with wide lines cut, and with a line of
// "…" for what lies between the first and the last that were shown before.
func shortened(answer, shown string) string {
	lines := strings.Split(strings.TrimRight(answer, "\n"), "\n")
	for i, l := range lines {
		l = strings.TrimRight(l, " ")
		if r := []rune(l); len(r) > widest {
			l = string(r[:widest-2]) + " …"
		}
		lines[i] = l
	}
	if before, after, ok := strings.Cut("\n"+shown, "\n…\n"); ok {
		first, last := strings.Count(before, "\n"), strings.Count(ended(after), "\n")
		if first+last < len(lines) {
			lines = append(append(lines[:first:first], "…"), lines[len(lines)-last:]...)
		}
	}
	return ended(strings.Join(lines, "\n"))
}

// ended is a text that ends with one line feed, if there is any.
func ended(s string) string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return ""
	}
	return s + "\n"
}

func TestShortened(t *testing.T) {
	f := func(answer, shown, want string) {
		t.Helper()
		if got := shortened(answer, shown); got != want {
			t.Errorf("%q as %q: got %q, want %q", answer, shown, got, want)
		}
	}
	f("", "x\n", "")
	f("a\nb\nc\nd\n", "old\n", "a\nb\nc\nd\n")
	f("a\nb\nc\nd\n", "old\n…\n", "a\n…\n")
	f("a\nb\nc\nd\n", "old\n…\nold\n", "a\n…\nd\n")
	f("a\nb\nc\nd\n", "…\nold\nold\n", "…\nc\nd\n")
	f("a\nb\n", "old\n…\nold\n", "a\nb\n")
	f(strings.Repeat("ü", widest+1)+"\n", "", strings.Repeat("ü", widest-2)+" …\n")
}
