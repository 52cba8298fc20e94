package casefile

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Opener opens the unpacked bytes of a source by its name; the error says why it
// cannot.
type Opener func(name string) (io.ReadCloser, error)

// What a case file may hold at most. It may come from anybody, so nothing of it
// is read into memory but what is bounded here.
const (
	maxMember   = 64 << 30  // bytes of a member, unpacked
	maxManifest = 1 << 20   // bytes
	maxRow      = 4 << 20   // bytes of a row of a table
	maxRows     = 5_000_000 // entries
	maxSources  = 1_000_000
	maxFaults   = 1000 // that are told
)

// Verify names what in a case file is not as it was written, and what of the
// sources is not as it was read. now are the sources as they are. The error is
// of a file that is no case file.
func Verify(r io.ReaderAt, size int64, now []Source, open Opener) (faults []string, lines int, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, 0, fmt.Errorf("not a case file: %w", err)
	}
	v := &verifier{members: map[string]*zip.File{}}
	for _, f := range z.File {
		if v.members[f.Name] != nil {
			v.say("case file: %q is there twice", f.Name)
			continue
		}
		v.members[f.Name] = f
	}
	if v.members[manifest] == nil {
		return nil, 0, fmt.Errorf("not a case file: it has no %s", manifest)
	}
	v.checkMembers()
	v.checkSources(now)
	v.checkTable()
	v.checkLines(open)
	if n := v.more; n > 0 {
		v.faults = append(v.faults, fmt.Sprintf("and %d more", n))
	}
	return v.faults, v.rows, nil
}

// parts are the members but the manifest.
var parts = []string{firstPage, timeline, linesFile, tableFile, sources}

// verifier is one Verify.
type verifier struct {
	members map[string]*zip.File
	faults  []string
	more    int // that are not told
	rows    int
	sources []string // names that entries are of, in order of their first
	entries [][]place
}

// place is where an entry stood in its source.
type place struct {
	offset, length int64
	number         string
	line           string
	sum            [sha256.Size]byte
}

