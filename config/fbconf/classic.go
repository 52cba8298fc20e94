package fbconf

import (
	"fmt"
	"strings"
)

// classicKinds are the sections of the classic form. Fluent Bit takes every
// beginning of a name for the first of these that has it, in their order
// (get_section_type in flb_config_format.c): [OUT] is an output, and so is
// [OUTPUTS].
var classicKinds = []struct {
	name string
	kind Kind
}{
	{"service", Service},
	{"parser", Parser},
	{"multiline_parser", MultilineParser},
	{"stream_processor", StreamTask},
	{"plugins", Plugins},
	{"upstream_servers", Upstream},
	{"custom", Custom},
	{"customs", Custom},
	{"input", Input},
	{"inputs", Input},
	{"filter", Filter},
	{"filters", Filter},
	{"output", Output},
	{"outputs", Output},
}

// otherKinds are sections of files of their own, and of the environment.
var otherKinds = map[string]Kind{"stream_task": StreamTask, "upstream": Upstream, "node": Upstream, "env": "env"}

func classicKind(name string) (kind Kind, known bool) {
	name = strings.ToLower(name)
	for _, k := range classicKinds {
		if name != "" && strings.HasPrefix(k.name, name) {
			return k.kind, true
		}
	}
	kind, known = otherKinds[name]
	return kind, known
}

// classicReader reads one classic file line by line, as read_config in
// src/config_format/flb_cf_fluentbit.c does.
type classicReader struct {
	*reader
	path    string
	section *Section
	group   bool
	indent  string // of the first line that has one; all others have to begin with it
}

func (r *reader) classic(path string, data []byte) {
	c := &classicReader{reader: r, path: path}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		c.line(strings.TrimRight(line, "\r\n"), Pos{path, n})
	}
}

func (c *classicReader) line(line string, at Pos) {
	switch {
	case line == "" || line[0] == '#':
	case len(line) > 9 && strings.EqualFold(line[:9], "@INCLUDE "):
		// Relative paths begin where the main file is, whichever file names them.
		// Fluent Bit would first look where it was started, which nobody relies on.
		c.include(line[9:], c.root, at)
	case line[0] == '@':
		c.meta(line, at)
	case line[0] == '[':
		c.header(line, at)
	default:
		c.property(line, at)
	}
}

// meta reads "@SET name=value".
func (c *classicReader) meta(line string, at Pos) {
	word, rest, _ := strings.Cut(line[1:], " ")
	name, value, ok := strings.Cut(strings.TrimSpace(rest), "=")
	if !strings.EqualFold(word, "set") || !ok {
		c.problem(at, false, fmt.Sprintf("%q is no command", line), "write @SET name=value, or @INCLUDE file")
		return
	}
	c.set(name, value, at)
}

func (c *classicReader) header(line string, at Pos) {
	name, _, ok := strings.Cut(line[1:], "]")
	if !ok {
		c.problem(at, true, fmt.Sprintf("%q is no section", line), "close it with ]")
		return
	}
	kind, known := classicKind(name)
	if !known {
		c.problem(at, false, fmt.Sprintf("[%s] is no section that Fluent Bit knows: it is left out without a word", name), "write [SERVICE], [INPUT], [FILTER] or [OUTPUT]")
	}
	c.section, c.group = &Section{Pos: at, Kind: kind}, false
	c.add(c.section)
}

// property reads "    key value".
func (c *classicReader) property(line string, at Pos) {
	trimmed := strings.TrimLeft(line, " \t")
	if c.indent == "" {
		if trimmed == "" {
			return
		}
		c.indent = line[:max(1, len(line)-len(trimmed))]
	}
	if trimmed == "" || trimmed[0] == '#' {
		return
	}
	if len(trimmed) == len(line) {
		c.problem(at, true, fmt.Sprintf("%q stands at the beginning of the line: Fluent Bit takes its first letter for the indentation", trimmed), "indent it by four blanks")
		return
	}
	if !c.wellIndented(line, trimmed, at) {
		return
	}
	if trimmed[0] == '[' {
		c.group = true // of properties of this section, such as [PROCESSORS]
		return
	}
	key, value, ok := strings.Cut(trimmed, " ")
	value = strings.TrimSpace(value)
	switch {
	case strings.HasPrefix(trimmed, "- ") || strings.HasSuffix(key, ":"):
		c.problem(at, true, fmt.Sprintf("%q is YAML in a classic file", trimmed), "name the file .yaml, or write key and value with a blank between them")
	case !ok || value == "":
		c.problem(at, true, fmt.Sprintf("%q has no value", key), "write one behind a blank (a tab does not count), or take the key out")
	case c.section == nil:
		c.problem(at, true, fmt.Sprintf("%q stands in no section", key), "write [SERVICE], [INPUT], [FILTER] or [OUTPUT] above it")
	case !c.group:
		c.section.Props = append(c.section.Props, Property{Pos: at, Key: strings.ToLower(key), Written: key, Raw: value, Element: -1})
	}
}

// wellIndented holds a line against the indentation of the first one.
func (c *classicReader) wellIndented(line, trimmed string, at Pos) bool {
	indent := line[:len(line)-len(trimmed)]
	switch {
	case indent == c.indent:
		c.group = c.group && trimmed[0] == '['
		return true
	case indent == c.indent+c.indent: // a key of a group
		return true
	case !strings.HasPrefix(indent, c.indent) && strings.Trim(indent, " ") != strings.Trim(c.indent, " "):
		c.problem(at, true, "tabs and blanks are mixed in the indentation", "indent all lines of the file alike")
	default:
		c.problem(at, true, fmt.Sprintf("indented by %d, the lines before by %d", len(indent), len(c.indent)), "indent all lines of the file alike")
	}
	return false
}
