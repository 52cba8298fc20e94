package rotation

import (
	"bytes"
	"os"
)

// Span tells from when to when the sources of a lane go, ns: the time of the
// first line, and of the last one where the last file is plain, else the time
// at which it was last written. Zero is not known.
func Span(l *Lane, o Options) (first, last int64) {
	for _, s := range l.Sources {
		for _, p := range s.Parts {
			if p.First > 0 && (first == 0 || p.First < first) {
				first = p.First
			}
		}
		if n := len(s.Parts); n > 0 {
			last = max(last, s.Parts[n-1].end(&o))
		}
	}
	return first, last
}

// end is the time of the last line of a part, ns.
func (p *Part) end(o *Options) int64 {
	if !p.File.OnDisk || p.File.Compressed() {
		return max(p.bound, p.First)
	}
	f, err := os.Open(p.File.Path)
	if err != nil {
		return max(p.bound, p.First)
	}
	defer f.Close() //nolint:errcheck // read only
	b := make([]byte, sampleBytes)
	if info, err := f.Stat(); err == nil && info.Size() > int64(len(b)) {
		n, _ := f.ReadAt(b, info.Size()-int64(len(b))) // of what can be read
		b = b[:n]
	} else {
		n, _ := f.ReadAt(b, 0)
		b = b[:n]
	}
	c := clock{loc: o.Location, limit: o.Now.UnixNano(), last: p.First}
	c.part(p.bound)
	last := p.First
	for line := range bytes.Lines(b) {
		if w, ok := stampOf(line); ok {
			last = max(last, c.at(&w))
		}
	}
	return last
}
