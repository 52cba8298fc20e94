package filter

import (
	"slices"
	"strconv"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// writer writes the record that goes out.
type writer struct {
	names

	out  []byte
	line packer // the line of a record that was rebuilt

	labels map[*entry.Labels]*labelJSON

	begun bool // the first entry was written
	open  bool // inside of the message
	more  int  // entries after the first
}

func (w *writer) begin(m chunk.Map) {
	w.rec, w.seen, w.kept, w.out = m, w.seen[:0], w.kept[:0], append(w.out[:0], '{')
	w.begun, w.open, w.whole, w.more = false, false, false, 0
}

// entry takes one entry of the record. The first gives the fields; the text of
// all is one message, so that no line is lost.
func (w *writer) entry(e *entry.Entry) {
	if w.begun {
		w.more++
		if w.open {
			w.out = append(w.out, `\n`...)
			w.lines(e)
		}
		return
	}
	w.begun, w.e = true, e
	w.fields(e)
	w.whole = e.Rebuilt && w.set.Keep && w.rebuilt(e.Line)
	if w.set.Keep && !w.whole {
		w.keep(w.set.lineKey(w.rec), nil)
	}
	if w.set.LineKey != "" && !w.whole {
		w.key(w.set.LineKey)
		w.out = append(w.out, '"')
		w.open = true
		w.lines(e)
	}
	w.e = nil
}

// end closes the object; false if there was no entry.
func (w *writer) end() bool {
	if !w.begun {
		return false
	}
	if w.open {
		w.out = append(w.out, '"')
	}
	if w.more > 0 {
		w.key(w.set.Prefix + moreEvents)
		w.out = strconv.AppendInt(w.out, int64(w.more), 10)
	}
	w.out = append(w.out, '}')
	return true
}

// fields writes time, labels and metadata. The names of metadata are unique
// among themselves and, like the prefix, need no escape (entry.LabelName).
func (w *writer) fields(e *entry.Entry) {
	if w.set.TimeKey != "" {
		w.key(w.set.TimeKey)
		w.out = append(w.out, '"')
		w.out = append(w.stamp.append(w.out, e.Time), '"')
	}
	l := w.labelJSON(e.Labels)
	w.comma()
	out := append(w.out, l.json...)
	for i := range e.Meta {
		p := &e.Meta[i]
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), w.set.Prefix...), p.Name...)
		if l.mask&bit(p.Name) != 0 && w.reserved(l.pairs, p.Name) {
			out = append(out, w.rename(l.pairs, p.Name)...)
		}
		out = append(out, '"', ':', '"')
		if plain(p.Value) {
			out = append(out, p.Value...)
		} else {
			out = chunk.AppendEscaped(out, p.Value)
		}
		out = append(out, '"')
	}
	w.out = out
}

// lines appends the lines of e to the message.
func (w *writer) lines(e *entry.Entry) {
	w.out = chunk.AppendEscaped(w.out, e.Line)
	for _, s := range e.More {
		w.out = append(w.out, `\n`...)
		w.out = chunk.AppendEscaped(w.out, s)
	}
}

func (w *writer) comma() {
	if len(w.out) > 1 {
		w.out = append(w.out, ',')
	}
}

// key begins a field.
func (w *writer) key(name string) {
	w.comma()
	w.out = append(w.out, '"')
	w.out = chunk.AppendEscaped(w.out, name)
	w.out = append(w.out, '"', ':')
}

// rebuilt writes the fields of a record whose line was made of them, as the
// line has them: what is secret is taken out there. It reports whether the line
// could be read.
func (w *writer) rebuilt(line string) bool {
	m, ok := w.line.pack([]byte(line))
	if !ok {
		return false
	}
	w.whole = true
	w.keep("", m)
	return true
}

// keep writes the record's own fields: not the one that the line is from, and
// not what is there already with the same text. A field that over has too is
// taken from there.
func (w *writer) keep(lineKey string, over chunk.Map) {
	f := w.rec.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if lineKey != "" && key == lineKey || slices.Contains(w.seen, key) {
			continue
		}
		w.seen = append(w.seen, key)
		if over != nil {
			if o, ok := over.Get(key); ok {
				v = o
			}
		}
		if value, ok := w.ours(key); ok && w.same(value, v) {
			continue
		}
		for w.taken(key) {
			key += extracted
		}
		w.kept = append(w.kept, key)
		w.key(key)
		w.out = v.AppendJSON(w.out)
	}
}
