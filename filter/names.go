package filter

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

const (
	moreEvents = "more_events" // name: events in the record beyond the first
	extracted  = "_extracted"  // end of the name of what would be there twice, as in Loki's queries
)

// names decides what the fields of one record that goes out are called.
type names struct {
	set   *Settings
	rec   chunk.Map    // the record that came
	e     *entry.Entry // its first entry, while that is written
	seen  []string     // the record's own keys, as far as they were read; of equal ones the first counts
	kept  []string     // names that they were written with
	whole bool         // the record's own fields stand for its line
	text  []byte       // scratch
	stamp stamp
}

// rename returns what is put behind the name of a piece of metadata that is
// taken.
func (w *names) rename(labels []entry.Pair, name string) string {
	end := extracted
	for {
		long := name + end
		if _, ok := find(w.e.Meta, long); !ok && !w.reserved(labels, long) {
			w.kept = append(w.kept, w.set.Prefix+long)
			return end
		}
		end += extracted
	}
}

func find(pairs []entry.Pair, name string) (string, bool) {
	for i := range pairs {
		if pairs[i].Name == name {
			return pairs[i].Value, true
		}
	}
	return "", false
}

// reserved reports whether a piece of metadata has the name of a label, or of
// what is neither label nor metadata.
func (w *names) reserved(labels []entry.Pair, name string) bool {
	if name == moreEvents {
		return true
	}
	if _, ok := find(labels, name); ok {
		return true
	}
	rest, ok := strings.CutPrefix(w.set.TimeKey, w.set.Prefix)
	if ok && rest == name {
		return true
	}
	rest, ok = strings.CutPrefix(w.set.LineKey, w.set.Prefix)
	return ok && rest == name
}

// ours returns what we wrote under a name.
func (w *names) ours(key string) (string, bool) {
	switch {
	case key == "":
		return "", false
	case key == w.set.TimeKey:
		w.text = w.stamp.append(w.text[:0], w.e.Time)
		return string(w.text), true
	case key == w.set.LineKey:
		return "", !w.whole
	}
	name, ok := strings.CutPrefix(key, w.set.Prefix)
	if !ok {
		return "", false
	}
	if name == moreEvents {
		return "", true
	}
	if value, ok := find(w.e.Labels.Pairs, name); ok {
		return value, true
	}
	return find(w.e.Meta, name)
}

func (w *names) taken(key string) bool {
	if _, ok := w.ours(key); ok {
		return true
	}
	return slices.Contains(w.kept, key)
}

// same reports whether v says what is written already; INFO is info.
func (w *names) same(value string, v chunk.Value) bool {
	if s, ok := v.Str(); ok {
		return strings.EqualFold(s, value)
	}
	w.text = v.AppendText(w.text[:0])
	return string(w.text) == value
}
