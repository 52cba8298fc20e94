// Package template runs the templates of line_format and label_format: Go's
// text/template over the labels of an entry, with the functions that Loki
// documents.
//
// Source: grafana.com/docs/loki/latest/query/template_functions.
package template

import (
	"bytes"
	"regexp"
	"text/template"
	"text/template/parse"
)

// Labels are the labels that a template can see.
type Labels interface {
	// Lookup returns the value of a label, "" and false for none.
	Lookup(name string) (string, bool)
	// Each calls f for every label.
	Each(f func(name, value string))
}

// Template is a template ready to be run; it serves one goroutine.
type Template struct {
	tmpl    *template.Template
	simple  []piece // if it is texts and labels only
	names   []string
	whole   bool // all labels are looked at
	more    bool // and something that is no label
	line    string
	time    int64
	data    map[string]string
	add     func(name, value string)
	out     bytes.Buffer
	regexps map[string]*regexp.Regexp
}

// piece is a text, or a label's name.
type piece struct {
	text  string
	label bool
}

// New reads a template; its name stands in errors.
func New(name, text string) (*Template, error) {
	t := &Template{data: map[string]string{}}
	tmpl, err := template.New(name).Option("missingkey=zero").Funcs(t.funcs()).Parse(text)
	if err != nil {
		return nil, err
	}
	t.tmpl = tmpl
	t.add = func(name, value string) { t.data[name] = value }
	for _, tm := range tmpl.Templates() {
		if tm.Tree != nil {
			t.collect(tm.Root)
		}
	}
	if tmpl.Tree != nil && len(tmpl.Templates()) == 1 {
		t.simple = simple(tmpl.Root)
	}
	return t, nil
}

// Names returns the labels that the template looks at, and whether nothing else
// decides what it gives.
func (t *Template) Names() (names []string, alone bool) {
	return t.names, !t.whole && !t.more
}

// Plain reports whether the template is texts and labels only: it cannot fail.
func (t *Template) Plain() bool { return t.simple != nil }

// Execute runs the template for an entry of this line and time (nanoseconds
// since 1970 UTC). The text is valid until the next call.
func (t *Template) Execute(line string, time int64, l Labels) ([]byte, error) {
	t.out.Reset()
	if t.simple != nil {
		for _, p := range t.simple {
			if p.label {
				p.text, _ = l.Lookup(p.text)
			}
			t.out.WriteString(p.text)
		}
		return t.out.Bytes(), nil
	}
	t.line, t.time = line, time
	clear(t.data)
	if t.whole {
		l.Each(t.add)
	} else {
		for _, name := range t.names {
			if v, ok := l.Lookup(name); ok {
				t.data[name] = v
			}
		}
	}
	err := t.tmpl.Execute(&t.out, t.data)
	return t.out.Bytes(), err
}

// simple returns the pieces of a template that has texts and {{.name}} only,
// else nil.
func simple(list *parse.ListNode) (pieces []piece) {
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			pieces = append(pieces, piece{text: string(n.Text)})
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 || len(n.Pipe.Cmds[0].Args) != 1 {
				return nil
			}
			f, ok := n.Pipe.Cmds[0].Args[0].(*parse.FieldNode)
			if !ok || len(f.Ident) != 1 {
				return nil
			}
			pieces = append(pieces, piece{f.Ident[0], true})
		default:
			return nil
		}
	}
	return pieces
}

// collect notes what labels a template looks at.
func (t *Template) collect(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, sub := range n.Nodes {
				t.collect(sub)
			}
		}
	case *parse.ActionNode:
		t.collect(n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, cmd := range n.Cmds {
				for _, arg := range cmd.Args {
					t.collect(arg)
				}
			}
		}
	case *parse.FieldNode:
		t.names = append(t.names, n.Ident[0])
	case *parse.ChainNode:
		t.collect(n.Node)
	case *parse.IdentifierNode:
		switch n.Ident {
		case "__line__", "__timestamp__", "now":
			t.more = true
		}
	case *parse.DotNode, *parse.VariableNode:
		t.whole = true
	case *parse.IfNode:
		t.branch(&n.BranchNode)
	case *parse.RangeNode:
		t.branch(&n.BranchNode)
	case *parse.WithNode:
		t.branch(&n.BranchNode)
	case *parse.TemplateNode:
		t.collect(n.Pipe)
	}
}

func (t *Template) branch(b *parse.BranchNode) {
	t.collect(b.Pipe)
	t.collect(b.List)
	t.collect(b.ElseList)
}
