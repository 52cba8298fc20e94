package chunk

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// bytesOf reads hexadecimal; what is in quotes stands for itself.
func bytesOf(t *testing.T, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(part), ""))
		if err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		out = append(out, b...)
	}
	return out
}

// textOf writes one line for each event, and one for the error: seconds,
// metadata, body, group.
func textOf(chunk []byte) string {
	var out []byte
	var r Reader
	var ev Event
	for r.Reset(chunk); r.Next(&ev); {
		out = fmt.Appendf(out, "%d.%09d", ev.Time/1e9, ev.Time%1e9)
		if ev.Meta != nil {
			out = ev.Meta.AppendJSON(append(out, " meta"...))
		}
		out = append(out, ' ')
		if ev.Body != nil {
			out = ev.Body.AppendJSON(out)
		} else {
			out = ev.Bare.AppendJSON(append(out, "bare "...))
		}
		if ev.Group.Body != nil || ev.Group.Meta != nil {
			out = ev.Group.Meta.AppendJSON(append(out, " group"...))
			out = ev.Group.Body.AppendJSON(out)
		}
		out = append(out, '\n')
	}
	if r.Odd() > 0 {
		out = fmt.Appendf(out, "odd %d\n", r.Odd())
	}
	if err := r.Err(); err != nil {
		out = fmt.Appendf(out, "%v; rest %x\n", err, r.Rest())
	}
	return strings.TrimSuffix(string(out), "\n")
}

func TestReaderForms(t *testing.T) {
	f := func(chunk, want string) {
		t.Helper()
		if got := textOf(bytesOf(t, chunk)); got != want {
			t.Errorf("%s\n got %s\nwant %s", chunk, got, want)
		}
	}
	const body = `81 a3 "log" a2 "hi"`
	const stamp = `d700 684157f3 00000001`
	f(``, ``)
	// Fluent Bit 5: short arrays, metadata and body as map 32
	f(`92 92 `+stamp+` df00000000 df00000001 a3 "log" a2 "hi"`, `1749112819.000000001 {"log":"hi"}`)
	// the same from a parser, with the body as short as can be
	f(`92 92 `+stamp+` 80 `+body, `1749112819.000000001 {"log":"hi"}`)
	// Fluent Bit 3.2: array 32
	f(`dd00000002 dd00000002 `+stamp+` df00000000 df00000001 a3 "log" a2 "hi"`, `1749112819.000000001 {"log":"hi"}`)
	f(`dc0002 dc0002 `+stamp+` de0000 de0001 a3 "log" d902 "hi"`, `1749112819.000000001 {"log":"hi"}`)
	f(`92 92 `+stamp+` 81 a1 "k" 01 `+body, `1749112819.000000001 meta{"k":1} {"log":"hi"}`)
	// a map as the key, where the quick way could take it for the body
	f(`92 92 `+stamp+` 81 81 01 02 03 81 a3 "log" a8 "eight by"`, `1749112819.000000001 meta{"\\x81\\x01\\x02":3} {"log":"eight by"}`)
	// version 1, as the forward input may pass it on
	f(`92 `+stamp+` `+body, `1749112819.000000001 {"log":"hi"}`)
	f(`92 ce684157f3 `+body, `1749112819.000000000 {"log":"hi"}`)
	// an empty body is a body
	f(`92 92 `+stamp+` 80 80`, `1749112819.000000001 {}`)
	// the last record of a chunk, too short for the quick way
	f(`92 92 `+stamp+` 80 81 00 00`, `1749112819.000000001 {"0":0}`)
}

