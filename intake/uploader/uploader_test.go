package uploader_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/http/upload"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

const token = "3f0e9a52-1111-4222-8333-123456789abc"

// intake is a real server with one ticket.
type intake struct {
	*httptest.Server

	db     *store.DB
	routes atomic.Pointer[http.Handler] // what a test puts before the real ones
}

func start(t *testing.T, attempts int) *intake {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl in PATH: the uploader cannot be run")
	}
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	blobs, err := files.OpenFolder(filepath.Join(dir, "archives"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	rules := tickets.DefaultRules()
	rules.MinFree = 0
	h, err := upload.New(upload.Options{Tickets: tickets.New(db, rules, tickets.Options{}), Blobs: blobs, Store: db})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	h.Register(mux)
	in := &intake{db: db}
	in.put(mux)
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*in.routes.Load()).ServeHTTP(w, r) }))
	t.Cleanup(in.Close)
	if err := db.CreatePlatform(t.Context(), &model.Platform{Name: "mail", PrettyName: "Mail"}); err != nil {
		t.Fatal(err)
	}
	err = db.CreateTicket(t.Context(), &model.Ticket{Number: "1", Platform: "mail", Attempts: attempts, TokenHash: tickets.HashToken(token), Created: time.Now(), Updated: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *intake) put(h http.Handler) { in.routes.Store(&h) }

func (in *intake) before(wrap func(next http.Handler) http.Handler) { in.put(wrap(*in.routes.Load())) }

func (in *intake) api() string { return in.URL + "/api/v1/archives/" }

// wantArchive checks that the ticket's newest archive is data.
func (in *intake) wantArchive(t *testing.T, name string, data []byte) {
	t.Helper()
	list, err := in.db.Archives(t.Context(), model.ArchiveFilter{Ticket: "1"})
	if err != nil || len(list) == 0 {
		t.Fatalf("%d archives, %v", len(list), err)
	}
	sum := sha256.Sum256(data)
	if a := list[0]; a.Name != name || a.Size != int64(len(data)) || a.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v, want %s of %d bytes", a, name, len(data))
	}
}

func (in *intake) wantAttempts(t *testing.T, want int) {
	t.Helper()
	if ticket, err := in.db.TicketByNumber(t.Context(), "1"); err != nil || ticket.Attempts != want {
		t.Errorf("%d attempts, %v; want %d", ticket.Attempts, err, want)
	}
}

// command makes the program's call, in a shell that is there.
func command(shell string, args ...string) *exec.Cmd {
	cmd := exec.Command(shell, append([]string{"uploader.sh"}, args...)...)
	cmd.Env = append(os.Environ(), "UPLOAD_PAUSE=0", "UPLOAD_TOKEN=", "no_proxy=*")
	return cmd
}

// run gives the exit code and all that is printed.
func run(t *testing.T, cmd *exec.Cmd) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), b.String()
}

func want(t *testing.T, cmd *exec.Cmd, code int, text string) string {
	t.Helper()
	got, out := run(t, cmd)
	if got != code || !strings.Contains(out, text) {
		t.Errorf("%q: exit code %d, want %d with %q:\n%s", cmd.Args[2:], got, code, text, out)
	}
	return out
}

func archive(t *testing.T, name string, n int) (path string, data []byte) {
	t.Helper()
	data = make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{9}).Read(data)
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

// eachShell runs the test in the shells of this machine, each once whatever its
// names; sh must be there.
func eachShell(t *testing.T, test func(t *testing.T, shell string)) {
	ran := map[string]bool{}
	for _, shell := range []string{"sh", "bash", "dash"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			if shell == "sh" {
				t.Skip("no sh in PATH: the uploader cannot be run")
			}
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil && !ran[real] {
			ran[real] = true
			t.Run(shell, func(t *testing.T) { test(t, shell) })
		}
	}
}

