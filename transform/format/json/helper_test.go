package json

import (
	"time"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// reader parses lines as a Run does, with memory of its own.
type reader struct {
	format.Input
	d    format.Draft
	head envelope.Payload
}

// newReader makes a reader for times of a zone; nil means that of the machine.
func newReader(loc *time.Location) *reader {
	r := new(reader)
	if r.Clock.Loc = loc; loc == nil {
		r.Clock.Loc = time.Local
	}
	return r
}

// draft makes the draft of a line.
func (r *reader) draft(p envelope.Payload) *format.Draft {
	r.Arena.Reset()
	r.d.Reset()
	r.head = p
	r.d.Head = &r.head
	return &r.d
}

// try gives the draft to the parser of a format.
func (r *reader) try(f *format.Spec) bool {
	r.d.Format = f
	return f.Parse(&r.Input, &r.d)
}
