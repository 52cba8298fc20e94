package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

// mailboxLines is the size of the log that TestFluentBit sends; the variable
// ZIMBRALOKI_MAILBOX_LOG names a larger one.
const mailboxLines = 60_000

// fluentBit is a Fluent Bit that tails one mailbox.log into a Loki.
type fluentBit struct {
	t      *testing.T
	cmd    *exec.Cmd
	output buffer
}

// buffer may be read while the program writes to it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const fluentBitConfig = `service:
  flush: 1
  grace: 5
  log_level: warn
  storage.path: %[1]s/storage
  scheduler.base: 1
  scheduler.cap: 3
plugins:
  - %[2]s
pipeline:
  inputs:
    - name: tail
      tag: zimbra.mailbox
      path: %[3]s
      path_key: filename
      db: %[1]s/tail.db
      read_from_head: true
      exit_on_eof: %[5]s
      buffer_chunk_size: 512k
      buffer_max_size: 4M
      storage.type: filesystem
  outputs:
    - name: zimbraloki
      match: '*'
      url: %[4]s
      timezone: UTC
      labels: host=mail1
      dead_letter_path: %[1]s/dead.jsonl
      workers: 1
      retry_limit: no_limits
`

func startFluentBit(t *testing.T, dir, log, url string, exitOnEOF bool) *fluentBit {
	t.Helper()
	bin, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("fluent-bit is not on PATH (it is in no package registry); test/host plays its part")
	}
	so := filepath.Join(runtest.Build(t, "zimbraloki.so"), "zimbraloki.so")
	conf := filepath.Join(dir, "fluent-bit.yaml")
	text := fmt.Sprintf(fluentBitConfig, dir, so, log, url, map[bool]string{true: "on", false: "off"}[exitOnEOF])
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &fluentBit{t: t, cmd: exec.Command(bin, "-c", conf)}
	f.cmd.Stdout, f.cmd.Stderr = &f.output, &f.output
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.cmd.Process.Kill() })
	return f
}

// stop ends Fluent Bit as systemd does and wants a clean end.
func (f *fluentBit) stop(sig syscall.Signal) {
	f.t.Helper()
	if sig != 0 {
		f.cmd.Process.Signal(sig)
	}
	if err := f.cmd.Wait(); err != nil {
		f.t.Errorf("fluent-bit: %v\n%s", err, f.output.String())
	}
}

// writeMailbox writes a mailbox.log with numbered heads, one in 200 with a
// stack trace, and returns the heads.
func writeMailbox(t *testing.T, path string) map[string]int {
	t.Helper()
	if big := os.Getenv("ZIMBRALOKI_MAILBOX_LOG"); big != "" {
		if err := os.Symlink(big, path); err != nil {
			t.Fatal(err)
		}
		return readHeads(t, path)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	at := time.Now().Add(-30 * time.Minute)
	for i := range mailboxLines {
		at = at.Add(7 * time.Millisecond)
		level := "INFO "
		if i%200 == 0 {
			level = "WARN "
		}
		fmt.Fprintf(w, "%s %s [qtp1-%d:https://mail.example.com/service/soap/SearchRequest] [name=user%d@example.com;oip=203.0.113.%d;soapId=%x;] soap - SearchRequest elapsed=%d\n",
			at.UTC().Format("2006-01-02 15:04:05,000"), level, i%90, i%500, i%250, i, i%77)
		if i%200 == 0 {
			fmt.Fprintf(w, "java.lang.IllegalStateException: number %d\n\tat com.example.A.b(A.java:1)\n\tat com.example.C.d(C.java:2)\n", i)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return readHeads(t, path)
}

var headLine = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `)

func readHeads(t *testing.T, path string) map[string]int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	heads := map[string]int{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if headLine.Match(sc.Bytes()) {
			heads[sc.Text()]++
		}
	}
	return heads
}

// wantHeads waits until Loki holds as many heads as the log, then compares
// them one by one.
func wantHeads(t *testing.T, l *lokirun.Server, heads map[string]int) {
	t.Helper()
	want := 0
	for _, n := range heads {
		want += n
	}
	from, to := time.Now().Add(-72*time.Hour), time.Now().Add(72*time.Hour)
	const q = `{job="zimbra"} | continued=""`
	waitFor(t, 2*time.Minute, func() bool {
		n, err := l.Count(t.Context(), q, from, to)
		return err == nil && n >= int64(want)
	})
	entries, err := l.Query(t.Context(), q, from, to, 0, lokirun.Forward)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range entries {
		head, _, _ := strings.Cut(e.Line, "\n")
		got[head]++
	}
	missing, double := 0, 0
	for h, n := range heads {
		missing += max(0, n-got[h])
		double += max(0, got[h]-n)
	}
	t.Logf("%d heads in the log, %d entries in Loki", want, len(entries))
	if missing > 0 || double > 0 || len(entries) != want {
		t.Errorf("%d heads: %d missing, %d too many, %d entries", want, missing, double, len(entries))
	}
}

// waitFor asks until ok says yes or the time is over.
func waitFor(t *testing.T, limit time.Duration, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return // what is missing will be named
		case <-tick.C:
		}
	}
}

// TestFluentBitStopsAtTheEnd has the real Fluent Bit read a log and end at its
// end: the server must have all of it then.
func TestFluentBitStopsAtTheEnd(t *testing.T) { each(t, lokirun.Options{}, testFluentBitStopsAtTheEnd) }

func testFluentBitStopsAtTheEnd(t *testing.T, l *lokirun.Server) {
	dir := t.TempDir()
	log := filepath.Join(dir, "mailbox.log")
	heads := writeMailbox(t, log)
	startFluentBit(t, dir, log, l.URL(), true).stop(0)
	wantHeads(t, l, heads)
}

// TestFluentBitOverAnOutage stops the server while the log is on its way, and starts
// it again.
func TestFluentBitOverAnOutage(t *testing.T) {
	notShort(t)
	runtest.EachProgram(t, testFluentBitOverAnOutage)
}

func testFluentBitOverAnOutage(t *testing.T, bin lokirun.Program) {
	dir := t.TempDir()
	// Loki stores a push whose answer gets lost when it stops. The retry is
	// dropped as a duplicate, unless Loki had spread the stream over shards and
	// puts the second copy into another one (docs/decisions/0003).
	o := runtest.For(bin, lokirun.Options{Dir: filepath.Join(dir, "server"), Limits: map[string]any{"shard_streams": map[string]any{"enabled": false}}})
	l := runtest.Start(t, o)
	log := filepath.Join(dir, "mailbox.log")
	heads := writeMailbox(t, log)
	f := startFluentBit(t, dir, log, l.URL(), false)
	waitFor(t, time.Minute, func() bool {
		n, err := l.Count(t.Context(), `{job="zimbra"}`, time.Now().Add(-72*time.Hour), time.Now().Add(72*time.Hour))
		return err == nil && n > 0
	})
	if err := l.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// While Loki is away a flush fails; only then it may come back.
	waitFor(t, time.Minute, func() bool { return strings.Contains(f.output.String(), "cannot deliver") })
	o.HTTPPort = l.Port()
	l = runtest.Start(t, o)
	wantHeads(t, l, heads)
	f.stop(syscall.SIGTERM)
}
