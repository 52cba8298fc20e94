//go:build !linux

package check

// canWrite does not know here.
func canWrite(path string) (asked string, err error) { return path, nil }
