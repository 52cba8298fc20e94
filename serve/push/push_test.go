package push

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/zimbraloki/zimbraloki/entry"
)

func TestParseLabels(t *testing.T) {
	f := func(text string, want ...entry.Pair) {
		t.Helper()
		got, err := parseLabels(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	f(`{}`)
	f(`{a="b"}`, entry.Pair{Name: "a", Value: "b"})
	f(` { a = "b" , c_1="d\"\\\n" , } `, entry.Pair{Name: "a", Value: "b"}, entry.Pair{Name: "c_1", Value: "d\"\\\n"})
	f("{a=`b`}", entry.Pair{Name: "a", Value: "b"})
	bad := func(text, want string) {
		t.Helper()
		if _, err := parseLabels(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	bad("", `1:1: parse error: unexpected "" in label set, expected "{"`)
	bad("{", "1:2: ")
	bad(`{a b="c"}`, `1:4: parse error: unexpected "b=\"c\"}" in label set, expected "="`)
	bad(`{a="b"`, `expected "," or "}"`)
	bad(`{a='b'}`, "expected string")
	bad(`{a="b"}x`, "unexpected")
	bad(`{1a="b"}`, "expected identifier")
}

func TestMeta(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := metaName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	f("a_1", "a_1")
	f("a.b-c", "a_b_c")
	f("1a", "key_1a")
	got := orderMeta([]entry.Pair{{Name: "b", Value: "1"}, {Name: "a", Value: ""}, {Name: "c", Value: "x"}, {Name: "b", Value: "2"}})
	if want := []entry.Pair{{Name: "b", Value: "2"}, {Name: "c", Value: "x"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDiscovery(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := levelOf(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	f("an Error, no info", "error")
	f("INFO error", "info")
	f("WARNING: x", "warn")
	f("nothing", "unknown")
}

// FuzzRead: whatever comes, what is taken keeps the store's rules.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"k":"v"}]]}]}`), true)
	f.Add([]byte("\n\x1b\n\x07{a=\"b\"}\x12\x10\n\x02\x08\x01\x12\x04line\x1a\x04\n\x01k\x12"), false)
	o := &Options{Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, ServiceName: true, Level: true}
	f.Fuzz(func(t *testing.T, body []byte, json bool) {
		h := http.Header{"Content-Type": {"application/json"}}
		if !json {
			h.Set("Content-Type", "application/x-protobuf")
			body = s2.EncodeSnappy(nil, body)
		}
		b, err := new(Reader).Read(h, int64(len(body)), bytes.NewReader(body), o)
		if b == nil {
			if err == nil {
				t.Fatal("neither a batch nor an error")
			}
			return
		}
		for _, st := range b.Streams {
			if len(st.Labels.Pairs) == 0 || len(st.Entries) == 0 {
				t.Errorf("stream %s with %d entries", st.Labels.Text, len(st.Entries))
			}
			for _, e := range st.Entries {
				if e.Time < 0 {
					t.Errorf("time %d", e.Time)
				}
				for i, p := range e.Meta {
					if p.Value == "" || p.Name == "" || i > 0 && e.Meta[i-1].Name >= p.Name {
						t.Errorf("metadata %q", e.Meta)
					}
				}
			}
		}
	})
}
