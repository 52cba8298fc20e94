package fbconf

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// yamlTop are the sections of a YAML file; pipeline holds three more.
var yamlTop = []string{
	"env", "service", "pipeline", "parsers", "multiline_parsers", "plugins", "includes", "customs", "stream_processor", "upstream_servers",
}

var yamlKinds = map[string]Kind{
	"inputs": Input, "filters": Filter, "outputs": Output,
	"parsers": Parser, "multiline_parsers": MultilineParser, "customs": Custom,
	"stream_processor": StreamTask, "upstream_servers": Upstream,
}

// yamlReader reads one YAML file, as src/config_format/flb_cf_yaml.c does.
type yamlReader struct {
	*reader
	path string
}

func (r *reader) yaml(path string, data []byte) {
	y := &yamlReader{r, path}
	data = bytes.TrimPrefix(data, []byte(utf8Mark)) // as libyaml does
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if what, cure := notYAML(string(data)); what != "" {
			r.foreign(path, what, cure)
			return
		}
		at := Pos{File: path}
		text := err.Error()
		if syntax, ok := errors.AsType[yaml.Error](err); ok {
			at.Line, text = syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		r.problem(at, true, "no YAML: "+text, "correct it; Fluent Bit does not start")
		return
	}
	for _, doc := range file.Docs {
		if m, ok := doc.Body.(*ast.MappingNode); ok {
			if what, cure := otherProgram(m.Values); what != "" {
				r.foreign(path, what, cure)
				return
			}
		}
	}
	for _, doc := range file.Docs {
		y.top(doc.Body)
	}
}

func (y *yamlReader) at(n ast.Node) Pos { return Pos{y.path, n.GetToken().Position.Line} }

// entries returns the members of a mapping; a mapping that is none is a
// problem.
func (y *yamlReader) entries(n ast.Node, what string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil
	case *ast.MappingNode:
		return n.Values
	}
	y.problem(y.at(n), true, what+" is no mapping", "write name: value, one a line")
	return nil
}

// items returns the elements of a list.
func (y *yamlReader) items(n ast.Node, what string) []ast.Node {
	switch n := n.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil
	case *ast.SequenceNode:
		return n.Values
	}
	y.problem(y.at(n), true, what+" is no list", "write - before each element")
	return nil
}

func (y *yamlReader) top(body ast.Node) {
	for _, v := range y.entries(body, "the file") {
		name := strings.ToLower(v.Key.GetToken().Value)
		switch name {
		case "includes":
			for _, n := range y.items(v.Value, name) {
				if text, ok := y.scalar(n); ok {
					y.include(text, filepath.Dir(y.path), y.at(n))
				}
			}
		case "env":
			y.environment(v.Value)
		case "service":
			s := &Section{Pos: y.at(v.Key), Kind: Service}
			y.properties(s, v.Value)
			y.add(s)
		case "pipeline":
			y.pipeline(v.Value)
		case "plugins":
			for _, n := range y.items(v.Value, name) {
				if text, ok := y.scalar(n); ok {
					y.c.Plugins = append(y.c.Plugins, Plugin{y.at(n), text})
				}
			}
		default:
			y.list(name, v)
		}
	}
}

func (y *yamlReader) list(name string, v *ast.MappingValueNode) {
	kind, ok := yamlKinds[name]
	switch {
	case !ok:
		y.problem(y.at(v.Key), true, fmt.Sprintf("%q is no section", name), "the sections are "+strings.Join(yamlTop, ", "))
		return
	case kind == Input || kind == Filter || kind == Output:
		y.problem(y.at(v.Key), true, fmt.Sprintf("%s stands outside of pipeline", name), "indent it below pipeline:")
	}
	for _, n := range y.items(v.Value, name) {
		y.sectionOf(kind, n)
	}
}

func (y *yamlReader) pipeline(n ast.Node) {
	for _, v := range y.entries(n, "pipeline") {
		name := strings.ToLower(v.Key.GetToken().Value)
		kind := yamlKinds[name]
		if kind != Input && kind != Filter && kind != Output {
			y.problem(y.at(v.Key), true, fmt.Sprintf("%q is no part of pipeline", name), "its parts are inputs, filters and outputs")
			continue
		}
		for _, n := range y.items(v.Value, name) {
			y.sectionOf(kind, n)
		}
	}
}

