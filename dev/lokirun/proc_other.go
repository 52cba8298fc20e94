//go:build !linux

package lokirun

import "os/exec"

// isolate does nothing: the kernel's death signal exists on Linux only.
func isolate(*exec.Cmd) {}
