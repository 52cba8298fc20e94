package deadletter

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// file is a dead-letter file that all writers of this process share.
type file struct {
	path    string // absolute, its key in files
	half    int64  // size in bytes at which the file is rotated
	log     *slog.Logger
	now     func() time.Time
	writers int // guarded by filesMu

	written, rotatedOut atomic.Int64

	mu  sync.Mutex
	f   *os.File
	buf []byte
}

// maxKeptBuffer is in bytes; a larger buffer is given back after use.
const maxKeptBuffer = 1 << 20

// rotated is the name of the older file of a path.
func rotated(path string) string { return path + ".1" }

func (f *file) release() error {
	filesMu.Lock()
	defer filesMu.Unlock()
	if f.writers--; f.writers > 0 {
		return nil
	}
	delete(files, f.path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	return err
}

// append writes the records as one unit as far as the file system lets it.
func (f *file) append(recs []Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.lock(); err != nil {
		return err
	}
	defer f.unlock()
	size, err := f.mend()
	if err != nil {
		return err
	}
	start := size
	for i := range recs {
		if size, start, err = f.write(&recs[i], size, start); err != nil {
			return f.takeBack(err, start)
		}
	}
	if err := f.f.Sync(); err != nil {
		return f.takeBack(err, start)
	}
	f.written.Add(int64(len(recs)))
	return nil
}

// takeBack cuts off what this call has written, and returns err.
func (f *file) takeBack(err error, start int64) error {
	if f.f == nil {
		return err
	}
	if info, e := f.f.Stat(); e == nil && info.Mode().IsRegular() {
		return errors.Join(err, f.f.Truncate(start))
	}
	return err
}

// write appends one record to the file of the given size, rotating it first
// if it is full. start is where the first record of this call stands in the
// file, 0 after a rotation.
func (f *file) write(r *Record, size, start int64) (newSize, newStart int64, err error) {
	if r.Written.IsZero() {
		r.Written = f.now()
	}
	f.buf = r.appendJSON(f.buf[:0])
	line := f.buf
	if cap(f.buf) > maxKeptBuffer {
		f.buf = nil
	}
	if size > 0 && size+int64(len(line)) > f.half {
		if err := f.rotate(); err != nil {
			return size, start, err
		}
		size, start = 0, 0
	}
	if _, err := f.f.Write(line); err != nil {
		return size, start, err
	}
	return size + int64(len(line)), start, nil
}

// lock takes the lock of the file that stands at the path now: another process
// may have rotated it away since the last write.
func (f *file) lock() error {
	for {
		if f.f == nil {
			if err := f.reopen(); err != nil {
				return err
			}
		}
		if err := flock(f.f, syscall.LOCK_EX); err != nil {
			return err
		}
		if f.inPlace() {
			return nil
		}
		f.unlock()
		f.f.Close() //nolint:errcheck // nothing was written since the last Sync
		f.f = nil
	}
}

func (f *file) unlock() {
	if f.f != nil {
		flock(f.f, syscall.LOCK_UN) //nolint:errcheck // closing the file would unlock it too
	}
}

// inPlace reports whether the open file is the one at the path.
func (f *file) inPlace() bool {
	open, err := f.f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.path)
	return err == nil && os.SameFile(open, named)
}

// flock is flock(2), again after a signal.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// reopen opens the file at the path, made with mode 0600 if it is missing.
func (f *file) reopen() error {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	f.f = file
	return nil
}

// mend returns the size of the file and ends a last line that a crash has
// torn, so that the next record starts a line of its own.
func (f *file) mend() (size int64, err error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	size = info.Size()
	if size == 0 || !info.Mode().IsRegular() {
		return size, nil
	}
	var last [1]byte
	if _, err := f.f.ReadAt(last[:], size-1); err != nil || last[0] == '\n' {
		return size, err
	}
	if _, err := f.f.Write([]byte{'\n'}); err != nil {
		return size, err
	}
	return size + 1, nil
}

// rotate moves the file to path.1, whose records are lost, and starts a new
// one, which it locks.
func (f *file) rotate() error {
	if err := f.f.Sync(); err != nil {
		return err
	}
	old := rotated(f.path)
	lost := countLines(old)
	if err := os.Rename(f.path, old); err != nil {
		return err
	}
	full := f.f
	f.f = nil
	defer full.Close() //nolint:errcheck // synced above; closing gives up its lock
	if err := f.reopen(); err != nil {
		return err
	}
	if err := flock(f.f, syscall.LOCK_EX); err != nil {
		return err
	}
	syncDir(filepath.Dir(f.path))
	f.rotatedOut.Add(lost)
	if lost > 0 {
		f.log.Warn("the dead-letter file is full: its oldest records are gone; raise dead_letter_max_bytes, or replay and empty it",
			"path", f.path, "records", lost)
	}
	return nil
}

// countLines counts the line feeds of a file, 0 if it cannot be read.
func countLines(path string) (n int64) {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close() //nolint:errcheck // only read
	buf := make([]byte, 64<<10)
	for {
		k, err := file.Read(buf)
		n += int64(bytes.Count(buf[:k], []byte{'\n'}))
		if err != nil {
			return n
		}
	}
}

// syncDir makes a rename last. Some file systems refuse it: nothing follows
// from that but a chance to lose the new name in a power cut.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close() //nolint:errcheck // only synced
	d.Sync()        //nolint:errcheck // see above
}
