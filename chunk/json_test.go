package chunk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

func jsonOf(x any) string {
	v, _ := NewMap("k", x).Get("k")
	return string(v.AppendJSON(nil))
}

func TestJSONNumbers(t *testing.T) {
	f := func(x any, want string) {
		t.Helper()
		if got := jsonOf(x); got != want {
			t.Errorf("%T %v: got %s, want %s", x, x, got, want)
		}
	}
	f(0, "0")
	f(int64(math.MinInt64), "-9223372036854775808")
	f(int64(math.MaxInt64), "9223372036854775807")
	f(uint64(math.MaxUint64), "18446744073709551615")
	f(int64(1749112947148), "1749112947148")
	f(0.1, "0.1")
	f(0.30000000000000004, "0.30000000000000004")
	f(1.0, "1.0")
	f(-3.0, "-3.0")
	f(0.0, "0.0")
	f(math.Copysign(0, -1), "-0.0")
	f(1e15, "1000000000000000.0")
	f(math.Pow(2, 62), "4611686018427388000.0")
	f(math.Pow(2, 63), "9223372036854776000") // from here on it may have been an integer
	f(-1e19, "-10000000000000000000")
	f(1e20, "100000000000000000000")
	f(1e21, "1e+21")
	f(1.5e300, "1.5e+300")
	f(1e-6, "0.000001")
	f(1e-7, "1e-7")
	f(-2.5e-10, "-2.5e-10")
	f(5e-324, "5e-324")
	f(float32(0.1), "0.1")
	f(float32(16777216), "16777216.0")
	f(float32(1e-7), "1e-7")
	f(math.NaN(), "null")
	f(math.Inf(1), "null")
	f(float32(math.Inf(-1)), "null")
}

func TestJSONStrings(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		for _, x := range []any{s, []byte(s)} {
			if got := jsonOf(x); got != `"`+want+`"` {
				t.Errorf("%T %q: got %s, want %s", x, s, got, want)
			}
		}
	}
	f("", "")
	f("plain text", "plain text")
	f("<a href='x'>&/</a>", "<a href='x'>&/</a>")
	f("\u2028\u2029", "\u2028\u2029")
	f("сеанс — 時間 😀", "сеанс — 時間 😀")
	f(`C:\dir "q"`, `C:\\dir \"q\"`)
	f("\b\t\n\f\r", `\b\t\n\f\r`)
	f("\x00\x01\x0b\x1b\x1f\x20\x7f", `\u0000\u0001\u000b\u001b\u001f `+"\x7f")
	f("\xff", "\ufffd")
	f("a\xf0\x9f\x98z", "a\ufffd\ufffd\ufffdz") // one for each byte
	f("\xed\xa0\x80", "\ufffd\ufffd\ufffd")     // a surrogate
	f("ok\xc3\x28\n\xffend", "ok\ufffd(\\n\ufffdend")
	f("\ufffd", "\ufffd")
}

// Every byte at every place of the eight that clean looks at together.
func TestJSONStringsAtEveryOffset(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := strings.Repeat("x", at) + string([]byte{byte(c)}) + strings.Repeat("y", 19-at)
			var got string
			if err := json.Unmarshal([]byte(jsonOf(s)), &got); err != nil || got != string([]rune(s)) {
				t.Fatalf("byte %#x at %d: %s, %v", c, at, jsonOf(s), err)
			}
		}
	}
}

