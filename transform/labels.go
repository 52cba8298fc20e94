package transform

import (
	"log/slog"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// Overflow is the value that a label takes once it has had as many different
// values as label_value_limit allows; the true value goes to the metadata
// under the label's name with overflowSuffix.
const (
	Overflow       = "__other__"
	overflowSuffix = "_value"
)

// Loki's default limits (pkg/validation/limits.go), in bytes.
const (
	maxLabelValue = 2048
	maxLabels     = 15
)

// labelCache remembers one label set of a source for the rest of a chunk.
type labelCache struct {
	job, host, service, log, container, exporter string
	level                                        format.Level
	set                                          *entry.Labels
}

// labelCaches is how many label sets of a source are remembered: a log has one
// for each level, a host with containers behind one tag one for each container
// too.
const labelCaches = 8

func (c *labelCache) holds(d *format.Draft, host string) bool {
	return c.set != nil && c.level == d.Level && c.container == d.Container && c.log == d.Log &&
		c.service == d.Service && c.job == d.Job && c.host == host && c.exporter == d.Exporter
}

// labeler interns label sets and guards the number of values a label may
// have. A value once refused stays refused and one accepted stays accepted, so
// that a chunk that comes again gets the same labels.
type labeler struct {
	static []entry.Pair // labels of the configuration, sorted
	limit  int
	log    *slog.Logger

	mu     sync.RWMutex
	sets   map[string]*entry.Labels
	values map[string]map[string]bool // label → accepted values
	full   map[string]bool            // labels whose overflow was logged
}

func newLabeler(static []entry.Pair, limit int, log *slog.Logger) *labeler {
	l := &labeler{
		limit: limit, log: log,
		sets: map[string]*entry.Labels{}, values: map[string]map[string]bool{}, full: map[string]bool{},
	}
	l.static = append(l.static, static...)
	return l
}

// intern returns the one Labels that stands for pairs, which the caller may
// reuse. Empty values are left out, the static labels win.
func (l *labeler) intern(scratch []byte, pairs []entry.Pair) (*entry.Labels, []byte) {
	scratch = scratch[:0]
	for i := range pairs {
		scratch = append(append(scratch, pairs[i].Name...), 1)
		scratch = append(append(scratch, pairs[i].Value...), 2)
	}
	l.mu.RLock()
	set := l.sets[string(scratch)]
	l.mu.RUnlock()
	if set != nil {
		return set, scratch
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if set = l.sets[string(scratch)]; set == nil {
		set = l.build(pairs)
		l.sets[string(scratch)] = set
	}
	return set, scratch
}

func (l *labeler) build(pairs []entry.Pair) *entry.Labels {
	merged := make([]entry.Pair, 0, len(pairs)+len(l.static))
	for _, p := range l.static {
		if p.Value != "" {
			merged = append(merged, p)
		}
	}
	for _, p := range pairs {
		if p.Value == "" || hasName(merged, p.Name) || len(merged) >= maxLabels {
			continue
		}
		merged = append(merged, entry.Pair{Name: strings.Clone(p.Name), Value: strings.Clone(p.Value)})
	}
	sort.Slice(merged, func(i, j int) bool { return merged[i].Name < merged[j].Name })
	return &entry.Labels{Pairs: merged, Text: labelText(merged)}
}

func hasName(pairs []entry.Pair, name string) bool {
	for i := range pairs {
		if pairs[i].Name == name {
			return true
		}
	}
	return false
}

// labelText writes the form of Prometheus' text format that Loki parses.
func labelText(pairs []entry.Pair) string {
	b := []byte{'{'}
	for i, p := range pairs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, p.Name...), '=')
		b = strconv.AppendQuote(b, p.Value)
	}
	return string(append(b, '}'))
}

// admit reports whether label name may have this value.
func (l *labeler) admit(name, value string) bool {
	l.mu.RLock()
	seen := l.values[name]
	ok := seen[value]
	l.mu.RUnlock()
	if ok {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen = l.values[name]; seen == nil {
		seen = map[string]bool{}
		l.values[name] = seen
	}
	if seen[value] {
		return true
	}
	if len(value) > maxLabelValue { // refused for its length; the label may have room for others
		return false
	}
	if len(seen) < l.limit {
		seen[strings.Clone(value)] = true
		return true
	}
	if !l.full[name] {
		l.full[name] = true
		l.log.Warn("label has more values than label_value_limit allows; further values become "+Overflow+
			", the true value is in the structured metadata",
			"label", name, "limit", l.limit, "metadata", name+overflowSuffix)
	}
	return false
}

// guard returns the value label name may have; the value refused is kept in
// the metadata, first of all that stands outside of the vocabulary.
func (r *Run) guard(d *format.Draft, name, value string, full *bool) string {
	if value == "" || r.t.labels.admit(name, value) {
		return value
	}
	*full = true
	r.tally.overflows++
	if i := d.ExtraAt(name + overflowSuffix); i >= 0 {
		d.Extra = slices.Delete(d.Extra, i, i+1)
	}
	d.Extra = slices.Insert(d.Extra, 0, entry.Pair{Name: name + overflowSuffix, Value: value})
	return Overflow
}

// setLabels gives e its label set.
func (r *Run) setLabels(d *format.Draft, e *entry.Entry) {
	host := d.Host
	if host == "" {
		host = r.t.opts.Host
	}
	if len(r.t.labelKeys) == 0 {
		for i := range r.src.labels {
			if c := &r.src.labels[i]; c.holds(d, host) {
				e.Labels = c.set
				return
			}
		}
	}
	full := false
	var pairs [maxLabels]entry.Pair
	p := append(pairs[:0],
		entry.Pair{Name: "container", Value: r.guard(d, "container", d.Container, &full)},
		entry.Pair{Name: "exporter", Value: d.Exporter},
		entry.Pair{Name: "host", Value: r.guard(d, "host", host, &full)},
		entry.Pair{Name: "job", Value: d.Job},
		entry.Pair{Name: "log", Value: d.Log},
		entry.Pair{Name: "service_name", Value: r.guard(d, "service_name", d.Service, &full)})
	if d.Level != format.LevelUnknown {
		p = append(p, entry.Pair{Name: "level", Value: d.Level.String()})
	}
	for _, k := range r.t.labelKeys {
		v := r.lookup(d, k.key, k.field, true)
		p = append(p, entry.Pair{Name: k.label, Value: r.guard(d, k.label, v, &full)})
	}
	e.Labels, r.key = r.t.labels.intern(r.key, p)
	if !full { // a refused value must be noted again each time
		r.src.labels[r.src.oldest] = labelCache{d.Job, host, d.Service, d.Log, d.Container, d.Exporter, d.Level, e.Labels}
		r.src.oldest = (r.src.oldest + 1) % labelCaches
	}
}

// labelKey is one name of label_keys.
type labelKey struct {
	key   string // as configured, without '$'
	label string // valid label name
	field int    // of the vocabulary, or -1
}

// lookup finds the value of a key; take removes it from the metadata.
func (r *Run) lookup(d *format.Draft, key string, field int, take bool) string {
	if field >= 0 && d.Has(format.Field(field)) {
		v := d.Get(format.Field(field))
		if take {
			d.Unset(format.Field(field))
		}
		return v
	}
	for i := range d.Extra {
		if d.Extra[i].Name == key {
			v := d.Extra[i].Value
			if take {
				d.Extra = append(d.Extra[:i], d.Extra[i+1:]...)
			}
			return v
		}
	}
	if v, ok := d.Head.Record.Get(key); ok {
		return r.recordText(d, key, v)
	}
	return ""
}
