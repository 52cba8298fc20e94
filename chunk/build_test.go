package chunk

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// The bytes are those that Fluent Bit's encoders write: docs/chunk-format.md.
func TestBuilderBytes(t *testing.T) {
	const ns = 1749112819_000000001
	f := func(b Builder, want string) {
		t.Helper()
		b.Line(ns, "log", "hi")
		got := bytes.Clone(b.Bytes())
		if w := bytesOf(t, want); !bytes.Equal(got, w) {
			t.Errorf("%+v\n got %x\nwant %x", b, got, w)
		}
		b.Reset()
		if b.Record(ns, "log", "hi"); !bytes.Equal(got, b.Bytes()) {
			t.Errorf("Record differs from Line: %x", b.Bytes())
		}
	}
	f(Builder{}, `92 92 d700 684157f3 00000001 df00000000 df00000001 a3 "log" a2 "hi"`)
	f(Builder{Style: FluentBit3}, `dd00000002 dd00000002 d700 684157f3 00000001 df00000000 df00000001 a3 "log" a2 "hi"`)
	f(Builder{Style: Compact}, `92 92 d700 684157f3 00000001 80 81 a3 "log" a2 "hi"`)
	f(Builder{Style: Compact, Time: EventTimeExt8}, `92 92 c70800 684157f3 00000001 80 81 a3 "log" a2 "hi"`)
	f(Builder{Format: V1, Style: Compact, Time: TimeInt}, `92 ce684157f3 81 a3 "log" a2 "hi"`)
	f(Builder{Format: V1, Style: FluentBit3, Time: EventTime}, `dd00000002 d700 684157f3 00000001 df00000001 a3 "log" a2 "hi"`)
	f(Builder{Format: V1, Style: Compact, Time: TimeFloat64}, `92 cb41da1055fcc00000 81 a3 "log" a2 "hi"`)
	f(Builder{Format: V1, Style: Compact, Time: TimeFloat32}, `92 ca4ed082b0 81 a3 "log" a2 "hi"`)
}

func TestBuilderGroups(t *testing.T) {
	f := func(b Builder, start, end string) {
		t.Helper()
		b.GroupStart(KV{"m", 1}, KV{"b", 2})
		if want := bytesOf(t, start); !bytes.Equal(b.Bytes(), want) {
			t.Errorf("start: got %x, want %x", b.Bytes(), want)
		}
		b.Reset()
		b.GroupEnd()
		if want := bytesOf(t, end); !bytes.Equal(b.Bytes(), want) {
			t.Errorf("end: got %x, want %x", b.Bytes(), want)
		}
	}
	f(Builder{}, `92 92 d700 ffffffff 00000000 df00000001 a1 "m" 01 df00000001 a1 "b" 02`, `92 92 d700 fffffffe 00000000 df00000000 df00000000`)
	f(Builder{Style: Compact, Time: EventTimeExt8}, `92 92 c70800 ffffffff 00000000 81 a1 "m" 01 81 a1 "b" 02`, `92 92 c70800 fffffffe 00000000 80 80`)
	f(Builder{Style: Compact, Time: TimeInt}, `92 92 ff 81 a1 "m" 01 81 a1 "b" 02`, `92 92 fe 80 80`)
	f(Builder{Style: Compact, Time: TimeFloat64, Format: V1}, `92 cbbff0000000000000 81 a1 "b" 02`, `92 cbc000000000000000 80`)
}

// What is written is read again, by the reader and by the oracle.
func TestBuilderReadBack(t *testing.T) {
	for i, c := range seedChunks() {
		if checkChunk(t, c); t.Failed() {
			t.Fatalf("chunk %d", i)
		}
		var r Reader
		var ev Event
		n := 0
		for r.Reset(c); r.Next(&ev); {
			n++
		}
		if n != 6 || r.Err() != nil {
			t.Errorf("chunk %d: %d events, %v", i, n, r.Err())
		}
	}
}

