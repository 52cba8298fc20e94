package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// source is where lines come from one after the other: a file, or one stream
// of a container. Lines of different sources may stand mixed in a chunk. It
// lives for one chunk.
type source struct {
	key  string // see Run.source; owned by the Transform
	path string // of the payload that made it
	id   string // container, as the payload names it
	strm string
	log  string // name of the log by file or tag, "" if they do not tell
	ours bool   // file or tag say that it is one of Zimbra's; other programs have an audit.log too

	begun bool              // a line was seen
	open  bool              // an event is being collected
	head  *envelope.Payload // its first line, see Run.start
	shape shape
	more  []string // its further lines
	size  int      // bytes of head and more

	header envelope.SyslogHeader // of head, where it has one
	held   []heldLine            // lines that go on in later ones

	pieces []string         // a line that the container runtime has cut, so far
	piece  envelope.Payload // its first piece

	before headMemory              // what the chunks before had last
	last   headMemory              // what this chunk has last
	labels [labelCaches]labelCache // most recent label sets
	oldest int                     // of labels
	waits  bool                    // entries of it wait for the end of the chunk

	persons []string // that the last event named, see pseudonymize
}

// headMemory is what is remembered of the last event of a source.
type headMemory struct {
	known  bool
	time   int64 // of the last entry written for it, ns
	base   int64 // the same without the ordinal nanoseconds
	labels *entry.Labels
	tenant string
	level  format.Level
	shape  shape
	cut    bool // its last line was cut by the container runtime and goes on
}

func (s *source) reset() {
	more, pieces, held := s.more[:0], s.pieces[:0], s.held[:0]
	clear(more[:cap(more)])
	clear(pieces[:cap(pieces)])
	for i := range held[:cap(held)] {
		held[:cap(held)][i].reset()
	}
	if s.head != nil {
		*s.head = envelope.Payload{}
	}
	*s = source{head: s.head, more: more, pieces: pieces, held: held}
}

// source finds the source of a payload.
func (r *Run) source(p *envelope.Payload) *source {
	id := p.ContainerID
	if id == "" {
		id = p.Container
	}
	if s := r.lastSource; s != nil && s.path == p.Path && s.id == id && s.strm == p.Stream {
		return s
	}
	r.key = append(append(r.key[:0], r.Tag...), 0)
	r.key = append(append(r.key, p.Path...), 0)
	r.key = append(append(r.key, id...), 0)
	r.key = append(r.key, p.Stream...)
	s := r.sources[string(r.key)]
	if s == nil && r.passing != nil && r.passing.key == string(r.key) {
		s = r.passing
	}
	if s == nil {
		s = r.newSource(string(r.key))
		s.path, s.id, s.strm = p.Path, id, p.Stream
		s.log = logName(p.Path)
		if s.log == "" {
			s.log = logName(r.Tag)
		}
		s.ours = s.log != "" && (zimbraName(p.Path) || zimbraName(r.Tag))
	}
	r.lastSource = s
	return s
}

// maxSources is how many sources of one chunk are told apart to its end; a host
// has some tens of logs, a node of Kubernetes some hundreds of containers. What
// more there is passes by, see passBy.
const maxSources = maxHeads

// keptSources is how many are kept for the next chunk, to be used again.
const keptSources = 256

func (r *Run) newSource(key string) *source {
	if len(r.order) >= maxSources {
		return r.passBy(key)
	}
	var s *source
	if n := len(r.free); n > 0 {
		s, r.free = r.free[n-1], r.free[:n-1]
	} else {
		s = new(source)
	}
	s.key = key
	s.before = r.recall(key)
	r.sources[key] = s
	r.order = append(r.order, s)
	return s
}

// passBy makes a source that is known until the next one comes: its lines make
// an event if they follow each other, and nothing is remembered of it. So a
// chunk with a path for each line costs what its lines cost.
func (r *Run) passBy(key string) *source {
	for r.passing != nil {
		s := r.passing
		r.passing = nil
		r.endSource(s)
	}
	r.passing = &source{key: key}
	return r.passing
}

// endSource makes the entries of what is open of a source.
func (r *Run) endSource(s *source) {
	if len(s.pieces) > 0 {
		p := r.joined(s)
		p.Partial = envelope.PartialMore
		r.feed(s, &p)
	}
	r.closeAllHeld(s)
	r.closeEvent(s)
}

// zimbraName reports whether a path or tag names Zimbra or its kin.
func zimbraName(s string) bool {
	return strings.Contains(s, "zimbra") || strings.Contains(s, "zextras") || strings.Contains(s, "carbonio")
}

// logName tells the log by the name of its file ("/opt/zimbra/log/mailbox.log",
// "mailbox.log.2026-08-02.gz") or by a tag, which may hold such a path with
// dots for slashes ("zimbra.opt.zimbra.log.audit.log"); "" if it is none that
// is known.
func logName(s string) string {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.Index(s, ".log"); i >= 0 {
		for strings.HasPrefix(s[i+4:], ".") && strings.Contains(s[i+4:], ".log") {
			i += 4 + strings.Index(s[i+4:], ".log")
		}
		s = s[:i]
	}
	s = s[strings.LastIndexByte(s, '.')+1:]
	if zimbra.Log4jLogs[s] {
		return s
	}
	return ""
}

// memoryLabel is a label of the last event of a source.
func (s *source) memoryLabel(name string) string {
	head := s.last
	if !head.known {
		head = s.before
	}
	if head.labels == nil {
		return s.log
	}
	return head.labels.Get(name)
}
