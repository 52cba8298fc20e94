package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// heldLine is a line of syslog that goes on in later lines, with what has come
// of these. Lines of other programs, and of other jobs of the same, may stand
// between them, so it waits apart from the open event of its source. Its entry
// has the place in time of its first line.
type heldLine struct {
	head   envelope.Payload
	header envelope.SyslogHeader
	id     string   // amavis's job, zmstat's UUID
	pieces []string // of the message, their marks removed
	more   []string // further lines as they came
	size   int      // bytes of head and more
	time   int64    // of the entry
	base   int64    // the same without the ordinal nanoseconds
	broken bool     // the last piece goes on
}

// reset drops what k holds and keeps its memory.
func (k *heldLine) reset() {
	more, pieces := k.more[:0], k.pieces[:0]
	clear(more[:cap(more)])
	clear(pieces[:cap(pieces)])
	*k = heldLine{more: more, pieces: pieces}
}

// maxHeld bounds the lines of one source that wait at a time: amavis has some
// ten children, each writes one line at a time.
const maxHeld = 64

// mayGoOn is a quick look at the end of a line: false for all that do not end
// like a piece that goes on.
func mayGoOn(s string) bool {
	if s == "" {
		return false
	}
	switch s[len(s)-1] {
	case '.':
		return strings.HasSuffix(s, mta.AmavisMark)
	case ':', ' ':
		return strings.HasSuffix(strings.TrimRight(s, " "), zimbra.ChunkMark)
	}
	return false
}

// joinLine takes a syslog line that is a piece of a longer message; false if
// the line is to be taken as any other.
func (r *Run) joinLine(s *source, p *envelope.Payload) bool {
	h := &r.header
	pc, ok := pieceOf(h, p.Text[h.Skip:])
	i := s.heldBy(h, &pc)
	if i >= 0 && (!ok || !pc.Follows || s.held[i].id != pc.ID) {
		r.closeHeld(s, i) // the process has begun another message
		i = -1
	}
	switch {
	case !ok || i < 0 && (pc.Follows || !pc.Open):
		return false
	case i < 0:
		r.hold(s, p, &pc)
		return true
	}
	held := &s.held[i]
	if len(held.more)+2 > r.opts.MaxLines || held.size+1+len(p.Text) > r.opts.MaxEventBytes {
		r.closeHeld(s, i)
		return false
	}
	held.more = append(held.more, p.Text)
	held.pieces = append(held.pieces, pc.Text)
	held.size += 1 + len(p.Text)
	if held.broken = pc.Open; !pc.Open {
		r.closeHeld(s, i)
	}
	return true
}

// heldBy is the index of the line that a line with this header goes on with or
// shows to be at its end: for amavis that of the same process, which writes one
// message at a time; for zmstat that of the same UUID. -1 if there is none.
func (s *source) heldBy(h *envelope.SyslogHeader, pc *format.Piece) int {
	for i := range s.held {
		k := &s.held[i]
		if k.header.Tag == h.Tag && k.header.PID == h.PID && k.header.Host == h.Host &&
			(k.id == pc.ID || len(k.id) != zimbra.UUIDLen) {
			return i
		}
	}
	return -1
}

// hold keeps a line until its further pieces have come, and takes its place
// among the entries of its time.
func (r *Run) hold(s *source, p *envelope.Payload, pc *format.Piece) {
	r.closeEvent(s)
	if len(s.held) == maxHeld {
		r.closeHeld(s, 0)
	}
	n := len(s.held)
	if n < cap(s.held) {
		s.held = s.held[:n+1]
	} else {
		s.held = append(s.held, heldLine{})
	}
	k := &s.held[n]
	base, _ := entryTime(r.Clock.SyslogTime(r.header.Stamp, p.Arrival), p)
	*k = heldLine{
		head: *p, header: r.header, id: pc.ID, more: k.more[:0], pieces: append(k.pieces[:0], pc.Text),
		size: len(p.Text), base: base, time: base + r.ords.next(base), broken: true,
	}
}

// closeHeld makes the entry of a line that was held.
func (r *Run) closeHeld(s *source, i int) {
	k := &s.held[i]
	d := &r.d
	d.Reset()
	r.setHead(d, &k.head)
	d.More, d.Header = k.more, k.header
	r.src = s
	d.Joined, d.At = scan.ValidUTF8(&r.Arena, k.message(r)), k.time
	last := s.last
	r.build(d, shapeSyslog)
	if last.known && last.time > s.last.time {
		s.last = last
	}
	done := *k
	done.reset()
	copy(s.held[i:], s.held[i+1:])
	s.held[len(s.held)-1] = done
	s.held = s.held[:len(s.held)-1]
}

// closeAllHeld makes the entries of lines whose last pieces are not in this
// chunk.
func (r *Run) closeAllHeld(s *source) {
	for len(s.held) > 0 {
		r.closeHeld(s, 0)
	}
}

// message is the whole message, or what has come of it: then the mark at its
// end tells the parsers.
func (k *heldLine) message(r *Run) string {
	n := len(k.id) + 2*len(zimbra.ChunkMark)
	for _, s := range k.pieces {
		n += len(s)
	}
	b := r.Arena.Alloc(n)
	for _, s := range k.pieces {
		b = append(b, s...)
	}
	switch {
	case k.broken && len(k.id) == zimbra.UUIDLen:
		b = append(append(append(b, zimbra.ChunkMark...), k.id...), zimbra.ChunkMark...)
	case k.broken:
		b = append(b, mta.AmavisMark...)
	}
	return r.Arena.Commit(b)
}

// pieceOf reads the marks of a message; false for a program that cuts none.
func pieceOf(h *envelope.SyslogHeader, msg string) (pc format.Piece, ok bool) {
	if f := formats.Program(h.Tag); f != nil && f.Piece != nil {
		return f.Piece(msg)
	}
	return pc, false
}
