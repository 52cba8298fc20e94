package filter

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Filter adds fields to records. It belongs to one goroutine.
type Filter struct {
	t   *transform.Transform
	log io.Writer

	tag    string // of the last record
	in     packer
	out    writer
	ev     chunk.Event
	failed int64 // panics
}

// keepBytes is how much scratch memory stays for the next record; that of a
// larger one is given back.
const keepBytes = 1 << 20

// New makes a Filter. What goes wrong later is said on log, a line each.
func New(s *Settings, log io.Writer) *Filter {
	return &Filter{t: transform.New(s.options), log: log, out: writer{names: names{set: s}}}
}

// Apply returns the record with our fields, a JSON object. tag and time are
// those of the event. The result is valid until the next call.
//
// A record that cannot be read comes back as the text of its key log: Fluent
// Bit drops what a filter gives it that is not JSON.
func (f *Filter) Apply(tag []byte, sec, nsec uint32, record []byte) (out []byte) {
	f.trim()
	defer func() {
		if p := recover(); p != nil {
			f.panicked(p)
			out = f.unchanged(record)
		}
	}()
	m, ok := f.in.pack(record)
	if !ok {
		return f.asText(record)
	}
	if string(tag) != f.tag {
		f.tag = string(tag)
	}
	f.out.begin(m)
	f.ev = chunk.Event{Time: int64(sec)*1e9 + int64(nsec), Body: m}
	r := f.t.Begin(f.tag, m, f.out.entry)
	r.Add(&f.ev)
	r.Finish()
	r.Close(true)
	if !f.out.end() {
		return f.unchanged(record)
	}
	return f.out.out
}

// trim gives back the memory that a large record took.
func (f *Filter) trim() {
	for _, b := range []*[]byte{&f.in.buf, &f.out.out, &f.out.line.buf, &f.out.text} {
		if cap(*b) > keepBytes {
			*b = nil
		}
	}
}

// panicked says the first fault, and then each time their number has doubled.
func (f *Filter) panicked(p any) {
	f.failed++
	if f.failed&(f.failed-1) == 0 {
		fmt.Fprintf(f.log, "[zimbraloki] a record goes on unchanged, %d so far, please report it: %v\n", f.failed, p)
	}
}

// unchanged returns the record as it came, if that is JSON.
func (f *Filter) unchanged(record []byte) []byte {
	if !json.Valid(record) {
		return f.asText(record)
	}
	f.out.out = append(f.out.out[:0], record...)
	return f.out.out
}

// asText returns a record that has what came as the text of its key log.
func (f *Filter) asText(record []byte) []byte {
	out := append(f.out.out[:0], `{"log":"`...)
	out = chunk.AppendEscaped(out, string(record))
	f.out.out = append(out, `"}`...)
	return f.out.out
}
