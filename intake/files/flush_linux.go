package files

import (
	"os"
	"syscall"
)

// startWriting asks the system to begin writing a part of a file to disk, without
// waiting and without the costs of a sync: the sync at the end has less to do.
func startWriting(f *os.File, from, n int64) {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = syscall.SyncFileRange(int(fd), from, n, write) })
}
