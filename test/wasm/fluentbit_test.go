package wasm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFluentBit runs the shipped configurations in the Fluent Bit on PATH, both
// forms, and wants the fields and times that the command line shows.
func TestFluentBit(t *testing.T) {
	bin, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no fluent-bit on PATH")
	}
	if help, _ := exec.Command(bin, "-h").Output(); !strings.Contains(string(help), "WASM program filter") {
		t.Skip("this fluent-bit was built without WebAssembly")
	}
	for _, name := range []string{"filter-wasm.yaml", "filter-wasm.conf"} {
		t.Run(name, func(t *testing.T) { runFluentBit(t, bin, name) })
	}
}

func runFluentBit(t *testing.T, bin, name string) {
	dir := t.TempDir()
	write := func(file string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(file string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	code, err := program()
	if err != nil {
		t.Fatal(err)
	}
	write("zimbraloki.wasm", code)
	write("zimbraloki-filter.conf", []byte("timezone Europe/Berlin\nlabels host=mail\n"))
	log := filepath.Join(dir, "mailbox.log")
	write("mailbox.log", read("transform/testdata/mailbox/traces.log"))
	for _, file := range []string{name, "filter-parsers.conf"} {
		write(file, []byte(strings.NewReplacer("/opt/zimbra/log/", dir+"/", "/usr/lib/zimbraloki", dir,
			"/etc/zimbraloki", dir, "/var/lib/zimbraloki", dir, "5000", "500").Replace(string(read("conf/fluent-bit/"+file)))))
	}

	var want []explained
	for _, e := range explain(t, log, log) {
		if e.Metadata["continued"] == "" {
			want = append(want, e)
		}
	}
	for i, got := range records(t, bin, dir, name, len(want)) {
		e := want[i]
		for _, m := range []map[string]string{e.Labels, e.Metadata} {
			for k, v := range m {
				if got[k] != v {
					t.Errorf("event %d: %s is %v, want %q", i, k, got[k], v)
				}
			}
		}
		if at, _ := got["time"].(string); e.Metadata["time_source"] == "" && (len(at) < 23 || at[:23] != e.Time[:23]) {
			t.Errorf("event %d: time %v, want %s", i, got["time"], e.Time)
		}
		text, _ := got["message"].(string) // Fluent Bit 5.1 ends a joined event with a line break
		if strings.TrimSuffix(text, "\n") != strings.TrimSuffix(e.Line, "\n") || got["filename"] != log {
			t.Errorf("event %d: %v", i, got)
		}
	}
}

// records runs Fluent Bit until it has printed n records.
func records(t *testing.T, bin, dir, config string, n int) []map[string]any {
	t.Helper()
	cmd := exec.Command(bin, "-q", "-c", config)
	var log bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	var list []map[string]any
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for len(list) < n && lines.Scan() {
		var m map[string]any
		if json.Unmarshal(lines.Bytes(), &m) == nil {
			list = append(list, m)
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	for lines.Scan() {
		t.Errorf("more than %d records: %s", n, lines.Text())
	}
	err = cmd.Wait()
	if !watchdog.Stop() || err != nil || len(list) < n {
		t.Fatalf("%d of %d records, %v\n%s", len(list), n, err, &log)
	}
	return list
}