func TestBuilderValues(t *testing.T) {
	f := func(x any, want string) {
		t.Helper()
		if got := appendAny(nil, x); !bytes.Equal(got, bytesOf(t, want)) {
			t.Errorf("%T %v: got %x, want %s", x, x, got, want)
		}
	}
	f(0, `00`)
	f(127, `7f`)
	f(128, `cc80`)
	f(int16(256), `cd0100`)
	f(int32(1<<16), `ce00010000`)
	f(int64(1)<<32, `cf0000000100000000`)
	f(int8(-1), `ff`)
	f(-32, `e0`)
	f(-33, `d0df`)
	f(-129, `d1ff7f`)
	f(-32769, `d2ffff7fff`)
	f(int64(math.MinInt64), `d38000000000000000`)
	f(uint(1), `01`)
	f(uint8(255), `ccff`)
	f(uint16(1), `01`)
	f(uint32(1), `01`)
	f(uint64(math.MaxUint64), `cfffffffffffffffff`)
	f(float32(1.5), `ca3fc00000`)
	f(1.5, `cb3ff8000000000000`)
	f(strings.Repeat("a", 31), `bf "`+strings.Repeat("a", 31)+`"`)
	f(strings.Repeat("a", 32), `d920 "`+strings.Repeat("a", 32)+`"`)
	f(strings.Repeat("a", 256), `da0100 "`+strings.Repeat("a", 256)+`"`)
	f(strings.Repeat("a", 1<<16), `db00010000 "`+strings.Repeat("a", 1<<16)+`"`)
	f([]byte("a"), `c401 "a"`)
	f(Ext{1, []byte("a")}, `d401 "a"`)
	f(Ext{2, []byte("ab")}, `d502 "ab"`)
	f(Ext{3, []byte("abcd")}, `d603 "abcd"`)
	f(Ext{-1, []byte("abcdefgh")}, `d7ff "abcdefgh"`)
	f(Ext{5, []byte("abcdefghabcdefgh")}, `d805 "abcdefghabcdefgh"`)
	f(Ext{6, []byte("abc")}, `c70306 "abc"`)
	f(make([]any, 16), `dc0010 `+strings.Repeat("c0", 16))
	f(Value{[]byte{5}}, `05`)
}

func TestBuilderMistakes(t *testing.T) {
	f := func(want string, do func(*Builder)) {
		t.Helper()
		defer func() {
			if got := fmt.Sprint(recover()); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}()
		do(new(Builder))
	}
	odd := []any{"log"} // not written out in the call, where linters see it too
	f("chunk: key log without a value", func(b *Builder) { b.Record(0, odd...) })
	f("chunk: no MessagePack form for struct {}", func(b *Builder) { b.Record(0, "log", struct{}{}) })
}

func TestBuilderAllocs(t *testing.T) {
	var b Builder
	b.Line(0, "log", benchLine)
	if n := testing.AllocsPerRun(100, func() { b.Reset(); b.Line(1, "log", benchLine) }); n != 0 {
		t.Errorf("%v allocations for a line", n)
	}
}

func Example() {
	var b Builder
	b.GroupStart(nil, KV{"resource", KV{"attributes", KV{"host.name", "mail"}}})
	b.Line(1749112947_148000000, "log", "started")
	b.GroupEnd()
	b.Raw(0x92, 0x01) // a record cut short

	var r Reader
	var ev Event
	for r.Reset(b.Bytes()); r.Next(&ev); {
		line, _ := ev.Body.Get("log")
		text, _ := line.Str()
		fmt.Println(ev.Time, text, string(ev.Group.Body.AppendJSON(nil)))
	}
	fmt.Printf("%v, %d bytes undelivered\n", r.Err(), len(r.Rest()))
	// Output:
	// 1749112947148000000 started {"resource":{"attributes":{"host.name":"mail"}}}
	// chunk: record at byte 115: record is cut short, 2 bytes undelivered
}