func TestReaderTime(t *testing.T) {
	const odd = "77.000000000 {}\nodd 1" // the time of the record before it
	f := func(stamp, want string) {
		t.Helper()
		// each form is tried in both formats, after a record of second 77
		for _, c := range []string{"92 4d 80 92 " + stamp + " 80", "92 4d 80 92 92 " + stamp + " 80 80"} {
			got := textOf(bytesOf(t, c))
			if got = strings.TrimPrefix(got, "77.000000000 {}\n"); got != want {
				t.Errorf("%s\n got %s\nwant %s", c, got, want)
			}
		}
	}
	f(`d700 684157f3 3b9ac9ff`, `1749112819.999999999 {}`)
	f(`c70800 684157f3 00000001`, `1749112819.000000001 {}`)
	f(`c8000800 684157f3 00000001`, `1749112819.000000001 {}`)
	f(`c90000000800 684157f3 00000001`, `1749112819.000000001 {}`)
	f(`d700 fffffffd 00000000`, `4294967293.000000000 {}`) // 2106: a time since v5.1, negative before
	f(`d700 684157f3 3b9aca00`, `1749112820.000000000 {}`) // a whole second of nanoseconds
	f(`d700 ffffffff 00000001`, odd)                       // neither a marker nor a time
	f(`d700 fffffffe 00000001`, odd)
	f(`d701 684157f3 00000001`, odd) // ext type 1
	f(`d600 684157f3`, odd)          // 4 bytes
	f(`d7ff 00000001 684157f3`, odd) // MessagePack's own timestamp is not Fluentd's
	f(`05`, `5.000000000 {}`)
	f(`cc 80`, `128.000000000 {}`)
	f(`cd 0100`, `256.000000000 {}`)
	f(`d0 05`, `5.000000000 {}`)
	f(`d3 00000000684157f3`, `1749112819.000000000 {}`)
	f(`cf 00000000684157f3`, `1749112819.000000000 {}`)
	f(`cf 0000000225c17d03`, `9223372035.000000000 {}`) // the last that is safe
	f(`cf 0000000225c17d04`, odd)
	f(`cf 0000019740b0aaaa`, odd) // milliseconds: no second of this era
	f(`fd`, odd)                  // -3: not a marker, and no time
	f(`d0 80`, odd)
	f(`d3 8000000000000000`, odd)
	f(`cf 8000000000000000`, odd)
	f(`cb 41da1055fcc0 0000`, `1749112819.000000000 {}`)
	f(`cb 41da1055fce0 0000`, `1749112819.500000000 {}`)
	f(`ca 4ed082b0`, `1749112832.000000000 {}`) // float32 has steps of two minutes
	f(`cb 7ff8000000000001`, odd)               // NaN
	f(`cb 7ff0000000000000`, odd)               // +Inf
	f(`cb bfe0000000000000`, odd)               // -0.5
	f(`cb bff8000000000000`, odd)               // -1.5 is no marker
	f(`cb 43e0000000000000`, odd)               // 2^63 s
	f(`c0`, odd)
	f(`c3`, odd)
	f(`a4 "2025"`, odd)
	f(`80`, odd)
	f(`c40100`, odd)
}

func TestReaderNoTimeAtAll(t *testing.T) {
	if got, want := textOf(bytesOf(t, `92 c0 80 92 07 80 92 c0 80`)), "0.000000000 {}\n7.000000000 {}\n7.000000000 {}\nodd 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReaderGroups(t *testing.T) {
	f := func(start, end string) {
		t.Helper()
		c := bytesOf(t, `92 01 80 92 `+start+` 81 a1 "b" 02 92 02 80 92 c0 80 92 03 80 92 `+end+` 80 92 04 80`)
		want := `1.000000000 {}
2.000000000 {} group{}{"b":2}
2.000000000 {} group{}{"b":2}
3.000000000 {} group{}{"b":2}
4.000000000 {}
odd 1`
		if strings.HasPrefix(start, "92 ") {
			want = strings.ReplaceAll(want, "group{}", `group{"m":1}`)
		}
		if got := textOf(c); got != want {
			t.Errorf("%s … %s\n got %s\nwant %s", start, end, got, want)
		}
	}
	f(`d700 ffffffff 00000000`, `d700 fffffffe 00000000`)
	f(`c70800 ffffffff 00000000`, `c70800 fffffffe 00000000`)
	f(`ff`, `fe`)
	f(`d0 ff`, `d1 fffe`)
	f(`cf ffffffffffffffff`, `cf fffffffffffffffe`) // the old forward format: time_t as unsigned
	f(`cb bff0000000000000`, `ca c0000000`)
	f(`92 d700 ffffffff 00000000 81 a1 "m" 01`, `92 d700 fffffffe 00000000 80`)
	f(`92 ff 81 a1 "m" 01`, `92 fe 80`)

	g := func(chunk, want string) {
		t.Helper()
		if got := textOf(bytesOf(t, chunk)); got != want {
			t.Errorf("%s\n got %s\nwant %s", chunk, got, want)
		}
	}
	// a start inside a group replaces it
	g(`92 ff 81 01 01  92 ff 81 02 02  92 05 80`, `5.000000000 {} group{}{"2":2}`)
	// a marker's body that is no map leaves the metadata
	g(`92 92 ff 81 01 01 c0  92 05 80`, `5.000000000 {} group{"1":1}{}`)
	g(`92 fe 80  92 05 80`, `5.000000000 {}`)
	// no record, no event
	g(`92 ff 80 92 fe 80`, ``)
}

