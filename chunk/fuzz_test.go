package chunk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"
	"unsafe"
)

// seedChunks returns chunks of every format, style and form of time.
func seedChunks() [][]byte {
	var all [][]byte
	for _, f := range []Format{V2, V1} {
		for _, s := range []Style{FluentBit5, FluentBit3, Compact} {
			for _, t := range []TimeForm{EventTime, EventTimeExt8, TimeInt, TimeFloat64, TimeFloat32} {
				b := Builder{Format: f, Style: s, Time: t}
				fill(&b)
				all = append(all, b.Bytes())
			}
		}
	}
	return all
}

// fill writes records of every kind of value, and of every kind of oddity that
// does not stop the reader.
func fill(b *Builder) {
	const t = 1749112947_148000000
	b.Line(t, "log", "2025-06-05 11:42:27,148 INFO  [main] [] system - started")
	b.GroupStart(KV{"schema", "otlp", "resource_id", 0}, KV{"resource", KV{"attributes", KV{"host.name", "mta"}}})
	b.RecordMeta(t+1e9, KV{"otlp", KV{"severity_number", 9}}, "log", "в группе")
	b.GroupEnd()
	b.Record(t+2e9, "nil", nil, "yes", true, "no", false, "int", -5, "big", uint64(math.MaxUint64),
		"f", 1.5, "f32", float32(0.1), "nan", math.NaN(), "bin", []byte{0xff, 'a'}, "ext", Ext{5, []byte{1, 2, 3}},
		"time", Ext{0, []byte{0x68, 0x41, 0x57, 0x73, 0, 0, 0, 1}}, "list", []any{1, []any{}, KV{}}, "log", "twice", "log", "\x00\"\\\n\x80")
	b.Record(t+3e9, 1, "int key", []byte("bin"), "bin key", nil, "nil key", KV{"a", 1}, "map key", 1.0, "float key", Ext{1, []byte{9}}, "ext key")
	b.Bare(t+4e9, "not a map")
	b.Bare(t+5e9, []any{"nor", "this"})
}

// FuzzReader: no panic, nothing lost, nothing written, every view inside the
// chunk, and the same events as the oracle.
func FuzzReader(f *testing.F) {
	for _, c := range seedChunks() {
		f.Add(c)
		f.Add(append(bytes.Clone(c), make([]byte, 40)...))
		f.Add(c[:len(c)-3])
	}
	f.Add([]byte{0x92, 0x94, 1, 0x80, 1, 1, 0x80})
	f.Add([]byte{0x92, 0x90, 0x80})
	f.Add([]byte{0x92, 0x92, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		checkChunk(t, data)
		if !bytes.Equal(before, data) {
			t.Fatal("the chunk was written to")
		}
	})
}

// checkChunk compares what Reader makes of data with what the oracle does.
func checkChunk(t *testing.T, data []byte) {
	t.Helper()
	want, stop := oracleChunk(data)
	var r Reader
	var ev Event
	r.Reset(data)
	odd := 0
	for i := 0; r.Next(&ev); i++ {
		if i >= len(want) {
			t.Fatalf("event %d at byte %d: the oracle stops at %d", i, r.Offset(), stop)
		}
		if want[i].odd {
			odd++
		}
		checkEvent(t, data, i, &ev, want[i])
		if r.Offset() != want[i].offset || r.Odd() != odd {
			t.Fatalf("event %d: offset %d, odd %d, want %d, %d", i, r.Offset(), r.Odd(), want[i].offset, odd)
		}
		want[i].offset = -1
	}
	for i, w := range want {
		if w.offset != -1 {
			t.Fatalf("event %d of %d is missing: %v", i, len(want), r.Err())
		}
	}
	if r.Offset() != stop || len(r.Rest()) != len(data)-stop {
		t.Fatalf("stopped at %d with %d left, want %d of %d", r.Offset(), len(r.Rest()), stop, len(data))
	}
	if (r.Err() == nil) != (stop == len(data)) {
		t.Fatalf("error %v with %d bytes left", r.Err(), len(data)-stop)
	}
}

func checkEvent(t *testing.T, data []byte, i int, ev *Event, want oracleEvent) {
	t.Helper()
	if ev.Time != want.time {
		t.Fatalf("event %d: time %d, want %d", i, ev.Time, want.time)
	}
	for _, p := range []struct {
		name string
		m    Map
		want *node
	}{
		{"meta", ev.Meta, want.meta},
		{"body", ev.Body, want.body},
		{"group meta", ev.Group.Meta, want.groupMeta},
		{"group body", ev.Group.Body, want.groupBody},
	} {
		inside(t, data, p.m)
		if (p.m == nil) != (p.want == nil) {
			t.Fatalf("event %d: %s %q, want %v", i, p.name, p.m, p.want)
		}
		if p.want != nil && !reflect.DeepEqual(fieldsOf(p.m), p.want.kids) {
			t.Fatalf("event %d: %s %v, want %v", i, p.name, fieldsOf(p.m), p.want.kids)
		}
		checkJSON(t, p.m.AppendJSON(nil))
	}
	inside(t, data, ev.Bare.b)
	bare := node{}
	if want.bare != nil {
		bare = *want.bare
	}
	if got := nodeOf(ev.Bare); !reflect.DeepEqual(got, bare) {
		t.Fatalf("event %d: bare %v, want %v", i, got, bare)
	}
	checkJSON(t, ev.Bare.AppendJSON(nil))
}

