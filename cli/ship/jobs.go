package ship

import (
	"sync"

	"github.com/zimbraloki/zimbraloki/entry"
)

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
