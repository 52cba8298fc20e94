package main

import (
	"bytes"
	"syscall"
	"unsafe"
)

// engineThread is what Fluent Bit calls the thread of its event loop
// (src/flb_lib.c, mk_utils_worker_rename).
const engineThread = "flb-pipeline"

// threadName returns the name of the calling thread, "" if it cannot be read.
// Within a call from C the goroutine does not change its thread.
func threadName() string {
	var name [16]byte // TASK_COMM_LEN, with the final NUL
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_NAME, uintptr(unsafe.Pointer(&name)), 0)
	if errno != 0 {
		return ""
	}
	text, _, _ := bytes.Cut(name[:], []byte{0})
	return string(text)
}
