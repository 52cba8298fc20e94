package chunk

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reason says why a record cannot be read.
type Reason uint8

// The reasons for damage.
const (
	// Truncated: the chunk ends inside the record, or a length in the record
	// points beyond the chunk.
	Truncated Reason = iota + 1
	// BadByte: 0xc1, which MessagePack never uses, stands where a value begins.
	BadByte
	// NotRecord: well-formed MessagePack, but no array of two.
	NotRecord
	// NoTimeNoBody: an array of two of which neither the time nor the body is
	// what it should be.
	NoTimeNoBody
)

// String describes the reason in a few words.
func (r Reason) String() string {
	switch r {
	case Truncated:
		return "record is cut short"
	case BadByte:
		return "byte 0xc1 is no MessagePack"
	case NotRecord:
		return "not an array of time and body"
	case NoTimeNoBody:
		return "neither time nor body can be read"
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// DamageError tells where a chunk stopped being readable.
type DamageError struct {
	Offset int // bytes from the start of the chunk to the damaged record
	Reason Reason
}

// Error gives the offset and the reason.
func (e *DamageError) Error() string {
	return fmt.Sprintf("chunk: record at byte %d: %s", e.Offset, e.Reason)
}

// Reader is a cursor over the records of one chunk. The zero value reads an
// empty chunk; Reset gives it bytes. It allocates only for a DamageError.
type Reader struct {
	buf    []byte
	off    int   // start of the next record
	start  int   // of the last record
	last   int64 // time of the last record that had one, ns
	odd    int
	group  GroupInfo
	damage *DamageError
}

// Reset starts over on chunk, which the reader keeps and never changes.
func (r *Reader) Reset(chunk []byte) {
	*r = Reader{buf: chunk}
}

// Next fills ev with the next record and reports whether there was one. It
// returns false at the end of the chunk and at a damaged record; Err tells
// which. Group markers are not records: their content is in Event.Group.
//
// Every record is checked to its last byte, so nothing that is done with ev
// later can fail. A record with one flaw (Odd) is delivered, because its line
// is worth more than the flaw; Fluent Bit's own decoder stops at it.
func (r *Reader) Next(ev *Event) bool {
	for r.off < len(r.buf) && r.damage == nil {
		r.start = r.off
		if n := r.quick(ev); n > 0 {
			r.off += n
			return true
		}
		end, why := skip(r.buf, r.off, 1)
		if why != 0 {
			r.damage = &DamageError{r.off, why}
			return false
		}
		mark, why := r.decode(r.buf[r.off:end:end], ev)
		if why != 0 {
			return r.stop(why)
		}
		r.off = end
		if mark == markRecord {
			ev.Group = r.group
			return true
		}
	}
	return false
}

// quick reads a record as Fluent Bit writes nearly all of them: an EventTime, no
// metadata, a map. It returns the record's length, or 0 for any other record,
// which decode then takes; it is there for speed alone.
func (r *Reader) quick(ev *Event) int {
	b := r.buf[r.off:]
	if len(b) < 26 {
		return 0
	}
	at := 4 // of the time
	if binary.BigEndian.Uint32(b) != 0x9292d700 {
		if binary.BigEndian.Uint64(b) != 0xdd00000002dd0000 || binary.BigEndian.Uint32(b[8:]) != 0x0002d700 {
			return 0
		}
		at = 12 // with the long array headers up to v4.2
	}
	sec, nsec := binary.BigEndian.Uint32(b[at:]), binary.BigEndian.Uint32(b[at+4:])
	body := at + 8
	switch {
	case b[body] == 0x80:
		body++
	case b[body] == 0xdf && binary.BigEndian.Uint32(b[body+1:]) == 0:
		body += 5
	default:
		return 0
	}
	if sec >= math.MaxUint32-1 || body >= len(b) || kindOf(b[body]) != KindMap {
		return 0
	}
	end, why := skip(b, body, 1)
	if why != 0 {
		return 0
	}
	r.last = int64(sec)*1_000_000_000 + int64(nsec)
	ev.Time, ev.Meta, ev.Body, ev.Bare, ev.Group = r.last, nil, Map(b[body:end:end]), Value{}, r.group
	return end
}

// stop ends the reading at well-formed bytes that are no record: at the end of
// the chunk if they are zeros, else with damage. Zeros are what a killed Fluent
// Bit leaves behind its last record, in a file grown ahead of the writing
// (flb_mp_validate_log_chunk in src/flb_mp.c).
func (r *Reader) stop(why Reason) bool {
	if allZero(r.buf[r.off:]) {
		r.off = len(r.buf)
		return false
	}
	r.damage = &DamageError{r.off, why}
	return false
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// Err returns nil or the *DamageError at which Next stopped.
func (r *Reader) Err() error {
	if r.damage == nil {
		return nil // not a nil pointer inside a non-nil error
	}
	return r.damage
}

// Rest returns the bytes that Next has not delivered: after damage, everything
// from the damaged record on; at the clean end, nothing.
func (r *Reader) Rest() []byte {
	return r.buf[r.off:]
}

// Offset is the number of bytes consumed: the chunk is its first Offset bytes
// and Rest.
func (r *Reader) Offset() int {
	return r.off
}

// Start is where the record begins that Next gave last, in bytes. What stands
// between the end of the one before and it are group markers.
func (r *Reader) Start() int {
	return r.start
}

// Odd counts the records that had one flaw since Reset: an unreadable time, a
// body or metadata that is no map, a header of another length than two. All
// were delivered, a record with odd metadata without it.
func (r *Reader) Odd() int {
	return r.odd
}

// decode reads one record, known to be well-formed, into ev, all but its group.
// A group marker changes r.group instead. The forms, flb_log_event_decoder.c
// flb_event_decoder_decode_object:
//
//	[time, body]  [[time, meta], body]
func (r *Reader) decode(rec []byte, ev *Event) (mark, Reason) {
	n, at := arrayHead(rec, 0)
	if n != 2 {
		return 0, NotRecord
	}
	var meta []byte
	var body int
	var odd bool
	if n, first := arrayHead(rec, at); n > 0 {
		meta, body, odd = header(rec, n, first)
		at = first
	} else {
		body = next(rec, at)
	}
	ns, m := decodeTime(rec[at:])
	b := rec[body:]
	isMap := kindOf(b[0]) == KindMap
	switch m {
	case markGroupStart, markGroupEnd:
		r.mark(m, meta, b, isMap)
		return m, 0
	case markNone:
		if !isMap {
			return 0, NoTimeNoBody
		}
		odd, ns = true, r.last
	default:
		r.last = ns
	}
	ev.Time, ev.Meta, ev.Body, ev.Bare = ns, meta, nil, Value{}
	if isMap {
		ev.Body = b
	} else {
		ev.Bare, odd = Value{b}, true
	}
	if odd {
		r.odd++
	}
	return markRecord, 0
}

// header reads the rest of a version 2 header of n elements, the first at
// offset first: its metadata, nil if there is none, and where the body begins.
func header(rec []byte, n, first int) (meta []byte, body int, odd bool) {
	if n != 2 {
		body = first
		for range n {
			body = next(rec, body)
		}
		return nil, body, true
	}
	at := next(rec, first)
	body = next(rec, at)
	if kindOf(rec[at]) != KindMap {
		return nil, body, true
	}
	if n, _ := containerHead(rec[at:]); n > 0 {
		meta = rec[at:body:body]
	}
	return meta, body, false
}

// mark opens or closes a group.
func (r *Reader) mark(m mark, meta, body []byte, isMap bool) {
	r.group = GroupInfo{}
	if m == markGroupEnd {
		return
	}
	r.group.Meta = meta
	if isMap {
		r.group.Body = body
	}
}
