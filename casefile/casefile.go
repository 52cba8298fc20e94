// Package casefile writes lines of logs, with the places they were found at,
// into a zip that proves them, and checks such a zip against the logs. The same
// lines give the same bytes: nothing in it is of the machine or the moment.
package casefile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Line is one entry of a case.
type Line struct {
	Time   time.Time
	Host   string
	Source string  // name of the unpacked file, see Source
	Offset int64   // of the first byte in it
	Number int     // of the first line, from 1
	Raw    []byte  // as it stands there, line end included
	Shown  string  // what may be shown: the line without its secrets
	Fields []Field // of several with one name the last counts
}

// Field is a parsed field of a line.
type Field struct{ Name, Value string }

// Source is a file that was read: one that was given, or a member of it.
type Source struct {
	Name   string // "case.tar.gz", "case.tar.gz/logs/mailbox.log.1.gz"
	Member bool   // unpacked: offsets are in its bytes
	Bytes  int64
	SHA256 string
}

// Case is what a zip holds.
type Case struct {
	Raw     bool // lines with their secrets
	Command string
	Version string
	Zone    *time.Location
	Sources []Source
	Lines   []Line
}

// The members of the zip.
const (
	firstPage = "README.txt"
	linesFile = "lines.log"
	tableFile = "lines.csv"
	timeline  = "timeline.txt"
	sources   = "sources.csv"
	manifest  = "MANIFEST.sha256"
)

// epoch is the time of all members, the first that a zip can tell: those of the
// making would make each zip another one.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Sum is the SHA-256 of bytes, in hexadecimal digits.
func Sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// columns come before those of the fields.
var columns = []string{"number", "time", "host", "source", "offset", "length", "line", "sha256", "changed", "stored_offset", "stored_length"}

// Write writes the zip. Beside the lines of the case it holds none of it in
// memory.
func Write(w io.Writer, c *Case) error {
	slices.SortStableFunc(c.Lines, func(a, b Line) int { return a.Time.Compare(b.Time) })
	z := zip.NewWriter(w)
	var sums strings.Builder
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{firstPage, c.readme},
		{timeline, c.people},
		{linesFile, c.text},
		{tableFile, c.table},
		{sources, c.sources},
	} {
		h := sha256.New()
		err := add(z, f.name, func(w io.Writer) error { return f.write(io.MultiWriter(w, h)) })
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", h.Sum(nil), f.name)
	}
	if err := add(z, manifest, func(w io.Writer) error { return text(w, sums.String()) }); err != nil {
		return err
	}
	return z.Close()
}

// add writes a member, without a date.
func add(z *zip.Writer, name string, write func(io.Writer) error) error {
	m, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(m, 64<<10)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}

func text(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}

// stored is what the zip holds of a line: its bytes, or what may be shown of it
// if that is something else.
func (c *Case) stored(l *Line) (text []byte, changed bool) {
	unix := func(s string) string { return strings.ReplaceAll(strings.TrimRight(s, "\r\n"), "\r\n", "\n") }
	if c.Raw || unix(l.Shown) == unix(string(l.Raw)) {
		return l.Raw, false
	}
	return []byte(l.Shown + "\n"), true
}

// text is lines.log.
func (c *Case) text(w io.Writer) error {
	for i := range c.Lines {
		stored, _ := c.stored(&c.Lines[i])
		if _, err := w.Write(stored); err != nil {
			return err
		}
	}
	return nil
}

// table is lines.csv.
func (c *Case) table(w io.Writer) error {
	column, names := map[string]int{}, c.fields()
	for i, n := range names {
		column[n] = len(columns) + i
	}
	t := csv.NewWriter(w)
	write := func(row []string) error {
		for i := range row {
			row[i] = guard(row[i])
		}
		return t.Write(row)
	}
	if err := write(append(slices.Clone(columns), names...)); err != nil {
		return err
	}
	at := 0
	row := make([]string, len(columns)+len(names))
	for i := range c.Lines {
		l := &c.Lines[i]
		stored, changed := c.stored(l)
		clear(row)
		copy(row, []string{
			strconv.Itoa(i + 1), l.Time.UTC().Format("2006-01-02T15:04:05.999999Z"), l.Host, l.Source, strconv.FormatInt(l.Offset, 10), strconv.Itoa(len(l.Raw)),
			strconv.Itoa(l.Number), Sum(l.Raw), strconv.FormatBool(changed), strconv.Itoa(at), strconv.Itoa(len(stored)),
		})
		for _, f := range l.Fields {
			row[column[f.Name]] = f.Value
		}
		if err := write(row); err != nil {
			return err
		}
		at += len(stored)
	}
	t.Flush()
	return t.Error()
}

