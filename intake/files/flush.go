package files

import (
	"os"
	"sync/atomic"
)

// flushEvery is after how many bytes the disk is asked to begin writing them.
const flushEvery = 8 << 20

// flusher has a file written to disk while it grows, so that the sync at its end
// has less to do. It runs beside the writer, as finding places on the disk takes
// a processor some time, and a disk that has enough to do lets wait who asks.
type flusher struct {
	file  *os.File
	begun int64 // offset up to which the disk was asked
	busy  atomic.Bool
}

// upTo asks for all before size.
func (f *flusher) upTo(size int64) {
	if size-f.begun < flushEvery || !f.busy.CompareAndSwap(false, true) {
		return
	}
	from := f.begun
	f.begun = size
	go func() {
		startWriting(f.file, from, size-from)
		f.busy.Store(false)
	}()
}
