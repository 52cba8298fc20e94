package transform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// lineGoldens are the folders of testdata and the parser of each. A line of a
// folder's lines.log that starts with "//" is a comment, "//path x" and
// "//arrival x" hold for what follows.
var lineGoldens = []struct {
	dir   string
	parse func(r *Run, d *draft) bool
}{
	{"accesslog", parserOf(&AccessLog)}, {"nginx", parserOf(&NginxAccess)}, {"nginxerror", parserOf(&NginxError)},
	{"jettytrace", parserOf(&JettyTrace)}, {"mailboxdout", parserOf(&MailboxdOut)}, {"activity", parseActivityLine},
	{"clamdlog", parserOf(&Clamd)}, {"mysqlslow", parserOf(&MySQLSlow)}, {"zmconfigdlog", parserOf(&Zmconfigd)},
	{"cbpolicyd", parserOf(&Cbpolicyd)}, {"zmsetup", parserOf(&Zmsetup)}, {"spamtrain", parserOf(&Spamtrain)},
	{"visiology", parserOf(&Visiology)}, {"plaintext", parserOf(&Text)},
}

// parseActivityLine is the way of a line of activity.log: log4j, then its
// message.
func parseActivityLine(r *Run, d *draft) bool {
	return r.try(&Mailbox, d) && d.format == &Activity
}

// parserOf is the way of a line whose format is known.
func parserOf(f *Spec) func(*Run, *draft) bool {
	return func(r *Run, d *draft) bool { return r.try(f, d) }
}

// lineEvent is an event of a lines.log.
type lineEvent struct {
	head    payload
	more    []string
	comment string
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
	for line := range strings.Lines(string(in)) {
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
		if n := len(out); n > 0 && comments == "" && !startsLine(line, out[n-1].head.text, len(out[n-1].more)) {
			out[n-1].more = append(out[n-1].more, line)
			continue
		}
		out = append(out, lineEvent{head: payload{text: line, path: path, arrival: arrival.UnixNano()}, comment: comments})
		comments = ""
	}
	return out
}

// draftOf makes the draft of an event.
func draftOf(r *Run, ev lineEvent) *draft {
	r.a.reset()
	d := &r.d
	d.reset()
	d.head, d.more = ev.head, append([]string(nil), ev.more...)
	r.src, r.raw = new(source), &ev.head
	return d
}

func describeLine(r *Run, ev lineEvent, parse func(*Run, *draft) bool) string {
	d := draftOf(r, ev)
	var b strings.Builder
	b.WriteString(ev.comment + ev.head.text + "\n")
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
	fmt.Fprintf(&b, "  %s level=%s log=%s", d.format.Name, d.level, d.log)
	for _, l := range []entry.Pair{{Name: "job", Value: d.job}, {Name: "service", Value: d.service}, {Name: "exporter", Value: d.exporter}} {
		if l.Value != "" {
			b.WriteString(" " + l.Name + "=" + l.Value)
		}
	}
	if d.time != 0 {
		b.WriteString(" time=" + time.Unix(0, d.time).UTC().Format(time.RFC3339Nano))
	}
	b.WriteString("\n")
	if d.head.text != ev.head.text {
		b.WriteString("    line: " + d.head.text + "\n")
	}
	for _, m := range d.appendMeta(nil) {
		fmt.Fprintf(&b, "    %s=%q\n", m.Name, m.Value)
	}
	return b.String()
}

func TestLineFormatsGolden(t *testing.T) {
	r := benchRun(t, Options{Location: testClock(t, "Europe/Moscow").loc})
	for _, g := range lineGoldens {
		var got bytes.Buffer
		for _, ev := range readLineEvents(t, g.dir) {
			got.WriteString(describeLine(r, ev, g.parse))
		}
		golden := filepath.Join("testdata", g.dir, "lines.golden")
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		compareLines(t, golden, got.String(), string(want))
	}
}

func compareLines(t *testing.T, name, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Errorf("%s:%d\n got %s\nwant %s", name, i+1, lineOrEnd(g, i), lineOrEnd(w, i))
			return
		}
	}
}

func lineOrEnd(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "(end)"
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
					t.Errorf("%s takes a line of %s: %q", g.dir, of.dir, ev.head.text)
				}
			}
			if of.dir == "activity" || !mine {
				continue
			}
			want := r.d.format
			if of.parse(r, draftOf(r, ev)); r.d.format != &Unparsed {
				want = r.d.format
			}
			if d := draftOf(r, ev); !r.parseLine(d) || d.format != want {
				t.Errorf("%s: parseLineFormat gives %s for %q", of.dir, d.format, ev.head.text)
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
				if r.try(f, draftOf(r, lineEvent{head: payload{text: line}})) {
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
				if r.try(f, draftOf(r, ev)) && !f.Head(ev.head.text) {
					t.Errorf("%s parses what its head function refuses: %q", f.Name, ev.head.text)
				}
			}
		}
	}
}

func FuzzLineFormats(f *testing.F) {
	for _, g := range lineGoldens {
		for _, ev := range readLineEvents(f, g.dir) {
			f.Add(strings.Join(append([]string{ev.head.text}, ev.more...), "\n"))
		}
	}
	r := benchRun(f, Options{Location: time.UTC})
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.ToValidUTF8(text, "?"), "\n")
		ev := lineEvent{head: payload{text: lines[0], arrival: 1785690000e9}, more: lines[1:]}
		for _, g := range lineGoldens {
			d := draftOf(r, ev)
			if !g.parse(r, d) {
				continue
			}
			if d.format == &Unparsed {
				t.Errorf("%s takes %q and sets no format", g.dir, text)
			}
			for _, m := range d.appendMeta(nil) {
				if m.Value == "" || m.Name == "" || strings.ToValidUTF8(m.Value, "") != m.Value {
					t.Errorf("%s: metadata %q=%q of %q", g.dir, m.Name, m.Value, text)
				}
			}
		}
	})
}
