package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/uploader"
)

// asProgram has the test binary be the program, for tests that kill it.
const asProgram = "INTAKE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is a `serve` in a process of its own.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

func start(t *testing.T, dir string, settings ...string) *program {
	t.Helper()
	return startWith(t, dir, "3s", settings...)
}

func startWith(t *testing.T, dir, grace string, settings ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(os.Args[0], "serve", "--grace", grace)}
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1", "DATA_DIR="+dir, "LISTEN=127.0.0.1:0"), settings...)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.url, _, _ = strings.Cut(address, ",")
			go io.Copy(io.Discard, out) //nolint:errcheck // until it ends
			return p
		}
	}
	t.Fatal("it does not say where it listens")
	return nil
}

func (p *program) end(s syscall.Signal) error {
	if p.cmd.ProcessState != nil {
		return nil
	}
	_ = p.cmd.Process.Signal(s)
	return p.cmd.Wait()
}

// call asks the API and wants a status; the answer is read into into.
func (p *program) call(method, path string, header map[string]string, body []byte, want int, into any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		p.t.Fatalf("%s %s: %s %s %v, want %d", method, path, res.Status, got, err, want)
	}
	if into != nil {
		if err := json.Unmarshal(got, into); err != nil {
			p.t.Fatalf("%s %s: %s: %v", method, path, got, err)
		}
	}
}

// signedIn makes a user with a second factor, and an API token of hers.
func (d desk) signedIn() map[string]string {
	d.t.Helper()
	d.run(secret, "user add maria --admin", 0)
	db := d.open()
	s := accounts.New(db, accounts.Options{Secret: "test", Issuer: "Intake"})
	u, err := db.UserByName(d.t.Context(), "maria")
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := s.NewSecret(u)
	if err != nil {
		d.t.Fatal(err)
	}
	code, err := accounts.TOTPCode(key, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	if _, _, err := s.EnableTOTP(d.t.Context(), u, key, code, accounts.Origin{}); err != nil {
		d.t.Fatal(err)
	}
	token, err := s.NewToken(d.t.Context(), u, "test", model.Scopes, 0, accounts.Origin{})
	if err != nil {
		d.t.Fatal(err)
	}
	return map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}
}

func packed(t *testing.T, o samplelogs.Options) (data []byte, entries int64) {
	t.Helper()
	dir := t.TempDir()
	list, err := samplelogs.Write(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range list {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, f.Path)
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(text)), ModTime: o.Start.Add(o.Duration)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), samplelogs.Count(list)
}

// gate lets pushes through to a Loki, and holds the second until it is opened:
// then it goes through late, or not at all where whoever pushed is gone.
func gate(t *testing.T, l *lokirun.Server, late bool) (address string, held chan struct{}, open func()) {
	t.Helper()
	u, err := url.Parse(l.URL())
	if err != nil {
		t.Fatal(err)
	}
	held, opened := make(chan struct{}), make(chan struct{})
	var pushes atomic.Int32
	forward := httputil.NewSingleHostReverseProxy(u)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/push") && pushes.Add(1) == 2 {
			close(held)
			if <-opened; !late {
				return
			}
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, held, func() { close(opened) }
}

