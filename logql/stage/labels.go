package stage

import "github.com/zimbraloki/zimbraloki/entry"

// Labels are the labels of one entry on its way through a pipeline: those of
// its stream, its structured metadata, and what parsers found.
type Labels struct {
	stream []entry.Pair
	meta   []entry.Pair
}

// Reset starts an entry; Time is nanoseconds since 1970 UTC (for __timestamp__).
func (l *Labels) Reset(stream *entry.Labels, meta []entry.Pair, time int64) {
	l.stream, l.meta = stream.Pairs, meta
}
