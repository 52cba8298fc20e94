package e2e_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// buildCLI builds the command line once.
var buildCLI = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "zimbraloki-cli-*")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "zimbraloki")
	out, err := exec.Command("go", "build", "-o", bin, "../../cmd/zimbraloki").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

func cli(t *testing.T) string {
	t.Helper()
	bin, err := buildCLI()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// caseFolder writes thirty days of a mailstore as a support engineer gets them:
// mixed .log, .gz, .tar.gz and .zip. It returns how many entries are in it.
func caseFolder(t *testing.T, dir string, perDay int) (entries int) {
	t.Helper()
	const days = 30
	start := time.Date(2025, 12, 10, 0, 0, 0, 0, time.UTC) // over New Year: zimbra.log names no year
	var tarball, zipped []member
	for d := range days {
		from := start.AddDate(0, 0, d)
		mail, n := mailboxDay(from, perDay)
		sys, m := syslogDay(from, perDay/2)
		entries += n + m
		end := from.AddDate(0, 0, 1)
		name := "mailbox.log." + from.Format("2006-01-02")
		number := fmt.Sprintf("zimbra.log.%d", days-1-d)
		switch {
		case d == days-1:
			writeFile(t, dir, "mail1/mailbox.log", mail, end)
			writeFile(t, dir, "mail1/zimbra.log", sys, end)
		case d%4 == 0:
			tarball = append(tarball, member{"mail1/" + name, mail, end}, member{"mail1/" + number + ".gz", gzipped(t, sys), end})
		case d%4 == 1:
			zipped = append(zipped, member{"mail1/" + name + ".gz", gzipped(t, mail), end}, member{"mail1/" + number, sys, end})
		case d%4 == 2:
			writeFile(t, dir, "mail1/"+name+".gz", gzipped(t, mail), end)
			writeFile(t, dir, "mail1/"+number+".gz", gzipped(t, sys), end)
		default:
			writeFile(t, dir, "mail1/"+name, mail, end)
			writeFile(t, dir, "mail1/"+number, sys, end)
		}
	}
	slices.Reverse(tarball) // newest first: the order of an archive says nothing
	writeFile(t, dir, "old.tar.gz", gzipped(t, tarOf(t, tarball)), start.AddDate(0, 2, 0))
	writeFile(t, dir, "more.zip", zipOf(t, zipped), start.AddDate(0, 2, 0))
	return entries
}

// mailboxDay writes a day of mailbox.log; every 40th entry has a stack trace
// and every third the stamp of the one before.
func mailboxDay(from time.Time, n int) (log []byte, entries int) {
	var b bytes.Buffer
	step := 24 * time.Hour / time.Duration(n)
	for i := range n {
		at := from.Add(step * time.Duration(i/3*3))
		fmt.Fprintf(&b, "%s INFO  [qtp1-%d] [name=u%d@example.com;mid=%d;oip=198.51.100.%d;] soap - GetMsgRequest elapsed=%d\n", stamp(at), i, i%70, i%70, i%250, i%900)
		if i%40 == 7 {
			fmt.Fprintf(&b, "java.io.IOException: broken %d\n\tat com.example.Store.read(Store.java:%d)\n\tat com.example.Main.run(Main.java:1)\n", i, i)
		}
	}
	return b.Bytes(), n
}

// syslogDay writes mails through Postfix, in lines that only the queue id ties
// to the message-id.
func syslogDay(from time.Time, n int) (log []byte, entries int) {
	var b bytes.Buffer
	step := 24 * time.Hour / time.Duration(n)
	for i := 0; i+4 <= n; i += 4 {
		at := from.Add(step * time.Duration(i))
		q := fmt.Sprintf("4ZQ%09X", from.Unix()%1e6*1000+int64(i))
		for j, text := range []string{
			"postfix/smtpd[11]: " + q + ": client=mx.example.net[203.0.113.9]",
			"postfix/cleanup[12]: " + q + ": message-id=<" + q + "@example.net>",
			"postfix/lmtp[13]: " + q + ": to=<u@example.com>, relay=mail1.example.com[10.0.0.5]:7025, delay=0.2, delays=0.01/0/0.05/0.14, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)",
			"postfix/qmgr[9]: " + q + ": removed",
		} {
			fmt.Fprintf(&b, "%s mail1 %s\n", at.Add(step*time.Duration(j)).Format("Jan _2 15:04:05"), text)
			entries++
		}
	}
	return b.Bytes(), entries
}

type member struct {
	name string
	data []byte
	at   time.Time
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t *testing.T, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.data)), ModTime: m.at}); err != nil {
			t.Fatal(err)
		}
		w.Write(m.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t *testing.T, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Modified: m.at, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(m.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, dir, name string, data []byte, at time.Time) {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(p, at, at); err != nil {
		t.Fatal(err)
	}
}

// killer passes pushes on to Loki and kills the sender of some of them once Loki
// has stored the push, before the answer: the worst moment.
type killer struct {
	pushes atomic.Int64
	at     []int64 // numbers of pushes
	mu     sync.Mutex
	cmd    *exec.Cmd
}

func (k *killer) serve(t *testing.T, to string) *httptest.Server {
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost && slices.Contains(k.at, k.pushes.Add(1)) {
			k.mu.Lock()
			k.cmd.Process.Kill()
			k.mu.Unlock()
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s
}

// ship runs the command; it reports whether it was killed.
func (k *killer) ship(t *testing.T, args ...string) (killed bool, out string) {
	t.Helper()
	cmd := exec.Command(cli(t), append([]string{"ship", "--timezone", "UTC"}, args...)...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	k.mu.Lock()
	k.cmd = cmd
	err := cmd.Start()
	k.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() == -1 {
		return true, b.String()
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	return false, b.String()
}

// TestShipKilled ships a folder twice, once in peace and once killed three
// times: Loki holds the same entries, each once, in the order of the files.
func TestShipKilled(t *testing.T) {
	each(t, lokirun.Options{Limits: map[string]any{"shard_streams": map[string]any{"enabled": false}}}, testShipKilled)
}

func testShipKilled(t *testing.T, l *lokirun.Server) {
	dir, work := t.TempDir(), t.TempDir()
	perDay := 400
	if n, err := strconv.Atoi(os.Getenv("ZIMBRALOKI_SHIP_PER_DAY")); err == nil {
		perDay = n // 160000 make a gigabyte
	}
	want := caseFolder(t, dir, perDay)
	calm := &killer{}
	_, out := calm.ship(t, "--url", l.URL(), "--label", "run=calm", "--state", filepath.Join(work, "calm.json"), dir)
	t.Log(out)

	k := &killer{}
	proxy := k.serve(t, l.URL())
	k.at = []int64{40, 333, 800}
	kills := 0
	for {
		killed, out := k.ship(t, "--url", proxy.URL, "--label", "run=killed", "--state", filepath.Join(work, "killed.json"), dir)
		if !killed {
			t.Log(out)
			break
		}
		kills++
	}
	if kills != 3 {
		t.Errorf("killed %d times, want 3", kills)
	}
	a, b := shipped(t, l, "calm"), shipped(t, l, "killed")
	if len(a) != want || len(b) != want {
		t.Errorf("%d entries without and %d with kills, want %d", len(a), len(b), want)
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("entry %d differs", i)
		}
	}
}

// shipped returns all entries of a run in the order of Loki, each as a hash of
// its time, labels, metadata and line.
func shipped(t *testing.T, l *lokirun.Server, run string) (list []uint64) {
	t.Helper()
	for _, log := range []string{"mailbox", "zimbra"} {
		for day := time.Date(2025, 12, 9, 0, 0, 0, 0, time.UTC); day.Month() != time.February; day = day.AddDate(0, 0, 1) {
			entries, err := l.Query(t.Context(), `{run="`+run+`", log="`+log+`"}`, day, day.AddDate(0, 0, 1), 0, lokirun.Forward)
			if err != nil {
				t.Fatal(err)
			}
			last := -1
			for _, e := range entries {
				// Three entries of mailbox.log share a stamp: their numbers tell the order.
				if _, after, ok := strings.Cut(e.Line, "[qtp1-"); ok {
					number, _, _ := strings.Cut(after, "]")
					if n, err := strconv.Atoi(number); err != nil || n != last+1 {
						t.Errorf("entry %d follows entry %d: %s", n, last, e.Line)
					} else {
						last = n
					}
				}
				if e.Labels["late"] != "" {
					t.Errorf("late: %+v", e)
				}
				delete(e.Labels, "run")
				h := fnv.New64a()
				fmt.Fprint(h, e.Time.UnixNano(), sorted(e.Labels), sorted(e.Metadata), e.Line)
				list = append(list, h.Sum64())
			}
		}
	}
	return list
}

func sorted(m map[string]string) (list []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k+"="+m[k])
	}
	return list
}
