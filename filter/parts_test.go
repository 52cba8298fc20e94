package filter

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/config"
)

func TestSettings(t *testing.T) {
	s, err := Parse("timezone Europe/Berlin\nprefix a_", "# own\n\nPREFIX = z_\r\nkeep off\nline_key = off")
	if err != nil {
		t.Fatal(err)
	}
	if s.Prefix != "z_" || s.Keep || s.LineKey != "" || s.TimeKey != "time" || s.options.Location.String() != "Europe/Berlin" {
		t.Errorf("%+v", s)
	}
	f := func(text, want string) {
		t.Helper()
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
	f("\nurl http://x", `line 2: "url" is no setting of the filter; there are time_key, line_key, prefix, keep, labels,`)
	f("keep", "line 1: keep has no value")
	f("keep on\nkeep off", "line 2: keep is there twice")
	f("keep maybe", `keep "maybe": write on or off`)
	f("timezone Berlin", "unknown time zone")
	f("labels host", "labels")
	f("line_key time", `both "time"`)
	f("prefix a-", `prefix "a-"`)
}

// TestSettingsDocs wants every setting in docs/filter.md.
func TestSettingsDocs(t *testing.T) {
	doc, err := os.ReadFile("../docs/filter.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range PropertyNames() {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/filter.md does not name %s", name)
		}
	}
	for _, s := range slices.Concat(config.FilterOwn, config.FilterNative) {
		if !strings.Contains(string(doc), "| `"+s.Name+"` |") || !strings.Contains(string(doc), s.Doc) {
			t.Errorf("docs/filter.md does not say of %s: %s", s.Name, s.Doc)
		}
	}
}

func TestHeap(t *testing.T) {
	var h Heap
	a, b := h.Alloc(10), h.Alloc(2000)
	copy(h.Bytes(a, 10), "aaaaaaaaaa")
	copy(h.Bytes(b, 2000), bytes.Repeat([]byte("b"), 2000))
	if a == b || string(h.Bytes(a, 10)) != "aaaaaaaaaa" {
		t.Error("two buffers share their bytes")
	}
	for _, bad := range []uintptr{0, a + 1, b + 2000} {
		h.Free(bad)
		if h.Bytes(bad, 1) != nil {
			t.Errorf("%#x is none of the heap's", bad)
		}
	}
	if h.Bytes(a, 1<<20) != nil || h.Bytes(a, -1) != nil {
		t.Error("more bytes than were asked for")
	}
	h.Free(a)
	h.Free(b)
	if h.Bytes(a, 1) != nil {
		t.Error("a freed buffer is still there")
	}
	if h.Alloc(1) != a || h.Alloc(2000) != b {
		t.Error("buffers are not used again, the smallest that has room first")
	}
	h.Free(a)
	h.Free(b)
	n := testing.AllocsPerRun(100, func() {
		a, b := h.Alloc(20), h.Alloc(1500)
		h.Free(b)
		h.Free(a)
	})
	if n > 0 {
		t.Errorf("%v allocations a call", n)
	}
	h.Free(h.Alloc(2 * keepBytes))
	kept := 0
	for i := range h.slots {
		kept += cap(h.slots[i].buf)
	}
	if kept > keepBytes {
		t.Errorf("%d bytes are kept after a large record", kept)
	}
	if p := h.Alloc(0); p == 0 {
		t.Error("no address for no bytes: the host takes 0 for out of memory")
	}
}

func TestPlain(t *testing.T) {
	for n := range 40 {
		s := strings.Repeat("a", n)
		if !plain(s) {
			t.Errorf("%q is plain", s)
		}
		for _, bad := range []byte{0, 0x1f, '"', '\\', 0x80, 0xff} {
			for i := range n {
				if b := []byte(s); plain(string(append(append(b[:i:i], bad), b[i+1:]...))) {
					t.Errorf("%d bytes with %#x at %d are not plain", n, bad, i)
				}
			}
		}
		for _, good := range []byte{' ', '!', '#', '[', ']', '~', 0x7f} {
			for i := range n {
				if b := []byte(s); !plain(string(append(append(b[:i:i], good), b[i+1:]...))) {
					t.Errorf("%d bytes with %q at %d are plain", n, good, i)
				}
			}
		}
	}
}

