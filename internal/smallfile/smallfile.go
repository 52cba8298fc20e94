// Package smallfile reads files that a configuration names: certificates,
// secrets, configurations. One that is no regular file could block whoever reads
// it for ever, or never end; one that is too large is not what it is taken for.
package smallfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Max is how large such a file may be, in bytes.
const Max = 1 << 20

// ErrNotRegular is returned for pipes, devices, sockets and folders.
var ErrNotRegular = errors.New("is not a regular file")

// Read reads a regular file of at most Max bytes; links are followed. The error
// is an *os.PathError.
func Read(path string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, &os.PathError{Op: "read", Path: path, Err: err} }
	// Opening a pipe would wait for its writer.
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return fail(syscall.EISDIR)
	}
	if !st.Mode().IsRegular() {
		return fail(ErrNotRegular)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, Max+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return fail(err)
	}
	if len(data) > Max {
		return fail(fmt.Errorf("is larger than %d KiB", Max>>10))
	}
	return data, nil
}
