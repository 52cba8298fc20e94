package e2e_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
)

const ownOutputConfig = `service:
  flush: 1
  grace: 5
  log_level: warn
pipeline:
  inputs:
    - name: tail
      path: %[1]s
      tag: app
      read_from_head: true
      exit_on_eof: true
      path_key: filename
  outputs:
    - name: loki
      match: '*'
      host: 127.0.0.1
      port: %[2]d
      labels: job=own, form=json
      label_keys: $filename
      structured_metadata: agent=fluent-bit, file=$filename
      remove_keys: filename
      line_format: json
      compress: gzip
    - name: loki
      match: '*'
      host: 127.0.0.1
      port: %[2]d
      labels: job=own, form=raw
      remove_keys: filename
      line_format: key_value
      drop_single_key: raw
`

// TestFluentBitsOwnOutput sends lines with the output loki that Fluent Bit has:
// JSON, with gzip and structured metadata, and without.
func TestFluentBitsOwnOutput(t *testing.T) { each(t, lokirun.Options{}, testFluentBitsOwnOutput) }

func testFluentBitsOwnOutput(t *testing.T, l *lokirun.Server) {
	const lines = 300
	for i, bit := range runtest.FluentBits(t) {
		dir := t.TempDir()
		var text strings.Builder
		want := map[string]int{}
		for n := range lines {
			line := fmt.Sprintf(`run %d line %d of ünï "quoted" \ text`, i, n)
			text.WriteString(line + "\n")
			want[line]++
		}
		log, conf := filepath.Join(dir, "in.log"), filepath.Join(dir, "fluent-bit.yaml")
		writeFile(t, dir, "in.log", []byte(text.String()), time.Now())
		writeFile(t, dir, "fluent-bit.yaml", fmt.Appendf(nil, ownOutputConfig, log, l.Port()), time.Now())
		if out, err := exec.Command(bit, "-c", conf).CombinedOutput(); err != nil || bytes.Contains(out, []byte("[error]")) {
			t.Errorf("%s: %v\n%s", bit, err, out)
		}
		from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		for _, q := range []string{
			`{job="own", form="raw"} |= "run ` + strconv.Itoa(i) + `"`,
			`{job="own", form="json", filename="` + log + `"} | agent="fluent-bit" | file="` + log + `" | json | line_format "{{.log}}"`,
		} {
			got, err := l.Query(t.Context(), q, from, to, 0, lokirun.Forward)
			if err != nil || len(got) != lines {
				t.Errorf("%s: %s gives %d entries, want %d, %v", bit, q, len(got), lines, err)
			}
			for _, e := range got {
				if want[e.Line] != 1 {
					t.Errorf("%s: %s gives %q", bit, q, e.Line)
				}
			}
		}
	}
}

// logcli is the client of Loki's makers, which LOGCLI names or PATH has.
func logcli(t *testing.T) string {
	t.Helper()
	bin, err := lookLogcli()
	if err != nil {
		t.Skip("no logcli: it is not on PATH and LOGCLI is not set")
	}
	return bin
}

func lookLogcli() (string, error) {
	if bin := os.Getenv("LOGCLI"); bin != "" {
		return bin, nil
	}
	return exec.LookPath("logcli")
}

// TestLogcli asks with logcli what it can ask.
func TestLogcli(t *testing.T) { each(t, lokirun.Options{Discover: true}, testLogcli) }

func testLogcli(t *testing.T, l *lokirun.Server) {
	bin := logcli(t)
	now := time.Now()
	for i := range 12 {
		pushJSON(t, l, `{"job":"cli","n":"`+strconv.Itoa(i%2)+`","service_name":"x"}`, now.Add(time.Duration(i-60)*time.Second), fmt.Sprintf("line %d", i))
	}
	f := func(want string, args ...string) {
		t.Helper()
		c := exec.Command(bin, append([]string{"--addr", l.URL(), "--quiet"}, args...)...)
		var out, stderr strings.Builder
		c.Stdout, c.Stderr = &out, &stderr
		err := c.Run()
		if got := strings.Join(strings.Fields(out.String()), " "); err != nil || !strings.Contains(got, want) {
			t.Errorf("%q: %v %s\ngot  %s\nwant %s", args, err, stderr.String(), got, want)
		}
	}
	f("line 0 line 1 line 2 line 3", "query", "--since=1h", "--forward", "-o", "raw", `{job="cli"}`)
	f("line 11 line 9 line 7", "query", "--since=1h", "--limit=3", "-o", "raw", `{job="cli", n="1"}`)
	f("line 11 line 10", "query", "--since=1h", "--limit=0", "--batch=5", "-o", "raw", `{job="cli"}`)
	f(`"line":"line 11"`, "query", "--since=1h", "-o", "jsonl", `{job="cli"} | user="ann"`)
	f(`"12"`, "instant-query", `sum(count_over_time({job="cli"}[1h]))`)
	f("job n service_name", "labels", "--since=1h")
	f("0 1", "labels", "--since=1h", "n")
	f(`{job="cli", n="0", service_name="x"}`, "series", "--since=1h", `{job="cli"}`)
	if l.Kind() == lokirun.Serve { // Loki counts what it has flushed, which is nothing yet
		f("streams: 2 entries: 12", "stats", "--since=1h", `{job="cli"}`)
	}
	f("entries:", "stats", "--since=1h", `{job="cli"}`)
	f(`"job": "cli"`, "volume", "--since=1h", "--targetLabels=job", `{job="cli"}`)
	f(`"job": "cli"`, "volume_range", "--since=1h", "--targetLabels=job", "--step=1h", `{job="cli"}`)
	f("label: user type: string cardinality: 1", "detected-fields", "--since=1h", `{job="cli"}`)
	followed(t, l, exec.Command(bin, "--addr", l.URL(), "--quiet", "query", "--tail", "-o", "raw", `{job="followed"}`))
}

// followed pushes entries until the command has printed one that came after it
// had begun.
func followed(t *testing.T, l *lokirun.Server, c *exec.Cmd) {
	t.Helper()
	var out buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Process.Kill() //nolint:errcheck // it may have ended
		c.Wait()         //nolint:errcheck // it was killed
	}()
	n := 0
	waitFor(t, time.Minute, func() bool {
		n++
		pushJSON(t, l, `{"job":"followed"}`, time.Now(), fmt.Sprintf("new %d", n))
		return strings.Contains(out.String(), "new ")
	})
	if !strings.Contains(out.String(), "new ") {
		t.Errorf("logcli --tail prints %q", out.String())
	}
}

func pushJSON(t *testing.T, l *lokirun.Server, stream string, at time.Time, line string) {
	t.Helper()
	body := fmt.Sprintf(`{"streams":[{"stream":%s,"values":[["%d",%q,{"user":"ann"}]]}]}`, stream, at.UnixNano(), line)
	resp, err := http.Post(l.URL()+"/loki/api/v1/push", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("status %d for %s", resp.StatusCode, body)
	}
}
