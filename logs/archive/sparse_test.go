package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sparse is a tar with a member of size bytes, of which the first are text and
// all others a hole, as GNU tar writes it with -S.
func sparse(t *testing.T, text string, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: "mailbox.log", Size: int64(len(text)), Mode: 0o600, Format: tar.FormatGNU})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := b.Bytes()[:512]
	h[156] = tar.TypeGNUSparse
	copy(h[257:], "ustar  \x00")
	copy(h[386:], fmt.Sprintf("%011o\x00%011o\x00%011o\x00%011o\x00", 0, len(text), size, 0))
	copy(h[483:], fmt.Sprintf("%011o\x00", size))
	copy(h[148:], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b.Bytes()
}

// TestSparse: a hole in a sparse member counts against the ratio, as it costs
// what data costs.
func TestSparse(t *testing.T) {
	text := strings.Repeat("Aug  2 16:49:04 mail1 x: a line\n", 300)
	f := func(size int64, want string) {
		t.Helper()
		name := filepath.Join(t.TempDir(), "a.tar")
		if err := os.WriteFile(name, sparse(t, text, size), 0o600); err != nil {
			t.Fatal(err)
		}
		limit, read := "", int64(0)
		set, err := Find(t.Context(), []string{name}, Options{Limits: Limits{Ratio: 200}, TmpDir: t.TempDir(), Notice: func(n Notice) { limit += n.Limit }})
		if err != nil {
			t.Fatal(err)
		}
		defer set.Close() //nolint:errcheck // read only
		for _, file := range set.Files() {
			read += file.Stored
		}
		if limit != want || want == "" && read != size {
			t.Errorf("%d bytes: limit %q after %d, want %q", size, limit, read, want)
		}
	}
	f(1<<20, "")
	f(256<<20, "unpacks to more than 200 times its size")
}
