package config

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

var markdownLinks = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)

const sampleHead = `# yaml-language-server: $schema=zimbraloki.schema.json
#
# Every property of zimbraloki, with its default or an example behind a comment
# sign. Generated from config/table.go by "make generate".
#
# To use it, copy it to /etc/zimbraloki/zimbraloki.yaml and write in the output
# section of Fluent Bit:
#
#   config_file: /etc/zimbraloki/zimbraloki.yaml
#
# What stands in the output section wins over what stands here. ${NAME} and
# ${NAME:-default} stand for the environment.
`

// Sample returns conf/zimbraloki.yaml: a config_file with every property as a
// comment.
func Sample() []byte {
	var b bytes.Buffer
	b.WriteString(sampleHead)
	section := ""
	for i := range fields {
		f := &fields[i]
		if f.Name == configFileKey {
			continue
		}
		if f.Section != section {
			section = f.Section
			fmt.Fprintf(&b, "\n# ---- %s ----\n", section)
		}
		b.WriteString("\n")
		for _, line := range wrap(strings.ReplaceAll(f.plainDoc(), "`", ""), 76) {
			b.WriteString("# " + line + "\n")
		}
		fmt.Fprintf(&b, "#%s: %s\n", f.Name, f.sampleValue())
	}
	return b.Bytes()
}

// sampleValue is what a reader would write: the default, else the example.
func (f *Field) sampleValue() string {
	v := f.Default
	if v == "" {
		v = f.Example
	}
	if strings.ContainsAny(v, ":{}#=*&!%@`,") && f.Kind != KindURL {
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return v
}

// wrap cuts text into lines of at most width bytes, between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
