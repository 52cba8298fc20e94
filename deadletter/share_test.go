package deadletter

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWritersShareOnePath: records of several writers, and of several
// processes (which share nothing but the file), are all there and whole.
func TestWritersShareOnePath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dead.jsonl")
	if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	a := mustOpen(t, Options{Path: path, MaxBytes: 100_000})
	b := mustOpen(t, Options{Path: filepath.Join(dir, "link", "dead.jsonl"), MaxBytes: 100_000})
	if a.f != b.f {
		t.Fatal("two writers of one path do not share the file")
	}
	other := &file{path: path, half: 50_000, log: slog.New(slog.DiscardHandler), now: time.Now}
	if err := other.reopen(); err != nil {
		t.Fatal(err)
	}
	defer other.f.Close()
	const each = 150
	var wg sync.WaitGroup
	for _, append := range []func(...Record) error{a.Append, b.Append, func(r ...Record) error { return other.append(r) }} {
		wg.Go(func() {
			for i := range each {
				r := sample()
				r.Line = strings.Repeat("x", i)
				if err := append(r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lost := a.Stats().RotatedOut + other.rotatedOut.Load()
	if got := int64(len(readPath(t, path))); got+lost != 3*each || lost == 0 {
		t.Errorf("%d records in the files and %d rotated out, want %d together", got, lost, 3*each)
	}
}
