package main

import (
	"sync"
	"syscall"
	"unsafe"
)

// Fluent Bit installs its signal handlers with signal(2) before it loads the
// plugin. Go's runtime then takes SIGSEGV, SIGBUS and SIGFPE for itself, passes
// on what is not its own, and adds SA_ONSTACK to the other handlers, because a
// goroutine's stack has no room for one. But Fluent Bit installs its handlers
// again whenever it gets SIGHUP or SIGCONT (src/fluent-bit.c,
// flb_signal_handler), after which a nil dereference in Go aborts the process
// instead of becoming a panic, and a handler may run on a goroutine's stack.
//
// So what Go had installed is saved when the plugin is registered, and put back
// at each init and flush. Nothing is lost for Fluent Bit: Go's handler still
// passes a fault in C code on to Fluent Bit's.

// faultSignals are the signals whose handler is Go's.
var faultSignals = [...]syscall.Signal{syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE}

// hostSignals are those whose handler is Fluent Bit's and must have SA_ONSTACK.
var hostSignals = [...]syscall.Signal{syscall.SIGHUP, syscall.SIGCONT, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM}

// sigaction is the kernel's struct on amd64 and arm64 (rt_sigaction(2)).
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

const (
	saOnStack = 0x08000000
	sigIgn    = 1 // SIG_DFL is 0; a real handler is above both
)

// goSignals is what Go's runtime installed, saved once in the process; the
// element is zero where that is not known.
var (
	goSignals     [len(faultSignals)]sigaction
	saveSignalsDo sync.Once
)

// saveGoSignals notes Go's handlers. They are Go's if SIGURG has the same one,
// which nobody but Go's scheduler uses.
func saveGoSignals() {
	saveSignalsDo.Do(func() {
		urg, ok := getSignal(syscall.SIGURG)
		if !ok || urg.handler <= sigIgn {
			return
		}
		for i, sig := range faultSignals {
			if act, ok := getSignal(sig); ok && act.handler == urg.handler {
				goSignals[i] = act
			}
		}
	})
}

// keepGoSignals puts right what Fluent Bit changed since saveGoSignals. It
// costs eight system calls and writes nothing if nothing changed.
func keepGoSignals() {
	for i, sig := range faultSignals {
		want := goSignals[i]
		if act, ok := getSignal(sig); ok && want.handler != 0 && act.handler != want.handler {
			setSignal(sig, &want)
		}
	}
	for _, sig := range hostSignals {
		if act, ok := getSignal(sig); ok && act.handler > sigIgn && act.flags&saOnStack == 0 {
			act.flags |= saOnStack
			setSignal(sig, &act)
		}
	}
}

func getSignal(sig syscall.Signal) (act sigaction, ok bool) {
	return act, rtSigaction(sig, nil, &act) == 0
}

func setSignal(sig syscall.Signal, act *sigaction) { rtSigaction(sig, act, nil) } //nolint:errcheck // a signal the kernel refuses stays as it is

func rtSigaction(sig syscall.Signal, set, old *sigaction) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), unsafe.Sizeof(set.mask), 0, 0)
	return errno
}
