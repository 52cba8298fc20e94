// Package lokirun starts a real Loki on loopback, for tests and for the demo, and asks it what it stored.
//
// The binary is built by `make loki` from the nested module test/realloki. Nothing here is part of the plugin.
package lokirun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Options says how to start Loki. Only Bin and Dir are required.
type Options struct {
	Bin      string // path of the Loki binary, see Find
	Dir      string // data and configuration; made if missing; may hold the data of an earlier run
	HTTPPort int    // TCP port on loopback; 0 picks a free one
	Tenant   string // when set, authentication is on and queries name this tenant
	// Limits overrides single keys of limits_config, e.g. {"reject_old_samples": true, "max_line_size": 1024}.
	Limits map[string]any
	// Config is merged over the whole configuration last, mapping by mapping; nested mappings are map[string]any.
	Config map[string]any
	Log    io.Writer // gets what Loki prints; nil: nowhere
}

// Loki is a started server. Its methods are safe for concurrent use.
type Loki struct {
	proc   *process
	port   int
	tenant string
	client *http.Client
}

const (
	readyTimeout = 60 * time.Second // for Start, when its context has no deadline; it takes 0.3 s on an idle machine
	readyPoll    = 25 * time.Millisecond
	stopGrace    = 30 * time.Second // from SIGTERM to SIGKILL; it takes 0.2 s, and 5 s while clients keep sending
	startTries   = 3                // a free port may be taken by another process before Loki binds it
)

// errPortTaken is why another try with other ports may help.
var errPortTaken = errors.New("port already in use")

// Start writes Dir/loki.yaml, starts Loki and returns when it is ready to take and to answer. The context bounds
// only the start: when it ends earlier, Loki is killed; afterwards it has no effect.
func Start(ctx context.Context, o Options) (*Loki, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readyTimeout)
		defer cancel()
	}
	for try := 1; ; try++ {
		l, err := startOnce(ctx, o, dir)
		if err == nil || try == startTries || !errors.Is(err, errPortTaken) {
			return l, err
		}
	}
}

func startOnce(ctx context.Context, o Options, dir string) (*Loki, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	port := o.HTTPPort
	if port == 0 {
		port = ports[0]
	} else if err := checkFree(port); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "loki.yaml")
	text, err := appendYAML(nil, config(o, dir, port, ports[1]), 0)
	if err != nil {
		return nil, fmt.Errorf("loki configuration: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	proc, err := start(o.Bin, []string{"-config.file=" + file}, o.Log)
	if err != nil {
		return nil, fmt.Errorf("starting Loki: %w", err)
	}
	l := &Loki{proc: proc, port: port, tenant: o.Tenant, client: &http.Client{}}
	if err := l.waitReady(ctx); err != nil {
		return nil, errors.Join(err, l.Kill())
	}
	return l, nil
}

// waitReady polls /ready until it answers 200, Loki ends or ctx is done.
func (l *Loki) waitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	last := errors.New("not asked yet")
	for {
		select {
		case <-l.proc.done:
			return l.exitError()
		case <-ctx.Done():
			return fmt.Errorf("loki is not ready: %w; /ready: %w; it printed:\n%s", ctx.Err(), last, l.proc.out)
		case <-tick.C:
			if _, last = l.get(ctx, "/ready", nil); last == nil {
				return nil
			}
		}
	}
}

func (l *Loki) exitError() error {
	out := l.proc.out.String()
	err := fmt.Errorf("loki ended while starting: %w; it printed:\n%s", l.proc.err, out)
	if strings.Contains(out, "address already in use") {
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

// URL is the base of the HTTP API, http://127.0.0.1:PORT, without a slash at the end.
func (l *Loki) URL() string {
	return "http://" + net.JoinHostPort(loopback, strconv.Itoa(l.port))
}

// Port is the TCP port of the HTTP API; give it to Start to resume on the same address.
func (l *Loki) Port() int { return l.port }

// Stop has Loki write everything to Dir and end: SIGTERM, then SIGKILL when ctx ends or after 30 s. The data stay
// in Dir and Start on the same Dir resumes. Stopping a stopped Loki does nothing.
func (l *Loki) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	defer l.client.CloseIdleConnections()
	if err := l.proc.signal(syscall.SIGTERM); err != nil {
		return errors.Join(err, l.Kill())
	}
	if err := l.proc.wait(ctx); err != nil {
		return errors.Join(err, l.Kill())
	}
	return nil
}

// killWait bounds the time between SIGKILL and the end; longer means a process stuck in the kernel.
const killWait = 10 * time.Second

// Kill ends Loki at once with SIGKILL, like a crash. What it had acknowledged is in its write-ahead log, so Start on
// the same Dir has it again.
func (l *Loki) Kill() error {
	defer l.client.CloseIdleConnections()
	if err := l.proc.signal(syscall.SIGKILL); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), killWait)
	defer cancel()
	return l.proc.wait(ctx)
}

// checkFree fails when something listens on the port. Without it the answers of that other server, perhaps a Loki
// too, would be taken for the new one's.
func checkFree(port int) error {
	ln, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return ln.Close()
}

// freePorts returns n different TCP ports that nothing on loopback listens on at the moment.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		ln, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return nil, fmt.Errorf("free port: %w", err)
		}
		// Closed only at the end: a closed port could be given out again.
		defer ln.Close() // nothing was written
		ports = append(ports, ln.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
