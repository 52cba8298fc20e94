package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli"
)

// TestMan: two runs of one date write the same pages, one for each command.
func TestMan(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	var first []byte
	for range 2 {
		dir := t.TempDir()
		if err := manPages(dir); err != nil {
			t.Fatal(err)
		}
		for _, c := range cli.Command().Commands() {
			if c.Hidden {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "zimbraloki-"+c.Name()+".1")); err != nil {
				t.Error(err)
			}
		}
		page, err := os.ReadFile(filepath.Join(dir, "zimbraloki-explain.1"))
		if err != nil || !bytes.Contains(page, []byte(`"Sep 2026"`)) {
			t.Errorf("%v\n%s", err, page)
		}
		if first != nil && !bytes.Equal(page, first) {
			t.Error("two runs write two pages")
		}
		first = page
	}
	t.Setenv("SOURCE_DATE_EPOCH", "today")
	if err := manPages(t.TempDir()); err == nil || !strings.Contains(err.Error(), `"today"`) {
		t.Errorf("error %v", err)
	}
}
