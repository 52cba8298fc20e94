package rotation

import (
	"bytes"
	"cmp"
	"errors"
	"hash/fnv"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/logs/archive"
)

// Options say what the files do not.
type Options struct {
	Host        string         // of all files; "" finds it out
	HostPattern *regexp.Regexp // its first group in a path is the host; nil for none
	Machine     string         // name of this machine, for logs that stand where it writes them
	Location    *time.Location // zone of times without one
	Now         time.Time      // no line is later
	Notice      func(archive.Notice)
}

// Part is one file of a Source.
type Part struct {
	File  *archive.File
	First int64 // time of its first line with one, ns; 0 if the beginning has none

	name   rotated
	sample uint64 // of the beginning
	whole  bool   // the beginning is all
	bound  int64  // the last line was written before, ns
	wall   wall   // of First
	hosts  []string
}

// Source is one log of one host over its rotations, oldest part first.
type Source struct {
	Name      string // "mail1 mailbox.log", for people and for the position file
	Host      string // "" if nothing tells
	Container string // "" if it is none's
	Path      string // one for all parts: where the log stands while it is written
	Parts     []*Part
}

// At is the source of a log that stands at a path, as Fluent Bit names it.
func At(file, host string) *Source {
	base := parseName(file).base
	return &Source{Name: host + " " + base, Host: host, Path: file, Container: container(file, base)}
}

// Lane is sources that must be read by one reader, in order of time, as their
// lines may go to the same streams: those of one host.
type Lane struct {
	Sources []*Source
}

// Group finds sources and lanes. The same files give the same lanes.
func Group(files []*archive.File, o Options) []*Lane {
	parts := make([]*Part, 0, len(files))
	syslogHosts := map[string][]string{} // by folder
	sample := make([]byte, sampleBytes)
	for _, f := range files {
		p, err := probe(f, &o, sample)
		if err != nil {
			o.say(archive.Trouble(f.Path, err, ""))
			continue
		}
		parts = append(parts, p)
		dir := path.Dir(f.Path)
		syslogHosts[dir] = append(syslogHosts[dir], p.hosts...)
	}
	sources := map[string]*Source{}
	for _, p := range parts {
		o.assign(sources, p, syslogHosts[path.Dir(p.File.Path)])
	}
	list := make([]*Source, 0, len(sources))
	for _, s := range sources {
		o.sort(s)
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *Source) int { return strings.Compare(a.Name, b.Name) })
	return lanes(list)
}

func (o *Options) notice(f *archive.File, text string, skipped bool) {
	o.say(archive.Notice{Path: f.Path, Text: text, Skipped: skipped})
}

func (o *Options) say(n archive.Notice) {
	if o.Notice != nil {
		o.Notice(n)
	}
}

// sampleBytes is how much of a file is looked at before it is read.
const sampleBytes = 64 << 10

// probe looks at the beginning of a file, which it reads into b.
func probe(f *archive.File, o *Options, b []byte) (*Part, error) {
	r, err := f.Open(nil)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // read only
	n, err := io.ReadFull(r, b)
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b = b[:n]
	p := &Part{File: f, name: parseName(f.Path), sample: hash(b), whole: n < sampleBytes}
	p.setBound(o)
	c := clock{loc: o.Location, limit: o.Now.UnixNano()}
	c.part(p.bound)
	var hosts map[string]bool
	for line := range bytes.Lines(b) {
		w, ok := stampOf(line)
		if ok && p.First == 0 {
			p.wall = w
			p.First = c.at(&w)
		}
		if host := syslogHost(line); host != "" && ok {
			if hosts == nil {
				hosts = map[string]bool{}
			}
			hosts[host] = true
		}
	}
	for host := range hosts {
		p.hosts = append(p.hosts, host)
	}
	slices.Sort(p.hosts)
	return p, nil
}

