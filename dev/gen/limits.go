package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
)

// limit is one row of docs/limits.md.
type limit struct {
	what   string
	from   string // folder:constant, the value is read there
	unit   string // "bytes" and "time" are written for people
	beyond string // what happens
	change string // where it can be changed; "" if nowhere
	test   string // folder:test that goes beyond it, ten times if that is possible
}

type limitSection struct {
	title string
	rows  []limit
}

// limitsMarkdown writes docs/limits.md.
func limitsMarkdown(root string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(limitsText)
	values := map[string]map[string]constant.Value{}
	for _, s := range limitSections {
		fmt.Fprintf(&b, "\n## %s\n\n| what | limit | beyond it | changed by | tried by |\n|---|---|---|---|---|\n", s.title)
		for _, l := range s.rows {
			value, err := l.value(root, values)
			if err != nil {
				return nil, err
			}
			dir, test, _ := strings.Cut(l.test, ":")
			if err := hasTest(filepath.Join(root, dir), test); err != nil {
				return nil, err
			}
			change := l.change
			if change == "" {
				change = "–"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | `%s` %s |\n", l.what, value, l.beyond, change, dir, test)
		}
	}
	return b.Bytes(), nil
}

// value reads the constant and writes it for people.
func (l *limit) value(root string, known map[string]map[string]constant.Value) (string, error) {
	dir, name, _ := strings.Cut(l.from, ":")
	if dir == "property" {
		f, ok := config.Lookup(name)
		if !ok {
			return "", fmt.Errorf("limit %q: no property %s", l.what, name)
		}
		return f.Default + " " + l.unit, nil
	}
	if known[dir] == nil {
		var err error
		if known[dir], err = constants(filepath.Join(root, dir)); err != nil {
			return "", err
		}
	}
	v := known[dir][name]
	if v == nil {
		return "", fmt.Errorf("limit %q: no constant %s in %s", l.what, name, dir)
	}
	n, ok := constant.Int64Val(constant.ToInt(v))
	if !ok {
		return "", fmt.Errorf("limit %q: %s is %s, no whole number", l.what, name, v)
	}
	switch l.unit {
	case "bytes":
		return sizeText(n), nil
	case "time":
		return strings.TrimSuffix(strings.TrimSuffix(time.Duration(n).String(), "0s"), "0m"), nil
	}
	return fmt.Sprintf("%s %s", numberText(n), l.unit), nil
}

func sizeText(n int64) string {
	for _, u := range []struct {
		name  string
		shift uint
	}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}} {
		if n >= 1<<u.shift && n%(1<<u.shift) == 0 {
			return fmt.Sprintf("%d %s", n>>u.shift, u.name)
		}
	}
	return numberText(n) + " bytes"
}

func numberText(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// constants evaluates the constants of a package, also those that it does not
// export. Of other packages it knows the units of time alone; what needs more is
// left out.
func constants(dir string) (map[string]constant.Value, error) {
	fset := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no Go files in %s", dir)
	}
	conf := types.Config{Importer: timeOnly{}, Error: func(error) {}, IgnoreFuncBodies: true, FakeImportC: true}
	pkg, _ := conf.Check(files[0].Name.Name, fset, files, nil) //nolint:errcheck // imports are missing, constants are there
	found := map[string]constant.Value{}
	for _, name := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok && c.Val().Kind() != constant.Unknown {
			found[name] = c.Val()
		}
	}
	return found, nil
}

// timeOnly imports a package time that has units, and other packages empty.
type timeOnly struct{}

// Import implements types.Importer.
func (timeOnly) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	if path == "time" {
		for name, d := range map[string]time.Duration{"Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute, "Hour": time.Hour} {
			p.Scope().Insert(types.NewConst(token.NoPos, p, name, types.Typ[types.Int64], constant.MakeInt64(int64(d))))
		}
	}
	p.MarkComplete()
	return p, nil
}

// hasTest makes sure that a test is there.
func hasTest(dir, name string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return err
	}
	is := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if is.Match(text) {
			return nil
		}
	}
	return fmt.Errorf("docs/limits.md: no test %s in %s", name, dir)
}
