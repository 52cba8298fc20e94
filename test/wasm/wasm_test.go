package wasm

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tetratelabs/wazero/api"
)

const line = `2026-08-02 16:49:04,242 WARN  [ImapSSLServer-1] [ip=10.0.0.4;oip=198.51.100.23;ua=Zimbra/10.0.9;cid=7;] security - cmd=Auth; account=ivanov@example.org; protocol=imap; error=authentication failed for [ivanov@example.org], invalid password;`

// arrival is 2026-12-01 00:00:00 UTC, after all fixtures.
const arrival = 1796083200

// decode wants one JSON object with something in it.
func decode(t *testing.T, out string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(out), &m); err != nil || len(m) == 0 || !utf8.ValidString(out) {
		t.Fatalf("Fluent Bit would drop this: %v: %.300q", err, out)
	}
	return m
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestExports holds the signatures against those that Fluent Bit and WAMR look
// for (wasm_loader.c takes malloc and free only with these types).
func TestExports(t *testing.T) {
	h := mustStart(t, "")
	const i32 = api.ValueTypeI32
	f := func(name string, params, results int) {
		t.Helper()
		fn := h.mod.ExportedFunction(name)
		if fn == nil {
			t.Fatalf("%s is not exported", name)
		}
		types := append(append([]api.ValueType{}, fn.Definition().ParamTypes()...), fn.Definition().ResultTypes()...)
		if len(fn.Definition().ParamTypes()) != params || len(types) != params+results {
			t.Errorf("%s: %d parameters, %d in all", name, len(fn.Definition().ParamTypes()), len(types))
		}
		for _, typ := range types {
			if typ != i32 {
				t.Errorf("%s: a value of type %s", name, api.ValueTypeName(typ))
			}
		}
	}
	f("malloc", 1, 1)
	f("free", 1, 0)
	f("zimbraloki", 6, 1)
	f("_initialize", 0, 0)
}

// explained is what `zimbraloki explain` prints of an entry.
type explained struct {
	Time     string
	Labels   map[string]string
	Metadata map[string]string
	Line     string
}

