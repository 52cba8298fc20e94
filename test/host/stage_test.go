package host_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const shippedConf = "../../conf/fluent-bit"

// stage is a copy of the shipped configurations whose paths and ports are of
// this test alone.
type stage struct {
	t     *testing.T
	dir   string
	sink  *sink
	ports map[string]string // as shipped, to the one that is free here
	lines int               // numbered so far
}

// shippedPorts are the ports that the shipped configurations listen on.
var shippedPorts = []string{"24224", "4318", "6514", "514", "8443"}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), sink: newSink(t), ports: map[string]string{}}
	for _, port := range shippedPorts {
		s.ports[port] = freePort(t)
	}
	for _, dir := range []string{"state", "opt/zimbra/log", "opt/zextras/log", "log/containers", "docker/0a1b", "tls", "conf"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := filepath.WalkDir(shippedConf, s.copy); err != nil {
		t.Fatal(err)
	}
	s.certificate()
	return s
}

// freePort is one that was free a moment ago, for TCP and UDP.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// place puts the paths of this test in for the shipped ones.
func (s *stage) place(text string) string {
	for _, p := range [][2]string{
		{"/usr/lib/zimbraloki/zimbraloki.so", plugin(s.t)},
		{"/var/lib/zimbraloki", s.dir + "/state"},
		{"/var/lib/docker/containers", s.dir + "/docker"},
		{"/opt/", s.dir + "/opt/"},
		{"/var/log", s.dir + "/log"},
		{"/etc/zimbraloki/tls", s.dir + "/tls"},
		{"0.0.0.0", "127.0.0.1"},
		{"${LOKI_URL}", s.sink.URL},
		{"${FORWARD_KEY}", "a secret of two"},
		{"${SIEM_HOST}", "127.0.0.1"},
		{"${SIEM_TOKEN}", "sesame"},
	} {
		text = strings.ReplaceAll(text, p[0], p[1])
	}
	return portLine.ReplaceAllStringFunc(text, func(line string) string {
		m := portLine.FindStringSubmatch(line)
		return m[1] + s.ports[m[2]]
	})
}

var portLine = regexp.MustCompile(`(?m)^(\s+port:? +)(\d+)$`)

func (s *stage) copy(path string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	rel, _ := filepath.Rel(shippedConf, path)
	to := filepath.Join(s.dir, "conf", rel)
	if d.IsDir() {
		return os.MkdirAll(to, 0o755)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(s.place(string(text))), 0o644)
}

// certificate writes what the aggregator's TLS inputs need.
func (s *stage) certificate() {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"aggregator"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	write(s.t, s.dir, "tls/server.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(s.t, s.dir, "tls/siem-ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(s.t, s.dir, "tls/server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// start runs a Fluent Bit with one of the configurations.
func (s *stage) start(fluentBit, name string) *host {
	s.t.Helper()
	h := startHost(s.t, fluentBit, "-c", filepath.Join(s.dir, "conf", name))
	s.t.Cleanup(h.cancel)
	return h
}

// stop ends it as systemd does.
func (s *stage) stop(h *host) {
	s.t.Helper()
	_ = h.cmd.Process.Signal(syscall.SIGTERM)
	if code := h.wait(); code != 0 {
		s.t.Errorf("Fluent Bit ended with %d (%v)\n%s", code, h.cmd.ProcessState, h.log.String())
	}
}

// number returns n numbered lines in the form that make gives them.
func (s *stage) number(n int, form func(at time.Time, seq int) string) string {
	var b strings.Builder
	for range n {
		b.WriteString(form(time.Now(), s.lines))
		s.lines++
	}
	return b.String()
}

// The forms of lines.
func log4jLine(at time.Time, seq int) string {
	return fmt.Sprintf("%s INFO  [qtp1-7] [name=user%d@example.com;oip=203.0.113.%d;] soap - NoOpRequest elapsed=3 seq=%d;\n",
		strings.Replace(at.Format("2006-01-02 15:04:05.000"), ".", ",", 1), seq%9, seq%200, seq)
}

func syslogLine(at time.Time, seq int) string {
	return fmt.Sprintf("<22>%s mta1 postfix/smtpd[99]: connect from unknown[203.0.113.%d] seq=%d;\n", at.Format("2006-01-02T15:04:05.000000Z07:00"), seq%200, seq)
}

func plainSyslogLine(at time.Time, seq int) string { return syslogLine(at, seq)[len("<22>"):] }

func dockerLine(at time.Time, seq int) string {
	return fmt.Sprintf(`{"log":"level=info msg=done seq=%d;\n","stream":"stdout","time":"%s"}`+"\n", seq, at.UTC().Format(time.RFC3339Nano))
}

func criLine(at time.Time, seq int) string {
	return fmt.Sprintf("%s stdout F level=info msg=done seq=%d;\n", at.UTC().Format(time.RFC3339Nano), seq)
}

// add appends numbered lines to a file below the stage's directory.
func (s *stage) add(path string, n int, form func(time.Time, int) string) {
	s.t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(s.number(n, form))
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

var eachSeq = regexp.MustCompile(`seq=(\d+);`)

// counts tells how often each number is in the sink. A line may stand in an
// entry with others; an entry that was stored twice with all its bytes the same
// counts once, as in Loki.
func (s *sink) counts() map[string]int {
	m := map[string]int{}
	for _, e := range s.Entries() {
		for _, seq := range eachSeq.FindAllStringSubmatch(e.Line, -1) {
			m[seq[1]]++
		}
	}
	return m
}

// await waits until the sink has all lines, and wants each of them once.
func (s *stage) await(limit time.Duration, log func() string) {
	s.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting && len(s.sink.counts()) < s.lines; {
		select {
		case <-deadline.C:
			waiting = false
		case <-tick.C:
		}
	}
	missing, doubles := s.tally()
	if len(missing)+len(doubles) > 0 {
		s.t.Fatalf("of %d lines %d are missing %v, %d are there twice %v\n%s", s.lines, len(missing), some(missing), len(doubles), some(doubles), log())
	}
}

// some are the first few of many numbers.
func some(list []int) []int { return list[:min(5, len(list))] }

// tally lists the numbers that are not in the sink, and those that are in it
// more than once.
func (s *stage) tally() (missing, doubles []int) {
	got := s.sink.counts()
	for i := range s.lines {
		switch n := got[fmt.Sprint(i)]; {
		case n == 0:
			missing = append(missing, i)
		case n > 1:
			doubles = append(doubles, i)
		}
	}
	return missing, doubles
}
