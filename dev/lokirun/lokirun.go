// Package lokirun starts a server that answers Loki's API on loopback, for tests and for the demo, and asks it what it
// stored: `zimbraloki serve`, which is always at hand, or a real Loki that the machine has.
package lokirun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Options says how to start a server. Only Bin and Dir are required.
type Options struct {
	Bin      Program // see Embedded and Find
	Dir      string  // data and configuration; made if missing; may hold the data of an earlier run
	HTTPPort int     // TCP port on loopback; 0 picks a free one
	// Discover has serve add service_name and detected_level where they were not sent, as Loki does anyway.
	Discover bool
	// Tenant turns Loki's authentication on; queries name this tenant. serve has no tenants: an error.
	Tenant string
	// Limits overrides single keys of Loki's limits_config, e.g. {"reject_old_samples": true, "max_line_size": 1024}.
	// serve has none of them: an error.
	Limits map[string]any
	// Config is merged over Loki's whole configuration last, mapping by mapping; nested mappings are map[string]any.
	// An error for serve.
	Config map[string]any
	Log    io.Writer // gets what the server prints; nil: nowhere
}

// Server is a started server. Its methods are safe for concurrent use.
type Server struct {
	proc   *process
	kind   Kind
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

// Start starts the server and returns when it is ready to take and to answer. The context bounds only the start: when
// it ends earlier, the server is killed; afterwards it has no effect.
func Start(ctx context.Context, o Options) (*Server, error) {
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

func startOnce(ctx context.Context, o Options, dir string) (*Server, error) {
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
	args, err := arguments(o, dir, port, ports[1])
	if err != nil {
		return nil, err
	}
	proc, err := start(o.Bin.Path, args, o.Log)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", o.Bin.Kind, err)
	}
	l := &Server{proc: proc, kind: o.Bin.Kind, port: port, tenant: o.Tenant, client: &http.Client{}}
	if err := l.waitReady(ctx); err != nil {
		return nil, errors.Join(err, l.Kill())
	}
	return l, nil
}

// arguments returns the command line of a server, whose configuration file is written if it has one.
func arguments(o Options, dir string, httpPort, grpcPort int) ([]string, error) {
	switch o.Bin.Kind {
	case Serve:
		return serveArguments(o, dir, httpPort)
	case Loki:
		file := filepath.Join(dir, "loki.yaml")
		text, err := appendYAML(nil, config(o, dir, httpPort, grpcPort), 0)
		if err != nil {
			return nil, fmt.Errorf("loki configuration: %w", err)
		}
		return []string{"-config.file=" + file}, os.WriteFile(file, text, 0o600)
	}
	return nil, fmt.Errorf("server of kind %q: take a program from Embedded or Find", o.Bin.Kind)
}

// serveArguments lifts the limits that would refuse or shorten a test's answer, as defaultLimits does for Loki.
func serveArguments(o Options, dir string, port int) ([]string, error) {
	if o.Tenant != "" || len(o.Limits) > 0 || len(o.Config) > 0 {
		return nil, errors.New("tenants, limits and configuration are Loki's: zimbraloki serve has none, start a real Loki")
	}
	args := []string{
		"serve", "--listen", net.JoinHostPort(loopback, strconv.Itoa(port)), "--data", filepath.Join(dir, "serve"),
		"--query-max-entries", strconv.Itoa(math.MaxInt32), "--query-max-series", strconv.Itoa(1 << 20), "--query-timeout", "5m",
	}
	if o.Discover {
		args = append(args, "--discover-service-name", "--discover-log-levels")
	}
	return args, nil
}

// waitReady polls /ready until it answers 200, the server ends or ctx is done.
func (l *Server) waitReady(ctx context.Context) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	last := errors.New("not asked yet")
	for {
		select {
		case <-l.proc.done:
			return l.exitError()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; /ready: %w; it printed:\n%s", l.kind, ctx.Err(), last, l.proc.out)
		case <-tick.C:
			if _, last = l.get(ctx, "/ready", nil); last == nil {
				return nil
			}
		}
	}
}

func (l *Server) exitError() error {
	out := l.proc.out.String()
	err := fmt.Errorf("%s ended while starting: %w; it printed:\n%s", l.kind, l.proc.err, out)
	if strings.Contains(out, "address already in use") {
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

// URL is the base of the HTTP API, http://127.0.0.1:PORT, without a slash at the end.
func (l *Server) URL() string {
	return "http://" + net.JoinHostPort(loopback, strconv.Itoa(l.port))
}

// Port is the TCP port of the HTTP API; give it to Start to resume on the same address.
func (l *Server) Port() int { return l.port }

// Kind tells which of the servers it is.
func (l *Server) Kind() Kind { return l.kind }

// Stop has the server write everything to Dir and end: SIGTERM, then SIGKILL when ctx ends or after 30 s. The data
// stay in Dir and Start on the same Dir resumes. Stopping a stopped server does nothing.
func (l *Server) Stop(ctx context.Context) error {
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

// Kill ends the server at once with SIGKILL, like a crash. What it had acknowledged is on disk, so Start on the same
// Dir has it again.
func (l *Server) Kill() error {
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
