package transform

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
)

// readSyslog reads a line as a chunk's line is read, without time and host.
func readSyslog(r *Run, line string) (d *format.Draft, ok bool) {
	r.Arena.Reset()
	d = &r.d
	d.Reset()
	var h envelope.SyslogHeader
	if !h.ScanLine(line) {
		return d, false
	}
	*r.in = envelope.Payload{Text: line}
	d.Head = r.in
	d.Set(format.FieldPID, h.PID)
	d.Header = h
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
	fmt.Fprintf(&b, "  %s level=%s log=%s service=%s\n", d.Format.Name, d.Level, d.Log, d.Service)
	for _, m := range d.AppendMeta(nil) {
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
	dirs := map[string]bool{}
	for _, f := range Formats() {
		dir := path.Dir(f.Fixture.File)
		if f.Message != nil && f.Parse == nil { // else lines.log has both forms, or syslog.log has this one
			dirs[dir] = true
		} else if file := filepath.Join("testdata", dir, "syslog.log"); f.Message != nil && isFile(file) {
			goldenSyslog(t, r, file)
		}
	}
	for dir := range dirs {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.log"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no logs in %s: %v", dir, err)
		}
		for _, file := range files {
			goldenSyslog(t, r, file)
		}
	}
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
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
	golden.Compare(t, strings.TrimSuffix(file, ".log")+".golden", got.Bytes())
}

// TestForeignPrograms: a program with a format of its own is not foreign.
func TestForeignPrograms(t *testing.T) {
	for name := range syslog.ForeignPrograms {
		if f := formats.Program(name); f != nil {
			t.Errorf("%s has the format %s", name, f)
		}
	}
}
