package push

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// shapes remembers what the names of metadata come to: entries of a log have
// the same ones in the same order, over and over. It is a tree, one name a step.
type shapes struct {
	root  shape
	count int
}

// shape is the names on the way to it.
type shape struct {
	name  string // the last one, as it came
	next  []*shape
	done  bool
	plain bool // names are valid and differ
	bytes int  // of all names, as they came
	names []string
	order []uint8 // names[i] is that of pair order[i]
	same  bool    // order changes nothing
}

// Bounds of what is remembered.
const (
	maxShapes = 4096
	maxBranch = 64
)

// find returns the shape of metadata, nil if it is not remembered.
func (s *shapes) find(meta []entry.Pair) *shape {
	at := &s.root
	for i := range meta {
		if at = s.step(at, meta[i].Name); at == nil {
			return nil
		}
	}
	if !at.done {
		at.fill(meta)
	}
	return at
}

func (s *shapes) step(at *shape, name string) *shape {
	for _, n := range at.next {
		if n.name == name {
			return n
		}
	}
	if s.count == maxShapes || len(at.next) == maxBranch || len(name) > maxLabelName {
		return nil
	}
	s.count++
	n := &shape{name: strings.Clone(name)}
	at.next = append(at.next, n)
	return n
}

// fill finds out what there is to know.
func (s *shape) fill(meta []entry.Pair) {
	s.done = true
	if len(meta) > maxMetaEntries {
		return
	}
	names := make([]string, len(meta))
	for i := range meta {
		s.bytes += len(meta[i].Name)
		if nameless(meta[i].Name) {
			return
		}
		names[i] = strings.Clone(metaName(meta[i].Name))
		s.order = append(s.order, uint8(i)) //nolint:gosec // at most maxMetaEntries
	}
	slices.SortFunc(s.order, func(a, b uint8) int { return strings.Compare(names[a], names[b]) })
	for _, at := range s.order {
		s.names = append(s.names, names[at])
	}
	s.plain = len(slices.Compact(slices.Clone(s.names))) == len(names)
	s.same = slices.IsSorted(s.order)
}

// arrange names metadata of this shape and puts it in order, in its own memory;
// spare is memory. It returns the bytes of names and values as they came.
func (s *shape) arrange(meta, spare []entry.Pair) (arranged, memory []entry.Pair, bytes int) {
	bytes = s.bytes
	blank := false
	for i := range meta {
		bytes += len(meta[i].Value)
		blank = blank || meta[i].Value == ""
	}
	from := meta
	if !s.same {
		spare = append(spare[:0], meta...)
		from = spare
	}
	for i, name := range s.names {
		meta[i] = entry.Pair{Name: name, Value: from[s.order[i]].Value}
	}
	if blank {
		meta = slices.DeleteFunc(meta, func(p entry.Pair) bool { return p.Value == "" })
	}
	return meta, spare, bytes
}