func hash(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// Sample is what Source.Samples has of a file that is not packed.
func Sample(f io.ReaderAt) uint64 {
	b, _ := io.ReadAll(io.NewSectionReader(f, 0, sampleBytes)) // of what can be read
	return hash(b)
}

// beforeBytes is how much before a position tells that a file is still the same.
const beforeBytes = 512

// Before is the sum of what stands before a position in the file of a part. ok is
// false if the file is shorter by now; the sum is 0 for what is no file on disk
// as it is, or cannot be read.
func (s *Source) Before(p Position) (sum uint64, ok bool) {
	if p.Part >= len(s.Parts) || p.Offset == 0 {
		return 0, true
	}
	file := s.Parts[p.Part].File
	if file.Compressed() {
		return 0, true
	}
	f, err := os.Open(file.Path)
	if err != nil {
		return 0, true
	}
	defer f.Close() //nolint:errcheck // read only
	from := max(p.Offset-beforeBytes, 0)
	b := make([]byte, p.Offset-from)
	if n, _ := f.ReadAt(b, from); n < len(b) { //nolint:errcheck // a shorter file is what is asked for
		return 0, false
	}
	return hash(b), true
}

// setBound takes the date of the name, else that of file system or archive.
func (p *Part) setBound(o *Options) {
	t := p.File.Modified
	if !p.name.date.IsZero() && (t.IsZero() || p.name.date.Before(t)) {
		t = p.name.date
	}
	if !t.IsZero() && t.Unix() > 0 && t.Before(o.Now) {
		p.bound = t.UnixNano()
	}
}

// syslogHost is the host that a line of RFC 3164 or of rsyslog's ISO form names.
func syslogHost(line []byte) string {
	var w wall
	switch {
	case len(line) > 20 && line[0] >= 'A' && line[0] <= 'Z' && syslogStamp(line, &w):
		line = line[16:]
	case len(line) > 34 && line[10] == 'T' && line[4] == '-':
		i := bytes.IndexByte(line, ' ')
		line = line[i+1:]
	default:
		return ""
	}
	host, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || len(host) == 0 || bytes.IndexByte(rest[:min(len(rest), 64)], ':') < 0 || bytes.ContainsAny(host, ":[(") {
		return ""
	}
	return string(host)
}

// assign puts a part to its source.
func (o *Options) assign(sources map[string]*Source, p *Part, near []string) {
	s := Source{Container: container(p.File.Path, p.name.base)}
	s.Host = o.host(p, near)
	dir := path.Dir(p.File.Path)
	where := s.Host
	if where == "" {
		where = dir // two hosts that nothing names are kept apart by their folders
	}
	s.Name = where + " " + p.name.base
	if s.Container != "" {
		s.Name = where + " " + s.Container + " " + p.name.base
	} else if !wellKnown(p.name.base) {
		s.Name = where + " " + path.Join(path.Base(dir), p.name.base)
	}
	s.Path = "/" + strings.TrimLeft(path.Join(dir, p.name.base), "./")
	have := sources[s.Name]
	if have == nil {
		have = &s
		sources[s.Name] = have
	}
	have.Path = min(have.Path, s.Path)
	have.Parts = append(have.Parts, p)
}

// wellKnown reports whether a host has one log of this name only, so that
// copies in several folders are of the same one.
func wellKnown(base string) bool {
	switch stem, _, _ := strings.Cut(base, "."); stem {
	case "mailbox", "audit", "zimbra", "sync", "maillog", "mail", "trace_log", "access_log", "zmmailboxd", "wildfire", "ews", "milter", "nginx", "syslog", "messages", "zimbra-stats":
		return true
	}
	return false
}

// host finds the host of a file: what the user says, what the folders are
// called, what the only host in the syslog beside it is called, this machine.
func (o *Options) host(p *Part, near []string) string {
	if o.Host != "" {
		return o.Host
	}
	if o.HostPattern != nil {
		if m := o.HostPattern.FindStringSubmatch(p.File.Path); len(m) > 1 {
			return m[1]
		}
	}
	if h := folderHost(p.File.Path); h != "" {
		return h
	}
	if p.File.OnDisk && (strings.HasPrefix(p.File.Path, "/opt/zimbra/log/") || strings.HasPrefix(p.File.Path, "/var/log/")) {
		return o.Machine
	}
	near = slices.Compact(slices.Sorted(slices.Values(near)))
	if len(near) == 1 {
		return near[0]
	}
	return ""
}

// sort puts the parts in order of time and drops older copies of one file.
func (o *Options) sort(s *Source) {
	slices.SortStableFunc(s.Parts, func(a, b *Part) int {
		return cmp.Or(cmp.Compare(a.sortKey(), b.sortKey()), cmp.Compare(b.name.num, a.name.num),
			strings.Compare(a.File.Path, b.File.Path))
	})
	kept := s.Parts[:0]
	for _, p := range s.Parts {
		if n := len(kept); n > 0 && kept[n-1].sample == p.sample {
			older, newer := kept[n-1], p
			if older.File.Modified.After(newer.File.Modified) || older.whole {
				older, newer = newer, older
			}
			o.notice(older.File, "has the same beginning as "+newer.File.Path+" and is taken for a copy of it", true)
			kept[n-1] = newer
			continue
		}
		kept = append(kept, p)
	}
	s.Parts = kept
}

// sortKey is the time of the first line, else a time before the end.
func (p *Part) sortKey() int64 {
	if p.First != 0 {
		return p.First
	}
	return p.bound
}

// lanes joins sources of one host, and those whose lines name the host of
// others: a central syslog.
func lanes(sources []*Source) []*Lane {
	parent := make([]int, len(sources))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	by := map[string]int{}
	for i, s := range sources {
		names := []string{"host " + short(s.Host)}
		for _, p := range s.Parts {
			for _, h := range p.hosts {
				names = append(names, "host "+short(h))
			}
		}
		for _, n := range names {
			if j, ok := by[n]; ok {
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			} else {
				by[n] = i
			}
		}
	}
	var list []*Lane
	at := map[int]*Lane{}
	for i, s := range sources {
		l := at[root(i)]
		if l == nil {
			l = new(Lane)
			at[root(i)] = l
			list = append(list, l)
		}
		l.Sources = append(l.Sources, s)
	}
	return list
}

// short is a host without its domain: syslog writes it so, folders may not.
func short(host string) string {
	h, _, _ := strings.Cut(strings.ToLower(host), ".")
	return h
}
