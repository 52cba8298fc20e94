//go:build !unix

package ship

import (
	"fmt"
	"os"
)

// lockFile opens a file; on this system nothing keeps a second process off it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("position file: %w; --state names another", err)
	}
	return f, nil
}

// removed cannot be told on this system: a file in use stays.
func removed(os.FileInfo) bool { return false }
