package config

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// shipped are the configurations in conf/fluent-bit, each as .yaml and .conf.
var shipped = []string{"fluent-bit", "containers"}

const confDir = "../conf/fluent-bit/"

// flbConfig is what both forms of a configuration say.
type flbConfig struct {
	service map[string]string
	plugins []string
	inputs  []map[string]string
	outputs []map[string]string
}

// readYAML reads the parts of a YAML configuration that the twins share, and
// refuses others.
func readYAML(t *testing.T, path string) flbConfig {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Service  map[string]any
		Plugins  []string
		Pipeline struct {
			Inputs  []map[string]any
			Outputs []map[string]any
		}
	}
	if err := yaml.UnmarshalWithOptions(b, &doc, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	c := flbConfig{service: texts(doc.Service), plugins: doc.Plugins}
	for _, in := range doc.Pipeline.Inputs {
		c.inputs = append(c.inputs, texts(in))
	}
	for _, out := range doc.Pipeline.Outputs {
		c.outputs = append(c.outputs, texts(out))
	}
	return c
}

// texts writes scalars as Fluent Bit sees them; it does not know of types.
func texts(m map[string]any) map[string]string {
	out := make(map[string]string)
	for k, v := range m {
		out[k] = fmt.Sprint(v)
	}
	return out
}

// readClassic reads [SECTION] and "key value" lines, and the file that
// plugins_file names.
func readClassic(t *testing.T, path string) flbConfig {
	t.Helper()
	c := flbConfig{}
	for _, s := range classicSections(t, path) {
		switch s.name {
		case "SERVICE":
			c.service = s.props
		case "INPUT":
			c.inputs = append(c.inputs, s.props)
		case "OUTPUT":
			c.outputs = append(c.outputs, s.props)
		default:
			t.Fatalf("%s: section %q", path, s.name)
		}
	}
	for _, s := range classicSections(t, filepath.Join(filepath.Dir(path), c.service["plugins_file"])) {
		c.plugins = append(c.plugins, s.props["path"])
	}
	delete(c.service, "plugins_file")
	return c
}

type classicSection struct {
	name  string
	props map[string]string
}

func classicSections(t *testing.T, path string) []classicSection {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var sections []classicSection
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			sections = append(sections, classicSection{strings.Trim(line, "[]"), map[string]string{}})
		default:
			key, value, ok := strings.Cut(line, " ")
			key = strings.ToLower(key)
			props := sections[len(sections)-1].props
			if _, twice := props[key]; twice || !ok {
				t.Fatalf("%s: %q: no value, or there twice", path, line)
			}
			props[key] = strings.TrimSpace(value)
		}
	}
	return sections
}

// TestTwins checks that the YAML and the classic form say the same.
func TestTwins(t *testing.T) {
	for _, name := range shipped {
		y, c := readYAML(t, confDir+name+".yaml"), readClassic(t, confDir+name+".conf")
		f := func(what string, y, c any) {
			t.Helper()
			if fmt.Sprint(y) != fmt.Sprint(c) { // fmt sorts maps
				t.Errorf("%s: %s differ\nYAML    %v\nclassic %v", name, what, y, c)
			}
		}
		f("services", y.service, c.service)
		f("plugins", y.plugins, c.plugins)
		f("inputs", y.inputs, c.inputs)
		f("outputs", y.outputs, c.outputs)
		if len(y.service) == 0 || len(y.plugins) == 0 || len(y.inputs) == 0 || len(y.outputs) == 0 {
			t.Errorf("%s: something is empty: %v", name, y)
		}
	}
}

// TestShippedOutputs checks that this package takes the shipped outputs, with
// no warning, once the environment is there.
func TestShippedOutputs(t *testing.T) {
	env := strings.NewReplacer("${LOKI_URL}", "https://loki.example.com", "${HOSTNAME}", "mbs1")
	for _, name := range shipped {
		for _, out := range readYAML(t, confDir+name+".yaml").outputs {
			for key := range out {
				if _, ok := Lookup(key); !ok && !IsReserved(key) {
					t.Errorf("%s: unknown key %q", name, key)
				}
			}
			cfg, err := parse(func(key string) string {
				if IsReserved(key) {
					return ""
				}
				return env.Replace(out[key])
			}, testHost)
			if err != nil || len(cfg.Warnings) > 0 {
				t.Errorf("%s: %v, warnings %q", name, err, cfg.Warnings)
			}
		}
	}
}

// TestShippedPromises checks what the shipped configurations must have so that
// nothing is lost; their comments say why.
func TestShippedPromises(t *testing.T) {
	for _, name := range shipped {
		c := readYAML(t, confDir+name+".yaml")
		f := func(what string, props map[string]string, key, want string) {
			t.Helper()
			if props[key] != want {
				t.Errorf("%s: %s: %s is %q, want %q", name, what, key, props[key], want)
			}
		}
		f("service", c.service, "hot_reload", "off")
		f("service", c.service, "storage.checksum", "off")
		f("service", c.service, "coro_stack_size", "131072")
		f("service", c.service, "grace", fmt.Sprint(int(grace.Seconds())))
		if c.service["storage.path"] == "" {
			t.Errorf("%s: no storage.path", name)
		}
		for _, in := range c.inputs {
			f("input", in, "storage.type", "filesystem")
			if in["name"] != "tail" {
				continue
			}
			f("input", in, "path_key", c.outputs[0]["path_key"])
			f("input", in, "read_from_head", "true")
			f("input", in, "skip_long_lines", "on")
			if filepath.Dir(in["db"]) != filepath.Dir(c.service["storage.path"]) {
				t.Errorf("%s: db %q is not beside storage.path, whose directory is made before it", name, in["db"])
			}
		}
		for _, out := range c.outputs {
			f("output", out, "name", "zimbraloki")
			f("output", out, "workers", "1")
			f("output", out, "retry_limit", "no_limits")
		}
		dbs := make(map[string]bool)
		for _, in := range c.inputs {
			if db := in["db"]; db != "" && dbs[db] {
				t.Errorf("%s: two inputs share %q", name, db)
			} else {
				dbs[db] = true
			}
		}
	}
}

// TestFluentBitTakesThem lets the Fluent Bit on PATH check the shipped
// configurations. The output becomes null: --dry-run would load the plugin.
func TestFluentBitTakesThem(t *testing.T) {
	bin, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no fluent-bit on PATH")
	}
	for _, name := range shipped {
		c := readClassic(t, confDir+name+".conf")
		for _, out := range c.outputs {
			maps.DeleteFunc(out, func(key, _ string) bool { return !IsReserved(key) })
			out["name"] = "null"
		}
		c.service["storage.path"] = t.TempDir()
		path := writeFile(t, t.TempDir(), name+".conf", writeClassic(c))
		out, err := exec.CommandContext(t.Context(), bin, "--dry-run", "-c", path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "configuration test is successful") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// writeClassic writes what readClassic reads, without the plugins.
func writeClassic(c flbConfig) string {
	var b strings.Builder
	section := func(name string, props map[string]string) {
		b.WriteString("[" + name + "]\n")
		for _, key := range slices.Sorted(maps.Keys(props)) {
			b.WriteString("    " + key + " " + props[key] + "\n")
		}
	}
	section("SERVICE", c.service)
	for _, in := range c.inputs {
		section("INPUT", in)
	}
	for _, out := range c.outputs {
		section("OUTPUT", out)
	}
	return b.String()
}
