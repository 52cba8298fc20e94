package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGenerated wants the committed files as the code makes them.
func TestGenerated(t *testing.T) {
	files, err := files()
	if err != nil {
		t.Fatal(err)
	}
	if err := compare("..", files); err != nil {
		t.Error(err)
	}
}

func TestCompareFindsEachDifference(t *testing.T) {
	root := t.TempDir()
	files := map[string][]byte{dashboards + "/a.json": []byte("{}"), "docs/alerts.md": []byte("# Alerts\n")}
	if err := write(root, files); err != nil {
		t.Fatal(err)
	}
	if err := compare(root, files); err != nil {
		t.Error(err)
	}
	f := func(path, text, want string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := compare(root, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s changed: error %v, want %q", path, err, want)
		}
	}
	f("docs/alerts.md", "# Other\n", "docs/alerts.md is not as the code makes it")
	f(dashboards+"/old.json", "{}", "old.json is made by no code")
}
