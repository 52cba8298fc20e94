//go:build linux || darwin || freebsd

package files

import (
	"fmt"
	"syscall"
)

// diskUsage asks the file system.
func diskUsage(dir string) (Usage, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Usage{}, fmt.Errorf("space of %s: %w", dir, err)
	}
	return usageOf(&st), nil
}

// usageOf is what a file system says in bytes; Free is what a user without
// privileges gets.
func usageOf(st *syscall.Statfs_t) Usage {
	unit := blockUnit(st)
	return Usage{
		Total: int64(st.Blocks) * unit,
		Used:  int64(st.Blocks-st.Bfree) * unit,
		Free:  int64(st.Bavail) * unit,
	}
}
