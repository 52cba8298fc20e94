package deadletter

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultMaxBytes is Options.MaxBytes if that is 0: 64 MiB.
const DefaultMaxBytes = 64 << 20

// Options of a Writer.
type Options struct {
	// Path of the file. The directory is made if it is missing. When half of
	// MaxBytes is reached the file becomes Path.1, and the former Path.1 is
	// gone.
	Path string
	// MaxBytes bounds Path and Path.1 together, in bytes; 0 means
	// DefaultMaxBytes. One record is kept whole even if it is larger.
	MaxBytes int64
	// Log hears of records that were rotated out; nil for nobody.
	Log *slog.Logger
}

// Writer appends records to a dead-letter file. Safe for concurrent use, by
// several writers on one path, and by several processes: each record is one
// write(2) to a file opened with O_APPEND, under a lock of the file.
type Writer struct {
	f      *file
	closed atomic.Bool
}

// Open opens or makes the dead-letter file, readable by its owner only, and
// checks that it can be written. Writers of one path share one file; the
// limit and the log of the first one count.
func Open(o Options) (*Writer, error) {
	if o.Path == "" {
		return nil, errors.New("dead letter: no path")
	}
	if o.MaxBytes < 0 {
		return nil, fmt.Errorf("dead letter %q: max bytes %d is negative", o.Path, o.MaxBytes)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := share(o)
	if err != nil {
		return nil, fmt.Errorf("cannot open dead letter: %w", err)
	}
	return &Writer{f: f}, nil
}

// Path returns the absolute path of the file that is being written.
func (w *Writer) Path() string { return w.f.path }

// Stats counts what happened to the file of w in this process since it was
// first opened, by all its writers.
type Stats struct {
	Written    int64 // records appended
	RotatedOut int64 // records that were deleted to stay within MaxBytes
}

// Stats returns the counts so far.
func (w *Writer) Stats() Stats {
	return Stats{Written: w.f.written.Load(), RotatedOut: w.f.rotatedOut.Load()}
}

// Append writes records and returns after they are on the disk (one fsync per
// call): what is not sent to Loki again must survive a power cut. On an error
// none of them counts as written; what was written of them before is taken
// back where that is possible, so that a retry does not double it.
func (w *Writer) Append(recs ...Record) error {
	if w.closed.Load() {
		return fmt.Errorf("dead letter %q: %w", w.f.path, os.ErrClosed)
	}
	if len(recs) == 0 {
		return nil
	}
	if err := w.f.append(recs); err != nil {
		return fmt.Errorf("cannot write dead letter %q: %w", w.f.path, err)
	}
	return nil
}

// Close releases the file. The last writer of a path closes it.
func (w *Writer) Close() error {
	if w.closed.Swap(true) {
		return nil
	}
	return w.f.release()
}

// open files of this process by their absolute path.
var (
	filesMu sync.Mutex
	files   = make(map[string]*file)
)

// share returns the file of a path, opening it for the first writer.
func share(o Options) (*file, error) {
	key, err := canonical(o.Path)
	if err != nil {
		return nil, err
	}
	filesMu.Lock()
	defer filesMu.Unlock()
	if f, ok := files[key]; ok {
		f.writers++
		return f, nil
	}
	f := &file{path: key, half: max(o.MaxBytes/2, 1), log: o.Log, now: time.Now, writers: 1}
	if err := f.reopen(); err != nil {
		return nil, err
	}
	files[key] = f
	return f, nil
}

// canonical makes the directory of path and returns the absolute path without
// symbolic links in the directory, so that two spellings of one path meet.
func canonical(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(abs)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(abs)), nil
}
