package format

import (
	"math/bits"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// MaxAttribute bounds the value of one audited attribute in the metadata, in
// bytes; certificates and signatures run to kilobytes and stand in the line.
const MaxAttribute = 512

const maskWords = (int(NumFields) + 63) / 64

// Draft is an entry in the making: what the parsers found, before labels.
type Draft struct {
	Head   *envelope.Payload     // the first line and its envelope
	More   []string              // the lines behind it
	Msg    string                // what a parser left for the next one: the message after the header
	Log4j  string                // name of the log by file or tag, "" if they do not tell
	Ours   bool                  // file or tag say that it is one of Zimbra's
	Header envelope.SyslogHeader // of Head; its Skip is 0 if there is none
	Joined string                // message of a line that came in pieces, "" for others
	At     int64                 // time of the entry, if its place was taken before; else 0
	Time   int64                 // ns, 0 until known
	Level  Level

	Format    *Spec
	Log       string // label log
	Service   string // label service_name
	Job       string // label job
	Host      string // label host, "" for the plugin's own
	Container string // label container, "" for none
	Exporter  string // label exporter, "" for none

	Harmless int // bytes of Head.Text, from its start, that can hold no secret

	mask  [maskWords]uint64
	val   [64 * maskWords]string // of those that mask has; what stands in the others is of earlier events
	Extra []entry.Pair           // metadata outside of the vocabulary, names unique among themselves
}

// Set gives field f the value v; "" is ignored, a later value replaces.
func (d *Draft) Set(f Field, v string) {
	if v == "" {
		return
	}
	d.val[f] = v
	d.mask[f>>6] |= 1 << (f & 63)
}

// SetNew is Set for a field that has no value yet.
func (d *Draft) SetNew(f Field, v string) {
	if d.mask[f>>6]&(1<<(f&63)) == 0 {
		d.Set(f, v)
	}
}

// SetClient sets the address of the client itself, and those of the peer and of
// the origin as they were written, unless they say the same.
func (d *Draft) SetClient(client, ip, oip string) {
	d.Set(FieldClientIP, client)
	if ip != client {
		d.Set(FieldIP, ip)
	}
	if oip != client {
		d.Set(FieldOIP, oip)
	}
}

// Unset takes the value of f away.
func (d *Draft) Unset(f Field) {
	d.mask[f>>6] &^= 1 << (f & 63)
}

// Has reports whether f has a value.
func (d *Draft) Has(f Field) bool { return d.mask[f>>6]&(1<<(f&63)) != 0 }

// Get returns the value of f, or "".
func (d *Draft) Get(f Field) string {
	if !d.Has(f) {
		return ""
	}
	return d.val[f]
}

// Add keeps a value under a name outside of the vocabulary, made fit for
// Loki; the first of a name wins.
func (d *Draft) Add(name, v string) {
	if name = extraName(name); v == "" || name == "" || d.ExtraAt(name) >= 0 || len(d.Extra) >= MaxExtra {
		return
	}
	d.Extra = append(d.Extra, entry.Pair{Name: name, Value: v})
}

// Join is Add for a name whose values are collected, as far as there is room.
func (d *Draft) Join(in *Input, name, v string) {
	i := d.ExtraAt(extraName(name))
	if i < 0 {
		d.Add(name, v)
		return
	}
	if p := &d.Extra[i]; len(p.Value) < MaxAttribute {
		p.Value = in.Arena.Concat(p.Value, ", ", v)
	}
}

// ExtraAt is the index of a name in Extra, or -1.
func (d *Draft) ExtraAt(name string) int {
	for i := range d.Extra {
		if d.Extra[i].Name == name {
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
	for _, l := range BuiltinLabels {
		m[l] = "x_" + l
	}
	for _, f := range fieldTable {
		m[f.name] = "x_" + f.name
	}
	return m
}()

// MaxExtra bounds the metadata outside of the vocabulary, so that an entry
// stays far below the 128 pairs that Loki takes (max_structured_metadata_entries_count).
const MaxExtra = 40

// Reset forgets the event, but not its head and its further lines, which the
// caller sets.
func (d *Draft) Reset() {
	d.mask = [maskWords]uint64{}
	d.Extra = d.Extra[:0]
	d.Time, d.At, d.Level, d.Format = 0, 0, LevelUnknown, &Unparsed
	d.Joined = ""
	if d.Header.Known {
		d.Header = envelope.SyslogHeader{}
	}
	d.Log, d.Service, d.Job, d.Host, d.Container, d.Exporter, d.Msg = "", "", "", "", "", "", ""
	d.Harmless = 0
}

// Bounds of the metadata of one entry, sizes in bytes. Loki takes 64 KB and refuses
// the entry that has more (max_structured_metadata_size); the line has the
// whole text anyway.
const (
	MaxMetaValue = 1 << 10
	maxMeta      = 48 << 10
	// MaxPairs leaves room for the mark of a line that was cut
	// (max_structured_metadata_entries_count, 128).
	MaxPairs = 127
)

// AppendMeta appends the metadata in the order of the wire.
func (d *Draft) AppendMeta(dst []entry.Pair) []entry.Pair {
	first := len(dst)
	for w, m := range d.mask {
		for ; m != 0; m &= m - 1 {
			f := (w<<6 + bits.TrailingZeros64(m)) % len(d.val)
			v := d.val[f]
			if len(v) > MaxMetaValue {
				v = v[:scan.CutRunes(v, MaxMetaValue)]
			}
			dst = append(dst, entry.Pair{Name: fieldNames[f], Value: v})
		}
	}
	if len(d.Extra) > 0 {
		dst = d.appendExtra(dst, first)
	}
	return dst
}

// appendExtra appends the metadata outside of the vocabulary to that of the
// vocabulary, which stands in dst from first on.
func (d *Draft) appendExtra(dst []entry.Pair, first int) []entry.Pair {
	size := 0
	for i := range dst[first:] {
		p := &dst[first+i]
		size += len(p.Name) + len(p.Value)
	}
	for _, p := range d.Extra {
		p.Value = p.Value[:scan.CutRunes(p.Value, MaxMetaValue)]
		if size += len(p.Name) + len(p.Value); size > maxMeta || len(dst) >= MaxPairs {
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
	if PlainName(s) {
		return s
	}
	b := make([]byte, 0, len(s)+4)
	letters := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c != '_' && scan.KeyByte[c]:
			b, letters = append(b, c), true
		case len(b) > 0 && b[len(b)-1] != '_':
			b = append(b, '_')
		}
	}
	if !letters {
		return ""
	}
	if scan.IsDigit(b[0]) {
		b = append([]byte("key_"), b...)
	}
	return string(b)
}

// PlainName reports whether metaName would leave s as it is.
func PlainName(s string) bool {
	if s == "" || scan.IsDigit(s[0]) || s[0] == '_' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !scan.KeyByte[s[i]] || s[i] == '_' && i+1 < len(s) && s[i+1] == '_' {
			return false
		}
	}
	return true
}

// SetLog gives a line of a web server its labels. In a container the
// envelope knows better whose server it is.
func (d *Draft) SetLog(log, service string) {
	d.Log = log
	if !d.Head.IsContainer {
		d.Service, d.Job = service, "zimbra"
	}
}

// BuiltinLabels are the labels that the formats set.
var BuiltinLabels = [...]string{"container", "exporter", "host", "job", "level", "log", "service_name"}

// MaxRecipients bounds the list in the metadata to; the line names them all.
const MaxRecipients = 20

// Raise makes the level at least l.
func (d *Draft) Raise(l Level) {
	if d.Level < l {
		d.Level = l
	}
}

// SetKnown marks a line whose header was read, but not its message.
func (d *Draft) SetKnown(whole bool) {
	if !whole && d.Level < LevelWarn {
		d.Set(FieldFormat, "partly")
	}
}
