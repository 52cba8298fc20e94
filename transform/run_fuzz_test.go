package transform

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/redact"
)

// sent is what one chunk gave: its entries as text, and by source the lines.
type sent struct {
	entries []string
	lines   map[string][]string // by path: each entry's line
	times   map[string][]int64  // by path: each entry's time
	cut     bool                // some line was longer than Loki takes
	held    bool                // some line may have waited for others and left its place
}

// play runs one chunk and checks what must hold for every entry.
func play(t *testing.T, tr *Transform, tag string, data []byte, acked bool) sent {
	t.Helper()
	s := sent{lines: map[string][]string{}, times: map[string][]int64{}}
	s.held = bytes.Contains(data, []byte(mta.AmavisMark)) && bytes.Contains(data, []byte("amavis")) ||
		bytes.Contains(data, []byte(zimbra.ChunkMark)) && bytes.Contains(data, []byte("zimbramon"))
	var r *Run
	r = tr.Begin(tag, data, func(e *entry.Entry) {
		checkEntry(t, tr, e)
		path := r.src.path
		s.lines[path] = append(s.lines[path], string(e.AppendLine(nil)))
		s.times[path] = append(s.times[path], e.Time)
		s.entries = append(s.entries, string(show.AppendJSON(nil, e)))
		s.cut = s.cut || slices.Contains(e.Meta, entry.Pair{Name: "truncated", Value: "true"})
	})
	if err := Chunk(r, data); err != nil {
		t.Fatal(err)
	}
	r.Close(acked)
	return s
}

// checkEntry checks what Loki asks of an entry and what the project promises.
func checkEntry(t *testing.T, tr *Transform, e *entry.Entry) {
	t.Helper()
	if n := e.Size(); n > tr.opts.MaxLineBytes {
		t.Errorf("entry of %d bytes, limit %d", n, tr.opts.MaxLineBytes)
	}
	if n := 1 + len(e.More); n > tr.opts.MaxLines {
		t.Errorf("entry of %d lines, limit %d", n, tr.opts.MaxLines)
	}
	valid := utf8.ValidString(e.Line)
	for _, s := range e.More {
		valid = valid && utf8.ValidString(s)
	}
	names := map[string]bool{}
	for _, p := range e.Meta {
		valid = valid && utf8.ValidString(p.Value)
		if names[p.Name] || p.Value == "" || !format.PlainName(p.Name) || len(p.Value) > format.MaxMetaValue {
			t.Errorf("metadata %q=%q, names so far %v", p.Name, p.Value, names)
		}
		names[p.Name] = true
	}
	if !names["detected_level"] {
		t.Error("no detected_level")
	}
	for i, p := range e.Labels.Pairs {
		valid = valid && utf8.ValidString(p.Value)
		if !allowedLabel(tr, p.Name) || p.Value == "" || i > 0 && e.Labels.Pairs[i-1].Name >= p.Name {
			t.Errorf("labels %s", e.Labels.Text)
		}
		if names[p.Name] && !slices.Contains(tr.opts.Labels, p) {
			t.Errorf("%s is a label and metadata: %v", p.Name, e.Meta)
		}
	}
	if !valid {
		t.Errorf("not UTF-8: %q %v %q", e.Line, e.Meta, e.Labels.Text)
	}
}

func allowedLabel(tr *Transform, name string) bool {
	static := func(p entry.Pair) bool { return p.Name == name }
	promoted := func(k labelKey) bool { return k.label == name }
	return slices.Contains(format.BuiltinLabels[:], name) || slices.ContainsFunc(tr.opts.Labels, static) ||
		slices.ContainsFunc(tr.labelKeys, promoted)
}

// fuzzRecord is one record of tail: a line of a file.
type fuzzRecord struct{ path, line string }

// fuzzRecords spreads the lines of a text over two files and cuts them into
// chunks. A line that could be an envelope loses that look: unwrapping has its
// own tests, here every byte must come out again.
func fuzzRecords(text string, r *rand.Rand) [][]fuzzRecord {
	paths := [2]string{"/opt/zimbra/log/mailbox.log", "/srv/app.log"}
	var chunks [][]fuzzRecord
	var cur []fuzzRecord
	file := 0
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "{") || needsUnwrap(line) {
			line = "x" + line
		}
		if r.IntN(6) == 0 {
			file = 1 - file
		}
		cur = append(cur, fuzzRecord{paths[file], line})
		if r.IntN(8) == 0 {
			chunks, cur = append(chunks, cur), nil
		}
	}
	if len(cur) > 0 {
		chunks = append(chunks, cur)
	}
	return chunks
}