func (y *yamlReader) sectionOf(kind Kind, n ast.Node) {
	s := &Section{Pos: y.at(n), Kind: kind}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		s.Pos = y.at(m.Values[0].Key)
	}
	y.properties(s, n)
	y.add(s)
}

// environment reads env: a mapping, or a list of mappings.
func (y *yamlReader) environment(n ast.Node) {
	if seq, ok := n.(*ast.SequenceNode); ok {
		for _, e := range seq.Values {
			y.listedVariable(e)
		}
		return
	}
	for _, v := range y.entries(n, "env") {
		if text, ok := y.scalar(v.Value); ok {
			y.set(v.Key.GetToken().Value, text, y.at(v.Key))
		}
	}
}

// listedVariable reads one element of the list: name and value, name and uri
// (which wins), or the name itself as the key.
func (y *yamlReader) listedVariable(n ast.Node) {
	var name, value, uri string
	for _, v := range y.entries(n, "an element") {
		text, _ := y.scalar(v.Value)
		switch key := v.Key.GetToken().Value; strings.ToLower(key) {
		case "name":
			name = text
		case "value":
			value = text
		case "uri":
			uri = text
		case "refresh_interval":
		default:
			if name == "" {
				name, value = key, text
			}
		}
	}
	if uri != "" {
		value = uri
	}
	if name != "" {
		y.set(name, value, y.at(n))
	}
}

// properties reads the keys of one section.
func (y *yamlReader) properties(s *Section, n ast.Node) {
	for _, v := range y.entries(n, "an element") {
		written := v.Key.GetToken().Value
		key := snake(written)
		if key == "name" && written != key {
			y.problem(y.at(v.Key), false, fmt.Sprintf("%q with a capital: Fluent Bit 3.2 finds no name then and does not start", written), "write name")
		}
		switch {
		case key == "processors" && (s.Kind == Input || s.Kind == Output):
			y.processors(s, v.Value)
		case key == "routes" && s.Kind == Input:
			s.Routed = true
		default:
			y.property(s, key, written, v)
		}
	}
}

func (y *yamlReader) property(s *Section, key, written string, v *ast.MappingValueNode) {
	p := Property{Pos: y.at(v.Key), Key: key, Written: written, Element: -1}
	seq, ok := v.Value.(*ast.SequenceNode)
	if ok && s.Kind == Service {
		y.problem(p.Pos, true, written+" is a list: Fluent Bit does not start", "write the key once for each value")
	}
	if ok {
		for i, n := range seq.Values {
			e := p
			e.Element, e.Pos = i, y.at(n)
			e.Raw, ok = y.scalar(n)
			e.Nested = !ok
			s.Props = append(s.Props, e)
		}
		return
	}
	text, ok := y.scalar(v.Value)
	p.Raw, p.Nested = text, !ok
	s.Props = append(s.Props, p)
}

// processors reads processors: of each signal a list.
func (y *yamlReader) processors(s *Section, n ast.Node) {
	for _, signal := range y.entries(n, "processors") {
		for _, e := range y.items(signal.Value, "processors") {
			sub := &Section{Pos: y.at(e), Kind: Processor}
			y.properties(sub, e)
			s.Processors = append(s.Processors, sub)
		}
	}
}

// scalar returns a scalar as it stands in the file, as libyaml gives it to
// Fluent Bit; false for what is none.
func (y *yamlReader) scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		y.problem(y.at(n), true, "an anchor, alias or tag", "write the value itself: Fluent Bit does not read these")
		return "", true
	case nil, *ast.NullNode:
		return "", true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// snake is the key that Fluent Bit makes of one in YAML (flb_cf_key_translate):
// camelCase becomes snake_case, unless it has an underscore or begins with a
// capital. Fluent Bit compares keys without regard to case, so the result is in
// lower case.
func snake(key string) string {
	if key == "" || key[0] < 'a' || key[0] > 'z' || strings.Contains(key, "_") {
		return strings.ToLower(key)
	}
	var b strings.Builder
	for i := range len(key) {
		if i > 0 && 'A' <= key[i] && key[i] <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteByte(key[i])
	}
	return strings.ToLower(b.String())
}
