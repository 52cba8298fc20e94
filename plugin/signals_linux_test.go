package main

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"unsafe"
)

func setThreadName(t *testing.T, name string) {
	b := append([]byte(name), 0)
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_NAME, uintptr(unsafe.Pointer(&b[0])), 0); errno != 0 {
		t.Error(errno)
	}
}

func TestThreadName(t *testing.T) {
	done := make(chan string)
	go func() {
		runtime.LockOSThread()
		setThreadName(t, "flb-out-x.0-w0")
		done <- threadName()
	}()
	if got := <-done; got != "flb-out-x.0-w0" {
		t.Errorf("got %q", got)
	}
}

// TestGoSignalsComeBack takes Go's handler and SA_ONSTACK away, as Fluent Bit
// does when it gets SIGCONT, and dereferences nil afterwards.
func TestGoSignalsComeBack(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP) // a handler that must not be lost
	defer signal.Stop(c)
	saveGoSignals()
	segv, _ := getSignal(syscall.SIGSEGV)
	hup, _ := getSignal(syscall.SIGHUP)
	if segv.handler <= sigIgn || goSignals[0] != segv {
		t.Fatalf("saved %+v, Go has %+v", goSignals[0], segv)
	}
	setSignal(syscall.SIGSEGV, &sigaction{})
	off := hup
	off.flags &^= saOnStack
	setSignal(syscall.SIGHUP, &off)

	keepGoSignals()
	if got, _ := getSignal(syscall.SIGSEGV); got != segv {
		t.Errorf("SIGSEGV has %+v, want %+v", got, segv)
	}
	if got, _ := getSignal(syscall.SIGHUP); got != hup {
		t.Errorf("SIGHUP has %+v, want %+v", got, hup)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var p *int
	*p = 1
}

func TestKeepGoSignalsLeavesTheRestAlone(t *testing.T) {
	saveGoSignals()
	var before, after [32]sigaction
	for i := range before {
		before[i], _ = getSignal(syscall.Signal(i + 1))
	}
	keepGoSignals()
	for i := range after {
		after[i], _ = getSignal(syscall.Signal(i + 1))
	}
	if before != after {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

func BenchmarkKeepGoSignals(b *testing.B) {
	saveGoSignals()
	for b.Loop() {
		keepGoSignals()
	}
}
