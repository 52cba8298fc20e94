package zimbraloki_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/dev/rooms"
)

// maxPackageLines is the size at which a package wants to be two, without tests;
// transform itself, which ties its rooms together, has less.
const (
	maxPackageLines   = 4000
	maxTransformLines = 3000
)

// listImports asks go list for the packages of the module and their imports,
// those of tests too: a test that imports upward would be a cycle in waiting.
func listImports(t *testing.T, env ...string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}}:{{range .Imports}} {{.}}{{end}}", "./...")
	cmd.Env = append(cmd.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		found[pkg] = strings.Fields(imports)
	}
	return found
}

// upward returns the imports that go against the order of the rooms, and the
// packages that have no room.
func upward(imports map[string][]string, order []rooms.Room) (wrong []string) {
	place := map[string]int{}
	for i, r := range order {
		place[rooms.Module+"/"+r.Path] = i
	}
	for pkg, list := range imports {
		from, ok := place[pkg]
		if !ok && pkg != rooms.Module {
			wrong = append(wrong, pkg+" has no room in dev/rooms")
			continue
		}
		for _, imp := range list {
			if to, ours := place[imp]; ours && to <= from {
				wrong = append(wrong, pkg+" imports "+imp+", which stands above it")
			}
		}
	}
	return wrong
}

// TestRepositoryRooms holds the direction of imports: down the list of rooms.
func TestRepositoryRooms(t *testing.T) {
	if testing.Short() {
		t.Skip("lists all packages: not with -short")
	}
	native := listImports(t)
	wasm := listImports(t, "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	for _, imports := range []map[string][]string{native, wasm} {
		for _, w := range upward(imports, rooms.All) {
			t.Error(w)
		}
	}
	for _, r := range rooms.All {
		if path := rooms.Module + "/" + r.Path; native[path] == nil && wasm[path] == nil {
			t.Errorf("dev/rooms has %s, which is no package", r.Path)
		}
	}
}

// TestUpward: an arrow against the order is found.
func TestUpward(t *testing.T) {
	order := []rooms.Room{{Path: "a"}, {Path: "b"}}
	f := func(from, to string, want int) {
		t.Helper()
		imports := map[string][]string{rooms.Module + "/" + from: {rooms.Module + "/" + to, "fmt"}}
		if got := upward(imports, order); len(got) != want {
			t.Errorf("%s → %s: %v", from, to, got)
		}
	}
	f("a", "b", 0)
	f("b", "a", 1)
	f("a", "a", 1)
	f("c", "a", 1)
}

// TestRepositoryPackageSize bounds the packages.
func TestRepositoryPackageSize(t *testing.T) {
	lines := map[string]int{}
	sources(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			i := strings.LastIndexByte(path, '/')
			lines[path[:max(i, 0)]] += strings.Count(string(data), "\n")
		}
	}, ".go")
	for dir, n := range lines {
		limit := maxPackageLines
		if dir == "transform" {
			limit = maxTransformLines
		}
		if n > limit {
			t.Errorf("package %s has %d lines without tests, at most %d", dir, n, limit)
		}
	}
}
