package config

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// withFile parses a section that names a config_file with the given text.
func withFile(t *testing.T, sectionText, file string) (*Config, string, error) {
	t.Helper()
	path := writeFile(t, t.TempDir(), "zimbraloki.yaml", file)
	cfg, err := parse(section(sectionText+"\nconfig_file "+path), testHost)
	return cfg, path, err
}

func TestConfigFile(t *testing.T) {
	t.Setenv("ZIMBRALOKI_TEST_PASSWORD", "correct horse")
	cfg, _, err := withFile(t, "labelkeys outcome\nurl http://198.51.100.1:3100", `
# larger settings
url: http://192.0.2.1
label_keys: [protocol, $action]
Labels:
  job: zimbra
  site: "a, b"
http_user: mail
http_passwd: ${ZIMBRALOKI_TEST_PASSWORD}
header:
  X-One: 1
  X-Two: two
tls_verify: off
batch_bytes: 1MiB
multiline_max_lines: 0500
dead_letter_path: >-
  /var/lib/zimbraloki/x.jsonl
tenant_id: ${ZIMBRALOKI_TEST_NOT_SET:-mail}
timezone: ${ZIMBRALOKI_TEST_NOT_SET}
bearer_token:
`)
	if err != nil {
		t.Fatal(err)
	}
	f := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	f("the section's url", cfg.URL, "http://198.51.100.1:3100/loki/api/v1/push")
	f("the section's label_keys by its alias", joinNames(cfg.LabelKeys, func(k LabelKey) string { return k.Key }), "outcome")
	f("labels", formatPairs(cfg.Labels), `job=zimbra, site="a, b"`)
	f("password", cfg.HTTPPasswd.Reveal(), "correct horse")
	f("headers", joinNames(cfg.Headers, func(h Header) string { return h.Name + "=" + h.Value.Reveal() }), "X-One=1, X-Two=two")
	f("dead letters", cfg.DeadLetterPath, "/var/lib/zimbraloki/x.jsonl")
	f("tenant", cfg.TenantID, "mail")
	f("zone", cfg.Location.String(), "Local")
	if cfg.TLSVerify || cfg.BatchBytes != 1<<20 || cfg.MultilineMaxLines != 500 {
		t.Errorf("verify %v, batch %d, lines %d", cfg.TLSVerify, cfg.BatchBytes, cfg.MultilineMaxLines)
	}
	if strings.Contains(cfg.String(), "correct horse") {
		t.Error("the password shows")
	}
}

func TestConfigFileErrors(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		_, path, err := withFile(t, "url http://127.0.0.1", file)
		if err == nil {
			t.Errorf("%q: no error", file)
			return
		}
		if got := strings.ReplaceAll(err.Error(), path, "F"); got != want {
			t.Errorf("%q:\n got %s\nwant %s", file, got, want)
		}
	}
	f("\nlables: {a: b}", `F:2: lables: unknown key; did you mean "labels"?`)
	f("BatchWait: 1s", `F:1: BatchWait: unknown key; leave it out: Fluent Bit's flush in [SERVICE] decides when a chunk is sent`)
	f("workers: 1", `F:1: workers: Fluent Bit reads this key, and only in the output section; write it there`)
	f("config_file: /x", `F:1: config_file: a file cannot name a further one; leave it out`)
	f("# x\ncompress: zip", `F:2: compress "zip": unknown value (allowed: snappy, gzip, none); did you mean "gzip"?`)
	f("url: [http://a, http://b]", `F:1: url: takes one value, not a list; write the value behind the colon`)
	f("timezone: {a: b}", `F:1: timezone: takes one value, not a mapping; write the value behind the colon`)
	f("labels: {a: [b]}", `F:1: labels: an element is no plain value; write name: value`)
	f("compress: &x gzip", `F:1: compress: neither a value, a list nor a mapping; write the value itself: anchors and tags are not read`)
	f("- url", `F:1: : not a mapping; write one property a line, as in url: http://127.0.0.1:3100`)
	f("batch_bytes: 128KiB", `F:1: batch_bytes: smaller than max_line_bytes (256KiB); a body has to hold the longest line`)
	f("label_keys: a\nLabelKeys: b", `F:1: label_keys: written twice, as label_keys and as labelkeys; leave one out`)
	f("a: b\n\tc: d", `F:2: config_file: no YAML: found character '	' that cannot start any token`)
	f("compress: gzip\ncompress: gzip", `F:2: config_file: no YAML: mapping key "compress" already defined at [1:1]`)

	_, err := parse(section("config_file /nonexistent/zimbraloki.yaml"), testHost)
	if err == nil || !strings.Contains(err.Error(), `config_file "/nonexistent/zimbraloki.yaml": cannot be read (no such file or directory)`) {
		t.Errorf("missing file: %v", err)
	}
}

