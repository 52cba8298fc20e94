//go:build darwin || freebsd

package files

import "syscall"

// blockUnit is what blocks are counted in.
func blockUnit(st *syscall.Statfs_t) int64 { return int64(st.Bsize) }
