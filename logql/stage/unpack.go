package stage

import (
	"github.com/grafana/jsonparser"

	"github.com/zimbraloki/zimbraloki/entry"
)

// entryKey is where the line of a packed entry is.
const entryKey = "_entry"

type unpacker struct {
	names  names
	l      *Labels
	line   string
	packed bool
	found  []entry.Pair
	each   func(key, value []byte, t jsonparser.ValueType, at int) error
}

// NewUnpack is | unpack: of an object with a string _entry, that is the new
// line, and the other strings are labels. Other lines stay.
func NewUnpack() Stage {
	u := &unpacker{}
	u.each = u.field
	return u
}

func (u *unpacker) Process(line string, l *Labels) (string, bool) {
	if line == "" || l.complete() {
		return line, true
	}
	if line[0] != '{' {
		l.parserErr(ErrJSON, "expecting json object(6), but it is not")
		return line, true
	}
	u.l, u.packed, u.found = l, false, u.found[:0]
	if err := jsonparser.ObjectEach(bytesOf(line), u.each); err != nil {
		l.parserErr(ErrJSON, err.Error())
		return line, true
	}
	if !u.packed {
		return line, true
	}
	for _, p := range u.found {
		if l.extract(p.Name, p.Value); l.refused {
			break
		}
	}
	return u.line, !l.refused
}

func (u *unpacker) field(key, value []byte, t jsonparser.ValueType, _ int) error {
	if t != jsonparser.String {
		return nil
	}
	if string(key) == entryKey {
		u.packed, u.line = true, u.l.unescape(value)
		return nil
	}
	name := u.names.label(textOf(key))
	for i := range u.found { // the last one counts
		if u.found[i].Name == name {
			u.found[i].Value = u.l.unescape(value)
			return nil
		}
	}
	u.found = append(u.found, entry.Pair{Name: name, Value: u.l.unescape(value)})
	return nil
}
