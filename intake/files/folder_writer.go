package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// stateEnding is what the kept state of an unfinished blob ends in.
const stateEnding = ".state"

// errEnded is what a writer says that was committed, suspended or aborted.
var errEnded = errors.New("the file was ended before")

// folderWriter writes one unfinished blob of a Folder.
type folderWriter struct {
	folder    *Folder
	key, part string
	resumable bool
	file      *os.File
	size      int64 // of what was taken, in bytes
	trail     *trail
	flush     *flusher
	saved     int64      // size at the last save that was begun
	syncing   int64      // size when the sync in the background began
	synced    int64      // size that is safe
	saving    chan error // one value once the sync or save in the background is done; nil: none
	err       error      // what went wrong; nothing is kept after it
	ended     bool
}

// begin opens the part, cut to what its state knows to be safe.
func (f *Folder) begin(key, part string, resumable bool) (*folderWriter, error) {
	w := &folderWriter{folder: f, key: key, part: part, resumable: resumable}
	flags := os.O_RDWR | os.O_CREATE
	if !resumable {
		flags |= os.O_EXCL
	}
	var err error
	if w.file, err = f.root.OpenFile(part, flags, fileMode); err != nil {
		return nil, fmt.Errorf("file %s: %w", key, spaceError(err))
	}
	sums := newSums()
	if resumable {
		sums, err = w.resume()
	}
	if err != nil {
		w.file.Close()
		return nil, fmt.Errorf("file %s: %w", key, spaceError(err))
	}
	w.size, w.saved, w.synced = sums.size, sums.size, sums.size
	w.trail, w.flush = newTrail(w.file, sums, 0), &flusher{file: w.file, begun: sums.size}
	return w, nil
}

// resume takes up the kept state. A state that is missing or does not fit, as
// after a power failure, begins anew: the customer's program asks for the offset.
func (w *folderWriter) resume() (*sums, error) {
	st, err := w.folder.readState(w.part)
	info, statErr := w.file.Stat()
	if statErr != nil {
		return nil, statErr
	}
	s := newSums()
	if err == nil && st.Offset <= info.Size() {
		if kept, err := st.restore(); err == nil {
			s = kept
		}
	}
	if err := w.file.Truncate(s.size); err != nil {
		return nil, err
	}
	_, err = w.file.Seek(s.size, 0)
	return s, err
}

func (f *Folder) readState(part string) (sumsState, error) {
	data, err := f.root.ReadFile(part + stateEnding)
	if err != nil {
		return sumsState{}, err
	}
	return decodeState[sumsState](data)
}

func (w *folderWriter) Offset() int64 { return w.size }

// Sum implements Writer. Who asks has come to the end as a rule, so the disk
// writes the rest while the checksums are finished.
func (w *folderWriter) Sum() (Sum, error) {
	if w.err != nil {
		return Sum{}, w.err
	}
	if w.saving == nil && w.synced < w.size && !w.ended {
		w.background(w.file.Sync)
	}
	sum, err := w.trail.sum()
	return sum, err
}

func (w *folderWriter) Write(p []byte) (int, error) {
	if w.ended {
		return 0, errEnded
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.file.Write(p)
	w.size += int64(n)
	if err == nil {
		err = w.trail.grew(n)
	}
	if err == nil {
		w.flush.upTo(w.size)
	}
	if err == nil {
		err = w.saveInBackground()
	}
	w.err = spaceError(err)
	return n, w.err
}

// saveInBackground makes what is there safe while more comes in, so that the
// disk is busy all the time and the end does not wait for all of it. Of what
// cannot be resumed no state is kept.
func (w *folderWriter) saveInBackground() error {
	if w.saving != nil {
		select {
		case err := <-w.saving:
			if err := w.landed(err); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	if w.size-w.saved < w.folder.saveEvery {
		return nil
	}
	w.saved = w.size
	if !w.resumable {
		w.background(w.file.Sync)
		return nil
	}
	if err := w.trail.ask(); err != nil {
		return err
	}
	w.background(w.save)
	return nil
}

// background runs a sync, or what begins with one.
func (w *folderWriter) background(sync func() error) {
	saving := make(chan error, 1)
	w.saving, w.syncing = saving, w.size
	go func() { saving <- sync() }()
}

// landed is the end of what ran in the background.
func (w *folderWriter) landed(err error) error {
	w.saving = nil
	if err == nil {
		w.synced = w.syncing
	}
	return err
}

// save syncs the file and then keeps the state that was asked for before: the
// checksums come after the writer, and as a rule before the sync.
func (w *folderWriter) save() error {
	if err := w.file.Sync(); err != nil {
		return err
	}
	st, err := w.trail.state()
	if err != nil {
		return err
	}
	data, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return w.folder.replace(w.part+stateEnding, data)
}

// replace writes a small file so that either the old or the new one is there.
func (f *Folder) replace(name string, data []byte) error {
	next := name + ".new" + stateEnding
	file, err := f.root.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = f.root.Rename(next, name)
	}
	if err != nil {
		_ = f.root.Remove(next)
	}
	return err
}

// waitSaving waits for what runs in the background.
func (w *folderWriter) waitSaving() {
	if w.saving == nil {
		return
	}
	if err := w.landed(<-w.saving); err != nil && w.err == nil {
		w.err = spaceError(err)
	}
}

// close lets go of the file, which nobody reads or writes any more.
func (w *folderWriter) close() error {
	w.ended = true
	w.trail.end()
	return w.file.Close()
}

func (w *folderWriter) Suspend(context.Context) error {
	if w.ended {
		return errEnded
	}
	if !w.resumable {
		w.Abort()
		return nil
	}
	w.waitSaving()
	err := w.err
	if err == nil {
		err = w.trail.ask()
	}
	if err == nil {
		err = spaceError(w.save())
	}
	return errors.Join(err, w.close())
}

func (w *folderWriter) Abort() {
	if w.ended {
		return
	}
	w.trail.end() // a save that waits for a checksum need not
	w.waitSaving()
	_ = w.close()
	_ = w.folder.removePart(w.part)
}

func (w *folderWriter) Commit(context.Context) (Sum, error) {
	if w.ended {
		return Sum{}, errEnded
	}
	sum, err := w.Sum()
	w.waitSaving()
	if err == nil {
		err = w.err
	}
	if err == nil && w.synced < w.size {
		err = w.file.Sync()
	}
	if err == nil {
		err = w.publish()
	}
	if err != nil {
		w.err = spaceError(err)
		return Sum{}, fmt.Errorf("file %s: %w", w.key, w.err)
	}
	_ = w.close()
	_ = w.folder.root.Remove(w.part + stateEnding)
	return sum, nil
}

// publish gives the part its name. The folder of a ticket may be removed, being
// empty, between its making and the rename; then once more.
func (w *folderWriter) publish() error {
	root, dir := w.folder.root, path.Dir(w.key)
	for try := 0; ; try++ {
		if err := root.MkdirAll(dir, dirMode); err != nil {
			return spaceError(err)
		}
		if _, err := root.Lstat(w.key); err == nil {
			return fmt.Errorf("%w: a file is never replaced", fs.ErrExist)
		}
		err := root.Rename(w.part, w.key)
		if err == nil {
			return w.folder.syncDirs(dir)
		}
		if try == 3 || !errors.Is(err, fs.ErrNotExist) {
			return spaceError(err)
		}
	}
}

// syncDirs makes names safe, of the folder and those above it.
func (f *Folder) syncDirs(dir string) error {
	for {
		d, err := f.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}