// TestConfigFileOfFilter: a filter reads the file that the output has.
func TestConfigFileOfFilter(t *testing.T) {
	f := func(file, want string) {
		t.Helper()
		path := writeFile(t, t.TempDir(), "zimbraloki.yaml", file)
		get := section("timezone UTC\nconfig_file " + path)
		cfg, err := ParseFilter(func(key string) string {
			if key == "url" {
				return "http://127.0.0.1:3100"
			}
			return get(key)
		})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(cfg.Location, cfg.Labels, cfg.Redact, cfg.TLSCAFile, cfg.TenantID)
		}
		if got = strings.ReplaceAll(got, path, "F"); got != want {
			t.Errorf("%q:\n got %s\nwant %s", file, got, want)
		}
	}
	f("timezone: Europe/Berlin\nlabels: {a: b}\nredact: off", `UTC [{a b}] false`)
	f("url: https://loki.example.com\ntenant_id: mail\nhttp_user: x\ntls_ca_file: /nowhere\nbatch_bytes: 1KiB\nlabel_value_limit: 0", `UTC [] true`)
	f("lables: {a: b}\nredact: maybe", `F:1: lables: unknown key; did you mean "labels"?`+"\n"+`F:2: redact "maybe": neither on nor off (allowed: on, true, yes, off, false, no)`)
	f("Prefix: z_\ntypes: on", `F:1: Prefix: only a filter has this setting, and the output may read the same file; write it in the filter's section`+
		"\n"+`F:2: types: only a filter has this setting, and the output may read the same file; write it in the filter's section`)
}

// TestSampleIsTaken takes the comment signs off conf/zimbraloki.yaml, and lets
// the parser and the schema read what comes out, but for what excludes itself.
func TestSampleIsTaken(t *testing.T) {
	text := regexp.MustCompile(`(?m)^#([a-z_0-9]+: )`).ReplaceAllString(string(Sample()), "$1")
	values, errs := parseConfigFile("sample", []byte(text), func(string) (string, bool) { return "x", true }, false)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, f := range Fields() {
		v, ok := values[f.Name]
		if !ok && f.sampleValue() != "" && f.Name != configFileKey {
			t.Errorf("%s is not in the sample", f.Name)
		}
		if !ok || f.Kind == KindURL {
			continue
		}
		p := &parser{hostname: testHost, cfg: &Config{}}
		if err := p.assign(&f, v.text); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestSampleAndSchemaAreFresh(t *testing.T) {
	f := func(path string, want []byte, err error) {
		t.Helper()
		have, rerr := os.ReadFile(path)
		if err != nil || rerr != nil || strings.TrimSpace(string(have)) != strings.TrimSpace(string(want)) {
			t.Errorf("%s is stale: run make generate (%v, %v)", path, err, rerr)
		}
	}
	f("../conf/zimbraloki.yaml", Sample(), nil)
	text, err := Schema()
	f("../conf/zimbraloki.schema.json", text, err)
}

// TestSchemaKnowsEverything reads the schema as another program does.
func TestSchemaKnowsEverything(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct {
			Ref     string `json:"$ref"`
			Pattern string
			Default any
			Enum    []string
		}
		AdditionalProperties *bool
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s.AdditionalProperties == nil || *s.AdditionalProperties {
		t.Error("unknown keys pass the schema")
	}
	eachName(func(f *Field, name string) {
		p, ok := s.Properties[name]
		if f.Name == configFileKey {
			if ok {
				t.Error("a config_file may name a config_file")
			}
			return
		}
		if !ok || name != f.Name && p.Ref != "#/properties/"+f.Name {
			t.Errorf("%s: %+v", name, p)
		}
		if p.Pattern == "" {
			return
		}
		re := regexp.MustCompile(p.Pattern)
		for _, v := range []string{f.Default, f.Example} {
			if v != "" && !re.MatchString(v) {
				t.Errorf("%s: pattern %q refuses %q", name, p.Pattern, v)
			}
		}
	})
}

// TestSchemaIsYAMLToo: JSON is YAML, and readers of YAML meet it too.
func TestSchemaIsYAMLToo(t *testing.T) {
	text, _ := Schema()
	var members map[string]any
	if err := yaml.Unmarshal(text, &members); err != nil || len(members) < 4 {
		t.Errorf("%v: %d members", err, len(members))
	}
}

func TestUnknown(t *testing.T) {
	f := func(key, want string) {
		t.Helper()
		err := Unknown(key)
		if err == nil {
			if want != "" {
				t.Errorf("%s: known", key)
			}
			return
		}
		if err.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", key, err, want)
		}
	}
	f("URL", "")
	f("LabelKeys", "")
	f("lablekeys", `lablekeys: unknown key; did you mean "label_keys"?`)
	f("dead-letterpath", `dead-letterpath: unknown key; did you mean "dead_letter_path"?`)
	f("dqueDir", `dqueDir: unknown key; leave it out: Fluent Bit keeps what was not delivered; write storage.type filesystem in the input`)
	f("colour", `colour: unknown key; leave it out, or see docs/configuration.md for the properties there are`)
}
