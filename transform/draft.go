package transform

import (
	"math/bits"

	"github.com/zimbraloki/zimbraloki/entry"
)

const maskWords = (int(numFields) + 63) / 64

// draft is an entry in the making: what the parsers found, before labels.
type draft struct {
	head   payload // the first line and its envelope
	more   []string
	msg    string       // what a parser left for the next one: the message after the header
	log4j  string       // name of the log by file or tag, "" if they do not tell: see source.log
	ours   bool         // file or tag say that it is one of Zimbra's
	header syslogHeader // of head; its skip is 0 if there is none
	joined string       // message of a line that came in pieces, "" for others
	at     int64        // time of the entry, if its place was taken before; else 0
	time   int64        // ns, 0 until known
	level  Level

	format    *Spec
	log       string // label log
	service   string // label service_name
	job       string // label job
	host      string // label host, "" for the plugin's own
	container string // label container, "" for none
	exporter  string // label exporter, "" for none

	harmless int // bytes of head.text, from its start, that can hold no secret

	mask  [maskWords]uint64
	val   [numFields]string
	extra []entry.Pair // metadata outside of the vocabulary, names unique among themselves
}

// set gives field f the value v; "" is ignored, a later value replaces.
func (d *draft) set(f Field, v string) {
	if v == "" {
		return
	}
	d.val[f] = v
	d.mask[f>>6] |= 1 << (f & 63)
}

// setNew is set for a field that has no value yet.
func (d *draft) setNew(f Field, v string) {
	if d.mask[f>>6]&(1<<(f&63)) == 0 {
		d.set(f, v)
	}
}

func (d *draft) unset(f Field) {
	d.val[f] = ""
	d.mask[f>>6] &^= 1 << (f & 63)
}

func (d *draft) has(f Field) bool { return d.mask[f>>6]&(1<<(f&63)) != 0 }

// get returns the value of f, or "".
func (d *draft) get(f Field) string { return d.val[f] }

// add keeps a value under a name outside of the vocabulary, made fit for
// Loki; the first of a name wins.
func (d *draft) add(name, v string) {
	if name = extraName(name); v == "" || name == "" || d.extraAt(name) >= 0 || len(d.extra) >= maxExtra {
		return
	}
	d.extra = append(d.extra, entry.Pair{Name: name, Value: v})
}

// join is add for a name whose values are collected, as far as there is room.
func (d *draft) join(in *Input, name, v string) {
	i := d.extraAt(extraName(name))
	if i < 0 {
		d.add(name, v)
		return
	}
	if p := &d.extra[i]; len(p.Value) < maxAttribute {
		p.Value = in.a.concat(p.Value, ", ", v)
	}
}

// extraAt is the index of a name in extra, or -1.
func (d *draft) extraAt(name string) int {
	for i := range d.extra {
		if d.extra[i].Name == name {
			return i
		}
	}
	return -1
}

// extraName makes a name fit for Loki and for standing beside the vocabulary
// and the labels: a name that they have gets "x_" before it.
func extraName(name string) string {
	name = metaName(name)
	if other, taken := takenNames[name]; taken {
		return other
	}
	return name
}

// takenNames are the names that metadata outside of the vocabulary may not
// have, and what stands in their place.
var takenNames = func() map[string]string {
	m := map[string]string{}
	for _, l := range builtinLabels {
		m[l] = "x_" + l
	}
	for _, f := range fieldTable {
		m[f.name] = "x_" + f.name
	}
	return m
}()

// maxExtra bounds the metadata outside of the vocabulary, so that an entry
// stays far below the 128 pairs that Loki takes (max_structured_metadata_entries_count).
const maxExtra = 40

func (d *draft) reset() {
	for w := range d.mask {
		for m := d.mask[w]; m != 0; m &= m - 1 {
			d.val[w<<6+bits.TrailingZeros64(m)] = ""
		}
		d.mask[w] = 0
	}
	d.extra = d.extra[:0]
	d.time, d.at, d.level, d.format = 0, 0, LevelUnknown, &Unparsed
	d.header.skip, d.joined = 0, ""
	d.log, d.service, d.job, d.host, d.container, d.exporter, d.msg = "", "", "", "", "", "", ""
	d.harmless = 0
}

// Bounds of the metadata of one entry, sizes in bytes. Loki takes 64 KB and refuses
// the entry that has more (max_structured_metadata_size); the line has the
// whole text anyway.
const (
	maxMetaValue = 1 << 10
	maxMeta      = 48 << 10
	// maxPairs leaves room for the mark of a line that was cut
	// (max_structured_metadata_entries_count, 128).
	maxPairs = 127
)

// appendMeta appends the metadata in the order of the wire.
func (d *draft) appendMeta(dst []entry.Pair) []entry.Pair {
	size := 0
	for w := range d.mask {
		for m := d.mask[w]; m != 0; m &= m - 1 {
			f := w<<6 + bits.TrailingZeros64(m)
			v := d.val[f]
			if len(v) > maxMetaValue {
				v = v[:cutRunes(v, maxMetaValue)]
			}
			size += len(fieldTable[f].name) + len(v)
			dst = append(dst, entry.Pair{Name: fieldTable[f].name, Value: v})
		}
	}
	for _, p := range d.extra {
		p.Value = p.Value[:cutRunes(p.Value, maxMetaValue)]
		if size += len(p.Name) + len(p.Value); size > maxMeta || len(dst) >= maxPairs {
			break
		}
		dst = append(dst, p)
	}
	return dst
}

// metaName makes a name that Loki keeps as it is: letters, digits and single
// underscores, no digit first. A name without a letter or digit gives "":
// Loki answers such a push with 500, for ever (its OTLP label normalisation,
// prometheus/otlptranslator).
func metaName(s string) string {
	if plainName(s) {
		return s
	}
	b := make([]byte, 0, len(s)+4)
	letters := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c != '_' && keyByte[c]:
			b, letters = append(b, c), true
		case len(b) > 0 && b[len(b)-1] != '_':
			b = append(b, '_')
		}
	}
	if !letters {
		return ""
	}
	if isDigit(b[0]) {
		b = append([]byte("key_"), b...)
	}
	return string(b)
}

// plainName reports whether metaName would leave s as it is.
func plainName(s string) bool {
	if s == "" || isDigit(s[0]) || s[0] == '_' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !keyByte[s[i]] || s[i] == '_' && i+1 < len(s) && s[i+1] == '_' {
			return false
		}
	}
	return true
}
