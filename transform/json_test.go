package transform

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/entry"
)

var updateJSON = flag.Bool("update-json", false, "write the golden files of JSON lines anew")

// parsed parses a line as parseJSON gets it and describes the result.
func parsed(r *Run, p payload) string {
	r.a.reset()
	d := &r.d
	d.reset()
	d.head = p
	if !r.try(&JSON, d) {
		return "  no JSON object\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %s level=%s log=%s", d.format, d.level, d.log)
	for _, l := range []entry.Pair{{Name: "job", Value: d.job}, {Name: "service", Value: d.service}, {Name: "container", Value: d.container}} {
		if l.Value != "" {
			b.WriteString(" " + l.Name + "=" + l.Value)
		}
	}
	if d.time != 0 {
		b.WriteString(" time=" + time.Unix(0, d.time).UTC().Format(time.RFC3339Nano))
	}
	b.WriteString("\n")
	for _, m := range d.appendMeta(nil) {
		fmt.Fprintf(&b, "    %s=%q\n", m.Name, m.Value)
	}
	return b.String()
}

// goldenLines runs parse over the lines of a file and compares with the golden
// file beside it.
func goldenLines(t *testing.T, name string, parse func(line string) string) {
	t.Helper()
	in, err := os.ReadFile(filepath.Join("testdata", name))
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
	golden := filepath.Join("testdata", strings.TrimSuffix(name, filepath.Ext(name))+".golden")
	if *updateJSON {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d\n got %s\nwant %s", golden, i+1, at(g, i), at(w, i))
		}
	}
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "(end)"
}

func berlin(t testing.TB) Options { return Options{Location: testClock(t, "Europe/Berlin").loc} }

func TestParseJSONGolden(t *testing.T) {
	r := benchRun(t, berlin(t))
	goldenLines(t, "json/lines.jsonl", func(line string) string { return parsed(r, payload{text: line}) })
}

// TestParseJSONLineStays: no byte of a line changes, in none of the buffers.
func TestParseJSONLineStays(t *testing.T) {
	r := benchRun(t, Options{})
	in := `{"level":"warn","user":"j\u00fcrgen \"x\"","error":"a\nb"}`
	text := []byte(in)
	r.d.head.text = unsafeString(text)
	if !r.try(&JSON, &r.d) || string(text) != in || r.d.head.text != in {
		t.Errorf("line changed to %q", text)
	}
}

