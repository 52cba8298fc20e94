package transform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// dockerPiece is the size in bytes at which Docker cuts a line.
const dockerPiece = 16 << 10

// jsonFileLine is a line of Docker's json-file, as moby's jsonlog package
// writes it: Go's encoding, in which & < > are escaped.
func jsonFileLine(tb testing.TB, text string, attrs map[string]string, at time.Time) string {
	tb.Helper()
	b, err := json.Marshal(struct {
		Log    string            `json:"log,omitempty"`
		Stream string            `json:"stream,omitempty"`
		Attrs  map[string]string `json:"attrs,omitempty"`
		Time   time.Time         `json:"time"`
	}{text, "stdout", attrs, at})
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// fields returns the keys of a JSON object in their order.
func fields(tb testing.TB, object string) chunk.KV {
	tb.Helper()
	m, ok := envelope.RecordOf(object)
	if !ok {
		tb.Fatalf("no object: %s", object)
	}
	var out chunk.KV
	f := m.Fields()
	for key, v, ok := f.Next(); ok; key, v, ok = f.Next() {
		out = append(out, key, v)
	}
	return out
}

// envelopes puts one event into everything that carries it to the plugin.
// The records of an envelope are in the order in which they arrive.
func envelopes(tb testing.TB, event string, pieces int) map[string][]chunk.KV {
	at := time.Date(2025, 6, 5, 8, 42, 28, 500, time.UTC)
	stamp := at.Format(time.RFC3339Nano)
	var cut []string
	for rest := event; rest != ""; { // Docker itself cuts runes in two and writes U+FFFD for both parts
		n := len(rest)
		if len(cut) < pieces-1 {
			n = scan.CutRunes(rest, len(event)/pieces)
		}
		cut, rest = append(cut, rest[:n]), rest[n:]
	}
	meta := chunk.KV{"pod_name", "planr-0", "namespace_name", "prod", "host", "node1", "container_name", "main", "docker_id", "ab12", "labels", chunk.KV{"app", "planr"}}
	driver := chunk.KV{"container_id", "ab12", "container_name", "/planr_ru-main-1", "source", "stdout"}
	join := func(parts ...chunk.KV) (out chunk.KV) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	out := map[string][]chunk.KV{
		"bare":                       {{"log", event}},
		"json-file":                  {{"log", jsonFileLine(tb, event+"\n", nil, at)}},
		"json-file with attrs":       {{"log", jsonFileLine(tb, event+"\n", map[string]string{"com.docker.compose.service": "main", "tag": "planr_ru-main-1"}, at)}},
		"json-file, parser docker":   {{"log", event + "\n", "stream", "stdout", "time", stamp}},
		"CRI":                        {{"log", stamp + " stdout F " + event}},
		"CRI, parser":                {{"time", stamp, "stream", "stdout", "logtag", "F", "message", event}},
		"CRI, multiline parser":      {{"time", stamp, "stream", "stdout", "_p", "P", "log", event}},
		"fluentd driver":             {join(driver, chunk.KV{"log", event})},
		"fluentd driver, structured": {join(fields(tb, event), driver)},
		"Kubernetes, Keep_Log on":    {join(chunk.KV{"time", stamp, "stream", "stdout", "_p", "F", "log", event}, fields(tb, event), chunk.KV{"kubernetes", meta})},
		"Kubernetes, Keep_Log off":   {join(chunk.KV{"time", stamp, "stream", "stdout", "_p", "F"}, fields(tb, event), chunk.KV{"kubernetes", meta})},
		"Kubernetes, not merged":     {{"log", event + "\n", "stream", "stdout", "time", stamp, "kubernetes", meta}},
		"Kubernetes, Merge_Log_Key":  {{"stream", "stdout", "time", stamp, "log_processed", fields(tb, event), "kubernetes", meta}},
		"structured":                 {fields(tb, event)},
		"program's own envelope":     {{"log", `{"log":` + quote(tb, event) + `}`}},
	}
	for i, c := range cut {
		last := fmt.Sprint(i == pieces-1)
		newline, tag := "", "P"
		if i == pieces-1 {
			newline, tag = "\n", "F"
		}
		add := func(name string, rec chunk.KV) { out[name] = append(out[name], rec) }
		add("json-file in pieces", chunk.KV{"log", jsonFileLine(tb, c+newline, nil, at)})
		add("CRI in pieces", chunk.KV{"log", stamp + " stdout " + tag + " " + c})
		add("CRI in pieces, parser", chunk.KV{"time", stamp, "stream", "stdout", "logtag", tag, "message", c})
		add("fluentd driver in pieces", join(driver, chunk.KV{"log", c, "partial_message", "true", "partial_id", "p1", "partial_ordinal", fmt.Sprint(i + 1), "partial_last", last}))
		if len(c) >= dockerPiece {
			add("json-file in pieces, parser docker", chunk.KV{"log", c + newline, "stream", "stdout", "time", stamp})
		}
	}
	return out
}

func quote(tb testing.TB, s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// runRecords sends records through a whole Run and describes its entries.
func runRecords(tb testing.TB, records []chunk.KV, text func(e *entry.Entry) string) []string {
	tb.Helper()
	var b chunk.Builder
	for _, rec := range records {
		b.Record(time.Date(2025, 6, 5, 8, 42, 30, 0, time.UTC).UnixNano(), rec...)
	}
	var out []string
	r := New(Options{Location: time.UTC, Host: "h"}).Begin("planr.main", b.Bytes(), func(e *entry.Entry) { out = append(out, text(e)) })
	var rd chunk.Reader
	rd.Reset(b.Bytes())
	var ev chunk.Event
	for rd.Next(&ev) {
		r.Add(&ev)
	}
	if err := rd.Err(); err != nil {
		tb.Fatal(err)
	}
	r.Finish()
	r.Close(true)
	return out
}

// ofEnvelope is the metadata that tells about the envelope and not the event.
var ofEnvelope = map[string]bool{"stream": true, "container_id": true, "container_name": true, "pod": true, "namespace": true, "node": true}

// TestPlanrEnvelopes: however an event of PLAN-R came, it gives one entry, the
// same stream, time, line and metadata but for what the envelope itself adds.
func TestPlanrEnvelopes(t *testing.T) {
	long := strings.TrimSuffix(sample.Planr, "}") + `,"auth_success":true,"note":"Журнал <b>\"событий\"</b> & \\ ` + "\u2028" + strings.Repeat("данные ", 9000) + `"}`
	for _, event := range []string{sample.Planr, long} {
		pieces := 2
		if event == long {
			pieces = len(event)/dockerPiece - 1
		}
		all := envelopes(t, event, pieces)
		names := make([]string, 0, len(all))
		for name := range all {
			names = append(names, name)
		}
		sort.Strings(names)
		var first string
		for _, name := range names {
			got := runRecords(t, all[name], func(e *entry.Entry) string {
				var b bytes.Buffer
				fmt.Fprintf(&b, "%s\n%s\n%s\n", time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano), e.Labels.Text, e.AppendLine(nil))
				for _, m := range e.Meta {
					if !ofEnvelope[m.Name] {
						fmt.Fprintf(&b, "%s=%s\n", m.Name, m.Value)
					}
				}
				return b.String()
			})
			if len(got) != 1 {
				t.Errorf("%s: %d entries", name, len(got))
				continue
			}
			if first == "" {
				first = got[0]
			}
			if i := common(got[0], first); i < len(first) || i < len(got[0]) {
				i = max(0, i-80)
				t.Errorf("%s: from byte %d\n got %.300s\nwant %.300s", name, i, got[0][i:], first[i:])
			}
		}
		want := "2025-06-05T08:42:27.148Z\n" +
			`{container="planr_ru-main-1", host="h", job="planr", level="info", log="planr", service_name="main"}` + "\n" + event + "\ndetected_level=info\naction=auth.local\n"
		if !strings.HasPrefix(first, want) {
			t.Errorf("entry is\n%.1500s\nwant it to start\n%.1500s", first, want)
		}
	}
}

// common is the length of what a and b have in common at their start.
func common(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
