package envelope

import (
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// unwrapJournal replaces p.Text, which is a record of the journal as `journalctl
// -o json` writes it, by the message in it (systemd.journal-fields(7); the
// format is that of systemd's JOURNAL_EXPORT_FORMATS.md). Such an object has a
// message and fields that only the journal has. This way is rare and allocates.
func (r *Reader) unwrapJournal(p *Payload) bool {
	if !mayBeJournal(p.Text) {
		return false
	}
	m, ok := RecordOf(p.Text)
	if !ok {
		return false
	}
	message, ok := m.Get("MESSAGE")
	if !ok {
		return false
	}
	if text, ok := bytesText(message); ok { // what is no UTF-8 is written as an array
		m = withMessage(m, text)
	} else if _, ok := message.Str(); !ok {
		return false
	}
	outer := p.Record
	r.Unwrap(m, p)
	p.Record = outer
	if t := journalTime(m); t > 0 {
		p.Time = t
	}
	return true
}

// mayBeJournal is a quick look for the keys of the journal, which are all in
// upper case.
func mayBeJournal(s string) bool {
	i := scan.SkipBlanks(s, 1)
	if i+1 >= len(s) || s[i] != '"' || s[i+1] != '_' && (s[i+1] < 'A' || s[i+1] > 'Z') {
		return false
	}
	return strings.Contains(s, `"MESSAGE"`) && (strings.Contains(s, `"__REALTIME_TIMESTAMP"`) ||
		strings.Contains(s, `"SYSLOG_IDENTIFIER"`) && strings.Contains(s, `"PRIORITY"`))
}

// journalTime is the time of a record, in ns; the journal has µs as text.
func journalTime(m chunk.Map) int64 {
	for _, key := range [...]string{"__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP"} {
		v, _ := m.Get(key)
		t, isInt := v.Int()
		if s, ok := v.Str(); ok {
			t, _ = strconv.ParseInt(s, 10, 64)
		} else if !isInt {
			continue
		}
		if t > 0 && t < 9e15 {
			return t * 1000
		}
	}
	return 0
}

// bytesText is the text of an array of bytes.
func bytesText(v chunk.Value) (string, bool) {
	items, ok := v.Items()
	if !ok {
		return "", false
	}
	b := make([]byte, 0, items.Len())
	for item, ok := items.Next(); ok; item, ok = items.Next() {
		n, isInt := item.Int()
		if !isInt || n < 0 || n > 255 {
			return "", false
		}
		b = append(b, byte(n))
	}
	return string(b), true
}

func withMessage(m chunk.Map, text string) chunk.Map {
	kv := chunk.KV{"MESSAGE", text}
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		if key != "MESSAGE" {
			kv = append(kv, key, v)
		}
	}
	return chunk.NewMap(kv...)
}
