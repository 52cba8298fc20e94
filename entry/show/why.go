package show

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Origin says where the value of a piece of metadata comes from.
type Origin struct {
	Kind string `json:"from"`           // one of the kinds below
	Line int    `json:"line,omitempty"` // of the entry, counted from 1
	At   int    `json:"at,omitempty"`   // first byte in that line, counted from 1
	To   int    `json:"to,omitempty"`   // last byte
}

// The kinds of an origin.
const (
	FromLine    = "line"    // the very bytes of the line
	FromText    = "text"    // the same text stands in the line; the parser wrote it anew, or knows the word
	FromParser  = "parser"  // made of what the line says, or of the record around it
	FromLearned = "learned" // other lines of the mail, or of the mailbox, say it
)

// Why tells of each piece of metadata where it comes from, in the order of
// e.Meta. learned reports whether a name is there because of other lines only.
//
// A value that is a view into the line is told by its address, so that the
// position is right also where the same word stands in the line twice.
func Why(e *entry.Entry, learned func(name string) bool) []Origin {
	out := make([]Origin, len(e.Meta))
	for i, p := range e.Meta {
		out[i] = origin(e, p.Value)
		if learned(p.Name) {
			out[i] = Origin{Kind: FromLearned}
		}
	}
	return out
}

func origin(e *entry.Entry, value string) Origin {
	lines := append([]string{e.Line}, e.More...)
	for i, line := range lines {
		if at, ok := viewAt(line, value); ok {
			return Origin{FromLine, i + 1, at + 1, at + len(value)}
		}
	}
	for i, line := range lines {
		if at := strings.Index(line, value); at >= 0 && value != "" {
			return Origin{FromText, i + 1, at + 1, at + len(value)}
		}
	}
	return Origin{Kind: FromParser}
}

// viewAt is the position of part in whole if it is a view into it.
func viewAt(whole, part string) (int, bool) {
	if part == "" || whole == "" {
		return 0, false
	}
	// Safety: only addresses are compared; nothing is read through them.
	w, p := uintptr(unsafe.Pointer(unsafe.StringData(whole))), uintptr(unsafe.Pointer(unsafe.StringData(part)))
	if p < w || p+uintptr(len(part)) > w+uintptr(len(whole)) {
		return 0, false
	}
	return int(p - w), true
}

// String is the origin for people.
func (o Origin) String() string {
	where := fmt.Sprintf("bytes %d-%d", o.At, o.To)
	if o.Line > 1 {
		where = fmt.Sprintf("line %d, %s", o.Line, where)
	}
	switch o.Kind {
	case FromLine:
		return where
	case FromText:
		return "as in " + where
	case FromLearned:
		return "from other lines of the mail or mailbox"
	}
	return "made by the parser, of the line or its record"
}

// AppendWhy appends for people what AppendText does not say: what the format
// is, and where each piece of metadata comes from.
func AppendWhy(dst []byte, e *entry.Entry, what string, learned func(name string) bool) []byte {
	dst = fmt.Appendf(dst, "  why: format %s: %s\n", e.Format, what)
	width := 0
	for _, p := range e.Meta {
		width = max(width, len(p.Name))
	}
	for i, o := range Why(e, learned) {
		dst = fmt.Appendf(dst, "    %-*s  %s\n", width, e.Meta[i].Name, o)
	}
	return append(dst, '\n')
}
