// Package chunk reads and writes Fluent Bit's event chunks: bytes in, records
// out. It is the first stage, before transform.
//
// A chunk is a plain concatenation of MessagePack records; docs/chunk-format.md
// draws it. Sources: Fluent Bit v5.1.1 and v3.2.10, src/flb_log_event_decoder.c
// and src/flb_log_event_encoder*.c; the MessagePack specification.
//
// Nothing is copied: an Event, its maps, values and strings are views into the
// chunk. They live as long as the chunk, which for an output plugin ends when
// the flush returns. Whoever keeps a string longer clones it.
//
// Nothing here recurses, so the nesting of a record is not limited; it costs a
// byte of input a level. (Fluent Bit's own unpacker gives up beyond 32 levels,
// yet a line that v5.1's json parser took apart may have more.) Code that
// recurses over Value.Map and Value.Items sets a limit of its own.
package chunk

// Event is one record.
type Event struct {
	// Time is the record's time in nanoseconds since 1970-01-01 UTC: the
	// arrival, unless an input or a parser set another. A time that cannot be
	// read is replaced by that of the record before it in the chunk. Zero
	// means that there was none either, or that Fluent Bit wrote zero.
	Time int64
	// Meta is the event's metadata, nil if it has none or an empty map.
	Meta Map
	// Body holds the record's keys. It is nil if the body is no map.
	Body Map
	// Bare is the body if that is no map (a forward client can send a string
	// or an array), and nil otherwise.
	Bare Value
	// Group is the OpenTelemetry group that the record stands in.
	Group GroupInfo
}

// GroupInfo is what a group's opening marker carries; the zero value stands for
// no group. in_opentelemetry writes one group for each resource and scope.
type GroupInfo struct {
	// Meta is the marker's metadata: schema, resource_id, scope_id.
	Meta Map
	// Body is the marker's body: resource{attributes{}} and scope{}.
	Body Map
}
