// Package envelope takes log lines out of what carried them (stage 3, unwrap).
//
// In: a record of Fluent Bit as tail, a parser or filter kubernetes made it, or a
// text with a line of Docker's json-file, of CRI or of a whole record in it. Out:
// a Payload, the line and what the envelopes said of it; and a SyslogHeader for a
// line that has one. What is no envelope stays the line.
//
// Memory: a Payload's texts are views into the chunk or lie in the arena that the
// Reader was given. A Reader belongs to one goroutine.
package envelope
