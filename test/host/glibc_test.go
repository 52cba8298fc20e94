package host_test

import (
	"debug/elf"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// glibcFloor is the newest version of glibc whose symbols the plugin may need:
// that of RHEL 8. Fluent Bit has packages for nothing older that is alive.
var glibcFloor = [2]int{2, 28}

// TestGlibcFloor: the plugin loads wherever Fluent Bit's packages do, although
// it was linked with a newer glibc (plugin/glibc.c).
func TestGlibcFloor(t *testing.T) {
	f, err := elf.Open(plugin(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range symbols {
		var v [2]int
		if _, err := fmt.Sscanf(strings.TrimPrefix(s.Version, "GLIBC_"), "%d.%d", &v[0], &v[1]); err != nil {
			continue // weak, no version
		}
		n++
		if slices.Compare(v[:], glibcFloor[:]) > 0 {
			t.Errorf("%s needs %s: add it to plugin/glibc.c, if only its version has changed", s.Name, s.Version)
		}
	}
	if n < 10 {
		t.Errorf("%d symbols of glibc: the test looks at the wrong file", n)
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	// Before glibc 2.34 some of the functions are in these.
	for _, want := range []string{"libpthread.so.0", "libresolv.so.2", "libc.so.6"} {
		if !slices.Contains(libraries, want) {
			t.Errorf("the plugin names %v, without %s", libraries, want)
		}
	}
}