// separate writes each line as a record of its own, as tail does.
func separate(records []fuzzRecord, arrival int64) []byte {
	var b chunk.Builder
	for _, rec := range records {
		b.Record(arrival, "log", rec.line, "path", rec.path)
	}
	return b.Bytes()
}

// joined writes runs of lines of one file as one record, as a multiline parser
// does that joins too much or too little; a newline ends the text.
func joined(records []fuzzRecord, arrival int64, r *rand.Rand) []byte {
	var b chunk.Builder
	for i := 0; i < len(records); {
		text, path := records[i].line, records[i].path
		for i++; i < len(records) && records[i].path == path && r.IntN(3) > 0; i++ {
			text += "\n" + records[i].line
		}
		b.Record(arrival, "log", text+"\n", "path", path)
	}
	return b.Bytes()
}

// FuzzRun plays arbitrary lines of two files in several chunks, lets all of
// them fail and come again, and joins them as Fluent Bit's multiline might.
func FuzzRun(f *testing.F) {
	seedRuns(f)
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) < 1<<14 {
			checkRun(t, text, seed)
		}
	})
}

// TestRunPieces is FuzzRun over texts put together of lines that mean
// something, which mutation seldom finds.
func TestRunPieces(t *testing.T) {
	const stamp = "2026-08-02 16:49:04,242"
	pieces := []string{
		stamp + " INFO  [main] [] soap - NoOpRequest elapsed=1", stamp + " INFO  [main] [] soap - NoOpRequest elapsed=1",
		"2026-08-02 16:49:05,000 WARN  [qtp1-2:https://h/service/soap/AuthRequest] [name=a@example.com;ip=192.0.2.1;ua=x;; [y] z;;;] SoapEngine - handler exception",
		"com.zimbra.common.service.ServiceException: system failure: x", "ExceptionId:qtp1-2:1785689344242:5b4fc290", "Code:service.FAILURE Arg:(a, STR, \"b\")",
		"\tat a.b.C.d(C.java:1) ~[x.jar:1]", "Caused by: java.io.IOException: y", "\t... 3 more", "        at a.b.C.d (C.java:1)", "", "\r", "\x00", "free text",
		stamp + " WARN  [Pop3SSLServer-3] [ip=192.0.2.1;\xffx=y;] security - cmd=Auth; account=\xff; protocol=pop3; error=x;; y;",
		stamp + " ERROR [\xe2\x82] [a=b", stamp + " INFO  ", stamp + " [main] ERROR: cli", "Aug  2 16:49:04 ma\xffil mailboxd: INFO  [t] [host=x;job=y;] sync - ",
		"Aug  2 16:49:04 mail postfix/smtpd[1]: connect", "<13>Aug  2 16:49:04 mail imap: WARN  [ImapServer-1] [] imap - x\r",
		"mailbox.log.gz:" + stamp + " INFO  [t] [] mailop - Deleting Message (id=1).", "2026-02-31 16:49:04,242 INFO  [t] [] x - no such day",
		"2126-08-02 16:49:04,242 FATAL [t] [] x - from the future", stamp + " INFO  [t] [] x - " + strings.Repeat("€", 300), strings.Repeat("\xff\xfe", 200),
		"Aug  2 16:49:04 mx amavis[1]: (1-01) Passed CLEAN, <a@exa...", "Aug  2 16:49:04 mx amavis[1]: (1-01) ...mple.com>, Hits: \xff...",
		"Aug  2 16:49:04 mx amavis[1]: (1-01) ...1, 5 ms", "Aug  2 16:49:04 m\xffx amavis[1]: (1-01) x...", "Aug  2 16:49:04 mx amavis[1]: (1-02) " + strings.Repeat("€", 300) + "...",
		"Aug  2 16:49:04 mx zimbramon[2]: 1:info: zmstat a.csv: timestamp, a:::" + joinUUID + "::: ", "Aug  2 16:49:04 mx zimbramon[2]: 1:info: :::" + joinUUID + ":::b:: 1, 2",
		"2126-08-02T16:49:04Z mx amavis[1]: (1-01) from the future...",
		stamp + " INFO  [t] [user=a;level=b;thread=c;__d=e;x_user=f;] activity - \"cee:{\"Event\":{\"action\":\"SendMsg\",\"status\":\"?\"}}",
	}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		lines := make([]string, 1+r.IntN(60))
		for i := range lines {
			lines[i] = pieces[r.IntN(len(pieces))]
		}
		if checkRun(t, strings.Join(lines, "\n"), seed); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// checkRun plays the lines of a text as FuzzRun describes.
func checkRun(t *testing.T, text string, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	o := Options{Host: "mail", Location: time.UTC, MaxLineBytes: 8 + r.IntN(600), MaxLines: 1 + r.IntN(12)}
	chunks := fuzzRecords(text, r)
	one, two := New(o), New(o)
	want, got := map[string][]string{}, map[string][]string{}
	var first []sent
	cut, held := false, false
	for i, records := range chunks {
		arrival := benchArrival + int64(i)*1e9
		s := play(t, one, "tail", separate(records, arrival), false)
		inOrder(t, s)
		first = append(first, s)
		cut, held = cut || s.cut, held || s.held
		for _, rec := range records {
			want[rec.path] = append(want[rec.path], string([]rune(rec.line)))
		}
		for path, lines := range s.lines {
			got[path] = append(got[path], lines...)
		}
		j := play(t, two, "tail", joined(records, arrival, r), true)
		if !slices.Equal(j.entries, s.entries) {
			t.Fatalf("joined records give other entries:\n%s\n---\n%s", strings.Join(j.entries, "\n"), strings.Join(s.entries, "\n"))
		}
	}
	sameLines(t, got, want, cut, held)
	for _, i := range r.Perm(len(chunks)) {
		s := play(t, one, "tail", separate(chunks[i], benchArrival+int64(i)*1e9), i%2 == 0)
		if !slices.Equal(s.entries, first[i].entries) {
			t.Fatalf("chunk %d came again:\n%s\n---\n%s", i, strings.Join(s.entries, "\n"), strings.Join(first[i].entries, "\n"))
		}
	}
}

// inOrder checks that entries of one millisecond keep their order and that no
// two entries of a file have the same nanosecond.
func inOrder(t *testing.T, s sent) {
	t.Helper()
	for path, times := range s.times {
		seen := map[int64]bool{}
		for i, at := range times {
			if seen[at] || i > 0 && !s.held && at/1e6 == times[i-1]/1e6 && at < times[i-1] {
				t.Fatalf("%s: entry %d at %d after %d:\n%s", path, i, at, times[max(0, i-1)], strings.Join(s.entries, "\n"))
			}
			seen[at] = true
		}
	}
}

// sameLines compares what went in and what came out of each file. Pieces of a
// line that was cut stand behind each other without a line break; then only
// the bytes between the breaks are compared.
// Lines that waited for others have left their place: then their order is not
// compared.
func sameLines(t *testing.T, got, want map[string][]string, cut, held bool) {
	t.Helper()
	for path := range want {
		g, w := strings.Join(got[path], "\n"), strings.Join(want[path], "\n")
		if cut {
			g, w = strings.ReplaceAll(g, "\n", ""), strings.ReplaceAll(w, "\n", "")
		}
		if held {
			between := "\n"
			if cut {
				between = ""
			}
			g, w = sortedParts(g, between), sortedParts(w, between)
		}
		if strings.Contains(g, redact.Mark) || strings.Contains(w, "OperationName:") {
			continue // a secret was taken out, an event of Visiology wrapped: on purpose
		}
		if g != w {
			t.Fatalf("%s:\n got %q\nwant %q", path, g, w)
		}
	}
	if len(got) > len(want) {
		t.Fatalf("sources %d, want %d", len(got), len(want))
	}
}

func sortedParts(s, between string) string {
	parts := strings.Split(s, between)
	slices.Sort(parts)
	return strings.Join(parts, between)
}

// seedRuns adds the fixtures and some odd ones.
func seedRuns(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.log")
	for i, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), uint64(i))
	}
	head := "2026-08-02 16:49:04,242 INFO  [main] [name=a;] soap - x"
	for i, s := range []string{
		"", "\n\n", "\tat a.b.C.d(C.java)", head + "\n\xff\xfe\n" + head, "\x00\r\n" + head + "\r\n\tat x\r",
		strings.Repeat("é", 700), head + strings.Repeat("\tat x\n", 50), "Aug  2 16:49:04 \xff mailboxd: INFO  [t] [] l - m",
		fmt.Sprint(strings.Repeat("2026-08-02 16:49:04,242 WARN  [a] [user=b;host=c;user=d;level=;;;] security - cmd=X; log=1; x__y=2; _=3;\n", 3)),
	} {
		f.Add(s, uint64(i))
	}
}
