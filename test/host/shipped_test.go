package host_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// perSource is the number of lines that each file, or sender, has.
const perSource = 200

// TestShipped lets real Fluent Bits run each configuration of conf/fluent-bit,
// with lines in every file and to every port that it reads: all have to arrive,
// once.
func TestShipped(t *testing.T) {
	names, err := filepath.Glob(shippedConf + "/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d configurations (%v)", len(names), err)
	}
	for _, fluentBit := range fluentBits(t) {
		for _, name := range names {
			name = filepath.Base(name)
			if strings.HasPrefix(name, "filter") {
				continue // they do not send to Loki; TestFluentBitFilter and test/wasm run them
			}
			t.Run(version(t, fluentBit)+"/"+name, func(t *testing.T) {
				t.Parallel()
				newStage(t).deliver(fluentBit, name)
			})
		}
		// The classic forms say the same (cli/check, TestTwins); one of them
		// with includes shows that Fluent Bit reads them.
		t.Run(version(t, fluentBit)+"/all-in-one.conf", func(t *testing.T) {
			t.Parallel()
			newStage(t).deliver(fluentBit, "all-in-one.conf")
		})
	}
}

// TestShippedDryRun lets Fluent Bit read all forms.
func TestShippedDryRun(t *testing.T) {
	for _, fluentBit := range fluentBits(t) {
		s := newStage(t)
		files, _ := filepath.Glob(s.dir + "/conf/*.conf")
		for _, file := range files {
			if slices.Contains([]string{"plugins.conf", "parsers.conf"}, filepath.Base(file)) || strings.HasPrefix(filepath.Base(file), "filter") {
				continue
			}
			out, err := exec.CommandContext(t.Context(), fluentBit, "--dry-run", "-c", file).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "configuration test is successful") {
				t.Errorf("%s: %s: %v\n%s", version(t, fluentBit), filepath.Base(file), err, out)
			}
		}
	}
}

// deliver writes lines to all sources of a configuration and waits for them.
func (s *stage) deliver(fluentBit, name string) {
	s.t.Helper()
	c := fbconf.Read(filepath.Join(s.dir, "conf", name), nil)
	for _, p := range c.Problems {
		s.t.Fatalf("%s: %s", p.Pos, p.What)
	}
	var late []string // files that are read from their end at the start
	for _, in := range c.Of(fbconf.Input) {
		if in.Name() != "tail" {
			continue
		}
		for _, path := range filesOf(in) {
			s.add(path, 0, log4jLine)
			if in.On("read_from_head", false) {
				s.add(path, perSource, formOf(path))
			} else {
				late = append(late, path)
			}
		}
	}
	other := s.siem()
	h := s.start(fluentBit, name)
	senders := s.send(fluentBit, c)
	if len(late) > 0 {
		s.awaitSome(s.lines)
		for _, path := range late {
			s.add(path, perSource, formOf(path))
		}
	}
	s.await(90*time.Second, h.log.String)
	for _, stop := range senders {
		stop()
	}
	s.stop(h)
	if s.lines == 0 || strings.Contains(h.log.String(), "[error]") {
		s.t.Errorf("%d lines; log:\n%s", s.lines, h.log.String())
	}
	if name == "third-party.yaml" {
		s.wantCopy()
		if n := len(eachSeq.FindAllString(other.String(), -1)); n != perSource {
			s.t.Errorf("the SIEM has %d lines of the audit log, want %d", n, perSource)
		}
	}
}

// siem is the other system of third-party.yaml.
func (s *stage) siem() *bodies {
	s.t.Helper()
	all := &bodies{}
	cert, err := tls.LoadX509KeyPair(s.dir+"/tls/server.crt", s.dir+"/tls/server.key")
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := tls.Listen("tcp", net.JoinHostPort("127.0.0.1", s.ports["8443"]), &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{Handler: all}
	go server.Serve(l)
	s.t.Cleanup(func() { server.Close() })
	return all
}

// bodies collects what is posted with the right token.
type bodies struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *bodies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/ingest" || r.Header.Get("Authorization") != "Bearer sesame" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	_, _ = b.text.ReadFrom(r.Body)
}

func (b *bodies) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// wantCopy looks into the file that third-party.yaml writes beside Loki.
func (s *stage) wantCopy() {
	s.t.Helper()
	var all bytes.Buffer
	files, _ := filepath.Glob(s.dir + "/state/copy/*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		all.Write(text)
	}
	if n := len(eachSeq.FindAllString(all.String(), -1)); n != s.lines {
		s.t.Errorf("the copy has %d of %d lines", n, s.lines)
	}
}

