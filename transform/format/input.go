package format

import (
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Input is what the parsers of one Run share: memory, clock, where the lines
// come from. It belongs to one goroutine.
type Input struct {
	Arena scan.Arena    // texts in it are valid until the chunk is done with
	Clock logtime.Clock // of the zone that stamps without one are in
	Tag   string        // Fluent Bit's tag of the chunk

	scratch []resetter // by Scratch
}

// resetter forgets what it holds of a chunk.
type resetter interface{ Reset() }

// Scratch finds the memory that one format keeps from line to line, so that it
// allocates none for each. T's Reset forgets what belongs to a chunk.
type Scratch[T any, P interface {
	*T
	resetter
}] struct{ slot int }

var scratches int // handed out; written at the start of the program only

// NewScratch is for variables of packages.
func NewScratch[T any, P interface {
	*T
	resetter
}]() Scratch[T, P] {
	scratches++
	return Scratch[T, P]{scratches - 1}
}

// Of returns the memory for the lines of in.
func (s Scratch[T, P]) Of(in *Input) P {
	if s.slot < len(in.scratch) && in.scratch[s.slot] != nil {
		return in.scratch[s.slot].(P) // the slot is of this type
	}
	for len(in.scratch) < scratches {
		in.scratch = append(in.scratch, nil)
	}
	p := P(new(T))
	in.scratch[s.slot] = p
	return p
}

// Reset forgets the chunk.
func (in *Input) Reset() {
	for _, s := range in.scratch {
		if s != nil {
			s.Reset()
		}
	}
	in.Tag = ""
	in.Arena.Reset()
}
