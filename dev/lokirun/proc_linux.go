package lokirun

import (
	"os/exec"
	"syscall"
)

// isolate puts the child in a process group of its own, so that Ctrl-C reaches only us and we end it in order, and
// has the kernel kill it when we die without doing so, e.g. when a test runs into its time limit.
//
// The kernel counts the death of the starting *thread*: start must be called on a locked thread that stays.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
