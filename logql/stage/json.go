package stage

import (
	"errors"
	"strings"
	"unsafe"

	"github.com/grafana/jsonparser"
)

// bytesOf returns a view of a text; nobody may write to it.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// textOf returns a view of bytes, valid as long as they are not written to.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unescape returns the text of a string of JSON, "" if an escape is none.
func (l *Labels) unescape(b []byte) string {
	s := textOf(b)
	if strings.IndexByte(s, '\\') < 0 {
		return legible(s)
	}
	from := len(l.arena)
	l.arena = append(l.arena, b...) // room for it; text never gets longer
	out, err := jsonparser.Unescape(b, l.arena[from:])
	if err != nil {
		return ""
	}
	return legible(textOf(out))
}

type jsonParser struct {
	names names
	path  []byte // the name so far
	l     *Labels
	each  func(key, value []byte, t jsonparser.ValueType, at int) error
}

// NewJSON is | json: every value of the line's object is a label, those of
// inner objects under the keys on the way, joined by '_'. Arrays and null are
// left out. What was found before an error stays.
func NewJSON() Stage {
	p := &jsonParser{}
	p.each = p.field
	return p
}

func (p *jsonParser) Process(line string, l *Labels) (string, bool) {
	if l.complete() {
		return line, true
	}
	p.l, p.path = l, p.path[:0]
	if err := jsonparser.ObjectEach(bytesOf(line), p.each); err != nil && !errors.Is(err, errComplete) {
		l.parserErr(ErrJSON, err.Error())
	}
	return line, !l.refused
}

func (p *jsonParser) field(key, value []byte, t jsonparser.ValueType, _ int) error {
	if t == jsonparser.Array || t == jsonparser.Null {
		return nil
	}
	top := len(p.path)
	name := p.enter(textOf(key))
	var err error
	done := false
	switch {
	case t == jsonparser.Object:
		err = jsonparser.ObjectEach(value, p.each)
	case name == "":
	case t == jsonparser.String:
		done = p.l.extractLazy(name, value)
	default:
		done = p.l.extract(name, textOf(value))
	}
	p.path = p.path[:top]
	if done {
		return errComplete
	}
	return err
}

// errComplete ends a line of which all is found that is wanted.
var errComplete = errors.New("found all that is wanted")

// enter adds a key to the path and returns the label's name that it then is.
func (p *jsonParser) enter(key string) string {
	if len(p.path) == 0 {
		name := p.names.label(key)
		p.path = append(p.path, name...)
		return name
	}
	if part := p.names.part(key); part != "" {
		p.path = append(append(p.path, '_'), part...)
	}
	return p.names.whole(p.path)
}

// extractLazy is extract for a string of JSON, which is read only if it is
// wanted.
func (l *Labels) extractLazy(name string, value []byte) (done bool) {
	if name = l.free(name); !l.wants(name) || l.taken(name) {
		return false
	}
	l.put(name, l.unescape(value))
	return l.refuses(name) || l.complete()
}
