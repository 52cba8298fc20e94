package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPseudonymizeKey(t *testing.T) {
	dir := t.TempDir()
	f := func(text, want string) {
		t.Helper()
		path := filepath.Join(dir, "key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Parse(section("pseudonymize on\npseudonymize_key_file " + path + "\ndead_letter_path off"))
		if err != nil {
			if want == "" || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if got := cfg.PseudonymizeKey.Reveal(); want != "" || got != strings.TrimSpace(text) {
			t.Errorf("%q: key %q, want error %q", text, got, want)
		}
	}
	f("0123456789abcdef\n", "")
	f(" 0123456789abcde \n", "openssl rand")
	f("", "at least 16")
	if _, err := Parse(section("pseudonymize on\npseudonymize_key_file " + dir + "/none\ndead_letter_path off")); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Error(err)
	}
}
