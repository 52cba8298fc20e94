package chunk

import "encoding/binary"

// Format is the shape of the records that a Builder writes.
type Format uint8

// The formats.
const (
	V2 Format = iota // [[time, meta], body], as Fluent Bit writes
	V1               // [time, body], as Fluentd and its loggers do
)

// TimeForm is how a Builder writes a record's time.
type TimeForm uint8

// The forms of time. All but the first two are those of older Fluentd loggers.
const (
	EventTime     TimeForm = iota // fixext 8 type 0, as Fluent Bit writes
	EventTimeExt8                 // the same as ext 8 of length 8, one byte longer
	TimeInt                       // whole seconds
	TimeFloat64                   // seconds with a fraction, exact to about 0.2 µs
	TimeFloat32                   // the same, exact to about two minutes
)

// Style is how long the headers are that a Builder writes.
type Style uint8

// The styles.
const (
	// FluentBit5 has short array headers, metadata and body as map 32 however
	// few fields there are: flb_log_event_encoder.c since v5.0, flb_mp.c
	// flb_mp_map_header_init.
	FluentBit5 Style = iota
	// FluentBit3 has array 32 headers too: the same files up to v4.2.
	FluentBit3
	// Compact has the shortest headers, as Fluentd's loggers write; the forward
	// input passes their records on as they came.
	Compact
)

// KV is a map in a Builder's arguments: key, value, key, value and so on.
type KV []any

// Ext is an extension value in a Builder's arguments.
type Ext struct {
	Type int8
	Data []byte
}

// Builder writes chunks as Fluent Bit does, for the command line, tests and
// benchmarks. The zero value writes what Fluent Bit 5 writes for tail.
//
// Keys and values are nil, bool, integers, floats, string, []byte (bin), []any,
// KV, Ext, Map and Value; a value of another type, or a key without a value, is
// a mistake in the program and panics.
type Builder struct {
	Format Format
	Time   TimeForm
	Style  Style

	buf []byte
}

// Reset empties the chunk and keeps its memory.
func (b *Builder) Reset() { b.buf = b.buf[:0] }

// Reuse empties the chunk and writes it into the memory of buf from now on.
func (b *Builder) Reuse(buf []byte) { b.buf = buf[:0] }

// Bytes returns the chunk so far; it is valid until the next call.
func (b *Builder) Bytes() []byte { return b.buf }

// Record adds a record of time ns with the body kv: key, value, …
func (b *Builder) Record(ns int64, kv ...any) { b.RecordMeta(ns, nil, kv...) }

// RecordMeta adds a record with metadata, which V1 has no room for and drops.
func (b *Builder) RecordMeta(ns int64, meta KV, kv ...any) {
	b.head(ns, meta)
	b.buf = b.appendMap(b.buf, kv)
}

// Line adds the record {key: line}, as tail does without a parser. It does not
// allocate once the chunk has its size.
func (b *Builder) Line(ns int64, key, line string) {
	b.head(ns, nil)
	b.buf = b.appendMapHead(b.buf, 1)
	b.buf = appendStr(b.buf, key)
	b.buf = appendStr(b.buf, line)
}

// Texts adds a record of time ns whose keys and values are all texts: key,
// value, … It does not allocate once the chunk has its size.
func (b *Builder) Texts(ns int64, kv ...string) {
	b.head(ns, nil)
	b.buf = b.appendMapHead(b.buf, len(kv)/2)
	for _, s := range kv {
		b.buf = appendStr(b.buf, s)
	}
}

// Bare adds a record whose body is no map.
func (b *Builder) Bare(ns int64, body any) {
	b.head(ns, nil)
	b.buf = appendAny(b.buf, body)
}

// GroupStart opens a group.
func (b *Builder) GroupStart(meta, body KV) {
	b.marker(groupStart, meta)
	b.buf = b.appendMap(b.buf, body)
}

// GroupEnd closes a group.
func (b *Builder) GroupEnd() {
	b.marker(groupEnd, nil)
	b.buf = b.appendMap(b.buf, nil)
}

// Raw adds bytes as they are.
func (b *Builder) Raw(raw ...byte) { b.buf = append(b.buf, raw...) }

// NewMap returns the map kv in the shortest form.
func NewMap(kv ...any) Map { return appendAny(nil, KV(kv)) }

// head begins a record: everything before the body.
func (b *Builder) head(ns int64, meta KV) {
	b.open()
	b.buf = b.appendTime(b.buf, ns)
	if b.Format == V2 {
		b.buf = b.appendMap(b.buf, meta)
	}
}

// marker begins a group marker, of which seconds is the kind.
func (b *Builder) marker(seconds int64, meta KV) {
	b.open()
	switch b.Time {
	case EventTime, EventTimeExt8:
		b.buf = b.appendEventTime(b.buf, uint32(seconds), 0)
	case TimeInt:
		b.buf = appendInt(b.buf, seconds)
	default:
		b.buf = appendAny(b.buf, float64(seconds))
	}
	if b.Format == V2 {
		b.buf = b.appendMap(b.buf, meta)
	}
}

// open writes the array headers of a record.
func (b *Builder) open() {
	n := 1
	if b.Format == V2 {
		n = 2
	}
	for range n {
		if b.Style == FluentBit3 {
			b.buf = append(b.buf, 0xdd, 0, 0, 0, 2)
		} else {
			b.buf = append(b.buf, 0x92)
		}
	}
}

func (b *Builder) appendTime(dst []byte, ns int64) []byte {
	sec, nsec := ns/1_000_000_000, ns%1_000_000_000
	switch b.Time {
	case TimeInt:
		return appendInt(dst, sec)
	case TimeFloat64:
		return appendAny(dst, float64(ns)/1e9)
	case TimeFloat32:
		return appendAny(dst, float32(float64(ns)/1e9))
	}
	return b.appendEventTime(dst, uint32(sec), uint32(nsec))
}

func (b *Builder) appendEventTime(dst []byte, sec, nsec uint32) []byte {
	if b.Time == EventTimeExt8 {
		dst = append(dst, 0xc7, 8, 0)
	} else {
		dst = append(dst, 0xd7, 0)
	}
	dst = binary.BigEndian.AppendUint32(dst, sec)
	return binary.BigEndian.AppendUint32(dst, nsec)
}

// appendMap appends metadata or a body with the header of the style.
func (b *Builder) appendMap(dst []byte, kv []any) []byte {
	return appendKV(b.appendMapHead(dst, len(kv)/2), kv)
}

func (b *Builder) appendMapHead(dst []byte, n int) []byte {
	if b.Style == Compact {
		return appendHead(dst, n, 0x80, 0xde)
	}
	return binary.BigEndian.AppendUint32(append(dst, 0xdf), uint32(n))
}
