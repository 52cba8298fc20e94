package filter

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// newChunks makes Chunks of settings as Parse takes them.
func newChunks(t testing.TB, settings string) *Chunks {
	t.Helper()
	list := []Property{{"labels", "host=unknown"}} // not the machine's
	for line := range strings.Lines(settings) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			list = slices.DeleteFunc(list, func(p Property) bool { return p.Key == name })
			list = append(list, Property{name, value})
		}
	}
	s, err := ParseProperties(list, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Value == "host=unknown" { // a module does not know its host
		s.options.Labels = nil
	}
	s.options.Host = ""
	return NewChunks(s)
}

// records reads a chunk, each record as "ns meta body".
func records(t testing.TB, data []byte) (list []string) {
	t.Helper()
	var rd chunk.Reader
	var ev chunk.Event
	for rd.Reset(data); rd.Next(&ev); {
		s := fmt.Sprintf("%d %s %s", ev.Time, ev.Meta.AppendJSON(nil), ev.Body.AppendJSON(nil))
		if ev.Group.Body != nil {
			s = fmt.Sprintf("[%s] %s", ev.Group.Body.AppendJSON(nil), s)
		}
		list = append(list, s)
	}
	if rd.Err() != nil || rd.Odd() > 0 {
		t.Errorf("%v, %d odd records", rd.Err(), rd.Odd())
	}
	return list
}

// checkChunks wants of a record the fields that Filter gives it.
func checkChunks(t *testing.T, settings, record, want string) {
	t.Helper()
	var p packer
	m, ok := p.pack([]byte(record))
	if !ok {
		return
	}
	c := newChunks(t, settings)
	var b chunk.Builder
	b.Bare(arrival*1e9, m)
	for range 2 {
		out, _ := c.Apply("zimbra", b.Bytes())
		if got := records(t, out); len(got) != 1 || got[0] != fmt.Sprintf("%d {} %s", int64(arrival)*1e9, want) {
			t.Errorf("%s\n got %q\nwant %s", record, got, want)
		}
	}
}

func lines(kv ...string) []byte {
	var b chunk.Builder
	for i, s := range kv {
		b.Line((arrival+int64(i))*1e9, "log", s)
	}
	return slices.Clone(b.Bytes())
}

