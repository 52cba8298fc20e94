package loki

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
)

// The push message, of which this package writes the fields that a client sets
// (Loki v3.7 pkg/push/push.proto; Timestamp is google/protobuf/timestamp.proto):
//
//	message PushRequest      { repeated StreamAdapter streams = 1; }
//	message StreamAdapter    { string labels = 1; repeated EntryAdapter entries = 2; }
//	message EntryAdapter     { Timestamp timestamp = 1; string line = 2;
//	                           repeated LabelPairAdapter structuredMetadata = 3; }
//	message LabelPairAdapter { string name = 1; string value = 2; }
//	message Timestamp        { int64 seconds = 1; int32 nanos = 2; }
//
// Fields are written in the order of their numbers and left out when empty, so
// that the bytes equal those of Loki's own encoder.
const (
	tagStream = 1<<3 | wireBytes // PushRequest.streams

	tagLabels = 1<<3 | wireBytes // StreamAdapter.labels
	tagEntry  = 2<<3 | wireBytes // StreamAdapter.entries

	tagTimestamp = 1<<3 | wireBytes // EntryAdapter.timestamp
	tagLine      = 2<<3 | wireBytes // EntryAdapter.line
	tagMeta      = 3<<3 | wireBytes // EntryAdapter.structuredMetadata

	tagName  = 1<<3 | wireBytes // LabelPairAdapter.name
	tagValue = 2<<3 | wireBytes // LabelPairAdapter.value

	tagSeconds = 1<<3 | wireVarint // Timestamp.seconds
	tagNanos   = 2<<3 | wireVarint // Timestamp.nanos

	wireVarint = 0
	wireBytes  = 2
)

// appendEntry appends e as one StreamAdapter.entries field, tag and length
// included. The sizes of the two nesting levels are computed first: a length
// stands before its bytes, and moving the bytes afterwards costs more.
func appendEntry(dst []byte, e *entry.Entry) []byte {
	sec, nsec := splitTime(e.Time)
	ts := timestampSize(sec, nsec)
	line := e.Size()
	size := 2 + ts // the timestamp never needs a second length byte
	if line > 0 {
		size += 1 + varintSize(uint64(line)) + line
	}
	size += metaSize(e.Meta)

	dst = grow(dst, 1+varintSize(uint64(size))+size)
	dst = append(dst, tagEntry)
	dst = appendVarint(dst, uint64(size))
	dst = append(dst, tagTimestamp, byte(ts))
	dst = appendTimestamp(dst, sec, nsec)
	if line > 0 {
		dst = append(dst, tagLine)
		dst = appendVarint(dst, uint64(line))
		dst = e.AppendLine(dst)
	}
	return appendPairs(dst, e.Meta)
}

// metaSize is the length in bytes of the EntryAdapter.structuredMetadata fields.
func metaSize(meta []entry.Pair) (size int) {
	for i := range meta {
		p := &meta[i]
		n := shortPair + len(p.Name) + len(p.Value)
		if !isShort(p, n) {
			n = pairSize(p)
			n += varintSize(uint64(n)) - 1
		}
		size += 2 + n
	}
	return size
}

// shortPair is the length in bytes of a LabelPairAdapter without the texts, if
// all lengths take one byte, as nearly all do.
const shortPair = 4

// isShort reports whether a LabelPairAdapter, which would have n bytes, is such
// a one.
func isShort(p *entry.Pair, n int) bool {
	return n < 0x80 && p.Name != "" && p.Value != ""
}

