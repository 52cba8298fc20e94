// Package licences reads which licences a module's packages stand under. Its
// test holds that every module of the repository needs permissive ones only: it
// lives here, among the tools, so that the plugin requires no reader of licences.
package licences

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// permissive are the licences that ask for no more than a notice, by SPDX name.
var permissive = map[string]bool{
	"0BSD": true, "Apache-2.0": true, "BSD-2-Clause": true, "BSD-3-Clause": true, "BSD-2-Clause-FreeBSD": true, "BSD-2-Clause-NetBSD": true, "BSD-3-Clause-Clear": true,
	"BSL-1.0": true, "BlueOak-1.0.0": true, "CC0-1.0": true, "ISC": true, "MIT": true, "MIT-0": true, "Unlicense": true, "Zlib": true,
	"GooglePatentClause": true, "GooglePatentsFile": true, // go's own, beside its BSD-3-Clause
}

// copyleft are modules whose licence would bind what is linked with them, or
// whose code they hold: a name ends a search before a file is read. Those below
// a path are meant too, but for free.
var copyleft = []string{
	"github.com/grafana/loki", "github.com/grafana/grafana", "github.com/grafana/mimir", "github.com/grafana/tempo",
	"github.com/grafana/pyroscope", "github.com/grafana/phlare", "github.com/grafana/oncall", "github.com/grafana/k6", "go.k6.io/k6",
	"github.com/minio/minio", "github.com/minio/mc", "github.com/minio/console", "github.com/openobserve/openobserve",
	"github.com/parseablehq/parseable", "github.com/quickwit-oss/quickwit", "github.com/mattermost/mattermost",
}

// free are modules below those of copyleft that have a licence of their own.
var free = map[string]string{
	"github.com/grafana/loki/pkg/push": "Apache-2.0: the messages of a push, the oracle of ours",
}

// Named returns the modules of a list that are of copyleft.
func Named(modules []string) (found []string) {
	for _, m := range modules {
		if free[m] != "" {
			continue
		}
		if slices.ContainsFunc(copyleft, func(c string) bool { return m == c || strings.HasPrefix(m, c+"/") }) {
			found = append(found, m)
		}
	}
	return found
}

// minCover is the part of a licence file, in percent, that must be text of
// licences that are known.
const minCover = 70

// Read returns the licences of a file by SPDX name. One that is unknown for the
// most part is an error.
func Read(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	cover := licensecheck.Scan(text)
	ids := map[string]bool{}
	for _, m := range cover.Match {
		ids[m.ID] = true
	}
	// A short text that names a licence has not much of it.
	if known := slices.Sorted(maps.Keys(ids)); len(known) > 0 && (cover.Percent >= minCover || !allPermissive(known)) {
		return known, nil
	}
	return nil, fmt.Errorf("is a known licence to %.0f %%", cover.Percent)
}

func allPermissive(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !permissive[id] })
}

// isLicence tells the names of files that hold a licence.
func isLicence(name string) bool {
	name = strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(name, ".md"), ".txt"))
	for _, begin := range []string{"LICENSE", "LICENCE", "COPYING", "UNLICENSE"} {
		if strings.HasPrefix(name, begin) {
			return path.Ext(name) != ".GO"
		}
	}
	return false
}

// Package is where a package of another module lies.
type Package struct {
	Module, Root, Dir string
}

// Packages lists what the packages of a module, their tests and its tools need
// of other modules. Env is added to the environment.
func Packages(dir string, env []string, patterns ...string) ([]Package, error) {
	const format = "{{if and .Module (not .Module.Main)}}{{.Module.Path}}\t{{.Module.Dir}}\t{{.Dir}}{{end}}"
	out, err := goCommand(dir, env, append([]string{"list", "-deps", "-test", "-f", format}, patterns...)...)
	if err != nil {
		return nil, err
	}
	var list []Package
	for line := range strings.Lines(out) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			list = append(list, Package{f[0], f[1], f[2]})
		}
	}
	return list, nil
}

// Modules lists the names of all modules that the module of a folder can see,
// needed or not. Without those of go list, which may want a network, go.sum has
// the names of what was ever looked at.
func Modules(dir string) ([]string, error) {
	names := map[string]bool{}
	if out, err := goCommand(dir, nil, "list", "-m", "-f", "{{.Path}}", "all"); err == nil {
		for line := range strings.Lines(out) {
			names[strings.TrimSpace(line)] = true
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil && (file == "go.mod" || !errors.Is(err, os.ErrNotExist)) {
			return nil, err
		}
		for line := range bytes.Lines(text) {
			for _, word := range bytes.Fields(line) {
				if bytes.Contains(word, []byte("/")) {
					names[strings.Trim(string(word), `"`)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func goCommand(dir string, env []string, args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go %s in %s: %w\n%s", strings.Join(args, " "), dir, err, stderr.String())
	}
	return string(out), nil
}

// Check returns what is wrong with the licences of packages: a file that is not
// permissive, or none at all, from a package's folder up to its module's. A file
// that let is true of, as module/file, is let be.
func Check(list []Package, let func(file string) bool) (wrong []string) {
	seen := map[string]bool{}
	has := map[string]bool{}
	roots := map[string]string{}
	for _, p := range list {
		roots[p.Module] = p.Root
		for dir := p.Dir; ; dir = filepath.Dir(dir) {
			if !seen[dir] {
				seen[dir] = true
				for _, file := range licenceFiles(dir) {
					has[p.Module] = true
					name := p.Module + filepath.ToSlash(strings.TrimPrefix(file, p.Root))
					if fault := checkFile(file); fault != "" && !let(name) {
						wrong = append(wrong, name+" "+fault)
					}
				}
			}
			if dir == p.Root || len(dir) <= len(p.Root) {
				break
			}
		}
	}
	for _, m := range slices.Sorted(maps.Keys(roots)) {
		if !has[m] {
			wrong = append(wrong, fmt.Sprintf("%s: no file of a licence in %s", m, roots[m]))
		}
	}
	return wrong
}

// licenceFiles are those of one folder.
func licenceFiles(dir string) (files []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // then the module has no licence, which is said
	}
	for _, e := range entries {
		if !e.IsDir() && isLicence(e.Name()) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// checkFile says what is wrong with a licence file.
func checkFile(file string) string {
	ids, err := Read(file)
	if err != nil {
		return err.Error()
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return permissive[id] })
	if len(ids) == 0 {
		return ""
	}
	return "is " + strings.Join(ids, ", ")
}
