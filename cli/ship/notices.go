package ship

import (
	"fmt"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs/archive"
)

// notices are the lines about files that a person should know of; each is said
// once, at once, and those about what was left out again at the end.
type notices struct {
	mu   sync.Mutex
	said map[archive.Notice]bool
	left []archive.Notice
}

func (n *notices) say(r *runner, what archive.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said[what] {
		return
	}
	if n.said == nil {
		n.said = map[archive.Notice]bool{}
	}
	n.said[what] = true
	if what.Skipped {
		n.left = append(n.left, what)
	}
	r.bar.print(r.o.Stderr, fmt.Sprintf("%s: %s", printable(what.Path), what.Text))
}

// printable keeps what an archive calls its files from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

func (n *notices) skipped() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.left)
}

// jobs are the values of label job that were sent, for the link at the end.
type jobs struct {
	mu  sync.Mutex
	set map[string]bool
}

func (j *jobs) note(l *entry.Labels) {
	for _, p := range l.Pairs {
		if p.Name == "job" {
			j.mu.Lock()
			if j.set == nil {
				j.set = map[string]bool{}
			}
			j.set[p.Value] = true
			j.mu.Unlock()
		}
	}
}