func (v *verifier) say(format string, args ...any) {
	if len(v.faults) >= maxFaults {
		v.more++
		return
	}
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// open opens a member; one that is not there, or cannot be read, is empty: that
// is told by checkMembers.
func (v *verifier) open(name string) io.ReadCloser {
	if f := v.members[name]; f != nil {
		if r, err := f.Open(); err == nil {
			return r
		}
	}
	return io.NopCloser(strings.NewReader(""))
}

// sum is the SHA-256 of a member, or why it has none.
func (v *verifier) sum(name string) (string, error) {
	r, err := v.members[name].Open()
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // read only
	h := sha256.New()
	switch n, err := io.Copy(h, io.LimitReader(r, maxMember+1)); {
	case err != nil:
		return "", err
	case n > maxMember:
		return "", fmt.Errorf("it has more than %d bytes", int64(maxMember))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (v *verifier) checkMembers() {
	known := map[string]bool{manifest: true}
	r := v.open(manifest)
	defer r.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil || len(text) > maxManifest {
		v.say("case file: %s cannot be read, or has more than %d bytes", manifest, maxManifest)
		text = nil
	}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if known[name] {
			v.say("case file: %s names %q twice", manifest, name)
			continue
		}
		known[name] = true
		if !slices.Contains(parts, name) {
			v.say("case file: %q is no part of one", name)
		} else if v.members[name] == nil {
			v.say("case file: %q is missing", name)
		} else if got, err := v.sum(name); err != nil {
			v.say("case file: %q cannot be read: %v", name, err)
		} else if got != sum {
			v.say("case file: %s was altered", name)
		}
	}
	for _, name := range parts {
		if !known[name] {
			v.say("case file: %s does not name %s", manifest, name)
		}
	}
	var extra []string
	for name := range v.members {
		if !known[name] {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		v.say("case file: %q was added", name)
	}
}

func (v *verifier) checkSources(now []Source) {
	by := map[string]Source{}
	for _, s := range now {
		by[s.Name+"\x00"+strconv.FormatBool(s.Member)] = s
	}
	t := newTable(v.open(sources))
	defer t.Close() //nolint:errcheck // read only
	for n := 0; t.next(); n++ {
		if n == maxSources {
			v.say("case file: %s has more than %d rows", sources, maxSources)
			return
		}
		kind, name := t.get("kind"), t.get("source")
		s, ok := by[name+"\x00"+strconv.FormatBool(kind == "member")]
		switch {
		case !ok:
			v.say("%s %q is missing", kind, name)
		case s.SHA256 != t.get("sha256"):
			v.say("%s %q was changed: SHA-256 is %s, was %s; %d bytes, were %s", kind, name, s.SHA256, t.get("sha256"), s.Bytes, t.get("bytes"))
		}
	}
	if t.err != nil {
		v.say("case file: %s cannot be read: %v", sources, t.err)
	}
}

// checkTable compares the lines of the case file with their sums, and notes
// where each stood. Lines and rows are in the same order.
func (v *verifier) checkTable() {
	t, text := newTable(v.open(tableFile)), v.open(linesFile)
	defer t.Close()    //nolint:errcheck // read only
	defer text.Close() //nolint:errcheck // read only
	number, at := map[string]int{}, int64(0)
	for t.next() {
		if v.rows == maxRows {
			v.say("case file: %s has more than %d rows", tableFile, maxRows)
			return
		}
		v.rows++
		from, n := t.number("stored_offset"), t.number("stored_length")
		h := sha256.New()
		got := int64(0)
		if from == at && n >= 0 {
			got, _ = io.CopyN(h, text, n)
			at += got
		}
		if from != at-got || got != n || t.get("changed") == "false" && hex.EncodeToString(h.Sum(nil)) != t.get("sha256") {
			v.say("case file: entry %s is not as it was written", t.get("number"))
		}
		name := t.get("source")
		i, ok := number[name]
		if !ok {
			i = len(v.sources)
			number[strings.Clone(name)] = i
			v.sources, v.entries = append(v.sources, strings.Clone(name)), append(v.entries, nil)
		}
		p := place{offset: t.number("offset"), length: t.number("length"), number: strings.Clone(t.get("number")), line: strings.Clone(t.get("line"))}
		if sum, err := hex.DecodeString(t.get("sha256")); err == nil && len(sum) == len(p.sum) {
			copy(p.sum[:], sum)
		}
		v.entries[i] = append(v.entries[i], p)
	}
	if t.err != nil {
		v.say("case file: %s cannot be read: %v", tableFile, t.err)
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(text, 1)); err != nil || n > 0 {
		v.say("case file: %s has lines that no entry has", linesFile)
	}
}

// checkLines looks every entry up in its source.
func (v *verifier) checkLines(open Opener) {
	order := make([]int, len(v.sources))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(v.sources[a], v.sources[b]) })
	for _, i := range order {
		list := v.entries[i]
		slices.SortStableFunc(list, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
		if err := v.checkSource(list, v.sources[i], open); err != nil {
			v.say("%q cannot be read: %v", v.sources[i], err)
		}
	}
}

func (v *verifier) checkSource(list []place, name string, open Opener) error {
	f, err := open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	at := int64(0)
	for _, p := range list {
		if p.offset < at { // entries do not overlap
			v.say("entry %s: overlaps another in %q", p.number, name)
			continue
		}
		if _, err := io.CopyN(io.Discard, f, p.offset-at); err != nil {
			v.say("entry %s is not at byte %d of %q: it ends before", p.number, p.offset, name)
			return nil
		}
		h := sha256.New()
		got, err := io.CopyN(h, f, p.length)
		at = p.offset + got
		if err != nil || p.length < 0 || [sha256.Size]byte(h.Sum(nil)) != p.sum {
			v.say("entry %s is not at byte %d, line %s of %q", p.number, p.offset, p.line, name)
		}
	}
	return nil
}
