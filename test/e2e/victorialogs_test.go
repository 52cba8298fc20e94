package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
	"github.com/zimbraloki/zimbraloki/pipeline"
)

// victoriaLogs starts a real VictoriaLogs, the program that VICTORIALOGS or PATH
// names, and returns its address.
func victoriaLogs(t *testing.T) string {
	t.Helper()
	notShort(t)
	program := os.Getenv("VICTORIALOGS")
	if program == "" {
		var err error
		if program, err = exec.LookPath("victoria-logs"); err != nil {
			t.Skip("no VictoriaLogs: neither VICTORIALOGS nor PATH has a victoria-logs")
		}
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var log buffer
	c := exec.CommandContext(t.Context(), program, "-storageDataPath="+t.TempDir(), "-httpListenAddr="+addr, "-retentionPeriod=100y")
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() }) //nolint:errcheck // it ends with the test
	base := "http://" + addr
	waitFor(t, time.Minute, func() bool {
		r, err := http.Get(base + "/health")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return base
}

// stored asks VictoriaLogs for all entries, each a map of its fields.
func stored(t *testing.T, base string) (records []map[string]string) {
	t.Helper()
	r, err := http.PostForm(base+"/select/logsql/query", url.Values{"query": {"* | fields *"}, "start": {"2020-01-01T00:00:00Z"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		record := map[string]string{}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		records = append(records, record)
	}
	return records
}

// someLogs are lines of several formats, all different.
func someLogs(n int) (mailbox, syslog []string) {
	at := time.Now().UTC().Add(-time.Hour)
	for i := range n {
		at = at.Add(time.Second)
		mailbox = append(mailbox, at.Format("2006-01-02 15:04:05")+fmt.Sprintf(",%03d INFO  [qtp1-%d:https://mail1/service/soap/SearchRequest] [name=user%d@example.com;mid=%d;ip=192.0.2.%d;ua=ZWC;] soap - SearchRequest elapsed=%d", i%1000, i, i, i, i%250, i))
		syslog = append(syslog, at.Format("2006-01-02T15:04:05.000000+00:00")+fmt.Sprintf(" mta1 postfix/smtp[%d]: 4A1B2C%05d: to=<user%d@example.org>, relay=mx.example.org[198.51.100.7]:25, delay=%d.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 ok)", 100+i, i, i, i))
	}
	return mailbox, syslog
}

// TestVictoriaLogs: what the plugin delivers to a real VictoriaLogs is there,
// each entry with its time, line, labels and metadata, as a Loki gets it.
func TestVictoriaLogs(t *testing.T) {
	base := victoriaLogs(t)
	loki := lokitest.New(lokitest.Options{})
	defer loki.Close()
	mailbox, syslog := someLogs(300)
	now := time.Now()
	for _, to := range []string{loki.URL, base + "/insert/loki/api/v1/push"} {
		p := openPlugin(t, nil, map[string]string{"url": to})
		p.flush("zimbra", chunkOf(now, "/opt/zimbra/log/mailbox.log", mailbox...))
		p.flush("zimbra", chunkOf(now, "/var/log/zimbra.log", syslog...))
		if dead := p.deadLetters(); dead != "" {
			t.Errorf("%s: dead letters %s", to, dead)
		}
	}
	want := loki.Entries()
	waitFor(t, time.Minute, func() bool { return len(stored(t, base)) >= len(want) })
	byLine := map[string]map[string]string{}
	for _, r := range stored(t, base) {
		byLine[r["_msg"]] = r
	}
	if len(want) != 600 || len(byLine) != len(want) {
		t.Errorf("%d entries, want %d", len(byLine), len(want))
	}
	fields := 0
	for i := range want {
		e := &want[i]
		got := byLine[e.Line]
		if at, err := time.Parse(time.RFC3339Nano, got["_time"]); err != nil || at.UnixNano() != e.Time {
			t.Errorf("time %q of %s", got["_time"], e.Line)
		}
		for _, m := range e.Meta {
			if fields++; got[m.Name] != m.Value {
				t.Errorf("%s is %q, want %q: %s", m.Name, got[m.Name], m.Value, e.Line)
			}
		}
		for _, name := range []string{"job", "host", "log", "level", "service_name"} {
			if got[name] != e.Label(name) {
				t.Errorf("label %s is %q, want %q", name, got[name], e.Label(name))
			}
		}
	}
	if fields < 2000 {
		t.Errorf("only %d pieces of metadata were compared", fields)
	}
}

// TestVictoriaLogsAnswers: the path of Loki is a mistake of the configuration,
// after which the chunk waits; what is too old is dropped there, which no answer
// tells.
func TestVictoriaLogsAnswers(t *testing.T) {
	base := victoriaLogs(t)
	mailbox, _ := someLogs(3)
	data := chunkOf(time.Now(), "/opt/zimbra/log/mailbox.log", mailbox...)
	p := openPlugin(t, nil, map[string]string{"url": base})
	if r := p.Flush(t.Context(), "zimbra", data); r != pipeline.Retry || p.deadLetters() != "" || !strings.Contains(p.log.String(), "/insert/loki/api/v1/push") {
		t.Errorf("the wrong path: result %d, dead letters %q, log %s", r, p.deadLetters(), p.log)
	}
	p = openPlugin(t, nil, map[string]string{"url": base + "/insert/loki/api/v1/push"})
	p.flush("zimbra", data)
	p.flush("zimbra", data) // as after an answer that was lost
	waitFor(t, time.Minute, func() bool { return len(stored(t, base)) >= 6 })
	if n := len(stored(t, base)); n != 6 {
		t.Errorf("%d entries of 3 that came twice: docs/victorialogs.md says that both are kept", n)
	}
}
