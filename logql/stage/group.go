package stage

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/entry"
)

// What follows makes groups of entries. A key is a text that is equal for two
// entries if, and only if, the labels that it is made of are. Among the labels
// that are asked for by name, one whose value is empty counts as none.

// AppendBy appends the labels of the given names, in that order, to dst.
func (l *Labels) AppendBy(dst []entry.Pair, names []string) []entry.Pair {
	for _, name := range names {
		if v := l.value(name); v != "" {
			dst = append(dst, entry.Pair{Name: name, Value: v})
		}
	}
	return dst
}

// AppendWithout appends all labels but those of the given names, sorted by
// name, to dst.
func (l *Labels) AppendWithout(dst []entry.Pair, names []string) []entry.Pair {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		if !slices.Contains(names, p.Name) {
			dst = append(dst, p)
		}
	}
	return dst
}

// KeyBy appends the key of the labels of the given names to dst.
func (l *Labels) KeyBy(dst []byte, names []string) []byte {
	for _, name := range names {
		dst = append(dst, l.value(name)...)
		dst = append(dst, keyEnd)
	}
	return dst
}

// KeyWithout appends the key of all labels but those of the given names to dst.
func (l *Labels) KeyWithout(dst []byte, names []string) []byte {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		if slices.Contains(names, p.Name) {
			continue
		}
		dst = append(dst, p.Name...)
		dst = append(dst, keyEnd)
		dst = append(dst, p.Value...)
		dst = append(dst, keyEnd)
	}
	return dst
}

// keyEnd ends a part of a key; it is in no text of UTF-8.
const keyEnd = 0xff

// value returns what a label is for groups, errors among them.
func (l *Labels) value(name string) string {
	if v, ok := l.Get(name); ok {
		return v
	}
	switch name {
	case ErrorLabel:
		return l.errKind
	case DetailsLabel:
		return l.errDetails
	}
	return ""
}
