//go:build linux || darwin || freebsd

package files

import (
	"fmt"
	"syscall"
)

// diskUsage asks the file system; Free is what a user without privileges gets.
func diskUsage(dir string) (Usage, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Usage{}, fmt.Errorf("space of %s: %w", dir, err)
	}
	unit := int64(st.Bsize)
	return Usage{
		Total: int64(st.Blocks) * unit,
		Used:  int64(st.Blocks-st.Bfree) * unit,
		Free:  int64(st.Bavail) * unit,
	}, nil
}