// The shape that the opentelemetry input of Fluent Bit 5.1.1 writes for a scope
// with two records.
func TestReaderOpenTelemetry(t *testing.T) {
	c := bytesOf(t, `
		92 92 d700 ffffffff 00000000
			df00000003 a6 "schema" a4 "otlp" ab "resource_id" 00 a8 "scope_id" 00
			df00000002 a8 "resource" df00000001 aa "attributes" df00000001 a9 "host.name" a4 "mail"
				a5 "scope" df00000001 a4 "name" a3 "lib"
		92 92 d700 68415873 08d24d00
			df00000001 a4 "otlp" df00000002 af "severity_number" 09 ad "severity_text" a4 "INFO"
			df00000001 a3 "log" a5 "first"
		92 92 d700 68415873 08e18f40
			df00000001 a4 "otlp" df00000000
			df00000001 a3 "log" dd00000001 a1 "x"
		92 92 d700 fffffffe 00000000 df00000000 df00000000`)
	const group = ` group{"schema":"otlp","resource_id":0,"scope_id":0}{"resource":{"attributes":{"host.name":"mail"}},"scope":{"name":"lib"}}`
	want := `1749112947.148000000 meta{"otlp":{"severity_number":9,"severity_text":"INFO"}} {"log":"first"}` + group +
		"\n" + `1749112947.149000000 meta{"otlp":{}} {"log":["x"]}` + group
	if got := textOf(c); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReaderResetForgets(t *testing.T) {
	var r Reader
	var ev Event
	r.Reset(bytesOf(t, `92 ff 81 01 01 92 07 80 92 c0 80 c1`))
	for r.Next(&ev) {
	}
	if r.Err() == nil || r.Odd() != 1 {
		t.Fatalf("error %v, odd %d", r.Err(), r.Odd())
	}
	r.Reset(bytesOf(t, `92 c0 80`))
	if !r.Next(&ev) || ev.Time != 0 || ev.Group.Body != nil || r.Odd() != 1 || r.Err() != nil {
		t.Errorf("time %d, group %v, odd %d, error %v", ev.Time, ev.Group, r.Odd(), r.Err())
	}
}

func TestReaderOdd(t *testing.T) {
	f := func(record, want string) {
		t.Helper()
		// what follows an odd record is read
		if got := textOf(bytesOf(t, record+` 92 09 80`)); got != want+"\n9.000000000 {}\nodd 1" {
			t.Errorf("%s\n got %s\nwant %s", record, got, want)
		}
	}
	f(`92 05 a2 "hi"`, `5.000000000 bare "hi"`)
	f(`92 92 05 81 01 01 92 01 a1 "x"`, `5.000000000 meta{"1":1} bare [1,"x"]`)
	f(`92 05 c0`, `5.000000000 bare null`)
	f(`92 05 d7ff0000000000000000`, `5.000000000 bare "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"`)
	f(`92 92 05 c0 80`, `5.000000000 {}`)         // metadata nil
	f(`92 92 05 91 01 80`, `5.000000000 {}`)      // metadata an array
	f(`92 91 05 81 01 01`, `5.000000000 {"1":1}`) // header of one
	f(`92 93 05 80 c3 81 01 01`, `5.000000000 {"1":1}`)
	f(`92 92 80 80 81 01 01`, `0.000000000 {"1":1}`)
}

func TestReaderDamage(t *testing.T) {
	f := func(damage string, reason Reason) {
		t.Helper()
		good := bytesOf(t, `92 01 81 a3 "log" a2 "hi"`)
		bad := bytesOf(t, damage)
		var r Reader
		var ev Event
		r.Reset(append(bytes.Clone(good), bad...))
		if !r.Next(&ev) || r.Next(&ev) || r.Next(&ev) {
			t.Fatalf("%s: not one event", damage)
		}
		var de *DamageError
		if !errors.As(r.Err(), &de) || *de != (DamageError{len(good), reason}) {
			t.Errorf("%s: error %v, want %v", damage, r.Err(), reason)
		}
		if !bytes.Equal(r.Rest(), bad) || r.Offset() != len(good) {
			t.Errorf("%s: rest %x at %d", damage, r.Rest(), r.Offset())
		}
	}
	f(`c1`, BadByte)
	f(`92 01 81 a1 "k" c1`, BadByte)
	f(`92 92 01 c1 80 92 01 80`, BadByte)
	f(`01`, NotRecord)
	f(`00 00 01`, NotRecord)
	f(`"text" 92 01 80`, NotRecord)
	f(`80`, NotRecord)
	f(`90`, NotRecord)
	f(`91 01`, NotRecord)
	f(`93 01 80 80 92 01 80`, NotRecord)
	f(`92 c0 c0`, NoTimeNoBody)
	f(`92 90 05`, NoTimeNoBody)
	f(`92 a1 "t" a1 "b"`, NoTimeNoBody)
	f(`92`, Truncated)
	f(`92 01`, Truncated)
	f(`92 01 81`, Truncated)
	f(`92 01 81 a1`, Truncated)
	f(`92 01 81 a1 "k" da`, Truncated)
	f(`92 01 81 a1 "k" da00`, Truncated)
	f(`92 01 81 a1 "k" dbffffffff "x"`, Truncated)
	f(`92 01 81 a1 "k" c6ffffffff`, Truncated)
	f(`92 01 81 a1 "k" c9ffffffff00`, Truncated)
	f(`92 01 81 a1 "k" d800`, Truncated)
	f(`92 01 dfffffffff 01 01`, Truncated)
	f(`92 01 ddffffffff 01 01`, Truncated)
	f(`92 92 d700 684157f3 00000001 80 dfffffffff 01 01 01 01 01 01`, Truncated) // the quick way too
}

// A record is delivered whole or not at all, wherever the chunk is cut.
func TestReaderCutAnywhere(t *testing.T) {
	var b Builder
	fill(&b)
	whole := bytes.Clone(b.Bytes())
	events, _ := oracleChunk(whole)
	for n := range whole {
		var r Reader
		var ev Event
		got := 0
		for r.Reset(whole[:n:n]); r.Next(&ev); got++ {
			if events[got].offset != r.Offset() {
				t.Fatalf("cut at %d: event %d ends at %d, want %d", n, got, r.Offset(), events[got].offset)
			}
		}
		if want := r.Offset() != n; (r.Err() != nil) != want {
			t.Fatalf("cut at %d: stopped at %d with %v", n, r.Offset(), r.Err())
		}
		if got < len(events) && events[got].offset <= n {
			t.Fatalf("cut at %d: event %d of the whole is missing", n, got)
		}
	}
}

// Zeros after the last record are the end of the chunk: src/flb_mp.c.
func TestReaderZeroTail(t *testing.T) {
	for _, zeros := range []int{1, 2, 4096} {
		c := append(bytesOf(t, `92 01 80`), make([]byte, zeros)...)
		var r Reader
		var ev Event
		r.Reset(c)
		if !r.Next(&ev) || r.Next(&ev) || r.Err() != nil || len(r.Rest()) != 0 || r.Offset() != len(c) {
			t.Errorf("%d zeros: error %v, rest of %d", zeros, r.Err(), len(r.Rest()))
		}
	}
}

// Nesting costs neither stack nor, without AppendJSON, memory.
func TestReaderDeep(t *testing.T) {
	depth := 1 << 20
	if testing.Short() {
		depth = 1 << 15
	}
	c := bytesOf(t, `92 01 81 a1 "k"`)
	c = append(c, bytes.Repeat([]byte{0x91}, depth)...)
	c = append(c, 0xc0, 0x92, 2, 0x80)
	var r Reader
	var ev Event
	r.Reset(c)
	if !r.Next(&ev) {
		t.Fatal(r.Err())
	}
	want := `{"k":` + strings.Repeat("[", depth) + "null" + strings.Repeat("]", depth) + "}"
	if got := ev.Body.AppendJSON(nil); string(got) != want {
		t.Errorf("%d bytes of JSON, want %d", len(got), len(want))
	}
	if !r.Next(&ev) || ev.Time != 2e9 || r.Next(&ev) || r.Err() != nil {
		t.Errorf("the record behind it: %d, %v", ev.Time, r.Err())
	}
}

func TestReaderAllocs(t *testing.T) {
	var b Builder
	for range 20 {
		fill(&b)
	}
	var r Reader
	var ev Event
	buf := make([]byte, 0, 1<<16)
	allocs := testing.AllocsPerRun(100, func() {
		for r.Reset(b.Bytes()); r.Next(&ev); {
			buf = ev.Body.AppendJSON(buf[:0])
			buf = ev.Bare.AppendText(buf[:0])
			if v, ok := ev.Body.Get("list"); ok {
				it, _ := v.Items()
				for _, ok := it.Next(); ok; _, ok = it.Next() {
				}
			}
			f := ev.Meta.Fields()
			for _, _, ok := f.Next(); ok; _, _, ok = f.Next() {
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations in a chunk", allocs)
	}
}

func TestReasonString(t *testing.T) {
	seen := map[string]bool{}
	for r := Truncated; r <= NoTimeNoBody; r++ {
		if s := r.String(); s == "" || strings.HasPrefix(s, "reason") || seen[s] {
			t.Errorf("reason %d is %q", r, s)
		} else {
			seen[s] = true
		}
	}
	if got := Reason(200).String(); got != "reason 200" {
		t.Errorf("unknown reason is %q", got)
	}
}
