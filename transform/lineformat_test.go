package transform

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// lineGolden is a folder of testdata and the parser of its lines. A line of a
// folder's lines.log that starts with "//" is a comment, "//path x" and
// "//arrival x" hold for what follows. Behind "//syslog" come messages of the same
// program by syslog.
type lineGolden struct {
	dir   string
	parse func(r *Run, d *format.Draft) bool
}

// lineGoldens are the folders of the formats that are told by their heads, of
// activity.log, which is log4j's first, and of plain text.
var lineGoldens = func() []lineGolden {
	list := []lineGolden{{"activity", parseActivityLine}, {"plaintext", parserOf(&plain.Text)}}
	for _, f := range formats.Heads() {
		list = append(list, lineGolden{path.Dir(f.Fixture.File), parserOf(f)})
	}
	return list
}()

// parseActivityLine is the way of a line of activity.log: log4j, then its
// message.
func parseActivityLine(r *Run, d *format.Draft) bool {
	return r.try(&zimbra.Mailbox, d) && d.Format == &zimbra.Activity
}

// parserOf is the way of a line whose format is known.
func parserOf(f *format.Spec) func(*Run, *format.Draft) bool {
	return func(r *Run, d *format.Draft) bool { return r.try(f, d) }
}

// lineEvent is an event of a lines.log.
type lineEvent struct {
	head    envelope.Payload
	more    []string
	comment string
}

// syslogPart is the line of a lines.log behind which syslog's form begins.
const syslogPart = "//syslog\n"

// readSyslogPart reads the lines of a folder's lines.log behind syslogPart.
func readSyslogPart(t *testing.T, dir string) (lines []string) {
	t.Helper()
	in, err := os.ReadFile(filepath.Join("testdata", dir, "lines.log"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(in), syslogPart)
	for line := range strings.Lines(part) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

func readLineEvents(tb testing.TB, dir string) []lineEvent {
	tb.Helper()
	in, err := os.ReadFile(filepath.Join("testdata", dir, "lines.log"))
	if err != nil {
		tb.Fatal(err)
	}
	path, arrival := "", time.Date(2026, 8, 2, 17, 0, 0, 0, time.UTC)
	var out []lineEvent
	comments := ""
	own, _, _ := strings.Cut(string(in), syslogPart)
	for line := range strings.Lines(own) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "//") {
			comments += line + "\n"
			if v, ok := strings.CutPrefix(line, "//path "); ok {
				path = v
			}
			if v, ok := strings.CutPrefix(line, "//arrival "); ok {
				if arrival, err = time.Parse(time.RFC3339, v); err != nil {
					tb.Fatal(err)
				}
			}
			continue
		}
		if n := len(out); n > 0 && comments == "" && !startsLine(line, out[n-1].head.Text, len(out[n-1].more)) {
			out[n-1].more = append(out[n-1].more, line)
			continue
		}
		out = append(out, lineEvent{head: envelope.Payload{Text: line, Path: path, Arrival: arrival.UnixNano()}, comment: comments})
		comments = ""
	}
	return out
}

// draftOf makes the draft of an event.
func draftOf(r *Run, ev lineEvent) *format.Draft {
	r.Arena.Reset()
	d := &r.d
	d.Reset()
	r.setHead(d, &ev.head)
	d.More, r.src = append([]string(nil), ev.more...), new(source)
	return d
}

func describeLine(r *Run, ev lineEvent, parse func(*Run, *format.Draft) bool) string {
	d := draftOf(r, ev)
	var b strings.Builder
	b.WriteString(ev.comment + ev.head.Text + "\n")
	for _, s := range ev.more {
		b.WriteString(s + "\n")
	}
	if !parse(r, d) {
		return b.String() + "  not this format\n"
	}
	if r.redact(d) {
		parse(r, d)
	}
	r.redactExtra(d)
	fmt.Fprintf(&b, "  %s level=%s log=%s", d.Format.Name, d.Level, d.Log)
	for _, l := range []entry.Pair{{Name: "job", Value: d.Job}, {Name: "service", Value: d.Service}, {Name: "exporter", Value: d.Exporter}} {
		if l.Value != "" {
			b.WriteString(" " + l.Name + "=" + l.Value)
		}
	}
	if d.Time != 0 {
		b.WriteString(" time=" + time.Unix(0, d.Time).UTC().Format(time.RFC3339Nano))
	}
	b.WriteString("\n")
	if d.Head.Text != ev.head.Text {
		b.WriteString("    line: " + d.Head.Text + "\n")
	}
	for _, m := range d.AppendMeta(nil) {
		fmt.Fprintf(&b, "    %s=%q\n", m.Name, m.Value)
	}
	return b.String()
}