// TestOptions: the original's exit codes, before anything is sent.
func TestOptions(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		file, _ := archive(t, "a.gz", 10)
		empty, _ := archive(t, "empty", 0)
		want(t, command(shell), 2, "Usage: uploader.sh -f FILE")
		want(t, command(shell, "-x"), 2, "unknown option -x")
		want(t, command(shell, "-f", file, "stray"), 2, "unknown option stray")
		want(t, command(shell, "-h"), 0, "Usage:")
		want(t, command(shell, "--help"), 0, "--dst DOMAIN")
		want(t, command(shell, "-v"), 0, "uploader.sh 1")
		want(t, command(shell, "-f"), 1, "option -f needs a value")
		want(t, command(shell, "-t", token, "-d", "x"), 1, "option --file is missing")
		want(t, command(shell, "-f", file, "-d", "x"), 1, "option --token is missing")
		want(t, command(shell, "-f", file, "-t", token), 1, "option --dst or --url is missing")
		want(t, command(shell, "-f", file, "-t", "a b\"", "-d", "x"), 1, "the token has signs")
		want(t, command(shell, "-f", file+"x", "-t", token, "-d", "x"), 1, "no file that can be read")
		want(t, command(shell, "-f", filepath.Dir(file), "-t", token, "-d", "x"), 1, "no file that can be read")
		want(t, command(shell, "-f", empty, "-t", token, "-d", "x"), 1, "is empty")
		bare := command(shell, "-f", file, "-t", token, "-d", "x")
		bare.Env = []string{"PATH=" + t.TempDir()}
		if path, err := exec.LookPath(shell); err == nil {
			bare.Path = path
		}
		want(t, bare, 1, "curl is missing")
	})
}

// TestUpload: both option sets, spaces and signs in paths, the token by option,
// variable and file.
func TestUpload(t *testing.T) {
	in := start(t, 10)
	name := "mail logs, 'ä' [1];$x.tgz"
	file, data := archive(t, name, 300_000)
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 0, "is stored (300000 bytes)")
	in.wantArchive(t, name, data)
	for _, url := range []string{in.URL, in.URL + "/", in.URL + "/archives/upload/"} {
		want(t, command("sh", "-f", file, "-t", token, "-u", url), 0, "is stored")
	}
	cmd := command("sh", "--file="+name, "--dst", in.URL)
	cmd.Dir = filepath.Dir(file)
	script, err := filepath.Abs("uploader.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args[1] = script
	cmd.Env = append(cmd.Env, "UPLOAD_TOKEN="+token)
	want(t, cmd, 0, "is stored")
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(tokenFile, []byte(token+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, command("sh", "-f", file, "--token-file", tokenFile, "-u", strings.TrimSuffix(in.api(), "/")), 0, "is stored")
}

// TestFallback: a server that knows no resumable uploads gets one request.
func TestFallback(t *testing.T) {
	in := start(t, 5)
	in.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, upload.PathUploads) {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	file, data := archive(t, `a "b\c.tgz`, 100_000)
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 0, `"ticket":1`)
	list, err := in.db.Archives(t.Context(), model.ArchiveFilter{Ticket: "1"})
	if err != nil || len(list) != 1 || list[0].Size != int64(len(data)) {
		t.Errorf("%+v %v", list, err)
	}
	want(t, command("sh", "-f", file, "-t", "wrong", "-u", in.api()), 3, "(403): token wrong is not valid")
}

// TestRefused: the server's reason, and an exit code that is not 0.
func TestRefused(t *testing.T) {
	in := start(t, 0)
	file, _ := archive(t, "a.gz", 100)
	want(t, command("sh", "-f", file, "-t", "wrong", "-u", in.api()), 3, "(403): token wrong is not valid")
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 3, "(423): token "+token+" expired")
	page := func(status int, text string) {
		in.put(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<html>\n<head><title>%s</title></head>", text)
		}))
	}
	routes := *in.routes.Load()
	page(403, "Sign in")
	want(t, command("sh", "-f", file, "-t", token, "-u", in.URL+"/x"), 3, `(403): a page, "Sign in"; is the URL right? It ends with /api/v1/archives/`)
	page(502, "502 Bad Gateway")
	once := command("sh", "-f", file, "-t", token, "-u", in.api())
	once.Env = append(once.Env, "UPLOAD_RETRIES=1")
	if out := want(t, once, 4, `HTTP 502: a page, "502 Bad Gateway"`); strings.Contains(out, "URL right") {
		t.Error(out)
	}
	in.put(routes)
	moved := func(status int) {
		in.put(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://support.example.com/")
			w.WriteHeader(status)
			fmt.Fprintln(w, "no room")
		}))
	}
	moved(301)
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 3, "https://support.example.com/")
	moved(507)
	want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), 4, "no room")
	cmd := command("sh", "-f", file, "-t", token, "-u", in.api())
	cmd.Env = append(cmd.Env, "UPLOAD_RETRIES=3")
	moved(500)
	if out := want(t, cmd, 4, "HTTP 500"); strings.Count(out, "trying again") != 2 {
		t.Error(out)
	}
	in.Close()
	cmd = command("sh", "-f", file, "-t", token, "-u", in.api())
	cmd.Env = append(cmd.Env, "UPLOAD_RETRIES=2")
	want(t, cmd, 4, "curl exit code 7")
}
