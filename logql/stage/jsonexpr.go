package stage

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/grafana/jsonparser"
)

// Expression says what part of a line becomes which label: name="expr".
type Expression struct{ Name, Expr string }

type jsonExprParser struct {
	names []string
	paths [][]string
	found []bool
	l     *Labels
	each  func(i int, value []byte, t jsonparser.ValueType, err error)
}

// NewJSONExpr is | json a="x.y[0]", b="[\"a key\"]": each expression gives its
// label, with an empty value if the line does not have it. A value that is an
// object or an array is its text. Unlike NewJSON, it replaces labels that other
// stages set.
func NewJSONExpr(exprs []Expression) (Stage, error) {
	p := &jsonExprParser{found: make([]bool, len(exprs))}
	for _, e := range exprs {
		path, err := parsePath(e.Expr)
		if err != nil {
			return nil, fmt.Errorf("cannot parse expression [%s]: %w", e.Expr, err)
		}
		p.names, p.paths = append(p.names, e.Name), append(p.paths, path)
	}
	p.each = p.value
	return p, nil
}

func (p *jsonExprParser) Process(line string, l *Labels) (string, bool) {
	if line == "" {
		return line, true
	}
	if c := line[0]; c != '{' && c != '[' && c != '"' {
		l.parserErr(ErrJSON, "")
		return line, true
	}
	p.l = l
	clear(p.found)
	jsonparser.EachKey(bytesOf(line), p.each, p.paths...)
	for i, ok := range p.found {
		if !ok && !l.stored(p.names[i]) {
			l.replace(p.names[i], "")
		}
	}
	return line, true
}

func (p *jsonExprParser) value(i int, value []byte, t jsonparser.ValueType, err error) {
	if err != nil {
		p.l.parserErr(ErrJSON, err.Error())
		return
	}
	s := ""
	switch t {
	case jsonparser.Null:
	case jsonparser.String:
		s = p.l.unescape(value)
	default:
		s = textOf(value)
	}
	p.found[i] = true
	p.l.replace(p.names[i], s)
}

// replace is extract for labels that are asked for by name.
func (l *Labels) replace(name, value string) {
	name = l.free(name)
	l.Set(name, value)
	l.see(name)
}

// parsePath reads x.y["z"][0] into the keys that jsonparser takes: an index
// keeps its brackets.
func parsePath(s string) (path []string, err error) {
	rest := strings.TrimSpace(s)
	for first := true; rest != ""; first = false {
		var key string
		switch {
		case rest[0] == '[':
			key, rest, err = bracketed(rest)
		case rest[0] == '.' && !first:
			key, rest, err = field(rest[1:])
		case first:
			key, rest, err = field(rest)
		default:
			err = fmt.Errorf("unexpected %q, a . or a [ must come first", rest)
		}
		if err != nil {
			return nil, err
		}
		path = append(path, key)
		rest = strings.TrimSpace(rest)
	}
	if path == nil {
		return nil, fmt.Errorf("empty expression; write a key, as in a.b[0]")
	}
	return path, nil
}

func field(s string) (key, rest string, err error) {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	if !isName(s[:n]) {
		return "", "", fmt.Errorf(`unexpected %q where a key should be; other keys go in ["…"]`, s)
	}
	return s[:n], s[n:], nil
}

func bracketed(s string) (key, rest string, err error) {
	inner := strings.TrimSpace(s[1:])
	if q, err := strconv.QuotedPrefix(inner); err == nil && q[0] == '"' {
		key, err = strconv.Unquote(q)
		rest, ok := strings.CutPrefix(strings.TrimSpace(inner[len(q):]), "]")
		if err == nil && ok {
			return key, rest, nil
		}
	}
	number, rest, ok := strings.Cut(inner, "]")
	if _, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31); err != nil || !ok {
		return "", "", fmt.Errorf(`unexpected %q; brackets hold a number or a key in quotes`, s)
	}
	return "[" + strings.TrimSpace(number) + "]", rest, nil
}
