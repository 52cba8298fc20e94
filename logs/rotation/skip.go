package rotation

import (
	"bytes"
	"time"
)

// A reader that is asked for a text (Reader.Contains) leaves out lines around
// which it does not stand. What it gives are whole stretches of a log: they
// begin and end where a log4j line begins another second. So every entry is
// whole, with all entries of its instant, and comes out as it would of the
// whole log. Logs of other formats are read whole, since their lines may
// depend on lines far away, or be escaped.

// skipBuffer is how much is looked through at once, in bytes.
const skipBuffer = 512 << 10

// skipper is what a cursor knows while it leaves lines out.
type skipper struct {
	on     bool         // for this part
	inside bool         // of a stretch that is given
	second [second]byte // of the last line that was given
}

// beginSkip decides whether lines of a part are left out: not where its zone puts
// a clock back, since lines of that hour are told apart by those before them.
func (c *cursor) beginSkip(p *Part) {
	c.skip = skipper{}
	c.skip.on = c.r.Contains != "" && p.First > 0 && steady(c.clock.loc, p.First, max(c.clock.bound, p.First)+day)
}

// steady reports whether a zone keeps its offset between two times.
func steady(loc *time.Location, from, to int64) bool {
	_, want := time.Unix(0, from).In(loc).Zone()
	for t := from; t < to+30*day; t += 30 * day {
		if _, off := time.Unix(0, min(t, to)).In(loc).Zone(); off != want {
			return false
		}
	}
	return true
}

// leaveOut goes on to the next line that has to be given.
func (c *cursor) leaveOut() {
	if c.skip.inside {
		next, _ := c.in.Peek(stampLen)
		if !isHead(next) || bytes.Equal(next[:second], c.skip.second[:]) {
			return
		}
		c.skip.inside = false
	}
	for !c.skip.inside {
		buf, err := c.in.Peek(skipBuffer)
		hit := bytes.Index(buf, []byte(c.r.Contains))
		var to int
		switch {
		case hit >= 0:
			c.skip.inside = true
			to = border(buf, bytes.LastIndexByte(buf[:hit], '\n')+1)
		case err == nil:
			to = border(buf, len(buf))
			c.skip.inside = to == 0 // nothing to go by: a long trace, another format
		default: // the end, which the next part may go on with
			c.skip.inside = true
			to = border(buf, len(buf))
		}
		n, _ := c.in.Discard(to) // what was seen is there
		c.pos.Offset += int64(n)
	}
}

// given notes a line that was given.
func (c *cursor) given() {
	if c.skip.on && isHead(c.line) {
		copy(c.skip.second[:], c.line)
	}
}

// border returns the last place, up to at, where a stretch may begin: a line of
// log4j whose second is not that of the one before. The buffer begins with one.
func border(buf []byte, at int) int {
	later := -1
	for at >= 0 {
		if isHead(buf[at:]) {
			if later >= 0 && !bytes.Equal(buf[at:at+second], buf[later:later+second]) {
				return later
			}
			later = at
		}
		if at == 0 {
			return 0
		}
		at = bytes.LastIndexByte(buf[:at-1], '\n') + 1
	}
	return 0
}

// The lengths of "2006-01-02 15:04:05" and "2006-01-02 15:04:05,000".
const (
	second   = 19
	stampLen = 23
)

// isHead reports whether a line begins as log4j's do.
func isHead(b []byte) bool {
	if len(b) < stampLen || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' || b[19] != ',' {
		return false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22} {
		if b[i] < '0' || b[i] > '9' {
			return false
		}
	}
	return true
}
