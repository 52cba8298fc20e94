package deadletter

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// LineError is a line of a dead-letter file that is no record.
type LineError struct {
	Number int    // from 1
	Text   []byte // the line without its end, valid until the next one is read
	Err    error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Number, e.Err) }

// Unwrap gives what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// Read yields the records of r in order. A line that is no record (torn by a
// crash, edited by hand) yields a LineError, and reading goes
// on after it; an error of r itself is yielded last.
func Read(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		br := bufio.NewReaderSize(r, 64<<10)
		for n := 1; ; n++ {
			line, err := br.ReadBytes('\n')
			line = bytes.TrimSpace(line)
			if len(line) > 0 && !yieldLine(line, n, yield) {
				return
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
		}
	}
}

func yieldLine(line []byte, n int, yield func(Record, error) bool) bool {
	rec, err := parseRecord(line)
	if err != nil {
		return yield(Record{}, &LineError{n, line, err})
	}
	return yield(rec, nil)
}

// Files returns the files that hold the records of a dead-letter path, the
// oldest first. Files that do not exist are left out.
func Files(path string) []string {
	var files []string
	for _, f := range []string{rotated(path), path} {
		if _, err := os.Stat(f); err == nil {
			files = append(files, f)
		}
	}
	return files
}
