package transform

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

// maxOutcomes is room for the outcomes, the one that counts all others included.
const maxOutcomes = 24

// outcomeNames are the values of the field outcome, a closed set, so that each
// is counted from the start. The last one stands for all that is not in it.
var outcomeNames = func() []string {
	var names []string
	for _, o := range format.Outcomes() {
		names = append(names, o.Name)
	}
	if names = append(names, format.OutcomeOther); len(names) > maxOutcomes {
		panic("BUG: more outcomes than are counted")
	}
	return names
}()

// outcomeIndex finds an outcome in outcomeNames.
func outcomeIndex(s string) int {
	for i, name := range outcomeNames {
		if name == s {
			return i
		}
	}
	return len(outcomeNames) - 1
}

// Outcomes returns the closed set of outcomes that are counted.
func Outcomes() []string { return outcomeNames }

// maxLogs bounds the logs whose newest time is remembered; the set is small
// and closed, but a label of the configuration may name more.
const maxLogs = 64

// tally counts within one chunk, without a lock.
type tally struct {
	outcomes  [maxOutcomes]int64
	overflows int64
	newest    []newestTime // by log, in the order of appearance
	at        int          // of newest, the one used last
}

// newestTime is the latest time of a log, ns. Its name is a view.
type newestTime struct {
	log  string
	time int64
}

// note counts an entry of a log.
func (y *tally) note(log, outcome string, at int64) {
	if outcome != "" {
		y.outcomes[outcomeIndex(outcome)]++
	}
	if y.at < len(y.newest) && y.newest[y.at].log == log {
		y.newest[y.at].time = max(y.newest[y.at].time, at)
		return
	}
	for i := range y.newest {
		if y.newest[i].log == log {
			y.newest[i].time = max(y.newest[i].time, at)
			y.at = i
			return
		}
	}
	if len(y.newest) < maxLogs {
		y.at = len(y.newest)
		y.newest = append(y.newest, newestTime{log, at})
	}
}

func (y *tally) reset() {
	clear(y.newest)
	*y = tally{newest: y.newest[:0]}
}

// newestTimes is what Stats remembers of all chunks.
type newestTimes struct {
	mu  sync.Mutex
	log map[string]*int64 // ns
}

func (n *newestTimes) add(times []newestTime) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, t := range times {
		if at := n.log[t.log]; at != nil {
			// Not by assigning to the map: that would take over the key too,
			// which is a view into the chunk.
			*at = max(*at, t.time)
			continue
		}
		if n.log == nil {
			n.log = map[string]*int64{}
		}
		if len(n.log) < maxLogs {
			first := t.time
			n.log[strings.Clone(t.log)] = &first
		}
	}
}

// Newest returns the latest time of an acknowledged entry, by the label log.
func (s *Stats) Newest() map[string]time.Time {
	s.newest.mu.Lock()
	defer s.newest.mu.Unlock()
	m := make(map[string]time.Time, len(s.newest.log))
	for log, ns := range s.newest.log {
		m[log] = time.Unix(0, *ns)
	}
	return m
}

// Outcome returns how many acknowledged entries had an outcome.
func (s *Stats) Outcome(name string) int64 { return s.outcomes[outcomeIndex(name)].Load() }

// add adds what a run counted.
func (s *Stats) add(r *Run) {
	addTo(&s.Lines, r.lines)
	addTo(&s.Truncated, r.truncated)
	addTo(&s.Overflows, r.tally.overflows)
	for f, n := range r.entries {
		addTo(&s.Entries[f], n)
	}
	for o, n := range r.tally.outcomes {
		addTo(&s.outcomes[o], n)
	}
	s.newest.add(r.tally.newest)
}

func addTo(c *atomic.Int64, n int64) {
	if n > 0 {
		c.Add(n)
	}
}

// Streams returns how many label sets there were.
func (t *Transform) Streams() int {
	t.labels.mu.RLock()
	defer t.labels.mu.RUnlock()
	return len(t.labels.sets)
}

// MailMemory returns how many things are remembered of mails on their way, and
// how many bytes they take; 0 if mails are not followed.
func (t *Transform) MailMemory() (entries, bytes int) {
	if t.mails == nil {
		return 0, 0
	}
	return t.mails.Size()
}

// LabelValues returns how many values each guarded label has had: those that
// the lines decide on.
func (t *Transform) LabelValues() map[string]int {
	t.labels.mu.RLock()
	defer t.labels.mu.RUnlock()
	m := map[string]int{"container": 0, "host": 0, "service_name": 0}
	for _, k := range t.labelKeys {
		m[k.label] = 0
	}
	for name, seen := range t.labels.values {
		m[name] = len(seen)
	}
	return m
}
