//go:build unix

package ship

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile opens a file that one process holds at a time.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("position file: %w; --state names another", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close() //nolint:errcheck // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another run ships the same; wait for it, or name another position file with --state (lock %q)", path)
		}
		return nil, fmt.Errorf("position file: cannot lock %q: %w", path, err)
	}
	return f, nil
}

// removed reports whether no name is left of an open file.
func removed(st os.FileInfo) bool {
	s, ok := st.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}
