package stage

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// What follows makes groups of entries. A key is a text that is equal for two
// entries if, and only if, the labels that it is made of are.

// AppendBy appends the labels of the given names, in that order, to dst.
func (l *Labels) AppendBy(dst []entry.Pair, names []string) []entry.Pair {
	for _, name := range names {
		if v, ok := l.value(name); ok {
			dst = append(dst, entry.Pair{Name: name, Value: v})
		}
	}
	return dst
}

// AppendWithout appends all labels but those of the given names, sorted by
// name, to dst. Labels whose value is empty are left out unless blanks is set.
func (l *Labels) AppendWithout(dst []entry.Pair, names []string, blanks bool) []entry.Pair {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		if (blanks || p.Value != "") && !slices.Contains(names, p.Name) {
			dst = append(dst, p)
		}
	}
	return dst
}

// KeyBy appends the key of the labels of the given names to dst.
func (l *Labels) KeyBy(dst []byte, names []string) []byte {
	for _, name := range names {
		v, ok := l.value(name)
		if ok {
			dst = append(dst, keyThere)
		}
		dst = append(append(dst, v...), keyEnd)
	}
	return dst
}

// KeyWithout appends the key of the labels of AppendWithout to dst.
func (l *Labels) KeyWithout(dst []byte, names []string, blanks bool) []byte {
	l.scratch = l.Append(l.scratch[:0])
	for _, p := range l.scratch {
		if !blanks && p.Value == "" || slices.Contains(names, p.Name) {
			continue
		}
		dst = append(dst, p.Name...)
		dst = append(dst, keyEnd)
		dst = append(dst, p.Value...)
		dst = append(dst, keyEnd)
	}
	return dst
}

// keyEnd ends a part of a key, keyThere begins one whose label is there. They are
// in no text of UTF-8.
const (
	keyEnd   = 0xff
	keyThere = 0xfe
)

// value returns what a label is for groups, errors among them.
func (l *Labels) value(name string) (string, bool) {
	if v, ok := l.Get(name); ok {
		return v, true
	}
	switch name {
	case ErrorLabel:
		return l.errKind, l.errKind != ""
	case DetailsLabel:
		return l.errDetails, l.errDetails != ""
	}
	return "", false
}

// PairsOfKey returns the labels that KeyBy made the key of, as AppendBy does;
// their values are parts of the key.
func PairsOfKey(key string, names []string) (pairs []entry.Pair) {
	for _, name := range names {
		end := strings.IndexByte(key, keyEnd)
		if end < 0 {
			break
		}
		if end > 0 && key[0] == keyThere {
			pairs = append(pairs, entry.Pair{Name: name, Value: key[1:end]})
		}
		key = key[end+1:]
	}
	return pairs
}
