package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/db"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
)

// try gives the event to the parser of a format.
func (r *Run) try(f *format.Spec, d *format.Draft) bool {
	d.Format = f
	return f.Parse(&r.Input, d)
}

// parseLine tries the formats that are told by their heads, then a usual time
// and level. False means that the line has neither.
func (r *Run) parseLine(d *format.Draft) bool {
	for _, f := range formats.Heads() {
		if r.try(f, d) {
			return true
		}
	}
	return r.try(&plain.Text, d)
}

// startsLine reports whether s, in a log of lines, starts an event behind an
// open one of the head line head and so many further lines.
func startsLine(s, head string, more int) bool {
	if db.IsMySQLSlowHead(s) {
		return db.StartsMySQLSlow(s, head, more)
	}
	if plain.IsPlainHead(s) {
		return true
	}
	if web.ContinuesPHP(s, head) {
		return false
	}
	if more == 0 && plain.JuliSecond(s, head) {
		return false
	}
	for _, f := range formats.Heads() {
		if f.Head(s) {
			return true
		}
	}
	// A slow query is text without a head; so is what follows an event of Visiology.
	return !db.IsMySQLSlowHead(head) && !json.IsVisiologyHead(head) && !strings.HasPrefix(s, "\t") && !strings.HasPrefix(s, "  ")
}
