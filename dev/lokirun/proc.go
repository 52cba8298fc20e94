package lokirun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// process is a running child. done is closed when it has ended and its output is read to the end.
type process struct {
	cmd  *exec.Cmd
	out  *tail
	done chan struct{}
	err  error // result of Wait; read it after done
}

// start runs bin and copies what it prints to log (nil: nowhere); the last lines are kept for error texts.
func start(bin string, args []string, log io.Writer) (*process, error) {
	p := &process{cmd: exec.Command(bin, args...), out: &tail{next: log}, done: make(chan struct{})} // the caller names the binary
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	isolate(p.cmd)
	started := make(chan error)
	go func() {
		// The thread that starts the child must outlive it, see isolate.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// signal is no error when the process has already ended.
func (p *process) signal(s syscall.Signal) error {
	err := p.cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// wait blocks until the process has ended or ctx is done.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for process %d to end: %w", p.cmd.Process.Pid, ctx.Err())
	}
}

// tailSize is in bytes: enough for the lines in which Loki says why it stops.
const tailSize = 4 << 10

// tail passes on what it is given and keeps the end of it. It is safe for concurrent use.
type tail struct {
	mu   sync.Mutex
	next io.Writer
	kept []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	if t.next == nil {
		return len(b), nil
	}
	return t.next.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
