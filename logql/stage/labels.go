package stage

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Labels are the labels of one entry on its way through a pipeline: those of
// its stream, its structured metadata, and what parsers and formatters set.
// One Labels serves all entries of a query, one after the other; what it hands
// out is valid until the next Reset.
type Labels struct {
	stream []entry.Pair
	meta   []entry.Pair
	time   int64

	parsed []entry.Pair // set by stages, in that order, names unique
	hidden []string     // names of stream and metadata that were dropped or replaced
	seen   []string     // names that parsers set: none sets them again, even if dropped since

	want  []string // the only names that parsers need set, nil = all
	tries []try

	refused bool // by one of the tries
	dropped bool // a label that was not there, by its value

	errKind, errDetails string
	kept                bool // the error is of a parser, and asked for

	suffixed map[string]string // name → name_extracted, so that it is built once
	arena    []byte            // text that is not part of the line
	scratch  []entry.Pair
}

// Category is where a label comes from, as Loki tells clients that ask for it.
type Category uint8

// The categories of labels.
const (
	Stream Category = iota
	Metadata
	Parsed
)

// ExtractedSuffix marks a parsed label whose name the stream or the metadata
// has already.
const ExtractedSuffix = "_extracted"

// Reset starts an entry; Time is nanoseconds since 1970 UTC (for __timestamp__).
func (l *Labels) Reset(stream *entry.Labels, meta []entry.Pair, time int64) {
	l.stream, l.meta, l.time = stream.Pairs, meta, time
	l.parsed, l.hidden, l.seen = l.parsed[:0], l.hidden[:0], l.seen[:0]
	l.errKind, l.errDetails, l.kept, l.refused, l.dropped = "", "", false, false, false
	l.arena = l.arena[:0]
}

// Want tells parsers of what they find in a line the only names that matter;
// nil is all. json, logfmt, regexp and pattern leave the others out and end
// where all of these are found: what is wrong behind that they do not see.
// unpack does not begin then, and the line stays packed.
func (l *Labels) Want(names []string) { l.want = names }

// wants reports whether a parser must set this name.
func (l *Labels) wants(name string) bool { return l.want == nil || slices.Contains(l.want, name) }

// complete reports whether parsers have found all names that are wanted.
func (l *Labels) complete() bool {
	for _, name := range l.want {
		if !l.saw(name) {
			return false
		}
	}
	return l.want != nil
}

// Changed reports whether any stage changed the labels of the entry. If not,
// they are those of stream and metadata, and so is every grouping of them.
func (l *Labels) Changed() bool {
	return len(l.parsed) > 0 || len(l.hidden) > 0 || l.errKind != "" || l.errDetails != ""
}

// Get returns the value of a label and whether the entry has it. Errors are
// not labels here: see Err.
func (l *Labels) Get(name string) (string, bool) {
	if v, ok := find(l.parsed, name); ok {
		return v, true
	}
	if len(l.hidden) > 0 && slices.Contains(l.hidden, name) {
		return "", false
	}
	if v, ok := find(l.meta, name); ok {
		return v, true
	}
	return find(l.stream, name)
}

func find(pairs []entry.Pair, name string) (string, bool) {
	for i := range pairs {
		if pairs[i].Name == name {
			return pairs[i].Value, true
		}
	}
	return "", false
}

// Set gives the entry a label, in place of any that it has of this name.
func (l *Labels) Set(name, value string) {
	for i := range l.parsed {
		if l.parsed[i].Name == name {
			l.parsed[i].Value = value
			return
		}
	}
	l.hide(name)
	l.parsed = append(l.parsed, entry.Pair{Name: name, Value: value})
}

// Delete takes a label from the entry.
func (l *Labels) Delete(name string) {
	for i := range l.parsed {
		if l.parsed[i].Name == name {
			l.parsed = slices.Delete(l.parsed, i, i+1)
			break
		}
	}
	l.hide(name)
}

// hide keeps a label of stream or metadata from being seen.
func (l *Labels) hide(name string) {
	if slices.Contains(l.hidden, name) {
		return
	}
	if has(l.stream, name) || has(l.meta, name) {
		l.hidden = append(l.hidden, name)
	}
}

func has(pairs []entry.Pair, name string) bool {
	_, ok := find(pairs, name)
	return ok
}

// extract is how parsers set a label: under another name if stream or metadata
// have this one, and not if a stage or parser before has set it. It reports
// whether that was the last one that is wanted, or a filter drops the entry.
func (l *Labels) extract(name, value string) (done bool) {
	if name = l.free(name); !l.wants(name) || l.taken(name) {
		return false
	}
	l.put(name, value)
	return l.refuses(name) || l.complete()
}

