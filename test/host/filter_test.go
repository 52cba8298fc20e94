package host_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// arrival of all records: 2027-06-01 UTC.
const arrival = "1811808000"

// filtered runs the host as the side of filters and returns its answers.
func filtered(t *testing.T, program string, more ...any) (*host, []byte) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	h := run(t, endDelivered, program, append([]any{"--filter", out, "--arrival", arrival}, more...)...)
	if got := h.tally(t); got["outstanding"] != 0 {
		t.Errorf("%d blocks of Fluent Bit's were never freed", got["outstanding"])
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return h, data
}

// bodies reads the records of a chunk.
func recordsOf(t *testing.T, data []byte) (list []map[string]any) {
	t.Helper()
	var rd chunk.Reader
	var ev chunk.Event
	for rd.Reset(data); rd.Next(&ev); {
		var m map[string]any
		if err := json.Unmarshal(ev.Body.AppendJSON(nil), &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	if rd.Err() != nil || rd.Odd() != 0 {
		t.Fatalf("%v, %d odd records", rd.Err(), rd.Odd())
	}
	return list
}

// explained is what `zimbraloki explain` gives for a file, as the filter's
// fields.
func explained(t *testing.T, path string, args ...string) (list []map[string]any) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"run", "../../cmd/zimbraloki", "explain", "--arrival", "2027-06-01T00:00:00Z"}, append(args, path)...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var e json.RawMessage
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		list = append(list, asFields(t, e))
	}
	return list
}

// wantEqual holds records of the filter against explained ones.
func wantEqual(t *testing.T, got, want []map[string]any) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	wrong := 0
	for i := range min(len(got), len(want)) {
		if want[i]["time_source"] != nil { // the host's records arrive one after the other
			got[i]["time"] = want[i]["time"]
		}
		if !maps.EqualFunc(got[i], want[i], func(a, b any) bool { return a == b }) {
			if wrong++; wrong <= 3 {
				t.Errorf("record %d\n got %v\nwant %v", i, got[i], want[i])
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%d records differ", wrong)
	}
}

// TestFilterEqualsExplain brings each fixture as one chunk, by one filter and by
// several threads at once.
func TestFilterEqualsExplain(t *testing.T) {
	f := func(file, name string, args ...any) {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("../../transform/testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			path := write(t, t.TempDir(), name, string(text))
			_, data := filtered(t, hostProgram(t), "--file", "zimbra="+path, "--path-key", "filename",
				"-ptimezone=Europe/Berlin", "-plabels=host=mail", args, filterFile(t))
			got, want := recordsOf(t, data), explained(t, path, "--timezone", "Europe/Berlin", "-p", "labels=host=mail", "--path", path)
			for _, m := range want {
				m["filename"] = path
			}
			wantEqual(t, got, want)
		})
	}
	f("mailbox/soap.log", "mailbox.log")
	f("mailbox/traces.log", "mailbox.log")
	f("mailbox/context.log", "mailbox.log")
	f("audit/logins.log", "audit.log")
	f("postfix/delivery.log", "zimbra.log")
	f("amavis/passed.log", "zimbra.log")
	f("joins/mx.log", "zimbra.log")
	f("planr/events.jsonl", "planr.log")
}

// filterFile is the plugin under the name of a native filter.
func filterFile(t *testing.T) string { return linked(t, plugin(t)) }

func linked(t *testing.T, so string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "flb-filter_zimbraloki.so")
	if err := os.Symlink(so, link); err != nil {
		t.Fatal(err)
	}
	return link
}

var filterSeqRE = regexp.MustCompile(`seq=(\d+);`)

// wantSequence wants the lines of writeLog, each once and in order.
func wantSequence(t *testing.T, list []map[string]any, n int) {
	t.Helper()
	var got []string
	for _, m := range list {
		for _, seq := range filterSeqRE.FindAllStringSubmatch(fmt.Sprint(m["message"]), -1) {
			got = append(got, seq[1])
		}
	}
	if len(got) != n {
		t.Fatalf("%d lines, want %d", len(got), n)
	}
	for i, s := range got {
		if s != fmt.Sprint(i) {
			t.Fatalf("line %d is seq=%s", i, s)
		}
	}
}

// TestFilterChain: one filter after the other, on several threads, in small
// chunks: every line arrives, and the second finds nothing to add.
func TestFilterChain(t *testing.T) {
	const n = 3000
	log := writeLog(t, n)
	f := func(program func(*testing.T) string, args ...any) {
		h, data := filtered(t, program(t), "--chunk-bytes", "20000", "--file", "zimbra.mailbox="+log, args, filterFile(t))
		list := recordsOf(t, data)
		wantSequence(t, list, n)
		if got := h.tally(t); got["unchanged"] != 0 || got["chunks"] < 20 {
			t.Errorf("tally %v", got)
		}
		for i, m := range list {
			if m["action"] != "SearchRequest" && m["continued"] == nil {
				t.Fatalf("record %d has no fields: %v", i, m)
			}
		}
	}
	f(hostProgram)
	f(hostProgram, "--instances=2")
	f(hostProgram, "--workers=4")
	f(asanHost, "--instances=2", "--workers=4")
}

