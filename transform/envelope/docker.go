package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// dockerLine is one line of a file of Docker's json-file log driver:
//
//	{"log":"text\n","stream":"stdout","attrs":{"tag":"web"},"time":"2006-01-02T15:04:05.000000000Z"}
//
// Source: moby, daemon/logger/jsonfilelog/jsonlog/jsonlog.go (JSONLogs, keys
// log, stream, attrs, time in this order, no blanks) and jsonfilelog.go: a
// newline ends the text of every message but of one that was cut.
//
// It is read by hand because every record of a container passes here and
// because nothing is allocated this way; any other object is left to
// json-iterator. Keys may come in any order and blanks may stand between them,
// as programs write that copy such files. Only log may hold escapes.
type dockerLine struct {
	log     []byte // in the arena, not yet committed; nil if view holds the text
	view    string // the text, if that needs no unescaping
	newline bool   // the text ended in "\n", which is removed
	stream  string
	time    string
	attrs   string // the whole object
	hasLog  bool
}

// scan reports whether s is such a line, and nothing else. l is clear before.
func (l *dockerLine) scan(a *scan.Arena, s string) bool {
	i := 1
	for {
		i = scan.SkipBlanks(s, i)
		key, n := simpleString(s[i:])
		if n == 0 {
			return false
		}
		if i = scan.SkipBlanks(s, i+n); i >= len(s) || s[i] != ':' {
			return false
		}
		i = scan.SkipBlanks(s, i+1)
		if n = l.value(a, key, s[i:]); n == 0 {
			return false
		}
		if i = scan.SkipBlanks(s, i+n); i >= len(s) {
			return false
		}
		if s[i] == '}' {
			return l.hasLog && scan.SkipBlanks(s, i+1) == len(s)
		}
		if s[i] != ',' {
			return false
		}
		i++
	}
}

// value reads the value of key at the start of s and returns its length, 0 for
// a key or value that Docker does not write.
func (l *dockerLine) value(a *scan.Arena, key, s string) (n int) {
	switch key {
	case "log":
		if l.hasLog || s == "" || s[0] != '"' {
			return 0
		}
		l.hasLog = true
		return l.text(a, s[1:])
	case "stream":
		l.stream, n = simpleString(s)
	case "time":
		l.time, n = simpleString(s)
	case "attrs":
		n = flatObject(s, nil)
		l.attrs = s[:n]
	}
	return n
}

// text reads the JSON string s, its opening quote passed. A text whose only
// escape is the newline at its end stays where it is.
func (l *dockerLine) text(a *scan.Arena, s string) int {
	quote, slash := strings.IndexByte(s, '"'), strings.IndexByte(s, '\\')
	if quote < 0 {
		return 0
	}
	if slash < 0 || slash > quote {
		l.view = s[:quote]
		return quote + 2
	}
	if slash == quote-2 && s[slash+1] == 'n' {
		l.view, l.newline = s[:slash], true
		return quote + 2
	}
	b, n, ok := scan.Unescape(a.Alloc(len(s)+scan.UnescapeRoom), s)
	if !ok {
		return 0
	}
	if len(b) > 0 && b[len(b)-1] == '\n' {
		b, l.newline = b[:len(b)-1], true
	}
	l.log = b
	return n + 1
}

// unwrapDocker replaces p.Text by the text of the json-file line that it is.
// An object that has only a key log is taken for an envelope too; it comes
// from a program and says nothing about pieces.
func (r *Reader) unwrapDocker(p *Payload) bool {
	l := &r.docker
	ok := l.scan(r.Arena, p.Text)
	if ok {
		r.takeDocker(p, l)
	}
	l.clear()
	return ok
}

// takeDocker sets what the line l says.
func (r *Reader) takeDocker(p *Payload, l *dockerLine) {
	p.Text = l.view
	if l.log != nil {
		p.Text = r.Arena.Commit(l.log)
	}
	if l.stream != "" {
		p.Stream = l.stream
		p.IsContainer = true
		if !l.newline {
			p.Partial = PartialMore
		}
	}
	if t, ok := r.Clock.ISOTime(l.time, p.Arrival); ok {
		p.Time = t
	}
	if l.attrs != "" {
		p.IsContainer = true
		flatObject(l.attrs, p)
	}
}

// clear forgets the line, which the chunk may own.
func (l *dockerLine) clear() { *l = dockerLine{} }

// flatObject reads an object whose values are all strings, as attrs is, and
// returns its length, 0 if s starts with none. The attributes go to p, unless
// that is nil.
func flatObject(s string, p *Payload) int {
	if s == "" || s[0] != '{' {
		return 0
	}
	i := scan.SkipBlanks(s, 1)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		key, n := anyString(s[i:])
		if n == 0 {
			return 0
		}
		if i = scan.SkipBlanks(s, i+n); i >= len(s) || s[i] != ':' {
			return 0
		}
		i = scan.SkipBlanks(s, i+1)
		val, n := anyString(s[i:])
		if n == 0 {
			return 0
		}
		if p != nil && strings.IndexByte(val, '\\') < 0 {
			p.attribute(key, val)
		}
		if i = scan.SkipBlanks(s, i+n); i >= len(s) {
			return 0
		}
		switch s[i] {
		case '}':
			return i + 1
		case ',':
			i = scan.SkipBlanks(s, i+1)
		default:
			return 0
		}
	}
}

// attribute takes what the log options labels, env and tag add to a line.
func (p *Payload) attribute(key, val string) {
	switch key {
	case "com.docker.compose.service":
		p.Service = val
	case "tag":
		if p.Container == "" && isContainerName(val) {
			p.Container = CleanName(val)
		}
	}
}

// isContainerName reports whether a tag can be what the option tag={{.Name}}
// writes: Docker's container names have a letter or digit first, then letters,
// digits and "_.-" (moby, daemon/names/names.go). Other common tags are the
// container's short or full identifier and names of images with ':' or '/'.
func isContainerName(s string) bool {
	s = CleanName(s)
	if len(s) < 2 || len(s) > 128 || (len(s) == 12 || len(s) == 64) && scan.IsHex(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !scan.KeyByte[c] && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s[0] != '_'
}

// simpleString returns the content of the JSON string that s starts with and
// its length with quotes, 0 if s starts with none or it holds an escape.
func simpleString(s string) (v string, n int) {
	if s == "" || s[0] != '"' {
		return "", 0
	}
	end := scan.StringEnd(s, 1)
	if end == len(s) || s[end] == '\\' {
		return "", 0
	}
	return s[1:end], end + 1
}

// anyString is simpleString for strings with escapes, which it leaves as they
// are.
func anyString(s string) (v string, n int) {
	if s == "" || s[0] != '"' {
		return "", 0
	}
	i := scan.StringEnd(s, 1)
	for i < len(s) && s[i] == '\\' {
		i = scan.StringEnd(s, min(len(s), i+2))
	}
	if i == len(s) {
		return "", 0
	}
	return s[1:i], i + 1
}
