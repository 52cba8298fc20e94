package deadletter

import (
	"os"
	"path/filepath"
	"syscall"
)

// Take renames the file at path to name, in the same folder, as one that nobody
// writes any more: writers of this or of other processes begin a new file at
// path with their next record, and none of their records is torn.
func Take(path, name string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	if err := flock(f, syscall.LOCK_EX); err != nil {
		return err
	}
	open, err := f.Stat()
	if err != nil {
		return err
	}
	if named, err := os.Stat(path); err != nil || !os.SameFile(open, named) {
		return Take(path, name) // rotated away meanwhile
	}
	if err := os.Rename(path, name); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}
