package lokirun

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAppendYAML(t *testing.T) {
	got, err := appendYAML(nil, tree{
		"b": tree{"on": true, "list": []any{tree{"x": 1}, "y"}, "empty": tree{}},
		"a": "quo\"ted: #",
		"c": 1 << 30,
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := `a: "quo\"ted: #"
b:
  empty: {}
  list: [{"x":1},"y"]
  on: true
c: 1073741824
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := appendYAML(nil, tree{"a": tree{"f": func() {}}}, 0); err == nil || !strings.Contains(err.Error(), `key "a": key "f"`) {
		t.Errorf("error %v, want the keys that lead to the function", err)
	}
}

func TestConfigLayers(t *testing.T) {
	o := Options{
		Tenant: "t",
		Limits: map[string]any{"max_line_size": 1, "reject_old_samples": true},
		Config: map[string]any{"limits_config": map[string]any{"max_line_size": 2}, "ingester": map[string]any{"max_chunk_age": "1h"}},
	}
	for range 2 { // twice: merging must not change the options
		c := config(o, "/dir", 1, 2)
		limits := c["limits_config"].(tree)
		if limits["max_line_size"] != 2 || limits["reject_old_samples"] != true || limits["ingestion_rate_mb"] != 512 {
			t.Errorf("limits %v", limits)
		}
		if ing := c["ingester"].(tree); ing["max_chunk_age"] != "1h" || ing["wal"] == nil {
			t.Errorf("ingester %v", ing)
		}
		if c["auth_enabled"] != true {
			t.Error("authentication is off although a tenant is given")
		}
		if o.Limits["max_line_size"] != 1 {
			t.Errorf("the caller's limits were changed: %v", o.Limits)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "loki")
	t.Setenv("PATH", dir)
	t.Setenv(BinEnv, "")
	if _, err := Find(); !errors.Is(err, ErrNoLoki) || !strings.Contains(err.Error(), "quickstart.md") {
		t.Errorf("error %v, want how people get Loki", err)
	}
	t.Setenv(BinEnv, bin)
	if _, err := Find(); err == nil || errors.Is(err, ErrNoLoki) {
		t.Errorf("error %v for a Loki that was named and is not there", err)
	}
	if err := os.WriteFile(bin, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(); err == nil {
		t.Error("no error for a file that is not executable")
	}
	if err := os.Chmod(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	want := Program{Loki, bin}
	if got, err := Find(); got != want || err != nil {
		t.Errorf("Find() = %q, %v; want %q", got, err, want)
	}
	t.Setenv(BinEnv, "")
	if got, err := Find(); got != want || err != nil {
		t.Errorf("Find() on PATH = %q, %v; want %q", got, err, want)
	}
}

func TestEmbeddedOfMake(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(BuildEnv, dir)
	if _, err := Embedded(); err == nil || !strings.Contains(err.Error(), "make cli") {
		t.Errorf("error %v, want advice to run make cli", err)
	}
	bin := filepath.Join(dir, "zimbraloki")
	if err := os.WriteFile(bin, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := Embedded(); got != (Program{Serve, bin}) || err != nil {
		t.Errorf("Embedded() = %q, %v; want %s", got, err, bin)
	}
}

// TestServeHasNoConfiguration: what serve can't keep to is refused before it starts.
func TestServeHasNoConfiguration(t *testing.T) {
	f := func(o Options) {
		t.Helper()
		o.Bin, o.Dir = Program{Serve, "/nowhere"}, t.TempDir()
		if _, err := Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "real Loki") {
			t.Errorf("error %v, want that a real Loki is needed", err)
		}
	}
	f(Options{Tenant: "t"})
	f(Options{Limits: map[string]any{"max_line_size": 1}})
	f(Options{Config: map[string]any{"target": "all"}})
	if _, err := Start(t.Context(), Options{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "Embedded or Find") {
		t.Errorf("error %v without a program", err)
	}
}

func TestModuleRoot(t *testing.T) {
	want, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	// A nested module's go.mod is passed by.
	got, err := moduleRoot(filepath.Join(want, "test", "pushoracle"))
	if err != nil || got != want {
		t.Errorf("moduleRoot = %q, %v; want %q", got, err, want)
	}
	if _, err := moduleRoot(t.TempDir()); err == nil {
		t.Error("a root was found for a folder outside of the module")
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var all strings.Builder
	out := &tail{next: &all}
	for range 3 {
		if _, err := out.Write([]byte(strings.Repeat("x", tailSize-1) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(out.String()); n != tailSize || all.Len() != 3*tailSize {
		t.Errorf("kept %d bytes and passed on %d, want %d and %d", n, all.Len(), tailSize, 3*tailSize)
	}
}