// appendPairs appends the EntryAdapter.structuredMetadata fields, for which dst
// has room.
func appendPairs(dst []byte, meta []entry.Pair) []byte {
	for i := range meta {
		p := &meta[i]
		n := shortPair + len(p.Name) + len(p.Value)
		if !isShort(p, n) {
			dst = appendMeta(dst, p)
			continue
		}
		at := len(dst)
		dst = dst[:at+2+n]
		d := unsafe.Pointer(&dst[at])
		binary.LittleEndian.PutUint32((*[4]byte)(d)[:], tagMeta|uint32(n)<<8|tagName<<16|uint32(len(p.Name))<<24)
		putText(unsafe.Add(d, 4), p.Name)
		d = unsafe.Add(d, 4+len(p.Name))
		binary.LittleEndian.PutUint16((*[2]byte)(d)[:], tagValue|uint16(len(p.Value))<<8)
		putText(unsafe.Add(d, 2), p.Value)
	}
	return dst
}

// putText copies s, which is not empty, to d. Most texts have up to 16 bytes, for
// which a call of memmove costs more than the copying: two words that overlap.
//
// Safety: the caller has made room for s.
func putText(d unsafe.Pointer, s string) {
	n := len(s)
	b := unsafe.Pointer(unsafe.StringData(s))
	switch {
	case n > 16:
		copy(unsafe.Slice((*byte)(d), n), s)
	case n >= 8:
		*(*[8]byte)(d) = *(*[8]byte)(b)
		*(*[8]byte)(unsafe.Add(d, n-8)) = *(*[8]byte)(unsafe.Add(b, n-8))
	case n >= 4:
		*(*[4]byte)(d) = *(*[4]byte)(b)
		*(*[4]byte)(unsafe.Add(d, n-4)) = *(*[4]byte)(unsafe.Add(b, n-4))
	default:
		for i := range n {
			*(*byte)(unsafe.Add(d, i)) = s[i]
		}
	}
}

// appendMeta appends one EntryAdapter.structuredMetadata field of any size.
func appendMeta(dst []byte, p *entry.Pair) []byte {
	dst = append(dst, tagMeta)
	dst = appendVarint(dst, uint64(pairSize(p)))
	dst = appendString(dst, tagName, p.Name)
	return appendString(dst, tagValue, p.Value)
}

// pairSize is the length in bytes of a LabelPairAdapter without its tag and
// length.
func pairSize(p *entry.Pair) int {
	return stringSize(p.Name) + stringSize(p.Value)
}

// stringSize is the length in bytes of a string field, 0 for an empty one.
func stringSize(s string) int {
	if s == "" {
		return 0
	}
	return 1 + varintSize(uint64(len(s))) + len(s)
}

// appendString appends a string field, nothing for an empty one.
func appendString(dst []byte, tag byte, s string) []byte {
	if s == "" {
		return dst
	}
	dst = append(dst, tag)
	dst = appendVarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// splitTime splits t, in ns since 1970, into whole seconds and 0 ≤ nsec < 1e9.
func splitTime(t int64) (sec, nsec int64) {
	sec, nsec = t/1e9, t%1e9
	if nsec < 0 {
		sec--
		nsec += 1e9
	}
	return sec, nsec
}

// timestampSize is the length in bytes of a Timestamp: at most 17.
func timestampSize(sec, nsec int64) int {
	n := 0
	if sec != 0 {
		n += 1 + varintSize(uint64(sec))
	}
	if nsec != 0 {
		n += 1 + varintSize(uint64(nsec))
	}
	return n
}

// appendTimestamp appends the fields of a Timestamp.
func appendTimestamp(dst []byte, sec, nsec int64) []byte {
	if sec != 0 {
		dst = append(dst, tagSeconds)
		dst = appendVarint(dst, uint64(sec))
	}
	if nsec != 0 {
		dst = append(dst, tagNanos)
		dst = appendVarint(dst, uint64(nsec))
	}
	return dst
}

// varintSize is the length in bytes of v as a base-128 varint: 1 to 10.
func varintSize(v uint64) int {
	return (bits.Len64(v|1) + 6) / 7
}

// appendVarint appends v as a base-128 varint.
func appendVarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// grow makes room for n bytes after len(dst).
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	return append(make([]byte, 0, max(2*cap(dst), len(dst)+n, minArena)), dst...)
}

// minArena is the first size of an arena in bytes.
const minArena = 64 << 10
