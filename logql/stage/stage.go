// Package stage is what a log pipeline of LogQL does to one entry: filters,
// parsers, formatters. A stage works on the line and on the labels of the
// entry, and says whether the entry stays.
package stage

// Stage is one step of a pipeline. It is made for one query and used by one
// goroutine; it may keep buffers.
type Stage interface {
	// Process returns the line as it goes on, and whether the entry stays. The
	// line may be a view into memory of the stage, valid until the next call.
	Process(line string, l *Labels) (string, bool)
}
