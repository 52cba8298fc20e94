package store

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Batch is what one push brings.
type Batch struct {
	Streams []Stream
}

// Stream is entries of one stream.
type Stream struct {
	Labels  *entry.Labels // as NewLabels makes them
	Entries []Entry
}

// Entry is one entry. Its strings need to live as long as the Push.
type Entry struct {
	Time int64 // nanoseconds since 1970 UTC, not negative
	Line string
	Meta []entry.Pair // sorted by name, names unique, no value ""
}

// NewLabels sorts the pairs in place and makes labels of them; Text is how Loki
// writes the set.
func NewLabels(pairs []entry.Pair) *entry.Labels {
	slices.SortFunc(pairs, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
	text := []byte{'{'}
	for i := range pairs {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(append(text, pairs[i].Name...), '=')
		text = strconv.AppendQuote(text, pairs[i].Value)
	}
	return &entry.Labels{Pairs: pairs, Text: string(append(text, '}'))}
}

// record is a batch as the log of pushes holds it, with what tells its entries
// apart: one sum for each, in their order.
type record struct {
	batch *Batch
	sums  []uint64
	bytes []byte // for the log: compressed

	memory *[2][]byte
}

// The form of a record, before it is compressed (s2): the number of streams;
// for each its labels, the number of entries, and for each entry its length and
// its identity: time, line, metadata. Numbers are varints, texts have their
// length before them.

// newRecord encodes a batch.
func (s *Store) newRecord(b *Batch) *record {
	r := &record{batch: b}
	buf := scratch.Get().(*[2][]byte)
	raw := buf[0][:0]
	n := 0
	for i := range b.Streams {
		n += len(b.Streams[i].Entries)
	}
	r.sums = make([]uint64, 0, n)
	raw = binary.AppendUvarint(raw, uint64(len(b.Streams)))
	for i := range b.Streams {
		st := &b.Streams[i]
		raw = appendPairs(raw, st.Labels.Pairs)
		raw = binary.AppendUvarint(raw, uint64(len(st.Entries)))
		for j := range st.Entries {
			e := &st.Entries[j]
			raw = binary.AppendUvarint(raw, uint64(e.identitySize()))
			from := len(raw)
			raw = e.appendIdentity(raw)
			r.sums = append(r.sums, maphash.Bytes(s.seed, raw[from:]))
		}
	}
	r.bytes = s2.Encode(buf[1][:cap(buf[1])], raw)
	buf[0], buf[1], r.memory = raw, r.bytes, buf
	return r
}

// free gives the memory of bytes back.
func (r *record) free() {
	if r.memory != nil && cap(r.memory[0]) <= maxScratch {
		scratch.Put(r.memory)
	}
	r.memory, r.bytes = nil, nil
}

// maxScratch bounds the memory, in bytes, that is kept for the next record.
const maxScratch = 16 << 20

// scratch is memory for records before and after they are compressed.
var scratch = sync.Pool{New: func() any { return new([2][]byte) }}

func appendText[T string | []byte](dst []byte, text T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendPairs(dst []byte, pairs []entry.Pair) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(pairs)))
	for i := range pairs {
		dst = appendText(appendText(dst, pairs[i].Name), pairs[i].Value)
	}
	return dst
}

// appendIdentity appends what makes the entry itself, its stream apart.
func (e *Entry) appendIdentity(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(e.Time))
	return appendPairs(appendText(dst, e.Line), e.Meta)
}

// identitySize is the bytes of appendIdentity.
func (e *Entry) identitySize() int {
	n := uvarintSize(uint64(e.Time)) + textSize(e.Line) + uvarintSize(uint64(len(e.Meta)))
	for i := range e.Meta {
		n += textSize(e.Meta[i].Name) + textSize(e.Meta[i].Value)
	}
	return n
}

func textSize(s string) int { return uvarintSize(uint64(len(s))) + len(s) }

func uvarintSize(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

var errRecord = errors.New("a record of the log of pushes is damaged")

// readRecord is the other way.
func (s *Store) readRecord(data []byte) (*record, error) {
	raw, err := s2.Decode(nil, data)
	if err != nil {
		return nil, errRecord
	}
	r := &record{batch: new(Batch)}
	d := decoder{text: string(raw)}
	for range d.count() {
		st := Stream{Labels: NewLabels(d.pairs())}
		for range d.count() {
			one := d.string()
			in := decoder{text: one}
			st.Entries = append(st.Entries, Entry{Time: int64(in.uvarint()), Line: in.string(), Meta: in.pairs()})
			d.bad = d.bad || in.bad
			r.sums = append(r.sums, maphash.String(s.seed, one))
		}
		r.batch.Streams = append(r.batch.Streams, st)
	}
	if d.bad {
		return nil, errRecord
	}
	return r, nil
}

// decoder reads numbers and texts; what is wrong makes it bad, and all that
// follows empty.
type decoder struct {
	text string
	bad  bool
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(d.text) && i < binary.MaxVarintLen64; i++ {
		c := d.text[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.text = d.text[i+1:]
			return v
		}
	}
	d.text, d.bad = "", true
	return 0
}

// count is the number of things that follow; each takes at least a byte.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.text)) {
		d.text, d.bad = "", true
		return 0
	}
	return int(n)
}

func (d *decoder) string() string {
	n := d.count()
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

func (d *decoder) pairs() []entry.Pair {
	n := d.count()
	if n == 0 {
		return nil
	}
	pairs := make([]entry.Pair, 0, n)
	for range n {
		pairs = append(pairs, entry.Pair{Name: d.string(), Value: d.string()})
	}
	return pairs
}