// taken reports whether parsers may not set this name.
func (l *Labels) taken(name string) bool { return has(l.parsed, name) || l.saw(name) }

// saw reports whether a parser set this name before.
func (l *Labels) saw(name string) bool { return slices.Contains(l.seen, name) }

// see notes that a parser set this name.
func (l *Labels) see(name string) {
	if !l.saw(name) {
		l.seen = append(l.seen, name)
	}
}

// put appends a parsed label that is known to be new.
func (l *Labels) put(name, value string) {
	l.parsed = append(l.parsed, entry.Pair{Name: name, Value: value})
	l.seen = append(l.seen, name)
}

// free returns the name that a parser has to give: with the suffix if stream
// (dropped or not) or metadata have it.
func (l *Labels) free(name string) string {
	if has(l.stream, name) || has(l.meta, name) && !slices.Contains(l.hidden, name) {
		return l.suffix(name)
	}
	return name
}

// maxSuffixed bounds the names that Labels remembers with their suffix.
const maxSuffixed = 1024

func (l *Labels) suffix(name string) string {
	if s, ok := l.suffixed[name]; ok {
		return s
	}
	if l.suffixed == nil || len(l.suffixed) >= maxSuffixed {
		l.suffixed = map[string]string{}
	}
	name = strings.Clone(name)
	s := name + ExtractedSuffix
	l.suffixed[name] = s
	return s
}

// SetErr notes an error of the pipeline, in place of one before; empty details
// leave those that there are.
func (l *Labels) SetErr(kind, details string) {
	l.errKind = kind
	if details != "" {
		l.errDetails = details
	}
}

// parserErr is SetErr of a parser.
func (l *Labels) parserErr(kind, details string) {
	l.SetErr(kind, details)
	l.kept = slices.Contains(l.want, ErrorLabel)
}

// Kept reports whether the entry has an error of a parser and __error__ is among
// the names that are wanted: such an entry counts, others with an error fail a
// metric query.
func (l *Labels) Kept() bool { return l.kept }

// Err returns the kind of the last error, __error__, or "".
func (l *Labels) Err() string { return l.errKind }

// ErrDetails returns the text of the last error, __error_details__, or "".
func (l *Labels) ErrDetails() string { return l.errDetails }

// stored reports whether the stream has the label, dropped or not, or the
// metadata, not dropped since: an expression that finds nothing does not set one
// of this name.
func (l *Labels) stored(name string) bool {
	return has(l.stream, name) || has(l.meta, name) && !slices.Contains(l.hidden, name)
}

// Append appends all labels, sorted by name, to dst, errors among them.
func (l *Labels) Append(dst []entry.Pair) []entry.Pair {
	from := len(dst)
	for c := Stream; c <= Parsed; c++ {
		dst = l.collect(dst, c)
	}
	sortPairs(dst[from:])
	return dst
}

// AppendCategory appends the labels of one category, sorted by name, to dst.
// Errors count as parsed.
func (l *Labels) AppendCategory(dst []entry.Pair, c Category) []entry.Pair {
	from := len(dst)
	dst = l.collect(dst, c)
	sortPairs(dst[from:])
	return dst
}

func (l *Labels) collect(dst []entry.Pair, c Category) []entry.Pair {
	switch c {
	case Stream:
		return l.visible(dst, l.stream, nil)
	case Metadata:
		return l.visible(dst, l.meta, l.stream)
	}
	dst = append(dst, l.parsed...)
	if l.errKind != "" && !has(l.parsed, ErrorLabel) {
		dst = append(dst, entry.Pair{Name: ErrorLabel, Value: l.errKind})
	}
	if l.errDetails != "" && !has(l.parsed, DetailsLabel) && l.telling() {
		dst = append(dst, entry.Pair{Name: DetailsLabel, Value: l.errDetails})
	}
	return dst
}

// telling reports whether the text of an error is a label: that of one that was
// dropped is still, if the entry has labels besides those of its stream, or lost
// some.
func (l *Labels) telling() bool {
	return l.errKind != "" || l.dropped || len(l.parsed)+len(l.hidden)+len(l.meta) > 0
}

// visible appends the pairs that no stage hid and that are not in over.
func (l *Labels) visible(dst, pairs, over []entry.Pair) []entry.Pair {
	if len(l.hidden) == 0 && len(over) == 0 {
		return append(dst, pairs...)
	}
	for _, p := range pairs {
		if !slices.Contains(l.hidden, p.Name) && !has(over, p.Name) {
			dst = append(dst, p)
		}
	}
	return dst
}

func sortPairs(pairs []entry.Pair) {
	if !slices.IsSortedFunc(pairs, byName) {
		slices.SortFunc(pairs, byName)
	}
}

func byName(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) }
