package json

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

// parsed parses a line as parseJSON gets it and describes the result.
func parsed(r *reader, p envelope.Payload) string {
	d := r.draft(p)
	if !r.try(&JSON) {
		return "  no JSON object\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %s level=%s log=%s", d.Format, d.Level, d.Log)
	for _, l := range []entry.Pair{{Name: "job", Value: d.Job}, {Name: "service", Value: d.Service}, {Name: "container", Value: d.Container}} {
		if l.Value != "" {
			b.WriteString(" " + l.Name + "=" + l.Value)
		}
	}
	if d.Time != 0 {
		b.WriteString(" time=" + time.Unix(0, d.Time).UTC().Format(time.RFC3339Nano))
	}
	b.WriteString("\n")
	for _, m := range d.AppendMeta(nil) {
		fmt.Fprintf(&b, "    %s=%q\n", m.Name, m.Value)
	}
	return b.String()
}

// testdata are the logs of all formats.
const testdata = "../../testdata"

// goldenLines runs parse over the lines of a file and compares with the golden
// file beside it.
func goldenLines(t *testing.T, name string, parse func(line string) string) {
	t.Helper()
	file := filepath.Join(testdata, name)
	in, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(in)) {
		line = strings.TrimSuffix(line, "\n")
		fmt.Fprintln(&got, line)
		if strings.HasPrefix(line, "{") {
			got.WriteString(parse(line))
		}
	}
	golden.Compare(t, strings.TrimSuffix(file, filepath.Ext(file))+".golden", got.Bytes())
}

func TestParseJSONGolden(t *testing.T) {
	r := newReader(testtime.Location(t, "Europe/Berlin"))
	goldenLines(t, "json/lines.jsonl", func(line string) string { return parsed(r, envelope.Payload{Text: line}) })
}

// TestParseJSONLineStays: no byte of a line changes, in none of the buffers.
func TestParseJSONLineStays(t *testing.T) {
	r := newReader(nil)
	in := `{"level":"warn","user":"j\u00fcrgen \"x\"","error":"a\nb"}`
	text := []byte(in)
	r.draft(envelope.Payload{Text: unsafe.String(unsafe.SliceData(text), len(text))})
	if !r.try(&JSON) || string(text) != in || r.d.Head.Text != in {
		t.Errorf("line changed to %q", text)
	}
}

