package check

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/internal/golden"
)

// users are configurations with the traits of those that people publish: of
// charts, of Docker, of other outputs, with scripts, includes and parsers, and
// files that are none of Fluent Bit's.
const users = "testdata/users"

// TestGoldenUsers: what is said of each of them, and no more.
func TestGoldenUsers(t *testing.T) {
	var got bytes.Buffer
	files, err := filepath.Glob(users + "/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if filepath.Ext(file) == ".inc" {
			continue
		}
		n++
		fmt.Fprintf(&got, "== %s\n", filepath.Base(file))
		// As one checks them who has them from elsewhere.
		for _, f := range File(file, Options{Env: noEnv}) {
			fmt.Fprintln(&got, strings.ReplaceAll(f.String(), users+"/", ""))
		}
	}
	if n < 20 {
		t.Errorf("only %d configurations", n)
	}
	golden.Compare(t, users+"/findings.golden", got.Bytes())
}

// TestText: what comes from standard input is told by its first line, and is
// checked as a file of the same text.
func TestText(t *testing.T) {
	f := func(text string) {
		t.Helper()
		for _, f := range Text("-", []byte(text), Options{Env: noEnv}) {
			t.Errorf("%s", &f)
		}
	}
	f(sound)
	f("\ufeff" + sound)
	f("# a comment\n\n" + sound)
	f(strings.NewReplacer("    Plugins_File      plugins.conf\n", "", "@INCLUDE inputs/*.conf\n", "@INCLUDE "+put(t, t.TempDir(), "in.conf", classicInput)+"\n").Replace(classic) +
		"[PLUGINS]\n    Path /usr/lib/zimbraloki/zimbraloki.so\n")
	if found := Text("-", []byte("[INPUT]\n    Name cpu\n"), Options{Env: noEnv}); len(found) != 1 || found[0].Rule != "no-output" || found[0].File != "-" {
		t.Errorf("%v", found)
	}
}

// TestNoConfiguration: one sentence for a file that is none, and nothing of it.
func TestNoConfiguration(t *testing.T) {
	elf, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(elf)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name, text, want string) {
		t.Helper()
		found := checkText(t, name, text)
		if len(found) != 1 || found[0].Severity != "error" || found[0].Rule != "read" || !strings.Contains(found[0].What, want) || len(found[0].String()) > 500 {
			t.Errorf("%s: %d findings, want %q: %.500s", name, len(found), want, fmt.Sprint(found))
		}
	}
	f("program.conf", string(program[:1000]), "a program or shared object")
	f("packed.conf", "\x1f\x8b\x08\x00\x00\x00\xff", "gzip")
	f("zeros.yaml", "a\x00b", "zeros")
	f("wide.conf", "\xff\xfe[\x00S\x00", "UTF-16")
	f("manifest.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {}\n---\nkind: x\n", "manifest of Kubernetes (ConfigMap)")
	f("values.yaml", "image:\n  tag: x\nconfig:\n  service: x\n", "Helm chart")
	f("docker-compose.yml", "services:\n  x:\n    image: y\n", "Docker Compose")
	f("other.yaml", "scrape_configs: []\nrule_files: []\n", "of another program")
	f("template.yaml", "service:\n  {{- if x }}\n", "template of Helm")
	f("classic.yaml", "[SERVICE]\n    Flush 1\n", "in the classic form")
	f("yaml.conf", "service:\n  flush: 1\n", "is YAML")
}

// TestElsewhere: files that only the machine has on which Fluent Bit will run
// are no mistake with --no-files, and neither is what they define.
func TestElsewhere(t *testing.T) {
	text := strings.Replace(sound, "plugins:\n  - /usr/lib/zimbraloki/zimbraloki.so\n", "", 1)
	text = strings.Replace(text, "  grace: 5\n", "  grace: 5\n  parsers_file: /nonexistent/parsers.conf\n  plugins_file: /nonexistent/plugins.conf\n", 1)
	text = strings.Replace(text, "  inputs:\n", "  inputs:\n    - {name: syslog, tag: zimbra.x, listen: 127.0.0.1, parser: theirs, storage.type: filesystem}\n", 1)
	path := put(t, t.TempDir(), "x.yaml", text)
	for _, f := range File(path, Options{Env: noEnv}) {
		t.Errorf("%s", &f)
	}
	n := 0
	for _, f := range File(path, Options{Env: noEnv, Files: true}) {
		if f.Rule == "read" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("on the machine itself %d of 2 files are missed", n)
	}
}
