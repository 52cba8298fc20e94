package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFolderFull: a full disk is ErrNoSpace wherever it shows, what is there
// stays, and with space there is a next time.
func TestFolderFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no tmpfs of 1 MiB can be mounted, which needs root: %v", err)
	}
	defer syscall.Unmount(dir, 0)
	b, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx := t.Context()
	commit(t, begin(t, b.Create, "1/a", noise(100)), noise(100))
	w, err := b.Create(ctx, "1/b")
	if err != nil {
		t.Fatal(err)
	}
	n, err := w.Write(noise(2 << 20))
	wantError(t, "write", err, ErrNoSpace)
	if n >= 2<<20 {
		t.Errorf("wrote %d bytes", n)
	}
	_, err = w.Commit(ctx)
	wantError(t, "commit", err, ErrNoSpace)
	wantError(t, "check", b.Check(ctx), ErrNoSpace)
	w.Abort()
	if err := b.Check(ctx); err != nil {
		t.Errorf("after the abort: %v", err)
	}
	a, err := b.Append(ctx, "1/c")
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Write(noise(2 << 20))
	wantError(t, "append", err, ErrNoSpace)
	wantError(t, "suspend", a.Suspend(ctx), ErrNoSpace)
	if n, err := b.Pending(ctx, "1/c"); n != 0 || err != nil {
		t.Errorf("pending %d, %v", n, err)
	}
	if err := b.Forget(ctx, "1/c"); err != nil {
		t.Error(err)
	}
	u, err := b.Free(ctx)
	if err != nil || u.Total != 1<<20 || u.Free < u.Total/2 {
		t.Errorf("%+v %v", u, err)
	}
	if got := keys(t, b, ""); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestFolderModes: nobody else reads; a link does not lead out.
func TestFolderModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	b, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	commit(t, begin(t, b.Create, "1/a", noise(9)), noise(9))
	if err := begin(t, b.Append, "1/b", noise(9)).Suspend(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || n < 5 {
		t.Errorf("%d files, %v", n, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "..", "outside"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"link", "1/link"} {
		if err := os.Symlink(filepath.Join(dir, "..", "outside"), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Open(t.Context(), link); err == nil {
			t.Errorf("%s leads out", link)
		}
	}
	if got := keys(t, b, ""); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestSpaceError: the names of the system for a full disk.
func TestSpaceError(t *testing.T) {
	f := func(err error, want bool) {
		t.Helper()
		if got := errors.Is(spaceError(err), ErrNoSpace); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
	f(&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, true)
	f(syscall.EDQUOT, true)
	f(syscall.EIO, false)
	f(nil, false)
}
