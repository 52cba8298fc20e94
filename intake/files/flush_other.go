//go:build !linux

package files

import "os"

// startWriting is left to the system.
func startWriting(*os.File, int64, int64) {}
