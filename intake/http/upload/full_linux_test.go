package upload

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestFull: a full disk is 507 by each way, costs nothing, and is over when there
// is room again.
func TestFull(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("no tmpfs of 2 MiB can be mounted, which needs root: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	blobs, err := files.OpenFolder(disk)
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	f := start(t, func(o *Options, _ *tickets.Rules) { o.Blobs = blobs })
	token := f.ticket("1", 3)
	post := func(n int) reply {
		kind, data := "", noise(n)
		data, kind = formOf(t, "a", data)
		return f.do("POST", PathArchives, bytes.NewReader(data), "Upload-Token", token, "Content-Type", kind, "Expect", "100-continue")
	}
	const full = `{"detail":"there is no room left on the server; the attempt was not spent, try again later"}`
	post(3<<20).want(t, 507, full)
	f.wantAttempts("1", 3)
	f.wantNothing("1")
	path := f.mustCreate(token, 3<<20, "")
	f.patch(path, 0, bytes.NewReader(noise(3<<20))).want(t, 507, "")
	f.wantOffset(path, 0)
	f.patch(path, 0, bytes.NewReader(noise(1<<20))).want(t, 204, "")
	f.patch(path, 1<<20, bytes.NewReader(noise(3 << 20)[1<<20:])).want(t, 507, "")
	f.wantOffset(path, 1<<20)
	f.do("DELETE", path, nil, "Tus-Resumable", "1.0.0").want(t, 204, "")
	f.wantAttempts("1", 3)
	post(1<<20).want(t, 201, "")
	f.wantArchive("1", "a", noise(1<<20))
}
