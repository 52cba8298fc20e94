package stage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// patternNode is a text of a pattern, or a capture with its name.
type patternNode struct {
	text    string
	capture bool
}

// parsePattern splits the text of a pattern. What only looks like a capture is
// text.
func parsePattern(s string) (nodes []patternNode) {
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '<' {
			continue
		}
		end := captureEnd(s, i)
		if end < 0 {
			continue
		}
		if i > from {
			nodes = append(nodes, patternNode{text: s[from:i]})
		}
		nodes = append(nodes, patternNode{text: s[i+1 : end], capture: true})
		i, from = end, end+1
	}
	if from < len(s) {
		nodes = append(nodes, patternNode{text: s[from:]})
	}
	return nodes
}

// captureEnd returns the place of the > of a capture that begins at i, or -1.
func captureEnd(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		c := s[j]
		switch {
		case c == '>' && j > i+1:
			return j
		case c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', isDigit(c) && j > i+1:
		default:
			return -1
		}
	}
	return -1
}

type pattern struct{ nodes []patternNode }

// NewPattern is | pattern "<ip> - <user> [<_>] …": the text before the first
// capture must begin the line; a capture goes on until the text that follows
// it, or to the end of the line if that is not found.
func NewPattern(text string) (Stage, error) {
	nodes := parsePattern(text)
	var names []string
	for i, n := range nodes {
		if !n.capture {
			continue
		}
		if i > 0 && nodes[i-1].capture {
			return nil, fmt.Errorf("invalid pattern parser: found consecutive capture '<%s><%s>': invalid expression",
				nodes[i-1].text, n.text)
		}
		if n.text == "_" {
			continue
		}
		if slices.Contains(names, n.text) {
			return nil, fmt.Errorf("invalid pattern parser: duplicate capture name (%s): invalid expression", n.text)
		}
		names = append(names, n.text)
	}
	if len(names) == 0 {
		return nil, errors.New("invalid pattern parser: at least one capture is required")
	}
	return &pattern{nodes}, nil
}

func (p *pattern) Process(line string, l *Labels) (string, bool) {
	rest := line
	nodes := p.nodes
	if l.complete() {
		return line, true
	}
	if !nodes[0].capture {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, nodes[0].text); !ok {
			return line, true
		}
		nodes = nodes[1:]
	}
	if line == "" {
		return line, true
	}
	for len(nodes) > 0 {
		name, value := nodes[0].text, rest
		found := false
		if len(nodes) > 1 {
			value, rest, found = strings.Cut(rest, nodes[1].text)
		}
		if name != "_" && l.extract(name, value) || !found {
			break
		}
		nodes = nodes[2:]
	}
	return line, !l.refused
}