// TestParseJSONLongValues: metadata stays short however long a value is.
func TestParseJSONLongValues(t *testing.T) {
	r := newReader(nil)
	long := strings.Repeat("я", 100_000)
	for _, in := range []string{
		`{"user":"` + long + `","user_agent":"` + long + `","error":{"type":"` + long + `","message":"` + long + `"},"service":"` + long + `","request_id":` + strings.Repeat("1", 100_000) + `}`,
		strings.TrimSuffix(sample.Planr, "}") + `,"error":"` + long + `","duration":` + strings.Repeat("1", 100_000) + `,"note":"` + long + `"}`,
	} {
		r.draft(envelope.Payload{Text: in})
		if !r.try(&JSON) {
			t.Fatal("refused")
		}
		for _, m := range append(r.d.AppendMeta(nil), entry.Pair{Name: "service", Value: r.d.Service}) {
			if len(m.Value) > maxJSONValue || !utf8.ValidString(m.Value) {
				t.Errorf("%s has %d bytes, valid %v", m.Name, len(m.Value), utf8.ValidString(m.Value))
			}
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	r := newReader(nil)
	for _, in := range []string{
		"", "x", "[]", "null", `"x"`, "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a":1}}`, `{"a":1}{"b":2}`, `{"a":1} x`, `{"a":tru}`,
		`{"level":"in`, `{"level":info}`, `{'level':'info'}`, `{"level":"\x"}`, `{"level":"info\"}`, `{level:"info"}`, `{"a" "b"}`, `{"a":"b\`, `{"a":"\u12"}`,
		`{"a":1\n}`, `{\"a\":1}`, `{"time":-}`, `{"time":1e}`, `{"time":01}`, "{\"a\":\"\x01\"}", `{"error":{"message":}}`, `{"error":{"message":"x"}`,
		`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
		strings.Repeat(`{"error":`, 20000) + "1" + strings.Repeat("}", 20000),
		strings.Repeat(`{"resource":{"attributes":`, 10000), "{" + strings.Repeat(`"a":{`, 100000), "{" + strings.Repeat(`"log":[`, 100000),
	} {
		r.draft(envelope.Payload{Text: in})
		if r.try(&JSON) {
			t.Errorf("took %.60q", in)
		}
		if len(r.d.AppendMeta(nil)) > 0 {
			t.Errorf("%.60q left something in the draft", in)
		}
	}
}

// TestParseJSONHostile: what is valid but made to harm is read in a time that
// its length explains.
func TestParseJSONHostile(t *testing.T) {
	r := newReader(nil)
	const n = 200_000
	f := func(name, in string) {
		t.Helper()
		start := time.Now()
		parsed(r, envelope.Payload{Text: in})
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(in))
		}
	}
	f("depth", `{"a":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+`}`)
	f("digits", `{"time":`+strings.Repeat("9", n)+`}`)
	f("digits of an unknown key", `{"x":`+strings.Repeat("9", n)+`}`)
	f("exponent", `{"time":1e`+strings.Repeat("9", n)+`}`)
	f("digits and exponent", `{"x":`+strings.Repeat("9", n)+`e9}`)
	f("decimals and exponent", `{"x":0.`+strings.Repeat("3", n)+`e-9}`)
	f("escapes", `{"user":"`+strings.Repeat(`\"`, n/2)+`"}`)
	f("surrogates", `{"user":"`+strings.Repeat(`\ud800`, n/6)+`"}`)
	f("repeated keys", `{"user":"`+strings.Repeat(`\n","user":"`, n/12)+`"}`)
	f("keys", `{`+strings.Repeat(`"k":0,`, n/6)+`"k":0}`)
}

func TestJSONKeysAreUnique(t *testing.T) {
	var check func(where string, keys []jsonKey, groups []jsonGroup)
	check = func(where string, keys []jsonKey, groups []jsonGroup) {
		seen := map[string]bool{}
		for _, k := range keys {
			if len(k.names) > groupRank {
				t.Errorf("%s: slot %d has more than %d keys", where, k.slot, groupRank)
			}
			for _, name := range k.names {
				if seen[name] {
					t.Errorf("%s: key %q fills two slots", where, name)
				}
				seen[name] = true
			}
		}
		inside := map[string]bool{}
		for _, g := range groups {
			for _, name := range g.names {
				if inside[name] {
					t.Errorf("%s: object %q has two meanings", where, name)
				}
				inside[name] = true
			}
			check(where+"/"+g.names[0], g.keys, g.deep)
		}
	}
	check("", jsonTopKeys, jsonGroups)
	if numSlots > 64 {
		t.Errorf("%d slots do not fit jsonObject.set", numSlots)
	}
}

// TestJSONScratchForgets: nothing of a chunk is kept when a line is done.
func TestJSONScratchForgets(t *testing.T) {
	r := newReader(nil)
	for _, in := range []string{sample.Planr, `{"error":{"message":"x"},"level":"warn"`, "{}"} {
		parsed(r, envelope.Payload{Text: in})
		o := &jsonOf.Of(&r.Input).obj
		if o.values != [numSlots]jsonValue{} || o.set != 0 || o.src != "" || o.buf != nil || o.arena != nil {
			t.Errorf("after %.40q: %+v", in, o)
		}
	}
}

func TestParseJSONAllocs(t *testing.T) {
	r := newReader(nil)
	for _, in := range []string{
		sample.Planr,
		`{"level":30,"time":1749112947148,"pid":17,"hostname":"web-1","msg":"say \"hi\"\n","note":"an \"unknown\" key"}`,
		`{"@timestamp":"2025-06-05T18:42:27.148+03:00","message":"x","log":{"level":"ERROR"},"error":{"type":"x.Y","message":"no \"disk\""},"event":{"duration":12345678}}`,
		`{"time":"2025-06-05 08:42:27,148","level":"INFO","msg":"x","elapsed":"1.5s","client_ip":"2001:db8::7"}`,
	} {
		if n := testing.AllocsPerRun(100, func() {
			r.draft(envelope.Payload{Text: in})
			if !r.try(&JSON) {
				t.Fatal("refused")
			}
		}); n != 0 {
			t.Errorf("%v allocations for %s", n, in)
		}
	}
}

// FuzzParseJSON takes encoding/json as the oracle: what that calls a valid
// object is one, and the values are its values.
func FuzzParseJSON(f *testing.F) {
	in, err := os.ReadFile(filepath.Join(testdata, "json/lines.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(in)) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Add(sample.Planr)
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.ToValidUTF8(line, "\uFFFD") // as closeEvent does
		r := newReader(nil)
		before := strings.Clone(line)
		r.draft(envelope.Payload{Text: line})
		ok := r.try(&JSON)
		if line != before {
			t.Fatalf("line changed from %q to %q", before, line)
		}
		var want map[string]any
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		err := dec.Decode(&want)
		valid := err == nil && json.Valid([]byte(line)) && strings.HasPrefix(line, "{")
		if valid && !ok && !oddNumber(line) {
			t.Fatalf("refused %q", line)
		}
		if ok && !valid && !lenient(line) {
			t.Fatalf("took %q", line)
		}
		if valid && ok {
			checkField(t, r.d.Get(format.FieldUserAgent), want, "user_agent", "userAgent", "user-agent", "UserAgent", "user_agent.original", "http_user_agent")
			checkField(t, r.d.Get(format.FieldSpaceID), want, "space_id")
			checkField(t, r.d.Get(format.FieldUserLogin), want, "user_login")
		}
	})
}

// oddNumber: json-iterator reads numbers that start with 0 as float32 and
// refuses what does not fit there; "0.1e99" is delivered as text then.
func oddNumber(line string) bool { return strings.ContainsAny(line, "eE") }

// lenient: what is no JSON but read all the same, control characters in the
// strings of known keys, and "-01" and "-.5", which json-iterator lets pass.
func lenient(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool { return r < ' ' }) >= 0 || strings.Contains(line, "-0") || strings.Contains(line, "-.")
}

// checkField compares a value with the best of the keys that encoding/json
// found. It keeps the last of a repeated key, as we do, but for values that
// are empty or of another type; such objects are left out.
func checkField(t *testing.T, got string, object map[string]any, keys ...string) {
	t.Helper()
	if got == "" {
		return
	}
	for _, k := range keys {
		v, ok := object[k]
		if !ok {
			continue
		}
		if m, ok := v.(map[string]any); ok {
			if s, ok := m["original"].(string); ok && s != "" {
				return
			}
			continue
		}
		want := fmt.Sprint(v)
		if v == nil || want == "" || strings.HasPrefix(want, "[") {
			return
		}
		if got != want {
			t.Fatalf("%s is %q, want %q", k, got, want)
		}
		return
	}
}

func BenchmarkParseJSON(b *testing.B) {
	r := newReader(nil)
	f := func(name, in string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				r.draft(envelope.Payload{Text: in})
				if !r.try(&JSON) {
					b.Fatal("refused")
				}
			}
		})
	}
	f("planr", sample.Planr)
	f("planr_escapes", strings.TrimSuffix(sample.Planr, "}")+`,"duration":1234,"error":"timeout of \"db\" exceeded"}`)
	f("pino", `{"level":30,"time":1749112947148,"pid":17,"hostname":"web-1","msg":"listening on port 8080"}`)
	f("ecs", `{"@timestamp":"2025-06-05T18:42:27.148+03:00","message":"login refused","log":{"level":"WARN","logger":"org.example.Auth"},"user":{"name":"petrova"},"event":{"outcome":"failure"}}`)
	f("unknown_object", `{"level":"info","msg":"x","extra":{"a":1,"b":"two","c":{"d":[1,2,3]}}}`)
}
