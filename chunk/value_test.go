package chunk

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestValueAccessors(t *testing.T) {
	f := func(enc, want string) {
		t.Helper()
		v := Value{bytesOf(t, enc)}
		got := []string{v.Kind().String()}
		add := func(name string, x any, ok bool) {
			if ok {
				got = append(got, fmt.Sprintf("%s=%v", name, x))
			}
		}
		s, ok := v.Str()
		add("str", s, ok)
		b, ok := v.Bool()
		add("bool", b, ok)
		i, ok := v.Int()
		add("int", i, ok)
		u, ok := v.Uint()
		add("uint", u, ok)
		fl, ok := v.Float()
		add("float", fl, ok)
		m, ok := v.Map()
		add("map", m.Len(), ok)
		it, ok := v.Items()
		add("items", it.Len(), ok)
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %s, want %s", enc, g, want)
		}
	}
	f(``, `nil`)
	f(`c0`, `nil`)
	f(`c2`, `bool bool=false`)
	f(`c3`, `bool bool=true`)
	f(`00`, `uint int=0 uint=0 float=0`)
	f(`7f`, `uint int=127 uint=127 float=127`)
	f(`ff`, `int int=-1 float=-1`)
	f(`e0`, `int int=-32 float=-32`)
	f(`cc ff`, `uint int=255 uint=255 float=255`)
	f(`cd ffff`, `uint int=65535 uint=65535 float=65535`)
	f(`ce ffffffff`, `uint int=4294967295 uint=4294967295 float=4.294967295e+09`)
	f(`cf 7fffffffffffffff`, `uint int=9223372036854775807 uint=9223372036854775807 float=9.223372036854776e+18`)
	f(`cf ffffffffffffffff`, `uint uint=18446744073709551615 float=1.8446744073709552e+19`)
	f(`d0 80`, `int int=-128 float=-128`)
	f(`d1 8000`, `int int=-32768 float=-32768`)
	f(`d2 80000000`, `int int=-2147483648 float=-2.147483648e+09`)
	f(`d3 8000000000000000`, `int int=-9223372036854775808 float=-9.223372036854776e+18`)
	f(`d3 0000000000000005`, `int int=5 uint=5 float=5`)
	f(`ca 3fc00000`, `float float=1.5`)
	f(`cb 3ff8000000000000`, `float float=1.5`)
	f(`a0`, `str str=`)
	f(`a2 "hi"`, `str str=hi`)
	f(`d902 "hi"`, `str str=hi`)
	f(`da0002 "hi"`, `str str=hi`)
	f(`db00000002 "hi"`, `str str=hi`)
	f(`c402 "hi"`, `bin str=hi`)
	f(`c50002 "hi"`, `bin str=hi`)
	f(`c600000002 "hi"`, `bin str=hi`)
	f(`90`, `array items=0`)
	f(`92 01 02`, `array items=2`)
	f(`dc0001 c0`, `array items=1`)
	f(`dd00000001 c0`, `array items=1`)
	f(`80`, `map map=0`)
	f(`81 01 02`, `map map=1`)
	f(`de0001 01 02`, `map map=1`)
	f(`df00000001 01 02`, `map map=1`)
	f(`d4 01 00`, `ext`)
	f(`c70001`, `ext`)
}

func TestKindString(t *testing.T) {
	if KindExt.String() != "ext" || Kind(99).String() != "kind?" {
		t.Errorf("%v, %v", KindExt, Kind(99))
	}
}

func TestItems(t *testing.T) {
	it, ok := Value{bytesOf(t, `93 01 92 a1 "x" c0 a3 "end"`)}.Items()
	var got []string
	for v, more := it.Next(); more; v, more = it.Next() {
		got = append(got, string(v.AppendText(nil)))
	}
	if g := fmt.Sprint(ok, got, it.Len()); g != `true [1 ["x",null] end] 0` {
		t.Errorf("got %s", g)
	}
	if _, more := it.Next(); more {
		t.Error("an element after the end")
	}
}

func TestValueAppendText(t *testing.T) {
	f := func(x any, want string) {
		t.Helper()
		v, ok := NewMap("k", x).Get("k")
		if got := string(v.AppendText([]byte("<"))); !ok || got != "<"+want {
			t.Errorf("%#v: got %q, want %q", x, got, want)
		}
	}
	f("a\"b\n\xff", "a\"b\n\xff")
	f([]byte("a\x00"), "a\x00")
	f(nil, "null")
	f(true, "true")
	f(-7, "-7")
	f(uint64(math.MaxUint64), "18446744073709551615")
	f(2.5, "2.5")
	f([]any{1, "x"}, `[1,"x"]`)
	f(KV{"a", KV{}}, `{"a":{}}`)
	f(Ext{7, []byte{0xab}}, `\xab`)
	f(Ext{0, []byte{0x68, 0x41, 0x57, 0xf3, 0, 0, 0, 5}}, `1749112819.000000005`)
	if got := string(Value{}.AppendText(nil)); got != "null" {
		t.Errorf("the zero Value: %q", got)
	}
}
