package files

import (
	"syscall"
	"testing"
)

// TestUsage: a file system may count blocks in another unit than it likes to be
// read in; a virtual machine's shared folder says 1 MiB for the one and 4 KiB for
// the other.
func TestUsage(t *testing.T) {
	f := func(bsize, frsize int64, want Usage) {
		t.Helper()
		st := syscall.Statfs_t{Bsize: bsize, Frsize: frsize, Blocks: 100, Bfree: 60, Bavail: 50}
		if got := usageOf(&st); got != want {
			t.Errorf("bsize %d, frsize %d: %+v, want %+v", bsize, frsize, got, want)
		}
	}
	want := Usage{Total: 100 << 12, Used: 40 << 12, Free: 50 << 12}
	f(4096, 4096, want)
	f(1<<20, 4096, want)
	f(4096, 0, want)
}