// TestHandOut: what letters to customers say is there, and a server with one name
// is asked for its health by its address.
func TestHandOut(t *testing.T) {
	d := desk{t, t.TempDir()}
	p := start(t, d.dir, "ALLOWED_HOSTS=logs.example.com")
	p.call("GET", "/uploader.sh", nil, nil, 400, nil) // by another name
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/uploader.sh", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "logs.example.com"
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !bytes.Equal(got, uploader.Script) {
		t.Errorf("uploader.sh: %s, %d bytes, %v", res.Status, len(got), err)
	}
	listen := strings.TrimPrefix(p.url, "http://")
	file := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(file, []byte("LISTEN="+listen+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("", "health --settings "+file, 0, `"status":"ok"`)
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	d.run("", "health --settings "+file, 1, "is it running")
	d.run("", "health a b", 2, "one URL")
}

// TestServe: platform, ticket, upload by token, SIGKILL in the middle of the
// import, another start: the report and Loki have what the writer of the logs
// knows, once; a question is answered; SIGTERM ends it in peace.
func TestServe(t *testing.T) {
	data, want := packed(t, samplelogs.Options{Duration: 100 * time.Minute, MailsPerMinute: 1, Start: time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Hour)})
	runtest.Each(t, lokirun.Options{Dir: t.TempDir(), Limits: lokirun.AsTheyCome()}, func(t *testing.T, l *lokirun.Server) {
		d := desk{t, t.TempDir()}
		mine := d.signedIn()
		address, held, open := gate(t, l, false)
		p := start(t, d.dir, "LOKI_URL="+address, "GRAFANA_URL=https://grafana.example.com")
		p.sends(p.makesTicket(mine), "case.tar.gz", data)
		<-held
		p.reads(mine, data, want) // before Loki has it
		_ = p.end(syscall.SIGKILL)
		open()
		letGo(t, d.dir)
		p = start(t, d.dir, "LOKI_URL="+address, "GRAFANA_URL=https://grafana.example.com")
		m := d.ended(t)
		if m.State != model.ImportDone || m.Entries != want || !m.Shipped || m.Tries != 2 || m.Error != "" {
			t.Errorf("import %+v, want %d entries", m, want)
		}
		n, err := l.Count(t.Context(), `{platform="zimbra", ticket="SUP-1488", source="upload"}`, time.Now().Add(-24*time.Hour), time.Now().Add(time.Hour))
		if err != nil || n != want {
			t.Errorf("%d entries arrived, want %d, %v", n, want, err)
		}
		p.reads(mine, data, want)
		if err := p.end(syscall.SIGTERM); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	})
}

// makesTicket makes the ticket SUP-1488.
func (p *program) makesTicket(mine map[string]string) (token string) {
	p.t.Helper()
	p.call("POST", "/api/v1/platforms/", mine, []byte(`{"name":"zimbra","pretty_name":"Zimbra"}`), 201, nil)
	var made struct{ Token string }
	p.call("POST", "/api/v1/tickets/", mine, []byte(`{"number":"SUP-1488","platform":"zimbra"}`), 201, &made)
	return made.Token
}

// sends uploads a file with nothing but a token.
func (p *program) sends(token, name string, data []byte) {
	p.t.Helper()
	p.call("POST", "/api/v1/archives/", map[string]string{
		"Upload-Token": token, "Content-Type": "application/octet-stream", "Content-Disposition": fmt.Sprintf("attachment; filename=%q", name),
	}, data, 201, nil)
}

// peak is the most memory that the program has had, in bytes: 0 where the system
// does not tell.
func (p *program) peak() (n int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		p.t.Fatal(err)
	}
	return n << 10
}

// reads asks for all that there is to read.
func (p *program) reads(mine map[string]string, data []byte, want int64) {
	p.t.Helper()
	var rep struct {
		Entries  int64
		Findings []any
	}
	p.call("GET", "/api/v1/archives/1/report/", mine, nil, 200, &rep)
	if rep.Entries != want || len(rep.Findings) < 5 {
		p.t.Errorf("report of %d entries, %d findings", rep.Entries, len(rep.Findings))
	}
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	p.call("POST", "/api/v1/tickets/SUP-1488/ask/", mine, []byte(`{"query":"sum(count_over_time({ticket=\"SUP-1488\"}[$__range]))"}`), 200, &answer)
	if len(answer.Data.Result) != 1 || answer.Data.Result[0].Value[1] != fmt.Sprint(want) {
		p.t.Errorf("answer %+v, want %d", answer, want)
	}
	p.call("GET", "/api/v1/archives/1/report/", nil, nil, 401, nil)
}

// letGo ends the lease of a killed process, which a minute would do.
func letGo(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "db.sqlite3"))+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE imports SET lease = 1 WHERE state = 'running'`); err != nil {
		t.Fatal(err)
	}
}

// ended waits for the end of the first import.
func (d desk) ended(t *testing.T) model.Import { return d.end(t, 1, 2*time.Minute) }

// end waits for the end of an archive's import.
func (d desk) end(t *testing.T, id int64, patience time.Duration) model.Import {
	t.Helper()
	return d.until(t, id, patience, func(m model.Import) bool { return !m.Ended.IsZero() })
}

// until waits for an archive's import to be as it should be.
func (d desk) until(t *testing.T, id int64, patience time.Duration, is func(model.Import) bool) model.Import {
	t.Helper()
	db := d.open()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		a, err := db.Archive(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if is(a.Import) {
			return a.Import
		}
		<-tick.C
	}
}
