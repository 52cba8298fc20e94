package casefile

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
)

// table reads a CSV with a head row by row, in bounded memory.
type table struct {
	in    io.ReadCloser
	csv   *csv.Reader
	left  int64          // bytes that may yet be read for this row
	index map[string]int // of a column
	row   []string
	err   error // that ended it, but io.EOF
}

var errLongRow = errors.New("a row is too long")

func newTable(in io.ReadCloser) *table {
	t := &table{in: in, index: map[string]int{}}
	t.csv = csv.NewReader(t)
	t.csv.ReuseRecord = true
	if !t.read() {
		return t
	}
	for i, name := range t.row {
		if _, ok := t.index[name]; !ok { // ours come before fields of the same name
			t.index[strings.Clone(name)] = i
		}
	}
	return t
}

// Read implements io.Reader for csv.
func (t *table) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, errLongRow
	}
	n, err := t.in.Read(p)
	t.left -= int64(n)
	return n, err
}

func (t *table) Close() error { return t.in.Close() }

func (t *table) read() bool {
	if t.err != nil {
		return false
	}
	t.left = maxRow
	row, err := t.csv.Read()
	if err == nil {
		t.row = row
		return true
	}
	if t.row = nil; !errors.Is(err, io.EOF) {
		t.err = err
	}
	return false
}

// next goes on to the next row.
func (t *table) next() bool { return len(t.index) > 0 && t.read() }

// get is a cell of the row, valid until the next one.
func (t *table) get(name string) string {
	if i, ok := t.index[name]; ok && i < len(t.row) {
		return unguard(t.row[i])
	}
	return ""
}

// number is a cell that is one, or -1.
func (t *table) number(name string) int64 {
	n, err := strconv.ParseInt(t.get(name), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