// filesOf are paths that an input reads, with something in place of wildcards.
func filesOf(in *fbconf.Section) []string {
	var list []string
	for path := range strings.SplitSeq(in.Last("path"), ",") {
		path = strings.Replace(strings.TrimSpace(path), "????-??-??", time.Now().Format("2006-01-02"), 1)
		path = strings.Replace(path, "/*/*-json.log", "/0a1b/0a1b-json.log", 1)
		list = append(list, strings.Replace(path, "/*.log", "/web-1_mail_web-0a1b.log", 1))
	}
	return list
}

func formOf(path string) func(time.Time, int) string {
	switch {
	case strings.HasSuffix(path, "-json.log"):
		return dockerLine
	case strings.Contains(path, "/log/containers/"):
		return criLine
	case strings.Contains(path, "/log/zimbra") || strings.Contains(path, "/log/carbonio"):
		return plainSyslogLine
	}
	return log4jLine
}

// awaitSome waits until so many lines are in the sink.
func (s *stage) awaitSome(n int) {
	s.t.Helper()
	limit := time.Now().Add(runLimit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for len(s.sink.counts()) < n && time.Now().Before(limit) {
		<-tick.C
	}
}

// send gives lines to all inputs that listen; the senders that are programs end
// when they are stopped.
func (s *stage) send(fluentBit string, c *fbconf.Config) (stop []func()) {
	for _, in := range c.Of(fbconf.Input) {
		switch in.Name() {
		case "forward":
			stop = append(stop, s.forward(fluentBit, in))
		case "syslog":
			s.syslog(in)
		case "opentelemetry":
			s.otlp(in)
		}
	}
	return stop
}

// forward runs a second Fluent Bit that sends a file.
func (s *stage) forward(fluentBit string, in *fbconf.Section) func() {
	path := filepath.Join(s.dir, "sent.log")
	s.add(path, perSource, log4jLine)
	args := []string{
		"-q", "-i", "tail", "-p", "path=" + path, "-p", "read_from_head=true", "-t", "zimbra.mailbox",
		"-o", "forward", "-m", "*", "-p", "host=127.0.0.1", "-p", "port=" + in.Last("port"), "-p", "require_ack_response=true", "-p", "retry_limit=no_limits", "-f", "1",
	}
	if key := in.Last("shared_key"); key != "" {
		args = append(args, "-p", "shared_key="+key, "-p", "self_hostname=mta1", "-p", "tls=on", "-p", "tls.verify=off")
	}
	h := startHost(s.t, fluentBit, args)
	return func() { s.stop(h) }
}

// syslog sends lines over UDP, TCP or TLS.
func (s *stage) syslog(in *fbconf.Section) {
	s.t.Helper()
	address := net.JoinHostPort("127.0.0.1", in.Last("port"))
	if in.Last("mode") == "udp" {
		c := dial(s.t, func() (net.Conn, error) { return net.Dial("udp", address) })
		defer c.Close()
		for range perSource {
			fmt.Fprint(c, s.number(1, syslogLine))
		}
		return
	}
	c := dial(s.t, func() (net.Conn, error) {
		if in.On("tls", false) {
			return tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) // its certificate is of this test
		}
		return net.Dial("tcp", address)
	})
	fmt.Fprint(c, s.number(perSource, syslogLine))
	_ = c.Close()
}

// dial tries until the input listens.
func dial(t *testing.T, connect func() (net.Conn, error)) net.Conn {
	t.Helper()
	limit := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := connect()
		if err == nil {
			return c
		}
		if time.Now().After(limit) {
			t.Fatal(err)
		}
		<-tick.C
	}
}

// otlp posts one request with lines as log records.
func (s *stage) otlp(in *fbconf.Section) {
	s.t.Helper()
	records := s.number(perSource, func(at time.Time, seq int) string {
		return fmt.Sprintf(`{"timeUnixNano":"%d","severityText":"INFO","body":{"stringValue":"order placed seq=%d;"}},`, at.UnixNano(), seq)
	})
	body := `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{"name":"x"},"logRecords":[` +
		strings.TrimSuffix(records, ",") + `]}]}]}`
	address := net.JoinHostPort("127.0.0.1", in.Last("port"))
	_ = dial(s.t, func() (net.Conn, error) { return net.Dial("tcp", address) }).Close()
	answer, err := http.Post("http://"+address+"/v1/logs", "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.t.Errorf("Fluent Bit answers %s", answer.Status)
	}
}
