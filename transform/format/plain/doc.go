// Package plain has the format of lines of which no more is known than that they
// start with a usual time, a level, or both.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package plain
