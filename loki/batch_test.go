package loki

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/easyproto"
	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
)

// set makes a label set from name, value, name, value, …, sorted.
func set(namesAndValues ...string) *entry.Labels {
	l := &entry.Labels{}
	for i := 0; i < len(namesAndValues); i += 2 {
		l.Pairs = append(l.Pairs, entry.Pair{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	l.Text = labelsText(l.Pairs)
	return l
}

// now is the time around which tests play, in ns: 2026-11-22T08:00:00Z.
var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// lines makes n entries of one stream, numbered and d apart.
func lines(l *entry.Labels, n int, from time.Time, d time.Duration) []entry.Entry {
	all := make([]entry.Entry, n)
	for i := range all {
		all[i] = entry.Entry{Time: from.Add(time.Duration(i) * d).UnixNano(), Labels: l, Line: fmt.Sprintf("line %04d", i)}
	}
	return all
}

func batchOf(all []entry.Entry) *Batch {
	b := new(Batch)
	for i := range all {
		b.Add(&all[i])
	}
	return b
}

// bodies returns the bodies of b before compression, in the order of sending.
func bodies(b *Batch, limit int) (out [][]byte) {
	b.chain()
	for s := range b.streams {
		refs := b.entries(int32(s))
		span := b.span(refs)
		for len(refs) > 0 {
			n := b.cut(int32(s), refs, limit, span)
			out = append(out, b.appendProto(nil, piece{int32(s), refs[:n]}))
			refs = refs[n:]
		}
	}
	return out
}

// oracle encodes a push of one stream with easyproto.
func oracle(l *entry.Labels, all []entry.Entry) []byte {
	var m easyproto.Marshaler
	stream := m.MessageMarshaler().AppendMessage(1)
	text := func(mm *easyproto.MessageMarshaler, field uint32, s string) {
		if s != "" { // as proto3 encoders do
			mm.AppendString(field, s)
		}
	}
	text(stream, 1, l.Text)
	for i := range all {
		e := stream.AppendMessage(2)
		stamp := e.AppendMessage(1)
		if sec := time.Unix(0, all[i].Time).Unix(); sec != 0 {
			stamp.AppendInt64(1, sec)
		}
		if ns := time.Unix(0, all[i].Time).Nanosecond(); ns != 0 {
			stamp.AppendInt32(2, int32(ns))
		}
		text(e, 2, string(all[i].AppendLine(nil)))
		for _, p := range all[i].Meta {
			pair := e.AppendMessage(3)
			text(pair, 1, p.Name)
			text(pair, 2, p.Value)
		}
	}
	return m.Marshal(nil)
}

func TestEncodeAgainstEasyproto(t *testing.T) {
	f := func(e entry.Entry) {
		t.Helper()
		e.Labels = set("job", "zimbra")
		all := []entry.Entry{e}
		got := bodies(batchOf(all), DefaultBatchBytes)
		if want := oracle(e.Labels, all); len(got) != 1 || !bytes.Equal(got[0], want) {
			t.Errorf("%.100v\n got %x\nwant %x", e, got, want)
		}
	}
	f(entry.Entry{})
	f(entry.Entry{Time: 1})
	f(entry.Entry{Time: 1e9})
	f(entry.Entry{Time: now.UnixNano() + 123456789, Line: "a"})
	f(entry.Entry{Time: -1, Line: "before 1970"})
	f(entry.Entry{Time: -1e9})
	f(entry.Entry{Time: math.MaxInt64})
	f(entry.Entry{Time: math.MinInt64})
	f(entry.Entry{Line: "head", More: []string{"\tat com.example.A", "", "Caused by: b"}})
	f(entry.Entry{More: []string{"x"}})
	for _, n := range []int{1, 121, 122, 123, 124, 127, 128, 16381, 16384, 1 << 21} { // around the lengths of lengths
		f(entry.Entry{Line: strings.Repeat("x", n)})
		f(entry.Entry{Meta: []entry.Pair{{Name: "a", Value: strings.Repeat("x", n)}, {Name: strings.Repeat("n", n), Value: "y"}}})
		f(entry.Entry{Meta: []entry.Pair{{Name: "", Value: strings.Repeat("x", n)}, {Name: "y", Value: ""}, {}}})
	}
}

func FuzzEncode(f *testing.F) {
	f.Add(int64(0), "line", "more", "name", "value", 3)
	f.Add(int64(-1), "", "", "", "", 0)
	f.Add(int64(math.MinInt64), strings.Repeat("x", 300), "\n", strings.Repeat("n", 130), "\xff", 1)
	f.Fuzz(func(t *testing.T, ns int64, line, more, name, value string, n int) {
		l := set("job", value)
		var all []entry.Entry
		for i := range n&7 + 1 {
			e := entry.Entry{Time: ns + int64(i), Labels: l, Line: line, Meta: []entry.Pair{{Name: name, Value: value}, {Name: "i", Value: name}}[:i%3]}
			if i&1 == 1 {
				e.More = []string{more, ""}
			}
			all = append(all, e)
		}
		b := batchOf(all)
		got := bodies(b, DefaultBatchBytes)
		if ns <= math.MaxInt64-8 { // else the times wrap, and are sorted
			if want := oracle(l, all); !bytes.Equal(bytes.Join(got, nil), want) {
				t.Fatalf("\n got %x\nwant %x", got, want)
			}
		}
		var p plain
		for i := range all {
			b.read(int32(i), &p)
			if p.time != all[i].Time || p.line != string(all[i].AppendLine(nil)) || len(p.meta)+len(all[i].Meta) > 0 && !reflect.DeepEqual(p.meta, all[i].Meta) {
				t.Fatalf("entry %d: read %+v, want %+v", i, p, all[i])
			}
		}
	})
}

// TestGrouping: streams are told apart by labels and tenant, and stand in the
// order of their first entries.
func TestGrouping(t *testing.T) {
	a, b2 := set("log", "a"), set("log", "b")
	b := new(Batch)
	add := func(l *entry.Labels, tenant, line string) {
		buf := []byte(tenant)
		b.Add(&entry.Entry{Labels: l, Tenant: string(buf), Line: line})
	}
	add(b2, "x", "1")
	add(a, "x", "2")
	add(b2, "y", "3")
	add(b2, "", "4")
	add(b2, "x", "5")
	add(a, "y", "6")
	add(b2, "y", "7")
	add(b2, "", "8")
	b.chain()
	var got []string
	var p plain
	for s := range b.streams {
		st := fmt.Sprintf("%s/%s:", b.tenants[b.streams[s].tenant], b.streams[s].labels.Get("log"))
		for _, r := range b.entries(int32(s)) {
			b.read(r, &p)
			st += p.line
		}
		got = append(got, st)
	}
	want := []string{"x/b:15", "x/a:2", "y/b:37", "/b:48", "y/a:6"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if b.Len() != 8 || b.Bytes() == 0 {
		t.Errorf("Len %d, Bytes %d", b.Len(), b.Bytes())
	}
}

// TestAddCopies: nothing of the entry but its labels is needed after Add.
func TestAddCopies(t *testing.T) {
	l := set("job", "zimbra")
	text := []byte("tenant|name|value|line|more")
	s := strings.Split(string(text), "|")
	e := entry.Entry{Labels: l, Tenant: s[0], Meta: []entry.Pair{{Name: s[1], Value: s[2]}}, Line: s[3], More: []string{s[4]}}
	b := new(Batch)
	b.Add(&e)
	e.Meta[0] = entry.Pair{Name: "gone", Value: "gone"}
	e.More[0] = "gone"
	var p plain
	b.read(0, &p)
	if p.line != "line\nmore" || p.meta[0] != (entry.Pair{Name: "name", Value: "value"}) || b.tenants[0] != "tenant" {
		t.Errorf("read %+v of tenant %q", p, b.tenants[0])
	}
}

// TestSorted: entries are sent by time, those of one instant in their order,
// and the same entries give the same bytes, also in a batch that was used
// before.
func TestSorted(t *testing.T) {
	l := set("job", "zimbra")
	times := []int64{5, 3, 3, 9, 3, 1}
	var all []entry.Entry
	for i, ns := range times {
		all = append(all, entry.Entry{Time: ns, Labels: l, Line: fmt.Sprint(i)})
	}
	b := batchOf(all)
	first := bodies(b, DefaultBatchBytes)
	var got string
	var p plain
	for _, r := range b.entries(0) {
		b.read(r, &p)
		got += p.line
	}
	if got != "512403" {
		t.Errorf("order %s, want 512403", got)
	}
	b.Reset()
	b.Add(&entry.Entry{Labels: set("other", "x"), Line: "something else"})
	b.Reset()
	for i := range all {
		b.Add(&all[i])
	}
	if again := bodies(b, DefaultBatchBytes); !reflect.DeepEqual(first, again) {
		t.Errorf("the same entries gave other bytes\nfirst %x\nagain %x", first, again)
	}
}

// TestCut: bodies stay within the limit unless they hold one entry, span at
// most bodySpan unless that would make too many, and hold every entry once.
func TestCut(t *testing.T) {
	f := func(name string, all []entry.Entry, limit, want int) {
		t.Helper()
		b := batchOf(all)
		b.chain()
		got, sent := 0, 0
		refs := b.entries(0)
		span := b.span(refs)
		for len(refs) > 0 {
			n := b.cut(0, refs, limit, span)
			if size := len(b.appendProto(nil, piece{0, refs[:n]})); size > limit && n > 1 {
				t.Errorf("%s: a body of %d entries has %d bytes, limit %d", name, n, size, limit)
			}
			if d := time.Duration(b.refs[refs[n-1]].time - b.refs[refs[0]].time); d > span {
				t.Errorf("%s: a body spans %v, limit %v", name, d, span)
			}
			got, sent, refs = got+1, sent+n, refs[n:]
		}
		if got != want || sent != len(all) {
			t.Errorf("%s: %d entries in %d bodies, want %d in %d", name, sent, got, len(all), want)
		}
	}
	l := set("job", "zimbra")
	f("one entry", lines(l, 1, now, 0), 1, 1)
	f("each too large", lines(l, 5, now, 0), 1, 5)
	f("all fit", lines(l, 1000, now, time.Millisecond), 1<<20, 1)
	f("by size", lines(l, 1000, now, time.Millisecond), 10_000, 3)
	f("50 minutes", lines(l, 51, now, time.Minute), 1<<20, 1)
	f("51 minutes", lines(l, 52, now, time.Minute), 1<<20, 2)
	f("a day", lines(l, 24*60, now, time.Minute), 1<<20, 16)
	f("a year", lines(l, 365, now, 24*time.Hour), 1<<20, 16)
	f("all of time", []entry.Entry{{Time: math.MinInt64, Labels: l}, {Time: 0, Labels: l}, {Time: math.MaxInt64, Labels: l}}, 1<<20, 3)
}

func TestCodecs(t *testing.T) {
	l := set("job", "zim\"bra", "log", "a")
	b := batchOf([]entry.Entry{
		{Time: 1, Labels: l, Line: "eins \"zwei\" \\ \x01 ß \u2028\n\t", Meta: []entry.Pair{{Name: "a", Value: "<b>"}, {Name: "c", Value: ""}}},
		{Time: 1<<62 + 1, Labels: l, Line: ""},
	})
	b.chain()
	p := piece{0, b.entries(0)}
	const wantJSON = `{"streams":[{"stream":{"job":"zim\"bra","log":"a"},"values":[` +
		`["1","eins \"zwei\" \\ \u0001 ß ` + "\u2028" + `\n\t",{"a":"<b>","c":""}],["4611686018427387905",""]]}]}`
	body, size := b.encode(p, codecNone)
	if string(body) != wantJSON || size != len(wantJSON) {
		t.Errorf("none: %d bytes\n got %s\nwant %s", size, body, wantJSON)
	}
	body, size = b.encode(p, codecGzip)
	if got := gunzip(t, body); got != wantJSON || size != len(wantJSON) {
		t.Errorf("gzip: %d bytes\n got %s\nwant %s", size, got, wantJSON)
	}
	body, size = b.encode(p, codecSnappy)
	if got, err := s2.Decode(nil, body); err != nil || !bytes.Equal(got, b.appendProto(nil, p)) || size != len(got) {
		t.Errorf("snappy: %d bytes\n got %x, %v", size, got, err)
	}
}

// TestBodyIsLeftToTheTransport: while a reader of the last body is open, its
// memory is not used for the next one.
func TestBodyIsLeftToTheTransport(t *testing.T) {
	b := batchOf(lines(set("job", "a"), 3, now, 1))
	b.chain()
	first, _ := b.encode(piece{0, b.entries(0)}, codecSnappy)
	r := newBodyReader(first, b.sent)
	want := bytes.Clone(first)
	b.encode(piece{0, b.entries(0)[:1]}, codecSnappy)
	if !bytes.Equal(first, want) {
		t.Fatal("an open body was overwritten")
	}
	for range 2 { // the transport may close twice
		r.Close()
	}
	second, _ := b.encode(piece{0, b.entries(0)}, codecSnappy)
	newBodyReader(second, b.sent).Close()
	third, _ := b.encode(piece{0, b.entries(0)}, codecSnappy)
	if &second[0] != &third[0] {
		t.Error("the memory of a closed body is not used again")
	}
}

// TestReset: an unusually large batch gives its memory back, a usual one does
// not, and neither keeps labels alive.
func TestReset(t *testing.T) {
	f := func(lineBytes int, kept bool) {
		t.Helper()
		b := new(Batch)
		for range 100 {
			b.Add(&entry.Entry{Labels: set("job", "a"), Line: strings.Repeat("x", lineBytes)})
		}
		b.Reset()
		if got := cap(b.arena) > 0; got != kept {
			t.Errorf("lines of %d bytes: memory kept: %v, want %v", lineBytes, got, kept)
		}
		if b.Len() != 0 || b.Bytes() != 0 || len(b.byLabels) != 0 {
			t.Errorf("after Reset: %d entries, %d bytes, %d label sets", b.Len(), b.Bytes(), len(b.byLabels))
		}
		for _, s := range b.streams[:cap(b.streams)] {
			if s.labels != nil {
				t.Fatal("labels are kept")
			}
		}
	}
	f(10_000, true)
	f(1_000_000, false)
}

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	all := mailbox(2000)
	b := new(Batch)
	round := func() {
		b.Reset()
		for i := range all {
			b.Add(&all[i])
		}
		b.chain()
		for s := range b.streams {
			b.encode(piece{int32(s), b.entries(int32(s))}, codecSnappy)
		}
	}
	round()
	if n := testing.AllocsPerRun(10, round); n != 0 {
		t.Errorf("%v allocations for a batch of %d entries, want 0", n, len(all))
	}
}
