package deadletter

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

var written = time.Date(2026, 11, 22, 8, 0, 1, 0, time.UTC)

// sample is an entry whose every field holds something awkward.
func sample() Record {
	return Record{
		Kind: KindEntry, Written: written, Reason: "line_too_long", Detail: "max entry size '262144' bytes exceeded",
		Tenant: "a", Time: 1_795_334_400_123_456_789,
		Labels: []entry.Pair{{Name: "job", Value: "zimbra"}, {Name: "log", Value: `mail"box`}},
		Line:   "first <&>\u2028\n\tat com.example.Main\r\n",
		Meta:   []entry.Pair{{Name: "user", Value: "a@example.com"}, {Name: "action", Value: "Suche nach „ß“"}},
	}
}

func TestRecordGolden(t *testing.T) {
	f := func(r Record, want string) {
		t.Helper()
		if got := string(r.appendJSON(nil)); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
	f(sample(), `{"kind":"entry","written":"2026-11-22T08:00:01Z","reason":"line_too_long",`+
		`"detail":"max entry size '262144' bytes exceeded","tenant":"a","time":"2026-11-22T08:00:00.123456789Z",`+
		`"ns":"1795334400123456789","labels":{"job":"zimbra","log":"mail\"box"},`+
		`"metadata":{"user":"a@example.com","action":"Suche nach „ß“"},`+
		"\"line\":\"first <&>\u2028\\n\\tat com.example.Main\\r\\n\"}\n")
	f(Record{Kind: KindChunk, Written: written, Reason: "damaged_chunk", Tag: "zimbra.mailbox", Raw: []byte{0x92, 0, 0xff}},
		`{"kind":"chunk","written":"2026-11-22T08:00:01Z","reason":"damaged_chunk","tag":"zimbra.mailbox","raw":"kgD/"}`+"\n")
	// No tenant, no metadata, a line that is not UTF-8, the beginning of time.
	f(Record{Kind: KindEntry, Written: written, Reason: "bad_request", Line: "\xff"},
		`{"kind":"entry","written":"2026-11-22T08:00:01Z","reason":"bad_request","time":"1970-01-01T00:00:00Z","ns":"0",`+
			`"labels":{},"line_base64":"/w=="}`+"\n")
}

func FuzzRecordRoundTrip(f *testing.F) {
	f.Add("a", int64(1), "k", "v", "line", "why", []byte{1})
	f.Add("", int64(-1), "", "\x00", "\xff\xfe", "\xed\xa0\x80", []byte(nil))
	f.Add("ü", int64(1<<62), "\"\\", "\u2028", "{}", "\n", []byte("}\n{"))
	f.Fuzz(func(t *testing.T, tenant string, ns int64, name, value, line, reason string, raw []byte) {
		in := []Record{
			{
				Kind: KindEntry, Written: written, Reason: valid(reason), Tenant: valid(tenant), Time: ns, Line: line,
				Labels: []entry.Pair{{Name: valid(name), Value: valid(value)}},
				Meta:   []entry.Pair{{Name: "b", Value: valid(value)}, {Name: valid(name), Value: "x"}, {Name: "a", Value: ""}},
			},
			{Kind: KindChunk, Written: written, Reason: valid(reason), Tag: valid(tenant), Raw: raw},
		}
		var file []byte
		for i := range in {
			file = in[i].appendJSON(file)
		}
		if n := bytes.Count(file, []byte{'\n'}); n != 2 {
			t.Fatalf("2 records are %d lines:\n%s", n, file)
		}
		out := mustRead(t, bytes.NewReader(file))
		if len(in[1].Raw) == 0 {
			in[1].Raw, out[1].Raw = nil, nil
		}
		if !reflect.DeepEqual(in, out) {
			t.Errorf("\n in %+v\nout %+v", in, out)
		}
	})
}

// FuzzRead: no input makes the reader panic, or stop before the last line.
func FuzzRead(f *testing.F) {
	r := sample()
	f.Add(string(r.appendJSON(nil)))
	f.Add(`{"kind":"entry","labels":[1]}`)
	f.Add(`{"kind":"entry","labels":{"a":{}},"ns":"1"}`)
	f.Fuzz(func(t *testing.T, s string) {
		records, good := 0, sample()
		for r, err := range Read(strings.NewReader(s + "\n" + string(good.appendJSON(nil)))) {
			if err == nil && reflect.DeepEqual(r, sample()) {
				records++
			}
		}
		if records == 0 {
			t.Errorf("the record after %q was not read", s)
		}
	})
}

func TestReadFailures(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		r := sample()
		in := string(r.appendJSON(nil)) + line + "\n" + string(r.appendJSON(nil))
		var records int
		var errs []string
		for _, err := range Read(strings.NewReader(in)) {
			if err != nil {
				errs = append(errs, err.Error())
				continue
			}
			records++
		}
		if records != 2 || len(errs) != 1 || !strings.HasPrefix(errs[0], "line 2: ") || !strings.Contains(errs[0], want) {
			t.Errorf("%s: %d records, errors %q, want 2 and one about line 2: %s", line, records, errs, want)
		}
	}
	f(`{"kind":"entry","ns":"12`, "unexpected end")
	f(`{}`, `unknown kind ""`)
	f(`{"kind":"letter"}`, `unknown kind "letter"`)
	f(`{"kind":"entry"}`, "cannot read ns")
	f(`{"kind":"entry","ns":"1e9"}`, "cannot read ns")
	f(`{"kind":"entry","ns":"1","labels":["a"]}`, "want an object of strings")
	f(`{"kind":"entry","ns":"1","labels":{"a":1}}`, `value of "a" is no string`)
	f(`{"kind":"chunk","raw":"%"}`, "illegal base64")
}

func TestAppendAndReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dead.jsonl")
	w := mustOpen(t, Options{Path: path})
	want := []Record{sample(), {Kind: KindChunk, Written: written, Reason: "damaged_chunk", Tag: "t", Raw: []byte("raw")}}
	if err := w.Append(want...); err != nil {
		t.Fatal(err)
	}
	if got := readPath(t, path); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v, want -rw-------", info.Mode(), err)
	}
	if got := w.Stats(); got != (Stats{Written: 2}) {
		t.Errorf("stats %+v", got)
	}
}

func TestWrittenIsNowUnlessSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	w := mustOpen(t, Options{Path: path})
	w.f.now = func() time.Time { return written.Add(time.Hour) }
	r := sample()
	r.Written = time.Time{}
	if err := w.Append(r); err != nil {
		t.Fatal(err)
	}
	if got := readPath(t, path)[0].Written; !got.Equal(written.Add(time.Hour)) {
		t.Errorf("written %v", got)
	}
}

// TestRotation: whatever the limit, the files stay within it, the newest
// records are there in order without a gap, and what is gone is counted.
func TestRotation(t *testing.T) {
	f := func(maxBytes int64, n int) {
		t.Helper()
		var log bytes.Buffer
		path := filepath.Join(t.TempDir(), "dead.jsonl")
		w := mustOpen(t, Options{Path: path, MaxBytes: maxBytes, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for i := range n {
			r := sample()
			r.Line = fmt.Sprint(i)
			if err := w.Append(r); err != nil {
				t.Fatal(err)
			}
		}
		var size int64
		for _, name := range Files(path) {
			info, _ := os.Stat(name)
			size += info.Size()
		}
		recs := readPath(t, path)
		one := int64(len(mustJSON(recs[0])))
		if size > max(maxBytes, 2*one) {
			t.Errorf("max %d: %d bytes in the files", maxBytes, size)
		}
		for i := range recs {
			if want := fmt.Sprint(n - len(recs) + i); recs[i].Line != want {
				t.Fatalf("max %d: record %d of %d is number %s, want %s", maxBytes, i, len(recs), recs[i].Line, want)
			}
		}
		if got := w.Stats(); got.RotatedOut != int64(n-len(recs)) || got.Written != int64(n) {
			t.Errorf("max %d: stats %+v, %d records are left of %d", maxBytes, got, len(recs), n)
		}
		if said := strings.Contains(log.String(), "oldest records are gone"); said != (len(recs) < n) {
			t.Errorf("max %d: %d of %d records left, log: %q", maxBytes, len(recs), n, log.String())
		}
	}
	f(1<<20, 20)
	f(4000, 1)
	f(4000, 5)
	f(4000, 20)
	f(4000, 100)
	f(1, 3) // one record is always kept
}

// TestTornLine: a line cut by a crash does not spoil the record after it.
func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	if err := os.WriteFile(path, []byte(`{"kind":"entry","ns":"1`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mustOpen(t, Options{Path: path}).Append(sample()); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var records, errs int
	for _, err := range Read(file) {
		if err != nil {
			errs++
		} else {
			records++
		}
	}
	if records != 1 || errs != 1 {
		t.Errorf("%d records and %d errors, want one of each", records, errs)
	}
}

// TestMovedAway: a file that was moved or removed by somebody else is made
// anew, and the records go there.
func TestMovedAway(t *testing.T) {
	f := func(move func(path string) error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "dead.jsonl")
		w := mustOpen(t, Options{Path: path})
		if err := w.Append(sample()); err != nil {
			t.Fatal(err)
		}
		if err := move(path); err != nil {
			t.Fatal(err)
		}
		if err := w.Append(sample(), sample()); err != nil {
			t.Fatal(err)
		}
		if got := len(readFile(t, path)); got != 2 {
			t.Errorf("%d records in the new file, want 2", got)
		}
	}
	f(os.Remove)
	f(func(path string) error { return os.Rename(path, path+".moved") })
}

// TestDiskFull: on a full disk nothing is written, and it is said.
func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	err := mustOpen(t, Options{Path: path}).Append(sample())
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that says no space is left on %s", err, path)
	}
}

func TestTakeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	w := mustOpen(t, Options{Path: path})
	if err := w.Append(sample()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if _, err := w.f.f.WriteString("half a rec"); err != nil {
		t.Fatal(err)
	}
	if err := w.f.takeBack(os.ErrClosed, int64(len(before))); err == nil {
		t.Error("the error is gone")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Errorf("half a record is left: %q", after)
	}
}

func TestOpenFailures(t *testing.T) {
	f := func(o Options, want string) {
		t.Helper()
		w, err := Open(o)
		if err == nil {
			w.Close()
			t.Fatalf("%+v: no error, want %q", o, want)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %q, want %q", o, err, want)
		}
	}
	dir := t.TempDir()
	f(Options{}, "no path")
	f(Options{Path: dir + "/a", MaxBytes: -1}, "max bytes -1 is negative")
	f(Options{Path: dir}, "is a directory")
	f(Options{Path: "/dev/null/a"}, "not a directory")
}

func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	a, b := mustOpen(t, Options{Path: path}), mustOpen(t, Options{Path: path})
	for range 2 { // closing twice does not close it for the other
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Append(sample()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("append after close: %v", err)
	}
	if err := b.Append(sample()); err != nil {
		t.Errorf("the other writer: %v", err)
	}
	b.Close()
	if len(files) != 0 {
		t.Errorf("%d files are still open", len(files))
	}
}

func mustOpen(t *testing.T, o Options) *Writer {
	t.Helper()
	w, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func mustJSON(r Record) []byte { return r.appendJSON(nil) }

func readPath(t *testing.T, path string) (recs []Record) {
	t.Helper()
	for _, name := range Files(path) {
		recs = append(recs, readFile(t, name)...)
	}
	return recs
}

func readFile(t *testing.T, name string) []Record {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	return mustRead(t, file)
}

func mustRead(t *testing.T, r interface{ Read([]byte) (int, error) }) (recs []Record) {
	t.Helper()
	for rec, err := range Read(r) {
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
	}
	return recs
}
