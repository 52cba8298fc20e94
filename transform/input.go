package transform

// Input is what the parsers of one Run share: memory, clock, where the lines
// come from. It belongs to one goroutine.
type Input struct {
	a     arena  // texts in it are valid until the chunk is done with
	clock clock  // of the zone that stamps without one are in
	tag   string // Fluent Bit's tag of the chunk

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
		return in.scratch[s.slot].(P) //nolint:forcetypeassert // the slot is of this type
	}
	for len(in.scratch) < scratches {
		in.scratch = append(in.scratch, nil)
	}
	p := P(new(T))
	in.scratch[s.slot] = p
	return p
}

// reset forgets the chunk.
func (in *Input) reset() {
	for _, s := range in.scratch {
		if s != nil {
			s.Reset()
		}
	}
	in.tag = ""
	in.a.reset()
}
