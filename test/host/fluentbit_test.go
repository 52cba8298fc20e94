package host_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// fluentBits are the Fluent Bits to try: those that FLUENT_BIT names
// (paths with : between), or the one on PATH.
func fluentBits(t *testing.T) []string {
	t.Helper()
	longTest(t)
	return runtest.FluentBits(t)
}

// version is what Fluent Bit says of itself, as "5.1.1".
func version(t *testing.T, fluentBit string) string {
	t.Helper()
	out, err := exec.Command(fluentBit, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimPrefix(line, "Fluent Bit v")
}

const classicConfig = `
[SERVICE]
    flush        0.2
    plugins_file %[1]s/plugins.conf
[INPUT]
    Name           tail
    Path           %[2]s
    Tag            zimbra.mailbox
    Path_Key       path
    Read_From_Head true
    Exit_On_Eof    true
[OUTPUT]
    Name    zimbraloki
    Match   *
    Url     %[3]s
    Tenant_ID one
    Dead_Letter_Path %[1]s/one.jsonl
    Workers 1
[OUTPUT]
    Name    zimbraloki
    Match   *
    URL     %[3]s
    tenant_id two
    dead_letter_path %[1]s/two.jsonl
    Workers 1
`

const yamlConfig = `
service:
  flush: 0.2
plugins:
  - %[4]s
pipeline:
  inputs:
    - name: tail
      path: %[2]s
      tag: zimbra.mailbox
      path_key: path
      read_from_head: true
      exit_on_eof: true
  outputs:
    - name: zimbraloki
      match: '*'
      url: %[3]s
      tenant_id: one
      dead_letter_path: %[1]s/one.jsonl
      workers: 1
    - name: zimbraloki
      match: '*'
      url: %[3]s
      Tenant_Id: two
      dead_letter_path: %[1]s/two.jsonl
      workers: 1
`

// TestFluentBit lets real Fluent Bits load the plugin in the three ways that
// they know, with two outputs side by side.
func TestFluentBit(t *testing.T) {
	const lines = 20000
	log := writeLog(t, lines)
	for _, fluentBit := range fluentBits(t) {
		f := func(way string, args func(dir string, s *sink) []string) {
			t.Run(version(t, fluentBit)+"/"+way, func(t *testing.T) {
				s := newSink(t)
				h := run(t, 0, fluentBit, "-q", args(t.TempDir(), s))
				s.wantAll(t, "one", lines)
				s.wantAll(t, "two", lines)
				if strings.Contains(h.log.String(), "zimbraloki") {
					t.Errorf("the plugin says something:\n%s", h.log.String())
				}
			})
		}
		f("plugins_file", func(dir string, s *sink) []string {
			write(t, dir, "plugins.conf", "[PLUGINS]\n    Path "+plugin(t)+"\n")
			return []string{"-c", write(t, dir, "fluent-bit.conf", fmt.Sprintf(classicConfig, dir, log, s.URL))}
		})
		f("yaml", func(dir string, s *sink) []string {
			return []string{"-c", write(t, dir, "fluent-bit.yaml", fmt.Sprintf(yamlConfig, dir, log, s.URL, plugin(t)))}
		})
		f("command line", func(dir string, s *sink) []string {
			return []string{
				"-e", plugin(t), "-f", "0.2",
				"-i", "tail", "-p", "path=" + log, "-p", "read_from_head=true", "-p", "exit_on_eof=true",
				"-o", "zimbraloki", "-p", "url=" + s.URL, "-p", "tenant_id=one", "-p", "dead_letter_path=" + dir + "/one.jsonl", "-p", "workers=1", "-m", "*",
				"-o", "zimbraloki", "-p", "url=" + s.URL, "-p", "tenant_id=two", "-p", "dead_letter_path=" + dir + "/two.jsonl", "-p", "workers=1", "-m", "*",
			}
		})
	}
}

// TestFluentBitSignals lets Fluent Bit install its own SIGSEGV handler again,
// before the plugin dereferences nil.
func TestFluentBitSignals(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			s := newSink(t)
			dir := t.TempDir()
			first := s.awaitPushes(t, 1)
			h := startHost(t, fluentBit, "-q", "-e", faultyPlugin(t), "-f", "0.2",
				"-i", "dummy", "-p", "rate=20", "-p", "tag=first",
				"-i", "tail", "-p", "path="+dir+"/*.log", "-p", "tag=fault.once",
				"-p", "read_from_head=true", "-p", "refresh_interval=1",
				"-o", "zimbraloki", "-p", "url="+s.URL, "-p", "dead_letter_path=off", "-p", "workers=1", "-m", "*")
			first() // so the plugin runs
			_ = h.cmd.Process.Signal(syscall.SIGCONT)
			more := s.awaitPushes(t, 15) // 3 s of them
			write(t, dir, "x.log", "a line\n")
			more()
			_ = h.cmd.Process.Signal(syscall.SIGTERM)
			if code := h.wait(); code != 0 {
				t.Errorf("Fluent Bit ended with %d (%v)\n%s", code, h.cmd.ProcessState, h.log.String())
			}
			if !strings.Contains(h.log.String(), "flush panicked") {
				t.Errorf("no panic in the log:\n%s", h.log.String())
			}
		})
	}
}

// TestFluentBitDaemonIsRefused starts Fluent Bit's daemon mode, which forks
// after it has loaded the plugin.
func TestFluentBitDaemonIsRefused(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			s := newSink(t)
			log := filepath.Join(t.TempDir(), "log")
			ctx, cancel := context.WithTimeout(context.Background(), runLimit)
			defer cancel()
			// The daemon inherits a pipe, whose end says that it is gone.
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(ctx, fluentBit, "-d", "-q", "-l", log, "-e", plugin(t),
				"-i", "dummy", "-o", "zimbraloki", "-p", "url="+s.URL, "-p", "dead_letter_path=off", "-m", "*")
			cmd.ExtraFiles = []*os.File{w}
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			_ = w.Close()
			if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Read(make([]byte, 1)); os.IsTimeout(err) {
				t.Error("the daemon does not end")
			}
			text, _ := os.ReadFile(log)
			if !strings.Contains(string(text), "does not survive a fork") {
				t.Errorf("log:\n%s", text)
			}
		})
	}
}

// write makes a file and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
