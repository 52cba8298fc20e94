package store

import (
	"encoding/binary"
	"time"
)

// A day is a day of UTC, counted from 1970: the blocks of one lie in one file.
type day uint32

const daySpan = int64(24 * time.Hour)

func dayOf(t int64) day { return day(t / daySpan) } //nolint:gosec // t is not negative, and 2^63 ns are 106752 days

// span is the times of a day: from <= t < to.
func (d day) span() (from, to int64) { return int64(d) * daySpan, (int64(d) + 1) * daySpan }

// dayLayout is the name of a day's file.
const dayLayout = "2006-01-02.db"

func (d day) fileName() string {
	from, _ := d.span()
	return time.Unix(0, from).UTC().Format(dayLayout)
}

func parseDay(name string) (day, bool) {
	t, err := time.Parse(dayLayout, name)
	return dayOf(max(t.UnixNano(), 0)), err == nil && t.Unix() >= 0
}

// Buckets of a day's file. Numbers in keys are big-endian, so that keys stand
// in their order:
//
//	streams  stream              the newest time of its blocks, and its labels
//	heads    stream max min seq  a block: what is in it, and where
//	meta     stream seq          a block: times, lengths of lines, metadata
//	lines    stream seq          a block: lines
var (
	inStreams = []byte("streams")
	inHeads   = []byte("heads")
	inMeta    = []byte("meta")
	inLines   = []byte("lines")
)

func numKey(numbers ...uint64) []byte {
	k := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		k = binary.BigEndian.AppendUint64(k, n)
	}
	return k
}

func keyNum(k []byte, i int) uint64 { return binary.BigEndian.Uint64(k[8*i:]) }

// ref names a block.
type ref struct {
	day      day
	stream   uint64
	min, max int64 // times of its first and last entry
	seq      uint64
}

func (r ref) headKey() []byte { return numKey(r.stream, uint64(r.max), uint64(r.min), r.seq) }
func (r ref) dataKey() []byte { return numKey(r.stream, r.seq) }

// parseRef reads a key that headKey made.
func parseRef(d day, k []byte) (r ref, ok bool) {
	if len(k) != 4*8 {
		return r, false
	}
	return ref{day: d, stream: keyNum(k, 0), max: int64(keyNum(k, 1)), min: int64(keyNum(k, 2)), seq: keyNum(k, 3)}, true
}
