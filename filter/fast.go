package filter

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// What is here is written for WAMR's interpreter, in which Fluent Bit runs the
// module: a call costs as much as some twenty simple steps.

// labelJSON is a label set, written once.
type labelJSON struct {
	json  []byte // "host":"mail","job":"zimbra"
	pairs []entry.Pair
	mask  uint64 // a bit for each name that metadata must not have
}

// maxLabelSets bounds the label sets that are kept.
const maxLabelSets = 4096

// taboo has a bit for each name that metadata beside these labels must not have.
func (w *names) taboo(l *entry.Labels) uint64 {
	if w.set.Prefix != "" {
		return ^uint64(0) // rare; every name is looked at
	}
	mask := bit(w.set.TimeKey) | bit(w.set.LineKey) | bit(moreEvents)
	for i := range l.Pairs {
		mask |= bit(l.Pairs[i].Name)
	}
	return mask
}

func (w *writer) labelJSON(l *entry.Labels) *labelJSON {
	if j := w.labels[l]; j != nil {
		return j
	}
	j := &labelJSON{pairs: l.Pairs, mask: w.taboo(l)}
	for i, p := range l.Pairs {
		if i > 0 {
			j.json = append(j.json, ',')
		}
		j.json = append(append(append(j.json, '"'), w.set.Prefix...), p.Name...)
		j.json = append(j.json, '"', ':', '"')
		j.json = append(chunk.AppendEscaped(j.json, p.Value), '"')
	}
	if len(w.labels) >= maxLabelSets || w.labels == nil {
		w.labels = make(map[*entry.Labels]*labelJSON)
	}
	w.labels[l] = j
	return j
}

// bit is one of 64, by a name's length and ends.
func bit(name string) uint64 {
	if name == "" {
		return 0
	}
	return 1 << ((len(name) + 5*int(name[0]) + 11*int(name[len(name)-1])) & 63)
}

// plain reports whether s can stand in JSON as it is. It takes eight bytes at a
// time; the last eight may overlap those before.
func plain(s string) bool {
	n := len(s)
	if n < 8 {
		for i := 0; i < n; i++ {
			if c := s[i]; c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	// Safety: read only, and not kept.
	b := unsafe.Slice(unsafe.StringData(s), n)
	bad := uint64(0)
	for i := 0; i+8 <= n; i += 8 {
		bad |= special(binary.LittleEndian.Uint64(b[i:]))
	}
	return (bad|special(binary.LittleEndian.Uint64(b[n-8:])))&tops == 0
}

const ones, tops = 0x0101010101010101, 0x8080808080808080

// special has a top bit set if one of the eight bytes must be escaped or is not
// ASCII.
func special(w uint64) uint64 {
	quote, slash := w^ones*'"', w^ones*'\\'
	return w | (w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash
}

// stamp writes times and remembers the last second.
type stamp struct {
	sec  int64
	text [20]byte // 2006-01-02T15:04:05.
}

// append appends ns in RFC 3339 with nine decimals, in UTC: texts of one length
// sort as times do.
func (s *stamp) append(dst []byte, ns int64) []byte {
	sec, frac := ns/1e9, uint32(ns%1e9)
	if ns < 0 {
		return time.Unix(0, ns).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000000Z")
	}
	if sec != s.sec || s.text[0] == 0 {
		s.sec = sec
		time.Unix(sec, 0).UTC().AppendFormat(s.text[:0], "2006-01-02T15:04:05.")
	}
	dst = append(dst, s.text[:]...)
	dst = append(dst, "000000000Z"...)
	for i := len(dst) - 2; frac > 0; i-- {
		dst[i] += byte(frac % 10)
		frac /= 10
	}
	return dst
}
