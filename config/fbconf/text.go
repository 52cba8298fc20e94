package fbconf

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// utf8Mark is the byte order mark of UTF-8, which editors of Windows write.
const utf8Mark = "\ufeff"

// ReadText is Read for a text that came from elsewhere, such as standard input:
// name stands for it in all places, and its form is that of its first line.
// Relative paths begin where the program was started.
func ReadText(name string, text []byte, env Env) *Config {
	r := newReader(name, env)
	r.c.YAML, r.root = !isClassic(text), "."
	r.given = text
	r.main()
	r.attached()
	return r.c
}

// isClassic tells the classic form by its first line that says anything: only
// there does one begin with a section in brackets or with a command.
func isClassic(text []byte) bool {
	for line := range strings.Lines(strings.TrimPrefix(string(text), utf8Mark)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line[0] == '[' || line[0] == '@'
		}
	}
	return false
}

// packed are the beginnings of files that people take for a configuration.
var packed = []struct{ magic, name string }{
	{"\x1f\x8b", "gzip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ", "xz"},
	{"BZh", "bzip2"},
	{"PK\x03\x04", "zip"},
	{"\x7fELF", "a program or shared object"},
}

// binary says what a file is that is no text, "" for text. Nothing of it is to
// be printed.
func binary(data []byte) (what, cure string) {
	for _, p := range packed {
		if bytes.HasPrefix(data, []byte(p.magic)) && !utf8.Valid(data) {
			return fmt.Sprintf("is no text but binary (%s)", p.name), "name the configuration itself; what is packed, unpack first"
		}
	}
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "is in UTF-16, which Fluent Bit does not read", "save it as UTF-8"
	case bytes.IndexByte(data, 0) >= 0:
		return "is no text but binary: it holds zeros", "name the configuration itself"
	}
	return "", ""
}

// foreign reports a file that is none of Fluent Bit's, in one sentence, whatever
// else is in it.
func (r *reader) foreign(path, what, cure string) {
	r.c.Foreign = r.c.Foreign || path == r.c.Main
	r.problem(Pos{File: path}, true, what, cure)
}

// sectionName is a section of the classic form.
var sectionName = regexp.MustCompile(`(?im)^\[(SERVICE|INPUT|FILTER|OUTPUT|PARSER|MULTILINE_PARSER|PLUGINS)\]`)

// yamlSection is a section of YAML at the beginning of a line.
var yamlSection = regexp.MustCompile(`(?m)^(service|pipeline|parsers|env|includes):[ \t]*(#.*)?\r?$`)

// notYAML says why a file that is named as YAML is none, as far as its text
// tells.
func notYAML(text string) (what, cure string) {
	switch {
	case sectionName.MatchString(text):
		return "is in the classic form, and its name ends like YAML", "name it .conf"
	case strings.Contains(text, "{{"):
		return "is a template of Helm or Ansible, not yet filled in", "check what comes out of it: helm template … | zimbraloki check -"
	}
	return "", ""
}

// helmValues are names at the top of the values of a chart; none is a section of
// Fluent Bit's.
var helmValues = []string{
	"image", "config", "fluent-bit", "fluentbit", "fluentBit", "replicaCount", "serviceAccount", "daemonSetVolumes", "extraVolumes",
	"tolerations", "nameOverride", "podSecurityPolicy", "rbac", "resources",
}

// otherProgram says what a YAML file is that none of Fluent Bit's sections is
// in, "" if it may be Fluent Bit's.
func otherProgram(top []*ast.MappingValueNode) (what, cure string) {
	var keys []string
	values := map[string]string{}
	for _, v := range top {
		key := v.Key.GetToken().Value
		if slices.Contains(yamlTop, strings.ToLower(key)) {
			return "", ""
		}
		keys = append(keys, key)
		if scalar, ok := v.Value.(ast.ScalarNode); ok {
			values[key] = scalar.GetToken().Value
		}
	}
	has := func(name string) bool { return slices.Contains(keys, name) }
	switch {
	case has("apiVersion") && has("kind"):
		return fmt.Sprintf("is a manifest of Kubernetes (%s), not a configuration of Fluent Bit", values["kind"]),
			"check what it holds for Fluent Bit: kubectl get configmap NAME -o jsonpath='{.data.fluent-bit\\.conf}' | zimbraloki check --no-files -"
	case has("services"):
		return "is a file of Docker Compose, not a configuration of Fluent Bit", "check the file that its Fluent Bit is started with"
	case slices.ContainsFunc(helmValues, has):
		return "holds values of a Helm chart, not a configuration of Fluent Bit", "check what the chart makes of it, the file that Fluent Bit is started with"
	case len(keys) > 1:
		return fmt.Sprintf("has no section of Fluent Bit's (it has %s): it is of another program", strings.Join(keys[:min(4, len(keys))], ", ")),
			"check the file that Fluent Bit is started with; the sections are " + strings.Join(yamlTop, ", ")
	}
	return "", ""
}
