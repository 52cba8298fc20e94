package transform

import "strings"

// try gives the event to the parser of a format.
func (r *Run) try(f *Spec, d *draft) bool {
	d.format = f
	return f.Parse(&r.Input, d)
}

// parseLine tries the formats that are told by their heads, then a usual time
// and level. False means that the line has neither.
func (r *Run) parseLine(d *draft) bool {
	for _, f := range formats.Heads() {
		if r.try(f, d) {
			return true
		}
	}
	return r.try(&Text, d)
}

// startsLine reports whether s, in a log of lines, starts an event behind an
// open one of the head line head and so many further lines.
func startsLine(s, head string, more int) bool {
	if isMySQLSlowHead(s) {
		return startsMySQLSlow(s, head, more)
	}
	if isPlainHead(s) {
		return true
	}
	if more == 0 && juliSecond(s, head) {
		return false
	}
	for _, f := range formats.Heads() {
		if f.Head(s) {
			return true
		}
	}
	// A slow query is text without a head; so is what follows an event of Visiology.
	return !isMySQLSlowHead(head) && !isVisiologyHead(head) && !strings.HasPrefix(s, "\t") && !strings.HasPrefix(s, "  ")
}
