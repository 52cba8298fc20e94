//go:build unix

package main

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// rootsGuest tells root that a folder is somebody else's, "" that it is not: what
// root makes there, its owner could not write any more.
func rootsGuest(dir string) (owner string) {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return ""
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return ""
	}
	id := strconv.FormatUint(uint64(st.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "#" + id
}
