package transform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readSyslog reads a line as a chunk's line is read, without time and host.
func readSyslog(r *Run, line string) (d *draft, ok bool) {
	r.a.reset()
	d = &r.d
	d.reset()
	h, ok := scanSyslogLine(line)
	if !ok {
		return d, false
	}
	d.head.text = line
	d.set(FieldPID, h.pid)
	d.header = h
	r.parseSyslog(d)
	return d, true
}

// describeSyslog tells what was read of a line, one thing a line.
func describeSyslog(r *Run, line string) string {
	d, ok := readSyslog(r, line)
	if !ok {
		return "  no syslog line\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %s level=%s log=%s service=%s\n", d.format.Name, d.level, d.log, d.service)
	for _, m := range d.appendMeta(nil) {
		if m.Name != "pid" {
			fmt.Fprintf(&b, "    %s=%q\n", m.Name, m.Value)
		}
	}
	return b.String()
}

// TestSyslogGolden reads the logs of testdata and compares with what was read
// of each line when it was last looked at.
func TestSyslogGolden(t *testing.T) {
	r := benchRun(t, Options{})
	for _, dir := range []string{"postfix", "amavis", "zimbra-syslog", "zimbra-stats"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.log"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no logs in %s: %v", dir, err)
		}
		for _, file := range files {
			goldenSyslog(t, r, file)
		}
	}
}

func goldenSyslog(t *testing.T, r *Run, file string) {
	t.Helper()
	in, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(in)) {
		line = strings.TrimSuffix(line, "\n")
		fmt.Fprintln(&got, line)
		got.WriteString(describeSyslog(r, line))
	}
	golden := strings.TrimSuffix(file, ".log") + ".golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d\n got %s\nwant %s", golden, i+1, at(g, i), at(w, i))
		}
	}
}
