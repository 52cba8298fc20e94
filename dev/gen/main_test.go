package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFresh fails if a generated document is not what the code makes of it.
func TestFresh(t *testing.T) {
	if err := run(true); err != nil {
		t.Error(err)
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docs", "new.md")
	text := []byte("text\n")
	if err := update(path, text, true); err == nil {
		t.Error("a missing document is not stale")
	}
	if err := update(path, text, false); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != string(text) {
		t.Errorf("%q, %v", b, err)
	}
	if err := update(path, text, true); err != nil {
		t.Error(err)
	}
	if err := update(path, []byte("changed\n"), true); err == nil {
		t.Error("an old document is not stale")
	}
}
