// Package transform turns Fluent Bit records into Loki entries (stages 3 to 5
// of the way: recognise, parse, label).
//
// In: chunk.Event, one after the other, of one chunk. Out: entry.Entry, one a
// log event: a head line with the lines that belong to it, its own time, a
// bounded label set and structured metadata in one vocabulary for all formats
// (see format.Field).
//
// A Run goes through a chunk. It has each record unwrapped (package envelope),
// gathers the lines of an event by their source, tries the formats of the table
// in formats.go (packages below format), takes out secrets and persons (package
// redact), and gives the event its time, labels and place. What lines of one
// chunk must know of another, a mail's other lines included, is in the Transform.
//
// A parser is func(in *format.Input, d *format.Draft) bool, one file a format;
// false means "not mine", never an error. What no parser knows is delivered as
// it is.
//
// Memory: lines are views into the chunk or into the Run's arena; both are
// valid until Run.Close. What outlives a chunk (the last head of a source) is
// cloned.
//
// A chunk that Fluent Bit hands over again must give the same entries byte for
// byte. So nothing here asks the clock or chance (but for records without any
// time: their first arrival is kept), and what was taken from
// memory for a chunk is kept until the chunk is acknowledged (see ledger).
package transform
