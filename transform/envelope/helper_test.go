package envelope

import (
	"time"

	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// keys are the record keys that a Reader is told.
type keys struct{ payload, path string }

// newReader makes a Reader with memory and a clock of its own.
func newReader(k keys) *Reader {
	return &Reader{Arena: new(scan.Arena), Clock: &logtime.Clock{Loc: time.Local}, PayloadKey: k.payload, PathKey: k.path}
}
