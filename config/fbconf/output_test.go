package fbconf

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/config"
)

// outputEnv is an environment of two variables, one of them empty.
func outputEnv(name string) (string, bool) {
	value, ok := map[string]string{"SET": "in the environment", "EMPTY": ""}[name]
	return value, ok
}

// properties are what the plugin would get, one line each, sorted.
func properties(s *Section) string {
	m := s.PluginProperties()
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s=%s\n", k, m[k])
	}
	return b.String()
}

func TestReadOutput(t *testing.T) {
	f := func(name, which, want string, files map[string]string) {
		t.Helper()
		dir := tree(t, files)
		s, err := ReadOutput(filepath.Join(dir, name), which, outputEnv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if got := properties(s); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
	one := func(name, text string) map[string]string { return map[string]string{name: text} }

	// A dollar alone is no variable, and nothing is taken off the ends.
	want := "http_passwd=s3cr$et\nlabels=host=$HOSTNAME\ntenant_id='x'\n"
	f("a.conf", "", want, one("a.conf", "[OUTPUT]\n    Name zimbraloki\n    labels host=$HOSTNAME\n    http_passwd s3cr$et\n    Tenant_ID 'x'\n"))
	f("a.yaml", "", want, one("a.yaml", "pipeline:\n  outputs:\n    - name: zimbraloki\n      labels: host=$HOSTNAME\n      http_passwd: s3cr$et\n      tenant_id: \"'x'\"\n"))

	want = "http_user=\nlabel_keys=\ntenant_id=mail\ntimezone=in the environment\nurl=http://h:3100\n"
	f("b.conf", "", want, one("b.conf", "[OUTPUT]\n  name zimbraloki\n  url ${LOKI_URL:-http://h:3100}\n  tenant_id ${EMPTY:-mail}\n  timezone ${SET:-no}\n  http_user ${UNSET}\n  label_keys ${EMPTY}\n"))
	f("b.yml", "", want, one("b.yml", "pipeline:\n  outputs:\n    - name: zimbraloki\n      url: ${LOKI_URL:-http://h:3100}\n      tenant_id: ${EMPTY:-mail}\n      timezone: \"${SET:-no}\"\n      http_user: ${UNSET}\n      label_keys: ${EMPTY}\n"))

	// Behind a value, # begins a comment in YAML, and nothing in the classic form.
	f("c.yaml", "", "tenant_id=a#b\nurl=http://h:3100\n", one("c.yaml",
		"pipeline: # x\n  outputs:\n    - name: zimbraloki # ours\n      url: http://h:3100 # Loki\n      # tenant_id: no\n      tenant_id: a#b\n"))
	f("c.conf", "", "tenant_id=mail # x\nurl=http://h:3100\n", one("c.conf",
		"# x\n[OUTPUT]\n    name zimbraloki\n    # url http://no\n    url http://h:3100\n    tenant_id mail # x\n"))

	// The keys of other sections are never ours, nor those that Fluent Bit keeps.
	want = "http_user=we\nurl=http://h:3100\n"
	f("d.conf", "", want, one("d.conf", "[SERVICE]\n    url http://service\n[INPUT]\n    name tail\n    path_key p\n[OUTPUT]\n    name http\n    header Authorization Basic eA==\n    tenant_id other\n"+
		"[OUTPUT]\n    name zimbraloki\n    match *\n    host h\n    tls on\n    alias x\n    workers 1\n    http_user we\n    url http://h:3100\n    url http://second\n[OUTPUT]\n    name loki\n    labels a=b\n    http_passwd x\n"))
	f("d.yaml", "", want, one("d.yaml", "service:\n  url: http://service\npipeline:\n  inputs:\n    - name: tail\n      path_key: p\n  outputs:\n    - name: http\n      header: Authorization Basic eA==\n      tenant_id: other\n"+
		"    - name: zimbraloki\n      match: '*'\n      host: h\n      tls: on\n      alias: x\n      workers: 1\n      http_user: we\n      url: [http://h:3100, http://second]\n    - name: loki\n      labels: a=b\n      http_passwd: x\n"))

	// Includes, relative to the main file in the classic form and to the file
	// that includes in YAML, with their variables.
	want = "http_passwd=of a file\ntenant_id=t\nurl=http://h:1\n"
	f("main.conf", "", want, map[string]string{
		"main.conf": "@SET port=1\n@INCLUDE sub/*.conf\n", "secret": "of a file\n",
		"sub/a.conf": "@set tenant=t\n@include sub/b.inc\n", "sub/b.inc": "[OUTPUT]\n\tname zimbraloki\n\turl http://h:${port}\n\ttenant_id ${tenant}\n\thttp_passwd of a file\n",
	})
	f("main.yaml", "", want, map[string]string{
		"main.yaml":  "includes:\n  - sub/*.yaml\nenv:\n  port: 1\n",
		"sub/a.yaml": "env:\n  - name: tenant\n    value: t\n  - pass: of a file\nincludes: [b.inc]\n",
		"sub/b.inc":  "pipeline:\n  outputs:\n    - name: zimbraloki\n      url: http://h:${port}\n      tenant_id: ${tenant}\n      http_passwd: ${pass}\n",
	})

	several := "[OUTPUT]\n    name zimbraloki\n    alias first\n    url http://1\n[OUTPUT]\n    name loki\n    alias second\n[OUTPUT]\n    name zimbraloki\n    url http://2\n[OUTPUT]\n    name zimbraloki\n    alias 2\n    url http://3\n"
	f("e.conf", "first", "url=http://1\n", one("e.conf", several))
	f("e.conf", "1", "url=http://1\n", one("e.conf", several))
	f("e.conf", "2", "url=http://3\n", one("e.conf", several)) // an alias before a number
	f("e.yaml", "2", "url=http://2\n", one("e.yaml", "pipeline:\n  outputs:\n    - {name: zimbraloki, url: 'http://1'}\n    - {name: zimbraloki, url: 'http://2'}\n"))

	// An output is an output by the beginning of its name.
	f("f.conf", "", "url=http://1\n", one("f.conf", "[OUT]\n    name ZimbraLoki\n    url http://1\n"))
}

func TestReadOutputErrors(t *testing.T) {
	f := func(name, which, text, want string) {
		t.Helper()
		dir := tree(t, map[string]string{name: text})
		_, err := ReadOutput(filepath.Join(dir, name), which, outputEnv)
		if err == nil {
			t.Errorf("%s: no error", name)
			return
		}
		if got := strings.ReplaceAll(err.Error(), dir+"/", ""); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	none := ": no output named zimbraloki; a file of properties alone is the value of the property config_file"
	f("a.conf", "", "[OUTPUT]\n    name loki\n", "a.conf"+none)
	f("a.yaml", "1", "pipeline:\n  outputs:\n    - name: loki\n", "a.yaml"+none)
	f("b.yaml", "", "url: http://h\n", `b.yaml:1: "url" is no section; the sections are `+strings.Join(yamlTop, ", ")+"\nb.yaml"+none)
	f("b.conf", "", "url http://h\n", `b.conf:1: "url http://h" stands at the beginning of the line: Fluent Bit takes its first letter for the indentation; indent it by four blanks`+"\nb.conf"+none)
	f("c.conf", "", "@INCLUDE x.conf\n[OUTPUT]\n    name zimbraloki\n", `c.conf:1: cannot read "x.conf" (no such file or directory); correct the path, or let this user read it`)

	two := "[OUTPUT]\n    name zimbraloki\n    alias a\n[OUTPUT]\n    name loki\n[OUTPUT]\n    name zimbraloki\n"
	list := "1 (d.conf:1, alias a), 2 (d.conf:6)"
	f("d.conf", "", two, "d.conf: 2 outputs named zimbraloki, say which by its alias or number: "+list)
	for _, which := range []string{"b", "0", "3", "-1"} {
		f("d.conf", which, two, fmt.Sprintf("d.conf: no output zimbraloki has the alias or number %q; there are %s", which, list))
	}
	f("d.yaml", "", "pipeline:\n  outputs:\n    - name: zimbraloki\n    - name: zimbraloki\n      alias: ${SET}\n",
		"d.yaml: 2 outputs named zimbraloki, say which by its alias or number: 1 (d.yaml:3), 2 (d.yaml:4, alias in the environment)")
	f("e.conf", "a", two+"    alias a\n", `e.conf: 2 outputs have the alias "a", say which by its number: 1 (e.conf:1, alias a), 2 (e.conf:6, alias a)`)
	f("f.yaml", "", "pipeline:\n  outputs:\n    - name: zimbraloki\n      labels: {a: b}\n", "f.yaml:4: labels is a mapping; write one value behind the colon: Fluent Bit does not start")
}

// TestOutputIsUsable: what is read makes the plugin's configuration.
func TestOutputIsUsable(t *testing.T) {
	dir := tree(t, map[string]string{"a.conf": "[OUTPUT]\n    name zimbraloki\n    url ${LOKI_URL:-http://h:3100}\n    labels job=zimbra, host=$HOSTNAME\n    http_user u\n    http_passwd s3cr$et\n"})
	s, err := ReadOutput(filepath.Join(dir, "a.conf"), "", outputEnv)
	if err != nil {
		t.Fatal(err)
	}
	m := s.PluginProperties()
	cfg, err := config.ParseValues(func(key string) string { return m[key] })
	if err != nil {
		t.Fatal(err)
	}
	if cfg.URL != "http://h:3100/loki/api/v1/push" || cfg.HTTPPasswd.Reveal() != "s3cr$et" || len(cfg.Labels) != 2 || cfg.Labels[0].Value == "" {
		t.Errorf("%s, labels %v", cfg, cfg.Labels)
	}
}
