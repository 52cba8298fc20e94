package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestZipDirectory: the directory of a zip is not read further than its limit
// needs, whatever the zip says of its length: by many entries or by long ones.
func TestZipDirectory(t *testing.T) {
	f := func(entries, comment int, limit int, want string) {
		t.Helper()
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		rest := strings.Repeat("c", comment)
		for n := range entries {
			if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("%x.log", n), Comment: rest, Method: zip.Store}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		put(t, dir, "many.zip", b.Bytes())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, notices := find(t, dir, Options{Limits: Limits{Entries: limit}})
		runtime.ReadMemStats(&after)
		if got := strings.Join(notices, "; "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%d entries with %d bytes: %q, want %q", entries, comment, got, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
			t.Errorf("%d entries with %d bytes: %d MiB were allocated", entries, comment, n>>20)
		}
	}
	const many = "holds more than 100 files"
	f(90, 0, 100, "")
	f(101, 0, 100, many)
	f(100_000, 0, 100, many)
	f(5_000, 0, 5_000, "")
	f(5_000, 0, 100, many)
	f(90, 10_000, 100, "")
	f(300, 60_000, 100, many) // 18 MB of comments
}

// TestLeftOut: what is not read counts all the same, since all of it is told; and
// a name can be no longer than a file's.
func TestLeftOut(t *testing.T) {
	f := func(n int, h tar.Header, want string, told int) {
		t.Helper()
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for i := range n {
			h := h
			h.Name += fmt.Sprint(i)
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		put(t, dir, "x.tar", b.Bytes())
		_, notices := find(t, dir, Options{Limits: Limits{Entries: 100}})
		if all := strings.Join(notices, "; "); len(notices) != told || !strings.Contains(all, want) || len(all) > 20_000 {
			t.Errorf("%d of %.20s: %d notices, %.200q; want %d with %q", n, h.Name, len(notices), all, told, want)
		}
	}
	link := tar.Header{Name: "mailbox.log.", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}
	f(3, link, "is a link or a device", 3)
	f(5_000, link, "holds more than 100 files", 101)
	f(5_000, tar.Header{Name: "opt/", Typeflag: tar.TypeDir}, "", 0)
	long := tar.Header{Name: strings.Repeat("a/", maxName/2), Typeflag: tar.TypeReg}
	f(1, long, "a/a/…: has a name of more than 4096 bytes", 1)
	f(1000, long, "holds more than 100 files", 101)
}
