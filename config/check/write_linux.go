package check

import (
	"os"
	"path/filepath"
	"syscall"
)

// mayWrite is W_OK of access(2).
const mayWrite = 2

// canWrite reports whether path could be written: itself if it is there, else
// the nearest directory above that is.
func canWrite(path string) (asked string, err error) {
	for {
		err := syscall.Access(path, mayWrite)
		if err != syscall.ENOENT || path == filepath.Dir(path) {
			if err != nil {
				return path, &os.PathError{Op: "access", Path: path, Err: err}
			}
			return path, nil
		}
		path = filepath.Dir(path)
	}
}