func TestJSONContainers(t *testing.T) {
	f := func(x any, want string) {
		t.Helper()
		if got := jsonOf(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
	f(nil, "null")
	f(true, "true")
	f(false, "false")
	f([]any{}, "[]")
	f(KV{}, "{}")
	f([]any{[]any{}, []any{[]any{}}, KV{}}, "[[],[[]],{}]")
	f([]any{1, []any{2, 3}, 4}, "[1,[2,3],4]")
	f(KV{"b", 1, "a", KV{"c", []any{"[", "{", ","}}, "b", 2}, `{"b":1,"a":{"c":["[","{",","]},"b":2}`)
	f(Map(nil), "{}")
	f(NewMap("x", 1), `{"x":1}`)
	f(Value{}, "null")
	f(Ext{5, []byte{0, 0xff}}, `"\\x00\\xff"`)
	f(Ext{5, nil}, `""`)
	f(Ext{0, []byte{0, 0, 0, 1, 0, 0, 0, 2}}, "1.000000002")
	f(Ext{0, []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}}, `"\\xff\\xff\\xff\\xff\\x00\\x00\\x00\\x00"`)
	long := make([]any, 70000)
	for i := range long {
		long[i] = i % 10
	}
	if got := jsonOf(long); len(got) != 2*len(long)+1 || !json.Valid([]byte(got)) {
		t.Errorf("%d elements give %d bytes", len(long), len(got))
	}
	deep := any(1)
	for range 40 { // deeper than the stack that needs no memory
		deep = KV{"k", []any{deep}}
	}
	if got := jsonOf(deep); got != strings.Repeat(`{"k":[`, 40)+"1"+strings.Repeat("]}", 40) {
		t.Errorf("got %s", got)
	}
}

// A compact JSON line that Fluent Bit's parser took apart comes back unchanged.
func TestJSONLinesComeBack(t *testing.T) {
	for _, line := range []string{
		`{"time":1749112947148,"trace_id":"8b7df143-d91c-4a5b-9b2e-5f2f5a6c9d10","client_ip":"192.0.2.7","command_name":"auth.local","extra":{"auth_success":true,"request_source":"main"},"user_login":"user@example.com"}`,
		`{"duration":512.25,"ratio":1.0,"small":1e-7,"n":-1,"big":18446744073709551615,"none":null,"list":[1,2.5,"x",[],{}]}`,
		`{"сообщение":"вход «успешен»","path":"/a/b","html":"<b>&amp;</b>","esc":"tab\tnl\nq\"b\\","ctl":"\u001b[31m"}`,
		`{"b":1,"a":2,"b":3}`,
		`{}`,
	} {
		var b Builder
		b.Record(0, unpack(t, line)...)
		var r Reader
		var ev Event
		r.Reset(b.Bytes())
		r.Next(&ev)
		if got := string(ev.Body.AppendJSON(nil)); got != line {
			t.Errorf("got  %s\nwant %s", got, line)
		}
	}
}

// unpack reads a JSON object as Fluent Bit packs it (flb_pack.c,
// yyjson_val_to_msgpack): a number without fraction and exponent is an integer.
func unpack(t *testing.T, line string) KV {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	kv, ok := unpackValue(t, dec).(KV)
	if !ok {
		t.Fatalf("no object: %s", line)
	}
	return kv
}

func unpackValue(t *testing.T, dec *json.Decoder) any {
	t.Helper()
	tok, err := dec.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch tok := tok.(type) {
	case json.Delim:
		all := []any{}
		for dec.More() {
			all = append(all, unpackValue(t, dec))
		}
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
		if tok == '{' {
			return KV(all)
		}
		return all
	case json.Number:
		if i, err := strconv.ParseInt(tok.String(), 10, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(tok.String(), 10, 64); err == nil {
			return u
		}
		f, err := tok.Float64()
		if err != nil {
			t.Fatal(err)
		}
		return f
	default:
		return tok
	}
}

// encoding/json without HTML escapes writes the same text, but for what it
// escapes without need and the ".0" of integral floats.
func TestJSONLikeEncodingJSON(t *testing.T) {
	for _, x := range []any{"a\"\\\b\f\n\r\t\x00\x1f\x7fя😀<>&/", 1.5, 1e300, 1e-300, 123456.789, float32(3.3), -12, uint64(1) << 63, true, nil} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(x); err != nil {
			t.Fatal(err)
		}
		if got := jsonOf(x); got+"\n" != want.String() {
			t.Errorf("%v: got %s, want %s", x, got, &want)
		}
	}
}

func ExampleMap_AppendJSON() {
	m := NewMap("level", "info", "n", 1, "share", 1.0, "path", "/<a>", "tags", []any{"x", nil})
	fmt.Println(string(m.AppendJSON(nil)))
	// Output: {"level":"info","n":1,"share":1.0,"path":"/<a>","tags":["x",null]}
}
