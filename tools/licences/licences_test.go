package licences

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// known are the files that may stay though they are not permissive, or though
// the reader does not know them, with the reason.
var known = map[string]string{
	"github.com/golang/freetype/LICENSE":               "the reader's choice of the FreeType License, which is permissive, and the GPL: the first is chosen; docs/ask.md has the credit that it asks for",
	"modernc.org/libc/LICENSE-3RD-PARTY.md":            "a collection: Go (BSD-3-Clause), musl, go-netdb and nixpkgs (MIT)",
	"modernc.org/memory/LICENSE-LOGO":                  "the address of a picture, which no program holds",
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md":          "a collection: what is linked is MIT, BSD-3-Clause or public domain; the MPL-2.0 is of golang-lru, which it says is in the module graph and compiled into nothing",
	"modernc.org/sqlite/LICENSE-SQLITE":                "SQLite's dedication to the public domain",
	"github.com/opencontainers/go-digest/LICENSE.docs": "CC-BY-SA-4.0, of its documentation, which no program holds; its code has LICENSE",
}

// goMods are the folders of all modules of the repository.
func goMods(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "build", "dist", "node_modules", "testdata"}, d.Name()):
			return fs.SkipDir
		case d.Name() == "go.mod":
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// TestModules: no module of the repository needs another that is not permissive.
func TestModules(t *testing.T) {
	if testing.Short() {
		t.Skip("lists the packages of all modules: not with -short")
	}
	dirs := goMods(t)
	if len(dirs) < 7 {
		t.Fatalf("modules %q: some are not found", dirs)
	}
	used := map[string]bool{}
	let := func(file string) bool {
		used[file] = true
		return known[file] != ""
	}
	for _, dir := range dirs {
		list, err := Packages(dir, nil, "./...", "tool")
		if err != nil {
			t.Fatal(err)
		}
		if dir == filepath.Join("..", "..") {
			wasm, err := Packages(dir, []string{"GOOS=wasip1", "GOARCH=wasm"}, "./filter/wasm")
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, wasm...)
		}
		list = slices.DeleteFunc(list, func(p Package) bool { return ours(p.Module) })
		for _, w := range Check(list, let) {
			t.Errorf("%s needs %s", dir, w)
		}
		names, err := Modules(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range Named(names) {
			t.Errorf("%s: %s is of no permissive licence and must not be among its modules", dir, m)
		}
		t.Logf("%s: %d packages of others, %d modules in sight", dir, len(list), len(names))
	}
	for file := range known {
		if !used[file] {
			t.Errorf("%s is let be and nothing needs it", file)
		}
	}
}

// ours tells the modules of the repository.
func ours(module string) bool {
	const root = "github.com/zimbraloki/zimbraloki"
	return module == root || strings.HasPrefix(module, root+"/")
}

// affero is the notice that the AGPL wants in a program.
const affero = `This program is free software: you can redistribute it and/or modify
it under the terms of the GNU Affero General Public License as published by
the Free Software Foundation, either version 3 of the License, or
(at your option) any later version.

This program is distributed in the hope that it will be useful,
but WITHOUT ANY WARRANTY; without even the implied warranty of
MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the
GNU Affero General Public License for more details.
`

const isc = `Copyright (c) 2026 Example

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

// plant makes a module that imports a package of another, whose files are given.
func plant(t *testing.T, module string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"go.mod":           "module example.com/main\n\ngo 1.26\n\nrequire " + module + " v3.0.0\n\nreplace " + module + " => ./other\n",
		"main.go":          "package main\n\nimport _ \"" + module + "/part\"\n\nfunc main() {}\n",
		"other/go.mod":     "module " + module + "\n\ngo 1.26\n",
		"other/part/go.go": "package part\n",
	}
	for name, text := range files {
		all["other/"+name] = text
	}
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestPlanted: what TestModules is there to find is found.
func TestPlanted(t *testing.T) {
	f := func(want, module string, files map[string]string) {
		t.Helper()
		dir := plant(t, module, files)
		list, err := Packages(dir, nil, "./...")
		if err != nil || len(list) != 1 {
			t.Fatalf("packages %v, error %v, want one", list, err)
		}
		names, err := Modules(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range append(Check(list, func(string) bool { return false }), Named(names)...) {
			got = append(got, strings.ReplaceAll(w, dir+string(filepath.Separator), ""))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
	}
	const m = "example.com/other/v3"
	f("", m, map[string]string{"LICENSE": isc})
	f(m+"/LICENSE is AGPL-3.0-or-later", m, map[string]string{"LICENSE": affero})
	f(m+"/COPYING.txt is AGPL-3.0-or-later", m, map[string]string{"COPYING.txt": affero, "LICENSE": isc})
	f(m+"/part/LICENSE.md is AGPL-3.0-or-later", m, map[string]string{"part/LICENSE.md": affero, "LICENSE": isc})
	f(m+"/LICENSE is AGPL-3.0-or-later", m, map[string]string{"LICENSE": isc + "\n" + affero})
	f(m+"/LICENSE is a known licence to 0 %", m, map[string]string{"LICENSE": "Ask the author.\n"})
	f(m+": no file of a licence in other", m, nil)
	f("github.com/grafana/loki/v3", "github.com/grafana/loki/v3", map[string]string{"LICENSE": isc})
}

func TestNamed(t *testing.T) {
	f := func(module string, want bool) {
		t.Helper()
		if got := len(Named([]string{module})) == 1; got != want {
			t.Errorf("%s: copyleft %v, want %v", module, got, want)
		}
	}
	f("github.com/grafana/loki", true)
	f("github.com/grafana/loki/v3", true)
	f("github.com/grafana/loki/pkg/push", false)
	f("github.com/grafana/loki-client-go", false)
	f("github.com/grafana/grafana-foundation-sdk/go", false)
	f("github.com/grafana/grafana/pkg/promlib", true)
}
