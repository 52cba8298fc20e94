package stage

import (
	"fmt"
	"strings"
)

// linePattern is the pattern of |>: texts in order, <_> between them for
// at least one byte of anything.
type linePattern struct {
	nodes []patternNode
}

func newLinePattern(text string) (textMatcher, error) {
	nodes := parsePattern(text)
	for i, n := range nodes {
		switch {
		case n.capture && n.text != "_":
			return nil, fmt.Errorf("line filter: pattern %q: <%s> has a name; only <_> is allowed", text, n.text)
		case n.capture && i > 0 && nodes[i-1].capture:
			return nil, fmt.Errorf("line filter: pattern %q: two <_> without a text between them", text)
		}
	}
	return &linePattern{nodes}, nil
}

func (p *linePattern) match(line string) bool {
	open := false // a <_> waits for the end of what it stands for
	for _, n := range p.nodes {
		if n.capture {
			open = true
			continue
		}
		i := strings.Index(line, n.text)
		if i < 0 || open && i == 0 {
			return false
		}
		line, open = line[i+len(n.text):], false
	}
	return open == (line != "")
}
