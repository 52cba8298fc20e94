package filter

import (
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Chunks adds fields to the records of whole chunks: what Filter does for one
// record, with lines that belong together joined and no detour over JSON. It
// belongs to one goroutine.
type Chunks struct {
	t    *transform.Transform
	tag  string // of the last chunk
	recs []source
	recordWriter
	emit func(*entry.Entry)
}

// source is a record that came. Its maps are views into the chunk.
type source struct {
	time int64
	meta chunk.Map
	body chunk.Map
}

// keepChunk is how much memory of a chunk's answer stays for the next one.
// Fluent Bit's chunks have some 2 MB; with fields they take two to three times
// as much.
const keepChunk = 8 << 20

// NewChunks makes Chunks.
func NewChunks(s *Settings) *Chunks {
	c := &Chunks{t: transform.New(s.options), recordWriter: recordWriter{names: names{set: s}}}
	c.emit = func(e *entry.Entry) { c.entry(e, &c.recs[e.Record]) }
	return c
}

// Apply returns the chunk with our fields; false if there is no record in it to
// give any. Group markers stay where they are, and what is damaged stays at the
// end as it came. The result is valid until the next call. Apply panics if
// there is a fault in this program; it can be called again then.
func (c *Chunks) Apply(tag string, data []byte) (out []byte, changed bool) {
	if tag != c.tag {
		c.tag = strings.Clone(tag)
	}
	c.begin(len(data))
	defer c.forget()
	var rd chunk.Reader
	var ev chunk.Event
	var run *transform.Run
	rd.Reset(data)
	end := 0 // of the last record
	for rd.Next(&ev) {
		if run != nil && rd.Start() > end { // group markers
			c.finish(run)
			run = nil
		}
		if run == nil {
			c.out = append(c.out, data[end:rd.Start()]...)
			run = c.t.Begin(c.tag, data, c.emit)
		}
		end = rd.Offset()
		c.recs = append(c.recs, source{time: ev.Time, meta: ev.Meta, body: ev.Body})
		run.Add(&ev)
	}
	if run == nil {
		return nil, false
	}
	c.finish(run)
	c.out = append(c.out, data[end:]...)
	return c.out, true
}

// begin makes room for the answer to a chunk of n bytes.
func (c *Chunks) begin(n int) {
	switch {
	case cap(c.out) > keepChunk:
		c.out = nil
		fallthrough
	case cap(c.out) == 0:
		c.out = make([]byte, 0, 2*n+1<<10)
	}
	for _, b := range []*[]byte{&c.line.buf, &c.text} {
		if cap(*b) > keepBytes {
			*b = nil
		}
	}
	c.out = c.out[:0]
}

// finish writes what is left of the records of a run.
func (c *Chunks) finish(run *transform.Run) {
	run.Finish()
	run.Close(true)
	c.forget()
}

// forget drops every view into the chunk, which belongs to Fluent Bit.
func (c *Chunks) forget() {
	clear(c.recs)
	c.recs = c.recs[:0]
	if cap(c.recs) > keepBytes/64 {
		c.recs = nil
	}
	clear(c.seen[:cap(c.seen)])
	clear(c.kept[:cap(c.kept)])
	c.seen, c.kept, c.rec, c.e = c.seen[:0], c.kept[:0], nil, nil
}

// recordWriter writes records as MessagePack.
type recordWriter struct {
	names

	out    []byte
	fields int    // of the record at hand
	line   packer // the line of a record that was rebuilt
	labels map[*entry.Labels]*labelPack
}

// labelPack is a label set, encoded once.
type labelPack struct {
	fields []byte
	mask   uint64 // a bit for each name that metadata must not have
}

// entry writes the record of one entry, whose first line is from the record src.
func (w *recordWriter) entry(e *entry.Entry, src *source) {
	w.e, w.rec, w.whole, w.fields = e, src.body, false, 0
	w.seen, w.kept = w.seen[:0], w.kept[:0]
	at := src.time
	if w.set.SetTime {
		at = e.Time
	}
	w.out = chunk.AppendRecord(w.out, at, src.meta)
	head := len(w.out)
	w.out = chunk.AppendMapHead(w.out, 0)
	w.ourFields(e)
	switch w.whole = e.Rebuilt && w.set.Keep && len(e.More) == 0 && w.rebuilt(e.Line); {
	case w.whole:
	case w.set.Keep && !e.Rebuilt: // else the line has the fields, without what is secret
		w.keep(w.set.lineKey(w.rec), nil)
		fallthrough
	default:
		w.message(e)
	}
	chunk.SetMapLen(w.out[head:], w.fields)
}

// key begins a field.
func (w *recordWriter) key(prefix, name, end string) {
	w.fields++
	out := chunk.AppendStringHead(w.out, len(prefix)+len(name)+len(end))
	out = append(append(out, prefix...), name...)
	w.out = append(out, end...)
}

// message writes the text of an entry, all its lines.
func (w *recordWriter) message(e *entry.Entry) {
	if w.set.LineKey == "" {
		return
	}
	w.key("", w.set.LineKey, "")
	w.out = chunk.AppendStringHead(w.out, e.Size())
	w.out = e.AppendLine(w.out)
}

// ourFields writes time, labels and metadata; see writer.fields.
func (w *recordWriter) ourFields(e *entry.Entry) {
	if w.set.TimeKey != "" {
		w.key("", w.set.TimeKey, "")
		w.text = w.stamp.append(w.text[:0], e.Time)
		w.out = append(chunk.AppendStringHead(w.out, len(w.text)), w.text...)
	}
	l := w.labelPack(e.Labels)
	w.out = append(w.out, l.fields...)
	w.fields += len(e.Labels.Pairs)
	for i := range e.Meta {
		p := &e.Meta[i]
		end := ""
		if l.mask&bit(p.Name) != 0 && w.reserved(e.Labels.Pairs, p.Name) {
			end = w.rename(e.Labels.Pairs, p.Name)
		}
		w.key(w.set.Prefix, p.Name, end)
		if w.set.Types {
			w.out = appendTyped(w.out, p)
		} else {
			w.out = chunk.AppendString(w.out, p.Value)
		}
	}
}

func (w *recordWriter) labelPack(l *entry.Labels) *labelPack {
	if p := w.labels[l]; p != nil {
		return p
	}
	p := &labelPack{mask: w.taboo(l)}
	for _, pair := range l.Pairs {
		p.fields = chunk.AppendString(p.fields, w.set.Prefix+pair.Name)
		p.fields = chunk.AppendString(p.fields, pair.Value)
	}
	if len(w.labels) >= maxLabelSets || w.labels == nil {
		w.labels = make(map[*entry.Labels]*labelPack)
	}
	w.labels[l] = p
	return p
}

// rebuilt writes the fields of a record whose line was made of them, as the
// line has them: what is secret is taken out there. It reports whether the line
// could be read.
func (w *recordWriter) rebuilt(line string) bool {
	m, ok := w.line.pack([]byte(line))
	if !ok {
		return false
	}
	w.whole = true
	w.keep("", m)
	return true
}

// keep writes the record's own fields, as writer.keep does. A field that over
// has too is taken from there if it says something else.
func (w *recordWriter) keep(lineKey string, over chunk.Map) {
	f := w.rec.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if lineKey != "" && key == lineKey || slices.Contains(w.seen, key) {
			continue
		}
		w.seen = append(w.seen, key)
		if over != nil {
			v = w.changed(key, v, over)
		}
		if value, ok := w.ours(key); ok && w.same(value, v) {
			continue
		}
		for w.taken(key) {
			key += extracted
		}
		w.kept = append(w.kept, key)
		w.key("", key, "")
		w.out = chunk.AppendValue(w.out, v)
	}
}

// changed returns what over has of a field, if that is not what v says: the
// detour over JSON loses what kind of number or text v is.
func (w *recordWriter) changed(key string, v chunk.Value, over chunk.Map) chunk.Value {
	o, ok := over.Get(key)
	if !ok {
		return v
	}
	w.text = v.AppendJSON(w.text[:0])
	n := len(w.text)
	w.text = o.AppendJSON(w.text)
	if string(w.text[:n]) == string(w.text[n:]) {
		return v
	}
	return o
}
