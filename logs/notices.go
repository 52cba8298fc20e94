package logs

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/logs/archive"
)

// Notices are the lines about files that a person should know of; each is said
// once, at once, and those about what was left out are kept.
type Notices struct {
	Print func(line string)

	mu   sync.Mutex
	said map[archive.Notice]bool
	left []archive.Notice
	over *archive.Notice
}

// NewNotices prints to w.
func NewNotices(w io.Writer) *Notices {
	return &Notices{Print: func(line string) { fmt.Fprintln(w, line) }}
}

// Say says a notice, unless it was said.
func (n *Notices) Say(what archive.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said[what] {
		return
	}
	if n.said == nil {
		n.said = map[archive.Notice]bool{}
	}
	n.said[what] = true
	if what.Limit != "" && n.over == nil {
		n.over = &what
	}
	if what.Skipped {
		n.left = append(n.left, what)
	}
	n.Print(terminal.Safe(what.Path) + ": " + terminal.Safe(what.Text))
}

// Over is the first notice of a limit that was reached, or nil.
func (n *Notices) Over() *archive.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.over
}

// Left is what was left out, or read in part.
func (n *Notices) Left() []archive.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.left)
}
