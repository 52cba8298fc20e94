// Package format is what parsers and the rest of transform share (stage 4): the
// Spec that describes a format, the Draft that its parser fills, the vocabulary of
// fields, the levels, and the Table that finds a format by a line or a program.
//
// A parser is func(in *Input, d *Draft) bool. In: the line and its envelope in
// d.Head, the lines behind it in d.More, and in d.Format the Spec that it was
// called for. Out: time, level, labels and fields in the draft; it sets d.Format
// only to choose another one. False means "not mine", never an error.
//
// Memory: a draft's values are views of the line or lie in the Input's arena. What
// a parser keeps from line to line is in a Scratch of the Input, which forgets the
// chunk at Reset. Input and Draft belong to one goroutine.
package format
