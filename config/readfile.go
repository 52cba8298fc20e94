package config

import (
	"errors"
	"fmt"
	"os"

	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// readFile reads the file of the property key; nil errors if it is not set.
func readFile(key, path string) ([]byte, []error) {
	if path == "" {
		return nil, nil
	}
	b, err := smallfile.Read(path)
	if err != nil {
		return nil, []error{&Error{Key: key, Value: path, Reason: fmt.Sprintf("cannot be read (%v)", FileCause(err)), Cure: "the user that runs Fluent Bit must be able to read it"}}
	}
	return b, nil
}

// FileCause is the part of a file error that does not repeat the path.
func FileCause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}
