package fbconf

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// dump writes what was read, one property a line.
func dump(c *Config, dir string) string {
	var b strings.Builder
	section := func(s *Section) {
		fmt.Fprintf(&b, "%s %s\n", s.Kind, strings.TrimPrefix(s.Pos.String(), dir+"/"))
		for _, p := range s.Props {
			fmt.Fprintf(&b, "  %s=%q %d\n", p.Key, p.Text, p.Line)
		}
		for _, sub := range s.Processors {
			fmt.Fprintf(&b, "  processor %s %d\n", sub.Name(), sub.Line)
		}
	}
	section(&c.Service)
	for _, s := range c.Sections {
		section(s)
	}
	for _, p := range c.Plugins {
		fmt.Fprintf(&b, "plugin %s %d\n", p.Path, p.Line)
	}
	for _, p := range c.Problems {
		fmt.Fprintf(&b, "problem %s: %s\n", strings.TrimPrefix(p.Pos.String(), dir+"/"), strings.ReplaceAll(p.What, dir+"/", ""))
	}
	return b.String()
}

func TestReadYAML(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.yaml": `env:
  dir: /srv/log
Includes:
  - sub/*.yaml
service:
  flush: 1
pipeline:
  inputs:
    - Name: tail
      bufferMaxSize: 32M
      path: >-
        ${dir}/a.log,
        ${dir}/b.log
      processors:
        logs:
          - name: content_modifier
            action: insert
  outputs:
    - name: zimbraloki
      match: '*'
      LabelKeys: [a, b]
      labels: {x: y}
      url: "http://${USER_HOST:-h}:${PORT}"
      tls_verify: off
`,
		"sub/p.yaml": `plugins:
  - /x/zimbraloki.so
service:
  grace: 0600
parsers:
  - name: any
    format: regex
`,
	})
	c := Read(filepath.Join(dir, "main.yaml"), func(name string) (string, bool) { return "3100", name == "PORT" })
	want := `service sub/p.yaml:3
  grace="0600" 4
  flush="1" 6
parser sub/p.yaml:6
  name="any" 6
  format="regex" 7
input main.yaml:9
  name="tail" 9
  buffer_max_size="32M" 10
  path="/srv/log/a.log, /srv/log/b.log" 11
  processor content_modifier 16
output main.yaml:19
  name="zimbraloki" 19
  match="*" 20
  labelkeys="a" 21
  labelkeys="b" 21
  labels="" 22
  url="http://h:3100" 23
  tls_verify="off" 24
plugin /x/zimbraloki.so 2
problem main.yaml:9: "Name" with a capital: Fluent Bit 3.2 finds no name then and does not start
`
	if got := dump(c, dir); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReadClassic(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.conf": "# x\n@SET dir=/srv\n[Service]\n    Flush 1\n    Plugins_File p.conf\n    Parsers_File parsers.conf\n@include in*.conf\n" +
			"[OUTPUT]\n    Name  zimbraloki\n    # no\n    Labels   a=b, c=${HOSTNAME}\n",
		"in1.conf":     "[INPUT]\n\tName tail\n\tPath ${dir}/a.log\n\n\tKey  log\n",
		"p.conf":       "[PLUGINS]\n    Path /x/zimbraloki.so\n",
		"parsers.conf": "[PARSER]\n    Name any\n    Format regex\n",
	})
	c := Read(filepath.Join(dir, "main.conf"), func(name string) (string, bool) { return "mbs1", name == "HOSTNAME" })
	want := `service main.conf:3
  flush="1" 4
  plugins_file="p.conf" 5
  parsers_file="parsers.conf" 6
input in1.conf:1
  name="tail" 2
  path="/srv/a.log" 3
  key="log" 5
output main.conf:8
  name="zimbraloki" 9
  labels="a=b, c=mbs1" 11
parser parsers.conf:1
  name="any" 2
  format="regex" 3
plugin /x/zimbraloki.so 2
`
	if got := dump(c, dir); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// judged are configurations that Fluent Bit takes, or does not start with.
var judged = []struct {
	name, text string
	good       bool
}{
	{"a.yaml", "service: {flush: 1}\npipeline:\n  inputs:\n    - name: dummy\n  outputs:\n    - {name: 'null', match: '*'}\n", true},
	{"b.yaml", "pipeline:\n  inputs:\n    - name: dummy\n  outputs:\n    - name: 'null'\n      match: '*'\n      match: '*'\n", true},
	{"c.yaml", "Pipeline:\n  Inputs:\n    - name: dummy\n      Tag: x\n  Outputs:\n    - name: 'null'\n      Match: '*'\n", true},
	{"d.yaml", "pipelines:\n  inputs: []\n", false},
	{"e.yaml", "pipeline:\n  input:\n    - name: dummy\n", false},
	{"f.yaml", "service:\n\tflush: 1\n", false},
	{"g.yaml", "includes:\n  - nowhere.yaml\n", false},
	{"h.yaml", "service:\n  flush: &x 1\n  grace: *x\n", false},
	{"i.yaml", "inputs:\n  - name: dummy\n", false},
	{"a.conf", "[SERVICE]\n    flush 1\n[INPUT]\n    name dummy\n[OUTPUT]\n    name null\n    match *\n", true},
	{"b.conf", "[service]\n\tflush 1\n[Input]\n\tName dummy\n\n\t# x\n[OUTPUT]\n\tname null\n\tmatch *\n", true},
	{"c.conf", "[INPUT]\n    name dummy\n      tag x\n[OUTPUT]\n    name null\n    match *\n", false},
	{"d.conf", "[INPUT]\n    name dummy\n  tag x\n[OUTPUT]\n    name null\n    match *\n", false},
	{"e.conf", "[INPUT]\n    name\n[OUTPUT]\n    name null\n    match *\n", false},
	{"f.conf", "[INPUT\n    name dummy\n", false},
	{"g.conf", "@INCLUDE nowhere*.conf\n[INPUT]\n    name dummy\n", false},
	{"h.conf", "@INCLUDE a.inc\n@INCLUDE a.inc\n[INPUT]\n    name dummy\n[OUTPUT]\n    name null\n    match *\n", false},
	{"i.conf", "[INPUT]\n    name dummy\ntag x\n[OUTPUT]\n    name null\n    match *\n", false},
	{"j.conf", "[NONSENSE]\n    a b\n[INPUT]\n    name dummy\n[OUTPUT]\n    name null\n    match *\n", true},
}

// fluentBits are the programs that FLUENT_BIT names, or the one on
// PATH.
func fluentBits(t *testing.T) []string {
	if list := os.Getenv("FLUENT_BIT"); list != "" {
		return filepath.SplitList(list)
	}
	path, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Log("no fluent-bit on PATH: only the reader is asked")
		return nil
	}
	return []string{path}
}

// TestJudgement holds the reader against Fluent Bit itself: what one takes the
// other takes.
func TestJudgement(t *testing.T) {
	bins := fluentBits(t)
	for _, j := range judged {
		dir := tree(t, map[string]string{j.name: j.text, "a.inc": "# empty\n"})
		path := filepath.Join(dir, j.name)
		fatal := ""
		for _, p := range Read(path, nil).Problems {
			if p.Fatal {
				fatal = p.What
			}
		}
		if (fatal == "") != j.good {
			t.Errorf("%s: problem %q, want good %v", j.name, fatal, j.good)
		}
		for _, bin := range bins {
			out, err := exec.CommandContext(t.Context(), bin, "--dry-run", "-c", path).CombinedOutput()
			if (err == nil) != j.good {
				t.Errorf("%s: %s says %v, want good %v\n%s", j.name, bin, err, j.good, out)
			}
		}
	}
}

// FuzzRead: no file makes the reader panic.
func FuzzRead(f *testing.F) {
	for _, j := range judged {
		f.Add(strings.HasSuffix(j.name, "yaml"), j.text)
	}
	f.Fuzz(func(t *testing.T, isYAML bool, text string) {
		r := &reader{c: &Config{Main: "x"}, env: os.LookupEnv, vars: map[string]string{}, seen: map[string]bool{}}
		if isYAML {
			r.yaml("x", []byte(text))
		} else {
			r.classic("x", []byte(text))
		}
		r.services()
		r.expand()
	})
}