// TestChunksJoin: what one record alone cannot say.
func TestChunksJoin(t *testing.T) {
	const keepTime = "timezone Europe/Berlin\ntime_key off\n"
	f := func(settings string, in []byte, want ...string) {
		t.Helper()
		c := newChunks(t, settings)
		out, changed := c.Apply("zimbra.mailbox", in)
		got := records(t, out)
		if !changed || !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	const fields = `"job":"zimbra","level":"info","log":"mailbox","service_name":"zimbra-mailbox","detected_level":"info","component":"index"`
	at := func(i int) string { return fmt.Sprint((arrival + int64(i)) * 1e9) }
	// A trace whose lines are records; the time is that of its first.
	f(keepTime, lines(index, "java.io.IOException: gone", "\tat a.b.C.d(C.java:1)", index),
		at(0)+` {} {`+fields+`,"error":"gone","thread":"Index-1","exception":"java.io.IOException","message":"`+index+`\njava.io.IOException: gone\n\tat a.b.C.d(C.java:1)"}`,
		at(3)+` {} {`+fields+`,"thread":"Index-1","message":"`+index+`"}`)
	// The event's time, each of its own.
	f(keepTime+"time on\n", lines(index, index),
		`1785682144242000000 {} {`+fields+`,"thread":"Index-1","message":"`+index+`"}`,
		`1785682144242000001 {} {`+fields+`,"thread":"Index-1","message":"`+index+`"}`)
	// A record of two events becomes two, each with the record's own keys.
	var b chunk.Builder
	b.Record(arrival*1e9, "log", index+"\n"+index, "n", 1)
	f(keepTime, b.Bytes(),
		at(0)+` {} {`+fields+`,"thread":"Index-1","n":1,"message":"`+index+`"}`,
		at(0)+` {} {`+fields+`,"thread":"Index-1","n":1,"message":"`+index+`"}`)
	// The metadata of an event stays, and so do groups.
	b.Reset()
	b.GroupStart(chunk.KV{"schema", "otlp"}, chunk.KV{"resource", chunk.KV{"attributes", chunk.KV{"service.name", "s"}}})
	b.RecordMeta(arrival*1e9, chunk.KV{"otlp", chunk.KV{"severity_text", "WARN"}}, "log", "x")
	b.GroupEnd()
	b.Line((arrival+1)*1e9, "log", index)
	got := func() []string {
		out, _ := newChunks(t, keepTime).Apply("zimbra.mailbox", b.Bytes())
		return records(t, out)
	}()
	if len(got) != 2 || !strings.HasPrefix(got[0], `[{"resource":{"attributes":{"service.name":"s"}}}] `+at(0)+` {"otlp":{"severity_text":"WARN"}} {`) ||
		!strings.Contains(got[0], `"level":"warn"`) || got[1] != at(1)+` {} {`+fields+`,"thread":"Index-1","message":"`+index+`"}` {
		t.Errorf("groups: %q", got)
	}
}

// TestChunksTwice: what has been through one filter, another leaves as it is.
func TestChunksTwice(t *testing.T) {
	f := func(settings, file, path string) {
		t.Helper()
		data, err := os.ReadFile("../transform/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var b chunk.Builder
		for line := range strings.Lines(string(data)) {
			b.Texts(arrival*1e9, "log", strings.TrimSuffix(line, "\n"), "filename", path)
		}
		out, _ := newChunks(t, settings).Apply("zimbra", b.Bytes())
		once := records(t, out)
		out, _ = newChunks(t, settings).Apply("zimbra", slices.Clone(out))
		twice := records(t, out)
		for i := range min(len(once), len(twice)) {
			if once[i] != twice[i] {
				t.Errorf("%s\n once %s\ntwice %s", file, once[i], twice[i])
				break
			}
		}
		if len(once) != len(twice) || len(once) < 5 {
			t.Errorf("%s: %d records, then %d", file, len(once), len(twice))
		}
	}
	f("time_key off\nlabels host=m", "mailbox/soap.log", "/opt/zimbra/log/mailbox.log")
	f("time on\nlabels host=m", "mailbox/traces.log", "/opt/zimbra/log/mailbox.log")
	f("types on\nlabels host=m", "mailbox/imap-pop.log", "/opt/zimbra/log/mailbox.log")
	f("labels host=m", "audit/logins.log", "/opt/zimbra/log/audit.log")
}

// TestChunksTypes wants numbers and bools where the vocabulary has them.
func TestChunksTypes(t *testing.T) {
	const soap = `2026-08-02 16:49:04,242 INFO  [qtp1-2:https://mail/service/soap/] [name=a@example.com;mid=12;port=40404;] soap - SearchRequest elapsed=7`
	c := newChunks(t, "types on")
	out, _ := c.Apply("zimbra.mailbox", lines(soap))
	got := records(t, out)
	for _, want := range []string{`"duration_ms":7,`, `"mailbox_id":12`, `"port":40404`} {
		if len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	f := func(in, want string) {
		t.Helper()
		if got := string(mapOf(appendNumber(nil, in)).AppendJSON(nil)); got != `{"v":`+want+`}` {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	f("0", "0")
	f("-12", "-12")
	f("7.25", "7.25")
	f("0.5", "0.5")
	f("9223372036854775807", "9223372036854775807")
	for _, text := range []string{"007", "9223372036854775808", "1e3", "0x10", "1_000", "+1", "1.", ".5", "-", "--1", "NaN", "1,2"} {
		f(text, `"`+text+`"`)
	}
}

func mapOf(v []byte) chunk.Map { return append(chunk.AppendString([]byte{0x81}, "v"), v...) }

// TestChunksLoseNothing: whatever stands in a chunk, the line of each record is
// in the answer, and so are the bytes that are no record.
func TestChunksLoseNothing(t *testing.T) {
	var b chunk.Builder
	b.Style = chunk.FluentBit3
	b.Bare(arrival*1e9, "text that is no map seq=0")
	b.Bare(arrival*1e9, []any{"seq=1"})
	b.Line(arrival*1e9, "log", "")
	b.Record(arrival*1e9, "a", "seq=2", "b", []byte("bin"), "c", chunk.Ext{Type: 7, Data: []byte{1}})
	for i := range 200 {
		b.Record(arrival*1e9, "log", fmt.Sprintf("\tat a.b.C(C.java:1) seq=%d", 3+i), "file", fmt.Sprint(i%5))
	}
	whole := len(b.Bytes())
	b.Raw(0x92, 0xc1, 1, 2, 3)
	c := newChunks(t, "labels host=m")
	out, changed := c.Apply("t", b.Bytes())
	if !changed || !bytes.HasSuffix(out, b.Bytes()[whole:]) {
		t.Fatalf("the damaged end is gone: %x", out[max(0, len(out)-9):])
	}
	text := strings.Join(records(t, out[:len(out)-5]), "\n") + "\n"
	for i := range 203 {
		if seq := fmt.Sprintf("seq=%d", i); !strings.Contains(text, seq+`"`) && !strings.Contains(text, seq+`\`) {
			t.Errorf("seq=%d is gone", i)
		}
	}
	if !strings.Contains(text, `"b":"bin","c":"\\x01"`) {
		t.Error("a value of another kind is gone")
	}
	for _, none := range [][]byte{nil, {0xc1}, make([]byte, 9)} {
		if out, changed := c.Apply("t", none); changed {
			t.Errorf("%x: %x, want it left alone", none, out)
		}
	}
}

// TestChunksAllocations wants no garbage for a record.
func TestChunksAllocations(t *testing.T) {
	data, err := os.ReadFile("../transform/testdata/mailbox/soap.log")
	if err != nil {
		t.Fatal(err)
	}
	var b chunk.Builder
	n := 0
	for range 20 {
		for line := range strings.Lines(string(data)) {
			b.Texts(arrival*1e9, "log", strings.TrimSpace(line), "filename", "/opt/zimbra/log/mailbox.log")
			n++
		}
	}
	c := newChunks(t, "timezone Europe/Berlin")
	c.Apply("zimbra", b.Bytes())
	per := testing.AllocsPerRun(20, func() { c.Apply("zimbra", b.Bytes()) }) / float64(n)
	if per > 0.01 && !race {
		t.Errorf("%.3f allocations a record", per)
	}
}

// TestChunksAfterPanic: a fault leaves nothing behind for the next chunk.
func TestChunksAfterPanic(t *testing.T) {
	c := newChunks(t, "")
	in := lines(index, audit)
	out, _ := c.Apply("t", in)
	want := records(t, out)
	sound := c.set
	for range 3 {
		c.set = nil
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			c.Apply("t", in)
		}()
		c.set = sound
		if out, _ := c.Apply("t", in); !slices.Equal(records(t, out), want) {
			t.Error("after a fault the records are others")
		}
	}
}

// TestPropertiesOfFilter: names, defaults and errors of the property table.
func TestPropertiesOfFilter(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := ParseProperties([]Property{{"Timezone", "Europe/Berlin"}, {"multiline_max_lines", "7"}, {"active", "true"}, {"labels", ""}}, log)
	if err != nil || s.options.MaxLines != 7 || s.options.Mails.Entries != 100_000 || s.TimeKey != "time" || s.SetTime || s.Types {
		t.Errorf("%+v, %v", s, err)
	}
	f := func(want string, list ...Property) {
		t.Helper()
		if _, err := ParseProperties(list, log); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q in it", list, err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "zimbraloki.yaml")
	if err := os.WriteFile(file, []byte("url: https://loki.example.com\nmultiline_max_lines: 8\ntimezone: Asia/Omsk\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = ParseProperties([]Property{{"timezone", "Europe/Berlin"}, {"config_file", file}}, log)
	if err != nil || s.options.MaxLines != 8 || s.options.Location.String() != "Europe/Berlin" {
		t.Errorf("config_file: %+v, %v", s, err)
	}
	f(`config_file "/nowhere/x.yaml": cannot be read (no such file or directory)`, Property{"config_file", "/nowhere/x.yaml"})
	f(`"url" is no setting of the filter; there are time_key, line_key, prefix, keep, time, types, labels,`, Property{"url", "http://x"})
	f("keep is there twice", Property{"keep", "on"}, Property{"Keep", "off"})
	f(`time "perhaps": write on or off`, Property{"time", "perhaps"})
	f("multiline_max_lines", Property{"multiline_max_lines", "0"})
	f("unknown time zone", Property{"timezone", "Berlin"})
	f("pseudonymize_key_file", Property{"pseudonymize", "on"})
}

func BenchmarkChunks(b *testing.B) {
	data, err := os.ReadFile("../transform/testdata/mailbox/soap.log")
	if err != nil {
		b.Fatal(err)
	}
	var in chunk.Builder
	n := 0
	for len(in.Bytes()) < 256<<10 {
		for line := range strings.Lines(string(data)) {
			in.Texts(arrival*1e9, "log", strings.TrimSpace(line), "filename", "/opt/zimbra/log/mailbox.log")
			n++
		}
	}
	c := newChunks(b, "timezone Europe/Berlin")
	b.SetBytes(int64(len(in.Bytes())))
	b.ReportAllocs()
	for b.Loop() {
		c.Apply("zimbra", in.Bytes())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
}
