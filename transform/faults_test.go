package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// faultsArrival is when the lines of the tables of faults arrive.
var faultsArrival = time.Date(2026, 10, 26, 18, 30, 0, 0, time.UTC)

// checkLines puts the lines of a file through a whole Run and compares what the
// entries say. Each want is one entry: "user=anna, !host, time=18:00:50.123,
// lines=2"; what is not named is not compared. "!name" wants a field, a label or
// a level absent, "time" is that of 2026-10-26 in UTC or a whole RFC 3339 one.
// Values may hold no ", ".
func checkLines(t *testing.T, path, zone, input string, want ...string) {
	t.Helper()
	var b chunk.Builder
	for line := range strings.Lines(input) {
		b.Record(faultsArrival.UnixNano(), "log", strings.TrimSuffix(line, "\n"), "path", path)
	}
	var got []map[string]string
	tr := New(Options{Location: testtime.Location(t, zone), NoMails: true})
	transformChunk(tr, "t", b.Bytes(), func(e *entry.Entry) { got = append(got, entryValues(e)) })
	if len(got) != len(want) {
		t.Errorf("%s\n%d entries, want %d: %v", input, len(got), len(want), got)
		return
	}
	for i, w := range want {
		for _, pair := range strings.Split(w, ", ") {
			if name, absent := strings.CutPrefix(pair, "!"); absent {
				if v := got[i][name]; v != "" {
					t.Errorf("%s\nentry %d: %s is %q, want none\n%s", input, i+1, name, v, showValues(got[i]))
				}
				continue
			}
			name, v, _ := strings.Cut(pair, "=")
			if name == "time" && !strings.HasPrefix(v, "20") {
				v = "2026-10-26T" + v + "Z"
			}
			if got[i][name] != v {
				t.Errorf("%s\nentry %d: %s is %q, want %q\n%s", input, i+1, name, got[i][name], v, showValues(got[i]))
			}
		}
	}
}

// entryValues are the labels and the metadata of an entry by name, its time, its
// line as "line" and the number of its lines as "lines".
func entryValues(e *entry.Entry) map[string]string {
	m := map[string]string{
		"time": time.Unix(0, e.Time).UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano),
		"line": e.Line, "lines": fmt.Sprint(1 + len(e.More)), "is": e.Format,
	}
	for _, name := range [...]string{"container", "host", "job", "level", "log", "service_name"} {
		m[name] = e.Labels.Get(name)
	}
	for _, p := range e.Meta {
		m[p.Name] = p.Value
	}
	return m
}

func showValues(m map[string]string) string {
	var list []string
	for name, v := range m {
		if v != "" {
			list = append(list, name+"="+v)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
