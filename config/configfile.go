package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"

	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// configFileKey is the property that names the file. It is read before the
// table, because the file may hold any of the others.
const configFileKey = "config_file"

// fileValue is a property as config_file has it.
type fileValue struct {
	text  string
	where string // file:line
}

// layers are the two places that a property can stand in.
type layers struct {
	section func(key string) string
	file    map[string]fileValue // by lower-case key
}

// get returns what stands in the section, else what stands in the file. The
// section also wins where it has another name of the same property.
func (l *layers) get(key string) string {
	if v := l.section(key); v != "" {
		return v
	}
	v, ok := l.file[strings.ToLower(key)]
	if !ok || l.hidden(key) {
		return ""
	}
	return v.text
}

// hidden reports whether the section has the property key under another name.
// Each name of header is a header of its own.
func (l *layers) hidden(key string) bool {
	f, ok := Lookup(key)
	if !ok || f.Kind == KindHeader {
		return false
	}
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		if l.section(name) != "" {
			return true
		}
	}
	return false
}

// where says from which line of the file the value of key is, "" if it is from
// the section.
func (l *layers) where(key string) string {
	if l.section(key) != "" {
		return ""
	}
	return l.file[strings.ToLower(key)].where
}

// readConfigFile lays the file that config_file names under the section.
func (p *parser) readConfigFile() {
	p.layers = layers{section: p.get}
	path := strings.TrimSpace(p.get(configFileKey))
	if path == "" {
		return
	}
	p.get = p.layers.get
	data, err := smallfile.Read(path)
	if err != nil {
		p.errs = append(p.errs, &Error{
			Key: configFileKey, Value: path, Reason: fmt.Sprintf("cannot be read (%v)", FileCause(err)),
			Cure: "the user that runs Fluent Bit must be able to read it",
		})
		return
	}
	values, errs := parseConfigFile(path, data, os.LookupEnv, p.filter)
	p.layers.file = values
	p.errs = append(p.errs, errs...)
}

// parseConfigFile reads one YAML mapping of properties. A value is a scalar; a
// list for what takes a list; a mapping for pairs and headers. For a filter, the
// file may be the one that the output has too.
func parseConfigFile(path string, data []byte, env func(string) (string, bool), filter bool) (map[string]fileValue, []error) {
	file, err := yamlparser.ParseBytes(data, 0)
	if err != nil {
		return nil, []error{yamlError(path, err)}
	}
	r := fileReader{path: path, env: env, filter: filter, values: make(map[string]fileValue)}
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.MappingNode:
			for _, v := range body.Values {
				r.property(v)
			}
		default:
			r.fail(body, "", "not a mapping", "write one property a line, as in url: http://127.0.0.1:3100")
		}
	}
	return r.values, r.errs
}

// yamlError is a mistake in the YAML itself.
func yamlError(path string, err error) *Error {
	e := &Error{Key: configFileKey, Where: path, Reason: "no YAML: " + err.Error()}
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		e.Where = fmt.Sprintf("%s:%d", path, syntax.GetToken().Position.Line)
		e.Reason = "no YAML: " + syntax.GetMessage()
	}
	return e
}

// fileReader collects the properties of one file.
type fileReader struct {
	path   string
	env    func(string) (string, bool)
	filter bool
	values map[string]fileValue
	errs   []error
}

func (r *fileReader) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", r.path, n.GetToken().Position.Line)
}

func (r *fileReader) fail(n ast.Node, key, reason, cure string) {
	r.errs = append(r.errs, &Error{Where: r.at(n), Key: key, Reason: reason, Cure: cure})
}

// property takes one line of the mapping, or says why it cannot.
func (r *fileReader) property(n *ast.MappingValueNode) {
	key := n.Key.GetToken().Value
	f, known := Lookup(key)
	switch {
	case r.filter && ofFilterAlone(key):
		r.fail(n.Key, key, "only a filter has this setting, and the output may read the same file", "write it in the filter's section")
	case IsReserved(key):
		r.fail(n.Key, key, "Fluent Bit reads this key, and only in the output section", "write it there")
	case !known:
		err := Unknown(key)
		err.Where = r.at(n.Key)
		r.errs = append(r.errs, err)
	case f.Name == configFileKey:
		r.fail(n.Key, key, "a file cannot name a further one", "leave it out")
	case r.filter && !ofFilter(&f):
	default:
		r.value(&f, strings.ToLower(key), n)
	}
}

