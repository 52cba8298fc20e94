package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata" // the tests must not depend on the machine's zones

	"github.com/zimbraloki/zimbraloki/internal/golden"
)

// section reads "key value" lines and looks keys up as Fluent Bit does: in any
// case, the first of several.
func section(text string) func(string) string {
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(line, " ")
		key = strings.ToLower(key)
		if _, ok := values[key]; !ok {
			values[key] = strings.TrimSpace(value)
		}
	}
	return func(key string) string { return values[strings.ToLower(key)] }
}

func testHost() (string, error) { return "mbs1.example.com", nil }

// eachFile runs f for every file of the pattern, and fails if there is none.
func eachFile(t *testing.T, pattern string, f func(t *testing.T, path, text string)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files for %q (%v)", pattern, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f(t, path, string(b))
		})
	}
}

func TestGoodGolden(t *testing.T) {
	eachFile(t, "testdata/good/*.conf", func(t *testing.T, path, text string) {
		cfg, err := parse(section(text), testHost)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		b.WriteString(cfg.String() + "\n")
		for _, w := range cfg.Warnings {
			b.WriteString("warning: " + w + "\n")
		}
		golden.Compare(t, strings.TrimSuffix(path, ".conf")+".golden", []byte(b.String()))
		for _, secret := range []string{"correct horse", "s3cret", "sesame"} {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%q shows", secret)
			}
		}
	})
}

func TestBadGolden(t *testing.T) {
	eachFile(t, "testdata/bad/*.conf", func(t *testing.T, path, text string) {
		cfg, err := parse(section(text), testHost)
		if err == nil {
			t.Fatalf("no error; read as %s", cfg)
		}
		golden.Compare(t, strings.TrimSuffix(path, ".conf")+".golden", []byte(err.Error()+"\n"))
		if strings.Contains(err.Error(), "hunter2") {
			t.Error("the error shows a secret")
		}
	})
}