// inside checks that the view v is a part of data, its capacity too.
func inside(t *testing.T, data, v []byte) {
	t.Helper()
	if v == nil {
		return
	}
	lo, at := uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	if at < lo || at+uintptr(cap(v)) > lo+uintptr(len(data)) || cap(v) != len(v) {
		t.Fatalf("a view of %d bytes, capacity %d, leaves the chunk", len(v), cap(v))
	}
}

func checkJSON(t *testing.T, out []byte) {
	t.Helper()
	// encoding/json refuses what nests deeper than 10000.
	if len(out) < 10000 && !json.Valid(out) {
		t.Fatalf("not JSON: %q", out)
	}
}

// FuzzJSON: encoding/json reads from AppendJSON what the oracle reads from the
// value itself, key by key in the same order.
func FuzzJSON(f *testing.F) {
	for _, c := range seedChunks()[:1] {
		var r Reader
		var ev Event
		for r.Reset(c); r.Next(&ev); {
			f.Add([]byte(ev.Body))
		}
	}
	f.Add([]byte(NewMap("s", "\u2028<&>/\x7f\xed\xa0\x80\U0001f600 plain text of more than eight bytes \" and \\")))
	f.Add([]byte(NewMap("f", []any{1e21, 1e-7, math.Copysign(0, -1), 1e20, 5e-324, math.MaxFloat64, 123456789.5, float32(1e-7)})))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, rest, err := oracleNode(data)
		if err != nil || len(rest) > 0 {
			return
		}
		out := Value{data}.AppendJSON([]byte("before"))
		got, found := bytes.CutPrefix(out, []byte("before"))
		if !found {
			t.Fatalf("dst was changed: %q", out)
		}
		dec := json.NewDecoder(bytes.NewReader(got))
		dec.UseNumber()
		expect(t, dec, root)
		if dec.More() {
			t.Fatalf("more than one value: %q", got)
		}
	})
}

// expect reads the JSON of n from dec.
func expect(t *testing.T, dec *json.Decoder, n node) {
	t.Helper()
	switch n.kind {
	case KindArray:
		token(t, dec, json.Delim('['))
		for _, k := range n.kids {
			expect(t, dec, k)
		}
		token(t, dec, json.Delim(']'))
	case KindMap:
		token(t, dec, json.Delim('{'))
		for i := 0; i < len(n.kids); i += 2 {
			if k := n.kids[i]; k.kind == KindMap || k.kind == KindArray {
				anyString(t, dec) // the bytes in hexadecimal: TestFieldsKeys
			} else {
				token(t, dec, keyWanted(k))
			}
			expect(t, dec, n.kids[i+1])
		}
		token(t, dec, json.Delim('}'))
	default:
		token(t, dec, scalarWanted(n))
	}
}

func token(t *testing.T, dec *json.Decoder, want json.Token) {
	t.Helper()
	got, err := dec.Token()
	if err != nil {
		t.Fatalf("want %v: %v", want, err)
	}
	if n, ok := got.(json.Number); ok {
		if f, ok := want.(node); ok { // a float: read back with its own width
			got, want = sameFloat(n.String(), f), true
		}
	}
	if got != want {
		t.Fatalf("token %#v, want %#v", got, want)
	}
}

func anyString(t *testing.T, dec *json.Decoder) {
	t.Helper()
	got, err := dec.Token()
	if _, ok := got.(string); !ok {
		t.Fatalf("token %#v, %v, want a string", got, err)
	}
}

func sameFloat(s string, n node) bool {
	if n.f32 {
		f, err := strconv.ParseFloat(s, 32)
		return err == nil && uint64(math.Float32bits(float32(f))) == n.num
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && math.Float64bits(f) == n.num
}

func scalarWanted(n node) json.Token {
	switch n.kind {
	case KindBool:
		return n.num == 1
	case KindInt:
		return json.Number(strconv.FormatInt(int64(n.num), 10))
	case KindUint:
		return json.Number(strconv.FormatUint(n.num, 10))
	case KindStr, KindBin:
		return string([]rune(n.text)) // one U+FFFD for each bad byte
	case KindExt:
		if ns, _, known := oracleEventTime(n.text); known {
			return json.Number(fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9))
		}
		return hexWanted(extContent(n.text))
	case KindFloat:
		f := math.Float64frombits(n.num)
		if n.f32 {
			f = float64(math.Float32frombits(uint32(n.num)))
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			return n
		}
	}
	return nil
}

// keyWanted is the text of a scalar key.
func keyWanted(n node) string {
	switch w := scalarWanted(n).(type) {
	case nil:
		return "null"
	case string:
		return w
	case node:
		return string(Value{encodeFloat(n)}.AppendJSON(nil)) // its digits are checked as a value
	default:
		return fmt.Sprint(w)
	}
}

func encodeFloat(n node) []byte {
	if n.f32 {
		return appendAny(nil, math.Float32frombits(uint32(n.num)))
	}
	return appendAny(nil, math.Float64frombits(n.num))
}

// extContent cuts the header off an encoded ext.
func extContent(enc string) string {
	switch enc[0] {
	case 0xc7:
		return enc[3:]
	case 0xc8:
		return enc[4:]
	case 0xc9:
		return enc[6:]
	}
	return enc[2:]
}

func hexWanted(s string) string {
	out := ""
	for i := range len(s) {
		out += fmt.Sprintf(`\x%02x`, s[i])
	}
	return out
}