func (r *fileReader) value(f *Field, key string, n *ast.MappingValueNode) {
	switch v := n.Value.(type) {
	case *ast.SequenceNode:
		r.list(f, key, v)
	case *ast.MappingNode:
		r.mapping(f, key, v)
	default:
		text, ok := r.scalar(n.Value)
		if !ok {
			r.fail(n.Value, key, "neither a value, a list nor a mapping", "write the value itself: anchors and tags are not read")
			return
		}
		r.put(key, text, n.Key)
	}
}

// put keeps a value that is not empty.
func (r *fileReader) put(key, text string, n ast.Node) {
	if text != "" {
		r.values[key] = fileValue{text: text, where: r.at(n)}
	}
}

// scalar returns a scalar as it was written: off stays off, 0600 stays 0600.
func (r *fileReader) scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return "", false
	case *ast.NullNode:
		return "", true
	case *ast.LiteralNode:
		return r.expand(strings.TrimSpace(n.Value.Value)), true
	case ast.ScalarNode:
		return r.expand(n.GetToken().Value), true
	}
	return "", false
}

func (r *fileReader) list(f *Field, key string, n *ast.SequenceNode) {
	var items []string
	for _, v := range n.Values {
		text, ok := r.scalar(v)
		if !ok {
			r.fail(v, key, "an element is no plain value", "write a list of values")
			return
		}
		items = append(items, text)
	}
	switch f.Kind {
	case KindList, KindPairs:
		r.put(key, strings.Join(items, ", "), n)
	case KindHeader:
		r.headers(key, items, n)
	default:
		r.fail(n, key, "takes one value, not a list", "write the value behind the colon")
	}
}

func (r *fileReader) mapping(f *Field, key string, n *ast.MappingNode) {
	var items []string
	for _, v := range n.Values {
		text, ok := r.scalar(v.Value)
		if !ok {
			r.fail(v.Value, key, "an element is no plain value", "write name: value")
			return
		}
		name := v.Key.GetToken().Value
		if f.Kind == KindHeader {
			items = append(items, name+": "+text)
		} else {
			items = append(items, name+"="+quoteValue(text))
		}
	}
	switch f.Kind {
	case KindPairs:
		r.put(key, strings.Join(items, ", "), n)
	case KindHeader:
		r.headers(key, items, n)
	default:
		r.fail(n, key, "takes one value, not a mapping", "write the value behind the colon")
	}
}

// headers spreads several headers over the names that header has.
func (r *fileReader) headers(key string, items []string, n ast.Node) {
	f, _ := Lookup(key)
	names := append([]string{f.Name}, f.Aliases...)
	if len(items) > len(names) {
		r.fail(n, key, fmt.Sprintf("%d headers", len(items)), fmt.Sprintf("%d are the most", len(names)))
		return
	}
	for i, text := range items {
		r.put(names[i], text, n)
	}
}

// expand puts the environment in for ${NAME} and ${NAME:-default}, as Fluent
// Bit does in its own files (src/flb_env.c, flb_env_var_translate).
func (r *fileReader) expand(s string) string { return ExpandEnv(s, r.env) }

// maxVariable is where Fluent Bit takes a ${…} for none, in bytes.
const maxVariable = 4096

// ExpandEnv replaces ${NAME} and ${NAME:-default} as Fluent Bit does: the
// default also stands for an empty variable, a variable that is not set is
// empty. It gives up where Fluent Bit does, at a ${ that no } follows and at a }
// before the next ${: a text without a variable before that stays as it is; of
// another one Fluent Bit loses what is before that }, or the rest.
func ExpandEnv(s string, env func(string) (string, bool)) string {
	var b strings.Builder
	rest := s
	for {
		begin, end := strings.Index(rest, "${"), strings.IndexByte(rest, '}')
		if begin < 0 {
			break
		}
		if n := end - begin - len("${"); n <= 0 || n >= maxVariable {
			if len(rest) == len(s) {
				return s
			}
			rest = after(rest, end)
			break
		}
		name, byDefault := variableParts(rest[begin+len("${") : end])
		value, _ := env(name)
		if value == "" {
			value = byDefault
		}
		b.WriteString(rest[:begin] + value)
		rest = rest[end+1:]
	}
	return b.String() + rest
}

// after is what follows the byte at i; nothing if i is -1.
func after(s string, i int) string {
	if i < 0 {
		return ""
	}
	return s[i+1:]
}

// variableParts splits NAME:-default at the first colon, if a - follows it.
func variableParts(s string) (name, byDefault string) {
	before, rest, _ := strings.Cut(s, ":")
	if byDefault, ok := strings.CutPrefix(rest, "-"); ok {
		return before, byDefault
	}
	return s, ""
}