// explain runs the command line over a file.
func explain(t *testing.T, path, file string) []explained {
	t.Helper()
	cmd := exec.Command("go", "run", "./cmd/zimbraloki", "explain", "--timezone", "Europe/Berlin", "--arrival", "2026-12-01T00:00:00Z",
		"-p", "labels=host=mail", "--path", path, file)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var list []explained
	d := json.NewDecoder(bufio.NewReader(out))
	for d.More() {
		var e explained
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := cmd.Wait(); err != nil || len(list) == 0 {
		t.Fatalf("explain %s: %d entries, %v", file, len(list), err)
	}
	return list
}

// TestEqualsExplain gives the filter the events of the fixtures, each as one
// record, as a multiline filter does, and wants the fields that the command line
// shows. The times of events that share a millisecond differ by nanoseconds:
// the plugin keeps them apart, the filter sees one at a time.
func TestEqualsExplain(t *testing.T) {
	f := func(path, file string) {
		t.Helper()
		h := mustStart(t, "timezone Europe/Berlin\nlabels host=mail")
		for i, e := range explain(t, path, "transform/testdata/"+file) {
			if e.Metadata["truncated"] != "" || e.Metadata["continued"] != "" {
				continue
			}
			got := decode(t, h.filter("zimbra", arrival, 0, `{"filename":`+quote(path)+`,"log":`+quote(e.Line)+`}`))
			want := map[string]any{"time": e.Time, "filename": path, "message": strings.TrimSuffix(e.Line, "\n")}
			for _, m := range []map[string]string{e.Labels, e.Metadata} {
				for name, value := range m {
					if _, ok := want[name]; ok {
						name += "_extracted"
					}
					want[name] = value
				}
			}
			if at, _ := got["time"].(string); len(at) == len(e.Time) && at[:23] == e.Time[:23] {
				got["time"] = e.Time
			}
			if !maps.EqualFunc(got, want, func(a, b any) bool { return a == b }) {
				t.Errorf("%s, event %d\n got %v\nwant %v", file, i, got, want)
			}
		}
	}
	f("/opt/zimbra/log/mailbox.log", "mailbox/soap.log")
	f("/opt/zimbra/log/mailbox.log", "mailbox/imap-pop.log")
	f("/opt/zimbra/log/mailbox.log", "mailbox/traces.log")
	f("/opt/zimbra/log/mailbox.log", "mailbox/context.log")
	f("/opt/zimbra/log/audit.log", "audit/logins.log")
	f("/opt/zimbra/log/audit.log", "audit/admin.log")
}

// TestHostile wants a record for whatever comes, and the module whole after it.
func TestHostile(t *testing.T) {
	h := mustStart(t, "")
	good := h.filter("zimbra", arrival, 0, `{"log":`+quote(line)+`}`)
	f := func(what, record string) {
		t.Helper()
		decode(t, h.filter("zimbra", arrival, 1, record))
		if got := h.filter("zimbra", arrival, 0, `{"log":`+quote(line)+`}`); got != good {
			t.Errorf("after %s: %s", what, got)
		}
		if h.stderr.Len() > 0 {
			t.Errorf("%s: %s", what, &h.stderr)
			h.stderr.Reset()
		}
	}
	f("nothing", "")
	f("an empty record", "{}")
	f("an empty line", `{"log":""}`)
	f("no object", "[1]")
	f("half a record", `{"log":"2026-08-02 16`)
	f("two records", `{"log":"a"}{"log":"b"}`)
	f("no JSON", `{"log":nan,"x":"\xff",1:2}`)
	f("invalid UTF-8", "{\"log\":\"\xff\xfe \xc3 \xed\xa0\x80\",\"\xff\":\"\xff\"}")
	f("zero bytes", `{"log":"a\u0000b","\u0000":"\u0000"}`)
	f("lone surrogates", `{"log":"\ud800 \udc00 \ud83d\ude00"}`)
	f("a line of 1 MB", `{"log":`+quote(line+strings.Repeat("x", 1<<20))+`}`)
	f("1 MB to escape", `{"log":`+quote(line+strings.Repeat("\x01\"\\", 1<<20/3))+`}`)
	f("a trace of 1 MB", `{"log":`+quote(line+strings.Repeat("\n\tat a.b.C.d(C.java:1)", 1<<20/22))+`}`)
	f("100,000 events", `{"log":`+quote(strings.Repeat("2026-08-02 16:49:04,242 INFO  [a] [] b - c\n", 100_000))+`}`)
	f("one key 10,000 times", `{`+strings.Repeat(`"a":1,`, 10_000)+`"log":"x"}`)
	for _, depth := range []int{31, 33, 500, 511, 512, 513, 100_000} {
		f(fmt.Sprint("a record nested ", depth), `{"a":`+strings.Repeat(`[`, depth)+strings.Repeat(`]`, depth)+`}`)
		f(fmt.Sprint("objects nested ", depth), strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat(`}`, depth))
		f(fmt.Sprint("a line nested ", depth), `{"log":`+quote(`{"level":"info","a":`+strings.Repeat(`[`, depth)+strings.Repeat(`]`, depth)+`}`)+`}`)
		f(fmt.Sprint("objects in a line nested ", depth), `{"log":`+quote(strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat(`}`, depth))+`}`)
	}
	inner := `{"log":"x\n","stream":"stdout"}`
	for range 12 {
		inner = `{"log":` + quote(inner+"\n") + `,"stream":"stdout"}`
	}
	f("envelopes in envelopes", inner)
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 { // damage of all kinds
		b := []byte(`{"path":"/opt/zimbra/log/audit.log","log":` + quote(line) + `,"n":[1,{"a":null}]}`)
		for range 1 + r.IntN(8) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		f("damage", string(b))
	}
	if decode(t, h.filter("", 0, 0, `{"log":"x"}`))["message"] != "x" {
		t.Error("no tag, no time: the line is gone")
	}
}

// TestMemory calls one instance as often as a busy hour does.
func TestMemory(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 60_000
	}
	warm := min(n/2, 50_000) // as many as fill what is remembered of mails and files
	h := mustStart(t, "timezone Europe/Berlin")
	records := func(from, to int) {
		for i := from; i < to; i++ {
			text := strings.Replace(line, "ivanov", fmt.Sprint("user", i), 1)
			if i%1000 == 999 {
				text += strings.Repeat("\n\tat a.b.C.d(C.java:1)", 2000)
			}
			out := h.filter(fmt.Sprint("tag", i%50), arrival+uint32(i), 0, `{"path":"/opt/zimbra/log/audit.log","log":`+quote(text)+`}`)
			if !strings.Contains(out, fmt.Sprintf(`"user":"user%d@example.org"`, i)) {
				t.Fatalf("record %d: %.500s", i, out)
			}
		}
	}
	records(0, warm)
	before := h.mod.Memory().Size()
	records(warm, n)
	// Go's heap takes a last piece now and then; eight bytes lost a record would
	// be more.
	if after := h.mod.Memory().Size(); after > before+1<<20 || after > 32<<20 {
		t.Errorf("%d KiB after %d records, %d KiB after %d", before>>10, warm, after>>10, n)
	}
}

// TestSettings wants the start to fail where the settings are wrong, and to go
// on where there are none.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	if h, err := start(t, dir); err != nil {
		t.Errorf("no file: %v %s", err, &h.stderr)
	}
	if h, err := start(t, ""); err != nil {
		t.Errorf("no folder: %v %s", err, &h.stderr)
	}
	file := filepath.Join(dir, "zimbraloki-filter.conf")
	if err := os.WriteFile(file, []byte("timezone Europe/Berlin\nprefx z_\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := start(t, dir)
	if err == nil || !strings.Contains(h.stderr.String(), `[zimbraloki] zimbraloki-filter.conf: line 2: "prefx" is no setting`) {
		t.Errorf("error %v, log %q", err, &h.stderr)
	}
	h = mustStart(t, "prefix z_\nkeep off\ntimezone America/New_York")
	got := decode(t, h.filter("zimbra", arrival, 0, `{"n":1,"log":`+quote(line)+`}`))
	if got["z_user"] != "ivanov@example.org" || got["n"] != nil || got["time"] != "2026-08-02T20:49:04.242000000Z" {
		t.Errorf("the settings do not hold: %v", got)
	}
}

func BenchmarkFilter(b *testing.B) {
	h := mustStart(b, "timezone Europe/Berlin")
	record := `{"path":"/opt/zimbra/log/audit.log","log":` + quote(line) + `}`
	for b.Loop() {
		h.filter("zimbra", arrival, 0, record)
	}
}
