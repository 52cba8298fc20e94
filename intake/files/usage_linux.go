package files

import "syscall"

// blockUnit is what blocks are counted in: Bsize is how much is best transferred
// at once, which FUSE and network file systems say otherwise.
func blockUnit(st *syscall.Statfs_t) int64 {
	if st.Frsize > 0 {
		return st.Frsize
	}
	return st.Bsize
}