// TestParseJSONLongValues: metadata stays short however long a value is.
func TestParseJSONLongValues(t *testing.T) {
	r := benchRun(t, Options{})
	long := strings.Repeat("я", 100_000)
	for _, in := range []string{
		`{"user":"` + long + `","user_agent":"` + long + `","error":{"type":"` + long + `","message":"` + long + `"},"service":"` + long + `","request_id":` + strings.Repeat("1", 100_000) + `}`,
		strings.TrimSuffix(benchPlanr, "}") + `,"error":"` + long + `","duration":` + strings.Repeat("1", 100_000) + `,"note":"` + long + `"}`,
	} {
		r.a.reset()
		r.d.reset()
		r.d.head.text = in
		if !r.try(&JSON, &r.d) {
			t.Fatal("refused")
		}
		for _, m := range append(r.d.appendMeta(nil), entry.Pair{Name: "service", Value: r.d.service}) {
			if len(m.Value) > maxJSONValue || !utf8.ValidString(m.Value) {
				t.Errorf("%s has %d bytes, valid %v", m.Name, len(m.Value), utf8.ValidString(m.Value))
			}
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	r := benchRun(t, Options{})
	for _, in := range []string{
		"", "x", "[]", "null", `"x"`, "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{"a":1}}`, `{"a":1}{"b":2}`, `{"a":1} x`, `{"a":tru}`,
		`{"level":"in`, `{"level":info}`, `{'level':'info'}`, `{"level":"\x"}`, `{"level":"info\"}`, `{level:"info"}`, `{"a" "b"}`, `{"a":"b\`, `{"a":"\u12"}`,
		`{"a":1\n}`, `{\"a\":1}`, `{"time":-}`, `{"time":1e}`, `{"time":01}`, "{\"a\":\"\x01\"}", `{"error":{"message":}}`, `{"error":{"message":"x"}`,
		`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
		strings.Repeat(`{"error":`, 20000) + "1" + strings.Repeat("}", 20000),
		strings.Repeat(`{"resource":{"attributes":`, 10000), "{" + strings.Repeat(`"a":{`, 100000), "{" + strings.Repeat(`"log":[`, 100000),
	} {
		r.a.reset()
		r.d.reset()
		r.d.head.text = in
		if r.try(&JSON, &r.d) {
			t.Errorf("took %.60q", in)
		}
		if r.d.mask != [maskWords]uint64{} {
			t.Errorf("%.60q left something in the draft", in)
		}
	}
}

// TestParseJSONHostile: what is valid but made to harm is read in a time that
// its length explains.
func TestParseJSONHostile(t *testing.T) {
	r := benchRun(t, Options{})
	const n = 200_000
	f := func(name, in string) {
		t.Helper()
		start := time.Now()
		parsed(r, payload{text: in})
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
	r := benchRun(t, Options{})
	for _, in := range []string{benchPlanr, `{"error":{"message":"x"},"level":"warn"`, "{}"} {
		parsed(r, payload{text: in})
		o := &jsonOf.Of(&r.Input).obj
		if o.values != [numSlots]jsonValue{} || o.set != 0 || o.src != "" || o.buf != nil || o.arena != nil {
			t.Errorf("after %.40q: %+v", in, o)
		}
	}
}

func TestParseJSONAllocs(t *testing.T) {
	r := benchRun(t, Options{})
	for _, in := range []string{
		benchPlanr,
		`{"level":30,"time":1749112947148,"pid":17,"hostname":"web-1","msg":"say \"hi\"\n","note":"an \"unknown\" key"}`,
		`{"@timestamp":"2025-06-05T18:42:27.148+03:00","message":"x","log":{"level":"ERROR"},"error":{"type":"x.Y","message":"no \"disk\""},"event":{"duration":12345678}}`,
		`{"time":"2025-06-05 08:42:27,148","level":"INFO","msg":"x","elapsed":"1.5s","client_ip":"2001:db8::7"}`,
	} {
		if n := testing.AllocsPerRun(100, func() {
			r.a.reset()
			r.d.reset()
			r.d.head.text = in
			if !r.try(&JSON, &r.d) {
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
	in, err := os.ReadFile("testdata/json/lines.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(in)) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Add(benchPlanr)
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.ToValidUTF8(line, "\uFFFD") // as closeEvent does
		r := benchRun(t, Options{})
		before := strings.Clone(line)
		r.d.head.text = line
		ok := r.try(&JSON, &r.d)
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
			checkField(t, r.d.get(FieldUserAgent), want, "user_agent", "userAgent", "user-agent", "UserAgent", "user_agent.original", "http_user_agent")
			checkField(t, r.d.get(FieldSpaceID), want, "space_id")
			checkField(t, r.d.get(FieldUserLogin), want, "user_login")
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
	r := benchRun(b, Options{})
	f := func(name, in string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				r.a.reset()
				r.d.reset()
				r.d.head.text = in
				if !r.try(&JSON, &r.d) {
					b.Fatal("refused")
				}
			}
		})
	}
	f("planr", benchPlanr)
	f("planr_escapes", strings.TrimSuffix(benchPlanr, "}")+`,"duration":1234,"error":"timeout of \"db\" exceeded"}`)
	f("pino", `{"level":30,"time":1749112947148,"pid":17,"hostname":"web-1","msg":"listening on port 8080"}`)
	f("ecs", `{"@timestamp":"2025-06-05T18:42:27.148+03:00","message":"login refused","log":{"level":"WARN","logger":"org.example.Auth"},"user":{"name":"petrova"},"event":{"outcome":"failure"}}`)
	f("unknown_object", `{"level":"info","msg":"x","extra":{"a":1,"b":"two","c":{"d":[1,2,3]}}}`)
}
