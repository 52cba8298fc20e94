// Package filter makes one record of another: Fluent Bit's record in, the
// same with the fields of package transform out, both as JSON. It is all of
// filter/ but what only WebAssembly has, so that it is tested and fuzzed like
// any other code.
//
// One Filter is called millions of times. What it needs it keeps: a record of
// ordinary size costs a few small allocations. Nothing may fail, for Fluent Bit
// drops a record whose filter fails: what cannot be read or parsed goes out as
// it came.
package filter
