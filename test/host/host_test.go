// Package host_test loads the built plugin into a program in C that plays
// Fluent Bit (host.h), against a Loki of its own on loopback. It shows what only
// the built shared object can show: the C ABI of several versions, flushes on
// threads and stacks that Go did not make, and what is left after a SIGKILL.
package host_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersionsInstancesThreadsAndStacks(t *testing.T) {
	log := writeLog(t, 5000)
	f := func(abi, workers, stack string) {
		t.Run(fmt.Sprintf("abi=%s/workers=%s/stack=%s", abi, workers, stack), func(t *testing.T) {
			s := newSink(t)
			h := run(t, endDelivered, hostProgram(t), "--abi", abi, "--workers", workers, "--coro-stack", stack,
				twoInstances(s), "--path-key", "path", "--chunk-bytes", "50000", "--file", "zimbra.mailbox="+log, plugin(t))
			s.wantAll(t, "one", 5000)
			s.wantAll(t, "two", 5000)
			if got := h.tally(t); got["left"] != 0 || got["ok"] != 2*got["chunks"] || got["chunks"] < 20 {
				t.Errorf("tally %v", got)
			}
			// Go takes 32 KiB below the stack pointer for granted (runtime, callbackUpdateSystemStack).
			if depth := h.tally(t)["stack"]; depth > 16<<10 {
				t.Errorf("a flush uses %d bytes of its stack", depth)
			}
		})
	}
	f("3.2", "1", "32")
	f("3.2", "2", "24") // Fluent Bit's own default before 5.1
	f("4.2", "2", "64")
	f("5.1", "1", "64")
	f("5.1", "4", "32")
	f("5.1", "0", "64") // on the engine thread
	f("5.1", "2", "0")  // on the thread's own stack
}

func TestAddressSanitizer(t *testing.T) {
	longTest(t)
	log := writeLog(t, 2000)
	for _, abi := range []string{"3.2", "5.1"} {
		s := newSink(t)
		h := run(t, endDelivered, asanHost(t), "--abi", abi, twoInstances(s), "--workers", "2", "--cycles", "10",
			"--arrival", "1795416000", "--chunk-bytes", "100000", "--file", "zimbra.mailbox="+log, plugin(t))
		s.wantAll(t, "one", 2000)
		s.wantAll(t, "two", 2000)
		if strings.Contains(h.log.String(), "ERROR: AddressSanitizer") {
			t.Error(h.log.String())
		}
	}
}

// TestCyclesLeaveNothing registers, starts, flushes, ends and unregisters two
// instances 200 times in one process.
func TestCyclesLeaveNothing(t *testing.T) {
	longTest(t)
	s := newSink(t)
	h := run(t, endDelivered, hostProgram(t), twoInstances(s), "--workers", "2", "--cycles", "200",
		"--chunk-bytes", "100000", "--file", "zimbra.mailbox="+writeLog(t, 2000), plugin(t))
	var states []map[string]int
	for line := range strings.Lines(h.out.String()) {
		if strings.HasPrefix(line, "cycle=") {
			states = append(states, numbers(line))
		}
	}
	if len(states) != 20 {
		t.Fatalf("%d states:\n%s", len(states), h.out.String())
	}
	for _, state := range states[3:] {
		if state["fds"] > states[2]["fds"] || state["threads"] > states[2]["threads"]+2 {
			t.Errorf("open files or threads grow:\n%s", h.out.String())
			break
		}
	}
	// The least of several states: what the collector has not come to yet is
	// none of ours. 100 cycles that leave 100 KiB each would show.
	early, late := least(states[2:8], "rss_kb"), least(states[12:], "rss_kb")
	if late > early+6000 {
		t.Errorf("memory grew from %d to %d KiB:\n%s", early, late, h.out.String())
	}
}

func least(states []map[string]int, key string) int {
	n := states[0][key]
	for _, s := range states {
		n = min(n, s[key])
	}
	return n
}

func TestConfigurationErrorIsReadable(t *testing.T) {
	s := newSink(t)
	h := run(t, endNoStart, hostProgram(t), to(s), "--instances", "3", "-p1:timezone=Mars/Olympus", "-p1:compress=zip",
		"--file", "t="+writeLog(t, 10), plugin(t))
	for _, want := range []string{"[output:zimbraloki:zimbraloki.1] cannot start: ", "timezone", `"Mars/Olympus"`, "compress", `"zip"`} {
		if !strings.Contains(h.log.String(), want) {
			t.Errorf("no %s in\n%s", want, h.log.String())
		}
	}
	if s.posts() != 0 {
		t.Errorf("%d pushes", s.posts())
	}
}

func TestForkIsRefused(t *testing.T) {
	s := newSink(t)
	for range 20 { // a call into Go hangs only now and then
		h := run(t, endNoStart, hostProgram(t), "--daemon", to(s), "--file", "t="+writeLog(t, 10), plugin(t))
		if !strings.Contains(h.log.String(), "does not survive a fork") {
			t.Fatal(h.log.String())
		}
	}
}

func TestSignalHandlersStayGos(t *testing.T) {
	s := newSink(t)
	run(t, endDelivered, hostProgram(t), "--check-signals", twoInstances(s), "--file", "t="+writeLog(t, 10), plugin(t))
}

// TestPanics flushes chunks that panic, by a nil dereference too, after the
// host has installed its own SIGSEGV handler again.
func TestPanics(t *testing.T) {
	s := newSink(t)
	dead := filepath.Join(t.TempDir(), "dead.jsonl")
	h := run(t, endDelivered, hostProgram(t), "--check-signals", "--workers", "2", "--retry", "5", "--deadline", "60",
		"-p0:dead_letter_path="+dead, to(s), "--file", "fault.nil="+writeLog(t, 7), "--file", "fault.once="+writeLogFrom(t, 200, 100),
		"--file", "zimbra.mailbox="+writeLog(t, 200), faultyPlugin(t))
	s.wantAll(t, "", 300) // of zimbra.mailbox and fault.once
	if got := h.tally(t); got["retries"] != 3 || got["ok"] != 3 {
		t.Errorf("tally %v, want two retries of one chunk and one of another", got)
	}
	text, err := os.ReadFile(dead)
	if err != nil || !strings.Contains(string(text), `"fault.nil"`) {
		t.Errorf("dead letter: %v\n%s", err, text)
	}
	if n := strings.Count(h.log.String(), "stack="); n != 1 {
		t.Errorf("%d stacks in the log, want 1:\n%s", n, h.log.String())
	}
}
