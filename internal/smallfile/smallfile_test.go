//go:build unix

package smallfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := func(path, want string) {
		t.Helper()
		_, err := Read(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	f(file("max", Max), "")
	f(file("large", Max+1), "is larger than 1024 KiB")
	f(file("ten times", 10*Max), "is larger than 1024 KiB")
	f(filepath.Join(dir, "none"), "no such file")
	f(dir, "is a directory")
	f("/dev/zero", ErrNotRegular.Error())
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f(pipe, ErrNotRegular.Error())
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.Symlink(file("small", 3), link)); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(link); err != nil || string(data) != "xxx" {
		t.Errorf("a link: %q, %v", data, err)
	}
}
