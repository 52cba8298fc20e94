package chunk

import (
	"fmt"
	"strings"
	"testing"
)

func TestMapNil(t *testing.T) {
	var m Map
	f := m.Fields()
	_, _, more := f.Next()
	_, found := m.Get("log")
	if m.Len() != 0 || more || found || string(m.AppendJSON(nil)) != "{}" {
		t.Errorf("a nil map has %d fields: %v, %v, %s", m.Len(), more, found, m.AppendJSON(nil))
	}
}

func TestMapGet(t *testing.T) {
	m := NewMap("a", 1, "log", "first", []byte("bin"), "b", 5, "int", "log", "last", "", "empty", "nested", KV{"deep", true})
	f := func(key, want string) {
		t.Helper()
		v, ok := m.Get(key)
		if got := fmt.Sprintf("%s %v", v.AppendText(nil), ok); got != want {
			t.Errorf("%q: got %s, want %s", key, got, want)
		}
	}
	f("a", "1 true")
	f("log", "last true") // as Fluent Bit: ra_key_val_id looks from the end
	f("bin", "b true")
	f("", "empty true")
	f("nested", `{"deep":true} true`)
	f("deep", "null false")
	f("5", "null false") // only text is looked up
	f("lo", "null false")
	f("logs", "null false")
}

func TestFieldsKeys(t *testing.T) {
	m := NewMap("s", 0, []byte("b"), 1, 5, 2, -5, 3, true, 4, nil, 5, 1.5, 6, Ext{1, []byte{0xfe}}, 7,
		[]any{1}, 8, KV{"a", 1}, 9, strings.Repeat("k", 300), 10)
	want := []string{"s", "b", "5", "-5", "true", "null", "1.5", `\xfe`, `\x91\x01`, `\x81\xa1\x61\x01`, strings.Repeat("k", 300)}
	f := m.Fields()
	for i, w := range want {
		key, v, ok := f.Next()
		if n, _ := v.Int(); key != w || !ok || n != int64(i) {
			t.Errorf("field %d: key %q, value %d, want %q", i, key, n, w)
		}
	}
	if _, _, ok := f.Next(); ok || m.Len() != len(want) {
		t.Errorf("more than %d fields", len(want))
	}
	const json = `{"s":0,"b":1,"5":2,"-5":3,"true":4,"null":5,"1.5":6,"\\xfe":7,"\\x91\\x01":8,"\\x81\\xa1\\x61\\x01":9,"k`
	if got := string(m.AppendJSON(nil)); !strings.HasPrefix(got, json) {
		t.Errorf("got  %s\nwant %s", got, json)
	}
}

// Containers as keys, one in the other, must not double in size at every level.
func TestNestedKeysStaySmall(t *testing.T) {
	x := any("k")
	for range 200 {
		x = KV{x, 1}
	}
	m := NewMap(x, 1)
	if got := len(m.AppendJSON(nil)); got > 8*len(m)+16 {
		t.Errorf("%d bytes of JSON for %d bytes", got, len(m))
	}
}
