package host_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRsyslog lets a real rsyslog with the shipped snippet send a mailbox.log to
// the aggregator, without TLS, for which rsyslog needs a package of its own.
func TestRsyslog(t *testing.T) {
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		t.Skip(err)
	}
	for _, fluentBit := range fluentBits(t) {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			s := newStage(t)
			h := s.start(fluentBit, "aggregator.yaml")
			defer s.stop(h)
			s.add(s.dir+"/opt/zimbra/log/mailbox.log", perSource, log4jLine)
			r := startHost(t, rsyslogd, "-n", "-f", s.rsyslogConf(), "-i", s.dir+"/rsyslogd.pid")
			s.await(time.Minute, func() string { return r.log.String() + h.log.String() })
			s.stop(r)
			for _, e := range s.sink.Entries() {
				if e.Label("log") != "mailbox" || !strings.Contains(e.Line, "soap - NoOpRequest") {
					t.Fatalf("not known as mailbox.log: %s %s", e.Labels, e.Line)
				}
			}
		})
	}
}

// rsyslogConf writes the snippet for this test: its own directories, port 514
// of the aggregator, no TLS.
func (s *stage) rsyslogConf() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(shippedConf, "../rsyslog/60-zimbraloki.conf"))
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(s.place(string(text))) {
		if !strings.HasPrefix(strings.TrimSpace(line), "streamDriver") {
			lines = append(lines, line)
		}
	}
	conf := strings.NewReplacer(
		`global(defaultNetstreamDriverCAFile="`+s.dir+`/tls/ca.pem" workDirectory="/var/spool/rsyslog")`, `global(workDirectory="`+s.dir+`")`,
		`target="aggregator.example.com" port="6514"`, `target="127.0.0.1" port="`+s.ports["514"]+`"`,
	).Replace(strings.Join(lines, ""))
	if strings.Contains(conf, "example.com\" port") {
		s.t.Fatal("the snippet has changed: its target is not replaced")
	}
	return write(s.t, s.dir, "rsyslog.conf", conf)
}