func TestStamp(t *testing.T) {
	var s stamp
	f := func(ns int64, want string) {
		t.Helper()
		if got := string(s.append(nil, ns)); got != want {
			t.Errorf("%d: got %s, want %s", ns, got, want)
		}
	}
	f(0, "1970-01-01T00:00:00.000000000Z")
	f(1785682144242000001, "2026-08-02T14:49:04.242000001Z")
	f(1785682144999999999, "2026-08-02T14:49:04.999999999Z")
	f(1785682145000000000, "2026-08-02T14:49:05.000000000Z")
	f(-1, "1969-12-31T23:59:59.999999999Z")
}

// FuzzPack reads JSON as encoding/json does.
func FuzzPack(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2,3.5e2,{"b":null}],"\u00e9\ud83d\ude00":"\ud83d \n\\","c":18446744073709551615}`, `{}`, `{"a":{}} `, `{"a":01}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var p packer
		m, ok := p.pack(in)
		var want, got map[string]any
		err := json.Unmarshal(in, &want)
		if err != nil || want == nil {
			return
		}
		if !ok {
			if shallow(in) {
				t.Fatalf("%q is JSON", in)
			}
			return
		}
		if err := json.Unmarshal(m.AppendJSON(nil), &got); err != nil {
			t.Fatalf("%q became %q: %v", in, m.AppendJSON(nil), err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %v, want %v", in, got, want)
		}
	})
}

// FuzzApply holds for every input: the answer is one JSON object that Fluent
// Bit can read, nothing panics, and a JSON object gets its fields.
func FuzzApply(f *testing.F) {
	f.Add("zimbra.mailbox", []byte(`{"path":"/opt/zimbra/log/audit.log","log":"`+audit+`"}`), false)
	f.Add("", []byte(`{"log":"a\nb\u0000\ud800","time":nan,"\x01":{"a":[[{}]]},"level":"x","message":3}`), true)
	f.Add("docker.1", []byte(`{"log":"{\"log\":\"{\\\"level\\\":\\\"INFO\\\",\\\"job\\\":1}\\n\",\"stream\":\"stdout\"}","container_id":"c"}`), false)
	f.Add("k", []byte(`{"level":"INFO","level_extracted":1,"time":"2026-01-01T00:00:00Z","message":"m","user":"u","a":{"b":1}}`), true)
	without, log := newFilter(f, "labels host=mail")
	with, log2 := newFilter(f, "labels host=mail\nprefix z_\nkeep off\ntime_key z_time")
	f.Fuzz(func(t *testing.T, tag string, in []byte, prefix bool) {
		fl, timeKey := without, `{"time":`
		if prefix {
			fl, timeKey = with, `{"z_time":`
		}
		var back map[string]any
		isRecord := json.Unmarshal(in, &back) == nil && back != nil && shallow(in)
		for range 2 {
			got := string(fl.Apply([]byte(tag), arrival, 0, in))
			checkRecord(t, got)
			if isRecord && !strings.HasPrefix(got, timeKey) {
				t.Errorf("%q has no fields: %s", in, got)
			}
		}
		if log.Len()+log2.Len() > 0 {
			t.Errorf("%q: %s%s", in, log, log2)
			log.Reset()
			log2.Reset()
		}
	})
}

// shallow reports whether a record nests less than the filter can read.
func shallow(in []byte) bool {
	return bytes.Count(in, []byte("{"))+bytes.Count(in, []byte("[")) < maxDepth
}

func checkRecord(t *testing.T, s string) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(s), &m); err != nil || !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		t.Fatalf("not a record: %q (%v)", s, err)
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.Token()
	seen := map[string]bool{}
	for d.More() {
		key, _ := d.Token()
		if seen[key.(string)] {
			t.Errorf("%q is there twice: %s", key, s)
		}
		seen[key.(string)] = true
		var skip json.RawMessage
		d.Decode(&skip)
	}
}