// people is timeline.txt.
func (c *Case) people(w io.Writer) error {
	day := ""
	for i := range c.Lines {
		l := &c.Lines[i]
		at := l.Time.In(c.Zone)
		if d := at.Format("2006-01-02 -07:00"); d != day {
			day = d
			if err := text(w, d+"\n"); err != nil {
				return err
			}
		}
		stored, _ := c.stored(l)
		_, err := fmt.Fprintf(w, "  %s  %s  %s:%d  %s\n", at.Format("15:04:05"), printable(l.Host), printable(l.Source), l.Number,
			printable(strings.TrimRight(string(stored), "\r\n")))
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Case) fields() []string {
	seen := map[string]bool{}
	for i := range c.Lines {
		for _, f := range c.Lines[i].Fields {
			seen[f.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// guard keeps a program of tables from reading a cell as a formula.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) {
		return "'" + s
	}
	return s
}

// unguard undoes guard.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && guard(s[1:]) == s {
		return s[1:]
	}
	return s
}

// printable is a text without what steers a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
}

func (c *Case) sources(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"source", "kind", "bytes", "sha256"}); err != nil {
		return err
	}
	for _, s := range c.Sources {
		kind := "source"
		if s.Member {
			kind = "member"
		}
		if err := w.Write([]string{guard(s.Name), kind, strconv.FormatInt(s.Bytes, 10), s.SHA256}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// zone names the zone in which times without one were read. That of the reading
// machine has no name that says anything elsewhere, but a distance from UTC.
func (c *Case) zone() string {
	if c.Zone != time.Local || len(c.Lines) == 0 {
		return c.Zone.String()
	}
	return "UTC" + c.Lines[0].Time.In(c.Zone).Format("-07:00") + " at the first entry (--timezone was not given)"
}

func (c *Case) readme(w io.Writer) error {
	var b bytes.Buffer
	kind := "Secrets are taken out of the lines; each has the SHA-256 of its original bytes in lines.csv."
	if c.Raw {
		kind = "UNREDACTED: the lines are as they stand in the logs, with passwords and tokens that may be in them."
	}
	hosts := map[string]bool{}
	for i := range c.Lines {
		hosts[c.Lines[i].Host] = true
	}
	fmt.Fprintf(&b, "Lines of logs, with their places\n\n%s\n\n", kind)
	fmt.Fprintf(&b, "command   %s\nversion   zimbraloki %s\nzone      %s, of times without one and of the timeline; lines.csv has UTC\n", printable(c.Command), c.Version, c.zone())
	names := make([]string, 0, len(hosts))
	for h := range hosts {
		names = append(names, printable(h))
	}
	slices.Sort(names)
	fmt.Fprintf(&b, "hosts     %s, as the logs name them\nentries   %d\n", strings.Join(names, ", "), len(c.Lines))
	if n := len(c.Lines); n > 0 {
		fmt.Fprintf(&b, "from      %s\nto        %s\n", c.Lines[0].Time.In(c.Zone).Format(time.RFC3339), c.Lines[n-1].Time.In(c.Zone).Format(time.RFC3339))
	}
	b.WriteString(`
timeline.txt     for people
lines.log        the lines
lines.csv        each entry: source, offset in its unpacked bytes, length, line
                 number, SHA-256 of these bytes, whether lines.log has them
                 changed, where it stands in lines.log, the parsed fields. A
                 cell that a program would take for a formula has a ' before it.
sources.csv      what was read: bytes and SHA-256 of each source, of each member
                 unpacked
MANIFEST.sha256  SHA-256 of these files (sha256sum -c)

To check: zimbraloki export --verify THIS.zip SOURCES...
`)
	_, err := b.WriteTo(w)
	return err
}