// TestFilterMemory loads, starts, fills, stops and unloads filters again and
// again.
func TestFilterMemory(t *testing.T) {
	longTest(t)
	log := writeLog(t, 2000)
	h, _ := filtered(t, hostProgram(t), "--cycles=60", "--instances=2", "--chunk-bytes", "50000", "--file", "zimbra.mailbox="+log, filterFile(t))
	lines := strings.Split(strings.TrimSpace(h.out.String()), "\n")
	first, last := numbers(lines[1]), numbers(lines[len(lines)-2])
	if last["cycle"] != 60 || last["rss_kb"] > first["rss_kb"]*5/4 || last["threads"] > first["threads"]+2 || last["fds"] > first["fds"] {
		t.Errorf("after 20 cycles %v, after 60 %v", first, last)
	}
}

// TestFilterPanics: a chunk that panics goes on as it came, and the log says so
// once.
func TestFilterPanics(t *testing.T) {
	log := writeLog(t, 1000)
	so := linked(t, faultyPlugin(t))
	f := func(tag string) {
		h, data := filtered(t, hostProgram(t), "--chunk-bytes", "20000", "--file", tag+"="+log, so)
		if got := h.tally(t); got["unchanged"] != got["chunks"] || got["chunks"] < 5 {
			t.Errorf("%s: tally %v", tag, got)
		}
		list := recordsOf(t, data)
		if len(list) != 1100 || !slices.Equal(slices.Collect(maps.Keys(list[0])), []string{"log"}) {
			t.Errorf("%s: %d records, the first %v", tag, len(list), list[0])
		}
		if n := strings.Count(h.log.String(), "a chunk goes on unchanged"); n != 1 || !strings.Contains(h.log.String(), "stack=") {
			t.Errorf("%s: said %d times:\n%s", tag, n, h.log.String())
		}
	}
	f("fault.panic")
	f("fault.nil")
}

// TestFilterRefuses wants a clear sentence, and no start.
func TestFilterRefuses(t *testing.T) {
	so := filterFile(t)
	f := func(want string, args ...any) {
		t.Helper()
		h := run(t, endNoStart, hostProgram(t), "--filter", filepath.Join(t.TempDir(), "out"), args, so)
		if !strings.Contains(h.log.String(), want) {
			t.Errorf("no %q in:\n%s", want, h.log.String())
		}
	}
	for _, version := range []string{"2.2.3", "3.1.10", "5.2.0", "6.0.0", "15.1.0", "nightly"} {
		f("[filter:zimbraloki] cannot start: this is Fluent Bit "+version+", and the filter is made for 3.2 to 5.1: take", "--fluent-bit", version)
	}
	f("this Fluent Bit does not tell its version", "--fluent-bit", "")
	f(`[filter:zimbraloki:zimbraloki.0] cannot start: "prefx" is no setting of the filter; there are time_key,`, "-pprefx=z_")
	f(`cannot start: keep is there twice`, "-pkeep=on", "-pKEEP=off")
	f(`cannot start: timezone "Berlin": unknown time zone`, "-ptimezone=Berlin")
	log := writeLog(t, 10)
	for _, version := range []string{"3.2.0", "3.2.10", "4.0.14", "4.2.3.1", "5.0.0-dev-20260228", "5.1.1"} {
		_, data := filtered(t, hostProgram(t), "--fluent-bit", version, "--file", "zimbra="+log, so)
		wantSequence(t, recordsOf(t, data), 10)
	}
}

// TestFilterSecondCopy: two files that are no links to each other would be two
// Go runtimes.
func TestFilterSecondCopy(t *testing.T) {
	data, err := os.ReadFile(plugin(t))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "zimbraloki.so")
	if err := os.WriteFile(copied, data, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &host{cmd: exec.Command(hostProgram(t), "--filter", filepath.Join(t.TempDir(), "out"), filterFile(t)), cancel: func() {}}
	h.cmd.Stdout, h.cmd.Stderr = &h.out, &h.log
	h.cmd.Env = append(os.Environ(), "LD_PRELOAD="+copied)
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if code := h.wait(); code != endNoStart || !strings.Contains(h.log.String(), copied+" is a second copy of the plugin in this process") {
		t.Errorf("ended with %d\n%s", code, h.log.String())
	}
}
