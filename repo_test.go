// Package zimbraloki_test holds the rules of the repository that a machine can
// check.
package zimbraloki_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxFileLines is the length at which a file wants to be two.
const maxFileLines = 400

// sources calls f with each file of the repository that has one of the
// endings, the path relative to the root.
func sources(t *testing.T, f func(path string, data []byte), endings ...string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (path == "build" || path == ".git" || path == "dist" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		for _, e := range endings {
			if !d.IsDir() && strings.HasSuffix(path, e) {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				n++
				f(path, data)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatalf("no file ends in %v: the test looks in the wrong place", endings)
	}
}

func TestRepositoryFileLength(t *testing.T) {
	sources(t, func(path string, data []byte) {
		if n := bytes.Count(data, []byte("\n")); n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d", path, n, maxFileLines)
		}
	}, ".go", ".c", ".h")
}

// TestRepositoryCgo keeps the C world in one file, so that all else builds and
// is tested without a C compiler.
func TestRepositoryCgo(t *testing.T) {
	sources(t, func(path string, data []byte) {
		for _, imp := range imports(t, path, data) {
			if imp == "C" && path != "plugin/main.go" {
				t.Errorf("%s imports C; only plugin/main.go may", path)
			}
		}
	}, ".go")
}

func imports(t *testing.T, path string, data []byte) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, data, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range f.Imports {
		list = append(list, strings.Trim(i.Path.Value, `"`))
	}
	return list
}

// banned are imports that are wrong in the plugin's own code, with the reason.
var banned = []struct{ prefix, except, why string }{
	{"log", "", "errors go through log/slog, which the host's format is set on"},
	{"github.com/gogo/", "", "the push message is written by hand; gogo is unmaintained"},
	{"github.com/grafana/loki/", "test/", "Loki's own packages serve as oracles in tests only"},
	{"github.com/grafana/loki-client-go/loki", "", "its client returns before Loki has the data (docs/decisions)"},
	{"net/http/pprof", "", "registers itself on the default mux of whoever loads it"},
}

func TestRepositoryImports(t *testing.T) {
	sources(t, func(path string, data []byte) {
		for _, imp := range imports(t, path, data) {
			for _, b := range banned {
				whole := imp == b.prefix
				if strings.HasSuffix(b.prefix, "/") {
					whole = strings.HasPrefix(imp, b.prefix) && !strings.HasPrefix(imp, "github.com/grafana/loki/v3")
				}
				if whole && (b.except == "" || !strings.HasPrefix(path, b.except)) {
					t.Errorf("%s imports %s: %s", path, imp, b.why)
				}
			}
		}
	}, ".go")
}

// TestRepositoryPluginImports keeps what only the command line needs out of the
// plugin, which is loaded into somebody else's process.
func TestRepositoryPluginImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./pipeline").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, bad := range []string{"/zimbraloki/logs", "/zimbraloki/cli", "/xz", "vbauerster", "spf13", "archive/zip"} {
			if strings.Contains(dep, bad) {
				t.Errorf("the plugin would link %s", dep)
			}
		}
	}
}

// TestRepositoryCommandImports keeps commands apart: what two of them need is a
// package of its own. Tests, and package cli, may bring them together.
func TestRepositoryCommandImports(t *testing.T) {
	const commands = "github.com/zimbraloki/zimbraloki/cli/"
	shared := map[string]bool{"flags": true, "say": true}
	sources(t, func(path string, data []byte) {
		folder, in := strings.CutPrefix(path, "cli/")
		if !in || strings.HasSuffix(path, "_test.go") || !strings.Contains(folder, "/") {
			return
		}
		own, _, _ := strings.Cut(folder, "/")
		for _, imp := range imports(t, path, data) {
			other, ok := strings.CutPrefix(imp, commands)
			other, _, _ = strings.Cut(other, "/")
			if ok && other != own && !shared[other] {
				t.Errorf("%s imports %s, another command", path, imp)
			}
		}
	}, ".go")
}

// TestRepositoryPackageComments wants one comment a package that says what it
// is for, and a comment on what it exports.
func TestRepositoryPackageComments(t *testing.T) {
	described, dirs := map[string]bool{}, map[string]string{}
	sources(t, func(path string, data []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, data, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(path)
		dirs[dir] = path
		if f.Doc != nil && (strings.HasPrefix(f.Doc.Text(), "Package "+f.Name.Name) || strings.HasPrefix(f.Doc.Text(), "Command ")) {
			described[dir] = true
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.IsExported() && fn.Doc == nil && exportedReceiver(fn) {
				t.Errorf("%s: %s has no comment", path, fn.Name.Name)
			}
		}
	}, ".go")
	for dir := range dirs {
		if !described[dir] {
			t.Errorf("package %s has no comment that says what it is for", dir)
		}
	}
}

// exportedReceiver reports whether a function can be reached from outside; the
// methods of a sort or an interface on an unexported type need no comment.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	e := fn.Recv.List[0].Type
	if s, ok := e.(*ast.StarExpr); ok {
		e = s.X
	}
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

// TestRepositoryMachinePaths keeps out what only one machine has.
func TestRepositoryMachinePaths(t *testing.T) {
	bad := regexp.MustCompile(`(^|[^A-Za-z0-9_"}])/(work|root|home/[a-z]+)/[a-z]|proxy\.golang\.org|registry\.npmjs|deb\.debian\.org`)
	sources(t, func(path string, data []byte) {
		if path == "repo_test.go" {
			return
		}
		for i, line := range strings.Split(string(data), "\n") {
			if m := bad.FindString(line); m != "" {
				t.Errorf("%s:%d names %q", path, i+1, m)
			}
		}
	}, ".go", ".c", ".h", ".md", ".yaml", ".yml", ".conf", ".sh", "Makefile", ".json", "go.mod")
}

// TestRepositoryGenerated wants the generated documents as the code makes them.
func TestRepositoryGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("writes the documentation anew: not with -short")
	}
	out, err := exec.Command("go", "run", "./dev/gen", "-check").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
