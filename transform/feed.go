package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
)

// feed gives each line of a payload to its source. Multi-line filters before
// us may have joined lines, of one event or of several.
func (r *Run) feed(s *source, p *envelope.Payload) {
	if strings.IndexByte(p.Text, '\n') < 0 || wholeJSON(p.Text) {
		r.line(s, p)
		return
	}
	whole := *p // line keeps what it gets
	if p.Program != "" {
		r.message(s, &whole)
		return
	}
	r.feedLines(s, &whole)
}

// feedLines gives the lines of p to their sources.
func (r *Run) feedLines(s *source, p *envelope.Payload) {
	rest := p.Text
	for n := 0; ; n++ {
		i := strings.IndexByte(rest, '\n')
		if i < 0 || n == maxPayloadLines {
			break
		}
		s = r.nextLine(s, p, rest[:i])
		rest = rest[i+1:]
	}
	if len(rest) > 0 && strings.IndexByte(rest, '\n') >= 0 {
		r.pack(s, p, rest)
		return
	}
	r.nextLine(s, p, rest)
}

// maxPayloadLines is how many lines of one record are looked at one by one. Each
// may become an entry of some 600 bytes, so that a record of 2 MB could take a
// thousand times its size. A multi-line filter joins some hundred lines.
const maxPayloadLines = 20_000

// pack takes the rest of a record that has too many lines: they go on with the
// line before, in entries as large as may be.
func (r *Run) pack(s *source, p *envelope.Payload, rest string) {
	for found := true; found; {
		p.Text, rest, found = strings.Cut(rest, "\n")
		if !s.open {
			r.start(s, r.copyOf(p), shapeContinuation)
			continue
		}
		r.more(s, r.copyOf(p))
	}
}

// nextLine gives a line of a text of several to its source, which it returns:
// docker compose mixes the lines of its containers.
func (r *Run) nextLine(s *source, p *envelope.Payload, line string) *source {
	if p.Text = line; p.NextComposed() {
		s = r.source(p)
	}
	r.line(s, r.copyOf(p))
	return s
}

// message takes a message of several lines, which the journal keeps as one.
func (r *Run) message(s *source, p *envelope.Payload) {
	first, rest, _ := strings.Cut(p.Text, "\n")
	p.Text = first
	r.line(s, r.copyOf(p))
	for found := true; found; {
		p.Text, rest, found = strings.Cut(rest, "\n")
		r.more(s, r.copyOf(p))
	}
}

// copyOf is a copy of p that a source may keep.
func (r *Run) copyOf(p *envelope.Payload) *envelope.Payload {
	*r.in = *p
	return r.in
}

// wholeJSON reports whether a text of several lines looks like one JSON object
// printed with line breaks.
func wholeJSON(s string) bool {
	return s[0] == '{' && strings.HasSuffix(strings.TrimRight(s, " \r\n\t"), "}")
}
