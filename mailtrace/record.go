package mailtrace

import (
	"encoding/binary"
	"unsafe"
)

// record is an entry of the memory, as it is written and read. Its texts point
// into a segment.
type record struct {
	key   key
	kind  kind
	state state
	time  int64 // of the last line that named it, ns
	facts Facts

	size int  // bytes, as read
	old  bool // it will be forgotten soon
}

// longest is the size of a text worth keeping, in bytes: a longer message-id
// (RFC 5322 allows 998) is known within its chunk only.
const longest = 512

const (
	texts        = 6                   // of Facts
	headBytes    = 8 + 8 + 1 + 1       // key, time, kind, state
	textStart    = headBytes + 2*texts // the lengths of the texts
	longestEntry = textStart + texts*longest
)

func (f *Facts) texts() [texts]*string {
	return [...]*string{&f.MessageID, &f.OriginalMessageID, &f.QueueID, &f.From, &f.User, &f.ClientIP}
}

// encode appends the entry: head, lengths, texts. The lengths are of two bytes.
func (rec *record) encode(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(rec.key))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(rec.time))
	dst = append(dst, byte(rec.kind), byte(rec.state))
	all := rec.facts.texts()
	for _, t := range all {
		n := len(*t)
		if n > longest {
			n = 0
		}
		dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
	}
	for _, t := range all {
		if len(*t) <= longest {
			dst = append(dst, *t...)
		}
	}
	return dst
}

// decode reads the entry that b starts with, which encode wrote.
func decode(b []byte) record {
	rec := record{
		key:  key(binary.LittleEndian.Uint64(b)),
		time: int64(binary.LittleEndian.Uint64(b[8:])),
		kind: kind(b[16]), state: state(b[17]), size: textStart,
	}
	for i, t := range rec.facts.texts() {
		n := int(binary.LittleEndian.Uint16(b[headBytes+2*i:]))
		if n > 0 {
			// Safety: the bytes of a segment, and of a Recalled, are never
			// written again.
			*t = unsafe.String(&b[rec.size], n)
		}
		rec.size += n
	}
	return rec
}
