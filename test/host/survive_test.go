package host_test

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestKillAndReplay kills the host at random moments while a third of the
// pushes fail. Chunks that were not acknowledged come again in the next run.
func TestKillAndReplay(t *testing.T) {
	const kills, lines = 10, 10000
	s := newSink(t)
	s.Random(1, 0.3, passing()...)
	dir := t.TempDir()
	args := []string{
		"--workers", "2", "--retry", "5,20", "--chunk-bytes", "20000",
		"--path-key", "path", "--spool", filepath.Join(dir, "spool"), "--journal", filepath.Join(dir, "journal"),
		"-pflush_timeout=500ms", "--file", "zimbra.mailbox=" + writeLog(t, lines), plugin(t),
	}
	killed := 0
	for i := range 4 * kills {
		h := startHost(t, hostProgram(t), to(s), args)
		s.afterPushes(1+i%7, func() { _ = h.cmd.Process.Signal(syscall.SIGKILL) })
		if code := h.wait(); code == endDelivered {
			break
		}
		if killed++; killed == kills {
			break
		}
	}
	run(t, endDelivered, hostProgram(t), to(s), args)
	if killed < kills/2 {
		t.Errorf("only %d runs were killed", killed)
	}
	s.wantAll(t, "", lines)
	left, _ := filepath.Glob(filepath.Join(dir, "spool", "*.chunk"))
	if len(left) != 0 {
		t.Errorf("%d chunks left in the spool", len(left))
	}
}

// passing are the faults after which the same push succeeds. Partial refusals
// are left out: a process that is killed between the refusal and its answer
// does not know afterwards which entries went out as late ones.
func passing() (faults []lokitest.Fault) {
	for _, f := range lokitest.Faults() {
		if f.Partial == 0 {
			faults = append(faults, f)
		}
	}
	return faults
}

// TestTermDuringOutage ends the host while Loki answers nothing, or errors.
func TestTermDuringOutage(t *testing.T) {
	const flushTimeout = time.Second
	log := writeLog(t, 1000)
	f := func(name string, outage func(s *sink)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSink(t)
			outage(s)
			args := []string{
				"-pflush_timeout=" + flushTimeout.String(), "--retry", "100",
				"--spool", filepath.Join(t.TempDir(), "spool"), "--file", "zimbra.mailbox=" + log,
			}
			wait := s.awaitPushes(t, 1)
			h := startHost(t, hostProgram(t), to(s), args, "--follow", plugin(t))
			wait()
			if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if code := h.wait(); code != endLeft {
				t.Errorf("host ended with %d, want %d\n%s", code, endLeft, h.log.String())
			}
			if took := time.Since(start); took > flushTimeout+time.Second {
				t.Errorf("SIGTERM took %v, want at most %v", took, flushTimeout+time.Second)
			}
			s.refuseAll(0)
			s.Random(0, 0)
			run(t, endDelivered, hostProgram(t), to(s), args, plugin(t))
			s.wantAll(t, "", 1000)
		})
	}
	f("hangs", func(s *sink) { s.Random(1, 1, lokitest.Fault{Break: lokitest.BreakHang}) })
	f("resets", func(s *sink) { s.Random(1, 1, lokitest.Fault{Break: lokitest.BreakReset}) })
	f("errors", func(s *sink) { s.refuseAll(http.StatusServiceUnavailable) })
}
