package casefile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
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

// maxMember bounds what is read of one member of a case file, bytes.
const maxMember = 4 << 30

// Verify names what in a case file is not as it was written, and what of the
// sources is not as it was read. now are the sources as they are. The error is
// of a file that is no case file.
func Verify(r io.ReaderAt, size int64, now []Source, open Opener) (faults []string, lines int, err error) {
	members, err := read(r, size)
	if err != nil {
		return nil, 0, err
	}
	say := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	checkMembers(members, say)
	checkSources(table(members[sources]), now, say)
	rows := table(members[tableFile])
	checkStored(rows, members[linesFile], say)
	checkLines(rows, open, say)
	return faults, len(rows), nil
}

func read(r io.ReaderAt, size int64) (map[string][]byte, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not a case file: %w", err)
	}
	members := map[string][]byte{}
	for _, f := range z.File {
		m, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s in the case file: %w", f.Name, err)
		}
		b, err := io.ReadAll(io.LimitReader(m, maxMember))
		if err != nil {
			b = append(b, "\x00damaged: "+err.Error()...) // its sum will differ
		}
		members[f.Name] = b
	}
	if members[manifest] == nil {
		return nil, fmt.Errorf("not a case file: it has no %s", manifest)
	}
	return members, nil
}

func checkMembers(members map[string][]byte, say func(string, ...any)) {
	known := map[string]bool{manifest: true}
	for line := range strings.Lines(string(members[manifest])) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		known[name] = true
		switch b, ok := members[name]; {
		case !ok:
			say("case file: %s is missing", name)
		case Sum(b) != sum:
			say("case file: %s was altered", name)
		}
	}
	for _, name := range []string{firstPage, timeline, linesFile, tableFile, sources} {
		if !known[name] {
			say("case file: %s does not name %s", manifest, name)
		}
	}
	var extra []string
	for name := range members {
		if !known[name] {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		say("case file: %q was added", name)
	}
}

// row is one row of a table by its columns.
type row map[string]string

func table(b []byte) (rows []row) {
	r := csv.NewReader(bytes.NewReader(b))
	head, err := r.Read()
	if err != nil {
		return nil
	}
	for {
		cells, err := r.Read()
		if err != nil {
			return rows
		}
		m := row{}
		for i := range cells {
			if _, ok := m[head[i]]; !ok { // ours come before fields of the same name
				m[head[i]] = unguard(cells[i])
			}
		}
		rows = append(rows, m)
	}
}

func (r row) number(name string) int64 {
	n, _ := strconv.ParseInt(r[name], 10, 64) // a wrong one is of an altered table
	return n
}

func checkSources(then []row, now []Source, say func(string, ...any)) {
	by := map[string]Source{}
	for _, s := range now {
		by[s.Name+"\x00"+strconv.FormatBool(s.Member)] = s
	}
	for _, r := range then {
		name := r["source"]
		s, ok := by[name+"\x00"+strconv.FormatBool(r["kind"] == "member")]
		switch {
		case !ok:
			say("%s %q is missing", r["kind"], name)
		case s.SHA256 != r["sha256"]:
			say("%s %q was changed: SHA-256 is %s, was %s; %d bytes, were %s", r["kind"], name, s.SHA256, r["sha256"], s.Bytes, r["bytes"])
		}
	}
}

// checkStored compares unchanged lines in the case file with their sums.
func checkStored(rows []row, text []byte, say func(string, ...any)) {
	for _, r := range rows {
		from, n := r.number("stored_offset"), r.number("stored_length")
		if from < 0 || n < 0 || from+n > int64(len(text)) || r["changed"] == "false" && Sum(text[from:from+n]) != r["sha256"] {
			say("case file: entry %s is not as it was written", r["number"])
		}
	}
}

// checkLines looks every entry up in its source.
func checkLines(rows []row, open Opener, say func(string, ...any)) {
	by := map[string][]row{}
	var names []string
	for _, r := range rows {
		if by[r["source"]] == nil {
			names = append(names, r["source"])
		}
		by[r["source"]] = append(by[r["source"]], r)
	}
	slices.Sort(names)
	for _, name := range names {
		list := by[name]
		slices.SortStableFunc(list, func(a, b row) int { return int(min(1, max(-1, a.number("offset")-b.number("offset")))) })
		if err := checkSource(list, name, open, say); err != nil {
			say("%q cannot be read: %v", name, err)
		}
	}
}

func checkSource(list []row, name string, open Opener, say func(string, ...any)) error {
	f, err := open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	at := int64(0)
	for _, r := range list {
		from, n := r.number("offset"), r.number("length")
		if from < at { // entries do not overlap
			say("entry %s: overlaps another in %q", r["number"], name)
			continue
		}
		if _, err := io.CopyN(io.Discard, f, from-at); err != nil {
			say("entry %s is not at byte %d of %q: it ends before", r["number"], from, name)
			return nil
		}
		h := sha256.New()
		got, err := io.CopyN(h, f, n)
		at = from + got
		if err != nil || hex.EncodeToString(h.Sum(nil)) != r["sha256"] {
			say("entry %s is not at byte %d, line %s of %q", r["number"], from, r["line"], name)
		}
	}
	return nil
}
