package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const superuser = "postgres"

// server is a PostgreSQL in a folder of its own, which listens on a socket in
// it alone.
type server struct {
	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// programs is the folder of initdb and postgres, the newest, or "".
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// unprivileged is who runs the server when root runs the tests, which
// PostgreSQL refuses to be.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func start(bin string) (*server, error) {
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Not below a test's own folder: a socket's path is short.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}
	s := &server{dir: dir, ended: make(chan struct{})}
	data := filepath.Join(dir, "data")
	c := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	c.Dir, c.SysProcAttr = dir, &syscall.SysProcAttr{Credential: who}
	if out, err := c.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100", "-c", "shared_buffers=16MB")
	s.cmd.Dir = dir
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
	return s, s.run()
}

// run starts the server and returns when it takes connections. It dies with
// the thread that started it, so that thread stays until it has ended.
func (s *server) run() error {
	log, err := s.cmd.StderrPipe()
	if err != nil {
		return err
	}
	ready := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer close(s.ended)
		if err := s.cmd.Start(); err != nil {
			ready <- err
			return
		}
		ready <- awaitReady(log)
		io.Copy(io.Discard, log)
		s.cmd.Wait() // how it ended is of no interest: it was told to
	}()
	return <-ready
}

func awaitReady(log io.Reader) error {
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			return nil
		}
		said.WriteString(lines.Text() + "\n")
	}
	return fmt.Errorf("PostgreSQL ended before it was ready:\n%s", said.String())
}

func (s *server) create(ctx context.Context, name string) error {
	c, err := pgx.Connect(ctx, s.address("public"))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "CREATE SCHEMA "+name)
	return errors.Join(err, c.Close(ctx))
}

func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGQUIT) // at once; nothing of it is needed again
	<-s.ended
	os.RemoveAll(s.dir)
}
