package mailcase

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
)

// events reads lines of a syslog file.
func events(t *testing.T, lines []string) (out []*Event) {
	t.Helper()
	var b chunk.Builder
	for _, line := range lines {
		b.Record(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano(), "log", line, "path", "/var/log/zimbra.log")
	}
	tr := transform.New(transform.Options{Location: time.UTC, NoMails: true})
	r := tr.Begin("zimbra", b.Bytes(), func(e *entry.Entry) { out = append(out, NewEvent(e)) })
	if err := transform.Chunk(r, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	r.Close(true)
	return out
}

// groupsOf groups lines as collate.pl prints them: complete ones as they end,
// then the others in the order they began.
func groupsOf(t *testing.T, lines []string) (groups []string) {
	text := func(g *Group) {
		var b strings.Builder
		for _, e := range g.Events {
			b.WriteString(e.Line + "\n")
		}
		groups = append(groups, b.String())
	}
	c := NewCollator(nil, text)
	for _, e := range events(t, lines) {
		c.Add(e)
	}
	for _, g := range c.Open() {
		text(g)
	}
	return groups
}

// collatePl takes collate.pl out of the documentation of Zimbra's users, which
// is not part of the project; the test is skipped where there is none.
func collatePl(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("perl"); err != nil {
		t.Skip("no perl")
	}
	dir := os.Getenv("ZIMBRALOKI_SEEDS")
	if dir == "" {
		dir = "../../../shared/seeds"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, script, ok := strings.Cut(string(data), "    #! /usr/bin/perl\n")
		if !ok {
			continue
		}
		var b strings.Builder
		for line := range strings.Lines(script) {
			if strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
				break // the text goes on, in Russian
			}
			b.WriteString(strings.TrimPrefix(line, "    "))
		}
		path := filepath.Join(t.TempDir(), "collate.pl")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Skip("no collate.pl: set ZIMBRALOKI_SEEDS to the folder of texts that has it")
	return ""
}

// postfixLine are the lines that collate.pl looks at, with its own expression
// for the head of a line.
var postfixLine = regexp.MustCompile(`^(?:\S+ +){3}\S+ +postfix(?:-[^/\s]+)?(?:/\S+)*/\S+\[\d+\]:\s+`)

// differs are lines that collate.pl takes otherwise, on purpose: it takes any
// word before ": " for a queue id, and knows no "message repeated".
var differs = regexp.MustCompile(`\]: +(?:(?:warning|error|fatal|panic|statistics|table|NOQUEUE|proxy|info): |message repeated )`)

func TestCollatorLikeCollatePl(t *testing.T) {
	script := collatePl(t)
	files, _ := filepath.Glob("../../transform/testdata/real/zimbra-*-traditional.log")
	more, _ := filepath.Glob("../../transform/testdata/postfix/*.log")
	files = append(files, more...)
	for _, dir := range []string{os.Getenv("ZIMBRALOKI_CORPUS"), "../../../shared/corpus"} {
		more, _ := filepath.Glob(filepath.Join(dir, "zimbra-syslog", "*.log"))
		files = append(files, more...)
	}
	compared := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.SplitSeq(string(data), "\n") {
			if postfixLine.MatchString(line) && !differs.MatchString(line) {
				lines = append(lines, line)
			}
		}
		cmd := exec.Command("perl", script)
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("collate.pl: %v: %s", err, stderr.String())
		}
		var want []string
		for g := range strings.SplitSeq(string(out), "\n\n") {
			if g = strings.Trim(g, "\n"); g != "" {
				want = append(want, g+"\n")
			}
		}
		got := groupsOf(t, lines)
		compared += len(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d groups, collate.pl has %d", filepath.Base(f), len(got), len(want))
			for i := range max(len(got), len(want)) {
				g, w := "", ""
				if i < len(got) {
					g = got[i]
				}
				if i < len(want) {
					w = want[i]
				}
				if g != w {
					t.Errorf("group %d\n got\n%swant\n%s", i, g, w)
					break
				}
			}
		}
	}
	if compared < 50 {
		t.Errorf("only %d groups were compared", compared)
	}
}
