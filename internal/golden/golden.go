// Package golden compares what a test gave with a file that somebody has looked
// at. `make golden` accepts what the tests give now.
package golden

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Compare fails the test at the first line in which got differs from the
// golden file. With -update the file becomes got.
func Compare(t testing.TB, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil { //nolint:gosec // committed, for all to read
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if line, g, w, same := firstDifference(got, want); !same {
		t.Errorf("%s:%d\n got %s\nwant %s", file, line, g, w)
	}
}

// firstDifference returns the number of the first line, from 1, that two texts
// do not share, and what each has there.
func firstDifference(got, want []byte) (line int, g, w string, same bool) {
	if bytes.Equal(got, want) {
		return 0, "", "", true
	}
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for line < len(a) && line < len(b) && bytes.Equal(a[line], b[line]) {
		line++
	}
	return line + 1, lineOrEnd(a, line), lineOrEnd(b, line), false
}

func lineOrEnd(lines [][]byte, i int) string {
	if i < len(lines) {
		return string(lines[i])
	}
	return "(end)"
}
