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

// writeEvery is after how many bytes the disk is asked to begin writing them.
const writeEvery = 8 << 20

// errEnded is what a writer says that was committed, suspended or aborted.
var errEnded = errors.New("the file was ended before")

// folderWriter writes one unfinished blob of a Folder.
type folderWriter struct {
	folder    *Folder
	key, part string
	resumable bool
	file      *os.File
	sums      *sums
	begun     int64      // offset up to which the disk was asked to write
	saved     int64      // offset of the last save that was begun
	saving    chan error // one value once the save in the background is done; nil: none
	err       error      // what went wrong; nothing is kept after it
	ended     bool
}

// begin opens the part, cut to what its state knows to be safe.
func (f *Folder) begin(key, part string, resumable bool) (*folderWriter, error) {
	w := &folderWriter{folder: f, key: key, part: part, resumable: resumable, sums: newSums()}
	flags := os.O_RDWR | os.O_CREATE
	if !resumable {
		flags |= os.O_EXCL
	}
	var err error
	if w.file, err = f.root.OpenFile(part, flags, fileMode); err != nil {
		return nil, fmt.Errorf("file %s: %w", key, spaceError(err))
	}
	if resumable {
		err = w.resume()
	}
	if err != nil {
		w.file.Close()
		return nil, fmt.Errorf("file %s: %w", key, spaceError(err))
	}
	return w, nil
}

// resume takes up the kept state. A state that is missing or does not fit, as
// after a power failure, begins anew: the customer's program asks for the offset.
func (w *folderWriter) resume() error {
	st, err := w.folder.readState(w.part)
	info, statErr := w.file.Stat()
	if statErr != nil {
		return statErr
	}
	if err == nil && st.Offset <= info.Size() {
		if s, err := st.restore(); err == nil {
			w.sums = s
		}
	}
	w.saved, w.begun = w.sums.size, w.sums.size
	if err := w.file.Truncate(w.sums.size); err != nil {
		return err
	}
	_, err = w.file.Seek(w.sums.size, 0)
	return err
}

func (f *Folder) readState(part string) (sumsState, error) {
	data, err := f.root.ReadFile(part + stateEnding)
	if err != nil {
		return sumsState{}, err
	}
	return decodeState[sumsState](data)
}

func (w *folderWriter) Offset() int64 { return w.sums.size }

func (w *folderWriter) Sum() Sum { return w.sums.sum() }

func (w *folderWriter) Write(p []byte) (int, error) {
	if w.ended {
		return 0, errEnded
	}
	if w.err != nil {
		return 0, w.err
	}
	n := 0
	err := w.sums.add(p, func() (err error) {
		n, err = w.file.Write(p)
		return err
	})
	if from := w.begun; err == nil && w.sums.size-from >= writeEvery {
		w.begun = w.sums.size
		startWriting(w.file, from, w.begun-from)
	}
	if err == nil && w.resumable {
		err = w.saveInBackground()
	}
	w.err = spaceError(err)
	return n, w.err
}

// saveInBackground makes what is there safe while more comes in, so that the
// disk is busy all the time and the end does not wait for all of it.
func (w *folderWriter) saveInBackground() error {
	if w.saving != nil {
		select {
		case err := <-w.saving:
			w.saving = nil
			if err != nil {
				return err
			}
		default:
			return nil
		}
	}
	if w.sums.size-w.saved < w.folder.saveEvery {
		return nil
	}
	st, err := w.sums.state()
	if err != nil {
		return err
	}
	w.saved = st.Offset
	saving := make(chan error, 1)
	w.saving = saving
	go func() { saving <- w.save(st) }()
	return nil
}

// save syncs the file and then keeps the state that belongs to it.
func (w *folderWriter) save(st sumsState) error {
	if err := w.file.Sync(); err != nil {
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

// waitSaving ends the save in the background.
func (w *folderWriter) waitSaving() {
	if w.saving == nil {
		return
	}
	if err := <-w.saving; err != nil && w.err == nil {
		w.err = spaceError(err)
	}
	w.saving = nil
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
	w.ended = true
	err := w.err
	if err == nil {
		var st sumsState
		if st, err = w.sums.state(); err == nil {
			err = spaceError(w.save(st))
		}
	}
	return errors.Join(err, w.file.Close())
}

func (w *folderWriter) Abort() {
	if w.ended {
		return
	}
	w.waitSaving()
	w.ended = true
	w.file.Close()
	_ = w.folder.removePart(w.part)
}

func (w *folderWriter) Commit(context.Context) (Sum, error) {
	if w.ended {
		return Sum{}, errEnded
	}
	w.waitSaving()
	if w.err == nil {
		w.err = spaceError(w.file.Sync())
	}
	if w.err == nil {
		w.err = w.publish()
	}
	if w.err != nil {
		return Sum{}, fmt.Errorf("file %s: %w", w.key, w.err)
	}
	w.ended = true
	w.file.Close()
	_ = w.folder.root.Remove(w.part + stateEnding)
	return w.sums.sum(), nil
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
