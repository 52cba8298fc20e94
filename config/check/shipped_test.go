package check

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

const confDir = "../../conf/"

// shippedEnv is the environment that the shipped configurations ask for.
var shippedEnv fbconf.Env = func(name string) (string, bool) {
	v, ok := map[string]string{
		"LOKI_URL": "https://loki.example.com", "FORWARD_KEY": "x", "NODE_NAME": "node1",
		"VICTORIALOGS_URL": "https://logs.example.com", "SIEM_HOST": "siem.example.com", "SIEM_TOKEN": "x",
	}[name]
	return v, ok
}

// shipped are the main files of conf/fluent-bit that send to Loki, without their
// ending. The filters do not: test/host and test/wasm run them.
func shipped(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(confDir + "fluent-bit/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d configurations (%v)", len(files), err)
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasPrefix(filepath.Base(file), "filter") })
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".yaml")
	}
	return files
}

// TestShippedIsSound finds nothing in our own configurations, not even a hint.
func TestShippedIsSound(t *testing.T) {
	f := func(path string) {
		t.Helper()
		for _, g := range File(path, Options{Env: shippedEnv}) {
			t.Errorf("%s", &g)
		}
	}
	for _, name := range shipped(t) {
		f(name + ".yaml")
		f(name + ".conf")
	}
	f(confDir + "fluent-bit/filter.yaml")
	f(confDir + "fluent-bit/filter.conf")
	f(confDir + "fluent-bit/filter-wasm.yaml")
	f(confDir + "victorialogs/fluent-bit.yaml")
	f(confDir + "compose/fluent-bit.yaml")
	f(confDir + "compose/fluent-bit-scaled.yaml")
	f(helmConfig(t))
	for _, g := range File("../../packaging/image/fluent-bit.yaml", Options{Env: shippedEnv}) {
		if g.Rule != "open-forward" { // the image's port is published by whoever runs it
			t.Errorf("%s", &g)
		}
	}
}

// helmConfig writes the configuration that the Helm values hold.
func helmConfig(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(confDir + "kubernetes/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		Args   []string
		Config struct {
			ExtraFiles map[string]string `yaml:"extraFiles"`
		}
	}
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	for name, text := range values.Config.ExtraFiles {
		if !slices.Contains(values.Args, "--config=/fluent-bit/etc/conf/"+name) {
			t.Errorf("the arguments %q do not start with %s", values.Args, name)
		}
		return put(t, t.TempDir(), name, text)
	}
	t.Fatal("no configuration in the values")
	return ""
}

// said is what a configuration says, in a form that does not depend on its own.
func said(c *fbconf.Config) []string {
	var list []string
	add := func(s *fbconf.Section) {
		values := s.Values()
		for _, own := range []string{"plugins_file", "parsers_file"} {
			delete(values, own) // files of the classic form
		}
		if s.Kind == fbconf.Parser {
			values["regex"] = strings.Join(strings.Fields(values["regex"]), " ")
		}
		for k, v := range values {
			values[k] = strings.Join(strings.Fields(v), " ")
		}
		list = append(list, fmt.Sprint(s.Kind, " ", values)) // fmt sorts maps
	}
	add(&c.Service)
	for _, s := range c.Sections {
		add(s)
	}
	for _, p := range c.Plugins {
		list = append(list, "plugin "+p.Path)
	}
	slices.Sort(list)
	return list
}

// TestTwins checks that the YAML and the classic form say the same.
func TestTwins(t *testing.T) {
	for _, name := range shipped(t) {
		y, c := said(fbconf.Read(name+".yaml", shippedEnv)), said(fbconf.Read(name+".conf", shippedEnv))
		for _, line := range y {
			if !slices.Contains(c, line) {
				t.Errorf("%s: only in YAML: %s", name, line)
			}
		}
		for _, line := range c {
			if !slices.Contains(y, line) {
				t.Errorf("%s: only in the classic form: %s", name, line)
			}
		}
		if len(y) < 4 {
			t.Errorf("%s: only %q", name, y)
		}
	}
	classics, _ := filepath.Glob(confDir + "fluent-bit/*.conf")
	for _, path := range classics {
		base := strings.TrimSuffix(path, ".conf")
		if !exists(base+".yaml") && !slices.Contains([]string{"plugins", "parsers", "filter-parsers", "filter-plugins"}, filepath.Base(base)) {
			t.Errorf("%s has no twin in YAML", path)
		}
	}
}

// TestShippedDirectories: Fluent Bit makes the directory of storage.path and no
// other, so the databases have to be beside it.
func TestShippedDirectories(t *testing.T) {
	for _, name := range shipped(t) {
		c := fbconf.Read(name+".yaml", shippedEnv)
		for _, in := range c.Of(fbconf.Input) {
			if db := in.Last("db"); db != "" && filepath.Dir(db) != filepath.Dir(c.Service.Last("storage.path")) {
				t.Errorf("%s: db %q is not beside storage.path", name, db)
			}
		}
	}
}

// TestShippedService: what is repeated is the same everywhere.
func TestShippedService(t *testing.T) {
	want := fbconf.Read(confDir+"fluent-bit/parts/service.yaml", shippedEnv).Service.Values()
	if len(want) < 10 {
		t.Fatalf("only %v", want)
	}
	files := append(shipped(t), strings.TrimSuffix(helmConfig(t), ".yaml"))
	for _, name := range files {
		got := fbconf.Read(name+".yaml", shippedEnv).Service.Values()
		if strings.HasSuffix(name, "/zimbraloki") {
			for _, probe := range []string{"http_server", "http_listen", "http_port", "health_check"} {
				delete(got, probe)
			}
			got["http_server"] = want["http_server"]
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: service %v\nwant %v", name, got, want)
		}
	}
}

// TestShippedComments holds what the comments of conf/ say of properties
// against the table: a name in a comment of an output is one that there is.
func TestShippedComments(t *testing.T) {
	named := regexp.MustCompile("(?:write|set|and) ([a-z]+(?:_[a-z]+)*):? ")
	n := 0
	for _, name := range shipped(t) {
		data, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		comment := strings.Join(regexp.MustCompile(`(?m)^\s*# ?(.*)$`).FindAllString(string(data), -1), " ")
		comment = strings.Join(strings.Fields(strings.ReplaceAll(comment, "#", " ")), " ")
		for _, m := range named.FindAllStringSubmatch(comment, -1) {
			if _, ok := config.Lookup(m[1]); ok {
				n++
			} else if strings.Contains(m[1], "_") && !config.IsReserved(m[1]) {
				t.Errorf("%s: the comments advise %q, which is no property", name, m[1])
			}
		}
	}
	if n == 0 {
		t.Error("no property is named in any comment: the expression is wrong")
	}
}

// TestHelmUser: the DaemonSet can read the logs of a node and write its folder
// there, and can do no more.
func TestHelmUser(t *testing.T) {
	data, err := os.ReadFile(confDir + "kubernetes/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		SecurityContext struct {
			RunAsUser                *int  `yaml:"runAsUser"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			Capabilities             struct{ Drop, Add []string }
		} `yaml:"securityContext"`
	}
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	c := values.SecurityContext
	if c.RunAsUser == nil || *c.RunAsUser != 0 || !c.ReadOnlyRootFilesystem || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation ||
		!slices.Equal(c.Capabilities.Drop, []string{"ALL"}) || !slices.Equal(c.Capabilities.Add, []string{"DAC_READ_SEARCH"}) {
		t.Errorf("%+v", c)
	}
}
