package upload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/files/s3test"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// serveFolder makes the test's program a server over that folder, so that its
// memory is its own and it can be killed; serveS3 is the URL of a bucket, "" = none.
const (
	serveFolder = "INTAKE_UPLOAD_TEST_SERVE"
	serveS3     = "INTAKE_UPLOAD_TEST_S3"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveFolder); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(s3test.Main(m))
}

func serve(dir string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite://"+filepath.Join(dir, "db"))
	if err != nil {
		return err
	}
	blobs, err := files.Open(ctx, os.Getenv(serveS3), filepath.Join(dir, "archives"), filepath.Join(dir, "tmp"))
	if err != nil {
		return err
	}
	rules := tickets.DefaultRules()
	rules.MinFree = 0
	svc := tickets.New(db, rules, tickets.Options{Storage: tickets.Storage{Delete: blobs.Delete}})
	if err := svc.Recover(ctx); err != nil {
		return err
	}
	h, err := New(Options{Tickets: svc, Blobs: blobs, Store: db, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	mux := http.NewServeMux()
	h.Register(mux)
	return http.Serve(l, mux)
}

// process is a server of its own over a folder.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	addr string
}

func startProcess(t testing.TB, dir, s3 string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), serveFolder+"="+dir, serveS3+"="+s3)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server does not start: %v", err)
	}
	p.addr = strings.TrimSpace(line)
	return p
}

// kill ends it at once, as SIGKILL does.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// peak is the most memory it ever had, in MiB; 0 where the system does not say.
func (p *process) peak() int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, text, _ := strings.Cut(string(data), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(text)[0])
	if err != nil {
		p.t.Fatal(err)
	}
	return kib >> 10
}

// cpu is how long it computed, by itself and in the system; 0 where the system
// does not say.
func (p *process) cpu() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, text, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(text) // from the state on
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if err := errors.Join(errUser, errSystem); err != nil {
		p.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of 100 Hz
}

// connect opens the database and the store that a process serves.
func connect(t testing.TB, dir, s3 string) *fixture {
	t.Helper()
	db, err := store.Open(context.Background(), "sqlite://"+filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	blobs, err := files.Open(t.Context(), s3, filepath.Join(dir, "archives"), filepath.Join(dir, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{t: t, db: db, blobs: blobs}
}