func TestLineFormatsGolden(t *testing.T) {
	r := benchRun(t, Options{Location: testtime.Location(t, "Europe/Moscow")})
	for _, g := range lineGoldens {
		var got bytes.Buffer
		for _, ev := range readLineEvents(t, g.dir) {
			got.WriteString(describeLine(r, ev, g.parse))
		}
		for _, line := range readSyslogPart(t, g.dir) {
			got.WriteString(line + "\n" + describeSyslog(r, line))
		}
		golden.Compare(t, filepath.Join("testdata", g.dir, "lines.golden"), got.Bytes())
	}
}

// TestLineFormatsApart: every parser refuses every line of every other format,
// and the table finds each line's own. parsePlain alone takes what others do.
func TestLineFormatsApart(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	for _, of := range lineGoldens {
		for _, ev := range readLineEvents(t, of.dir) {
			mine := of.parse(r, draftOf(r, ev))
			for _, g := range lineGoldens {
				if g.dir != of.dir && g.dir != "plaintext" && g.parse(r, draftOf(r, ev)) && (mine || of.dir != "plaintext") {
					t.Errorf("%s takes a line of %s: %q", g.dir, of.dir, ev.head.Text)
				}
			}
			if of.dir == "activity" || !mine {
				continue
			}
			want := r.d.Format
			if of.parse(r, draftOf(r, ev)); r.d.Format != &format.Unparsed {
				want = r.d.Format
			}
			if d := draftOf(r, ev); !r.parseLine(d) || d.Format != want {
				t.Errorf("%s: parseLineFormat gives %s for %q", of.dir, d.Format, ev.head.Text)
			}
		}
	}
}

// TestLineFormatsRefuse: no parser takes a line of the formats that are not told
// by their lines' beginning. The folder text has lines of any program, of these
// formats too.
func TestLineFormatsRefuse(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	own := map[string]bool{}
	for _, g := range lineGoldens {
		own[g.dir] = true
	}
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, file := range files {
		if dir := filepath.Base(filepath.Dir(file)); own[dir] || dir == "fuzz" || dir == "text" || dir == "real" || strings.HasSuffix(file, ".golden") {
			continue
		}
		in, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(in)) {
			line = strings.TrimSuffix(line, "\n")
			lines++
			for _, f := range formats.Heads() {
				if r.try(f, draftOf(r, lineEvent{head: envelope.Payload{Text: line}})) {
					t.Errorf("%s takes a line of %s: %q", f.Name, file, line)
				}
			}
		}
	}
	if lines == 0 {
		t.Error("no lines of other formats")
	}
}

// TestLineHeads: what a parser takes its head function takes too, else the
// line would be joined to the one before.
func TestLineHeads(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	for _, g := range lineGoldens {
		for _, ev := range readLineEvents(t, g.dir) {
			for _, f := range formats.Heads() {
				if r.try(f, draftOf(r, ev)) && !f.Head(ev.head.Text) {
					t.Errorf("%s parses what its head function refuses: %q", f.Name, ev.head.Text)
				}
			}
		}
	}
}

func FuzzLineFormats(f *testing.F) {
	for _, g := range lineGoldens {
		for _, ev := range readLineEvents(f, g.dir) {
			f.Add(strings.Join(append([]string{ev.head.Text}, ev.more...), "\n"))
		}
	}
	r := benchRun(f, Options{Location: time.UTC})
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.ToValidUTF8(text, "?"), "\n")
		ev := lineEvent{head: envelope.Payload{Text: lines[0], Arrival: 1785690000e9}, more: lines[1:]}
		for _, g := range lineGoldens {
			d := draftOf(r, ev)
			if !g.parse(r, d) {
				continue
			}
			if d.Format == &format.Unparsed {
				t.Errorf("%s takes %q and sets no format", g.dir, text)
			}
			for _, m := range d.AppendMeta(nil) {
				if m.Value == "" || m.Name == "" || strings.ToValidUTF8(m.Value, "") != m.Value {
					t.Errorf("%s: metadata %q=%q of %q", g.dir, m.Name, m.Value, text)
				}
			}
		}
	})
}
