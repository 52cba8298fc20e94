package host_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filterYAML has the filter twice, once as a processor: what one has made, the
// other takes as it is. %[4]s stands for more of the input, %[5]s for a processor.
const filterYAML = `
service:
  flush: 0.2
plugins:
  - %[1]s
pipeline:
  inputs:
    - name: tail
      path: %[2]s
      tag: zimbra.mailbox
      path_key: filename
      read_from_head: true
      exit_on_eof: true
      buffer_chunk_size: 1M
      buffer_max_size: 2M
%[4]s
%[5]s
  outputs:
    - name: file
      match: '*'
      path: %[3]s
      file: out
      format: plain
`

const (
	asFilter    = "  filters:\n    - name: zimbraloki\n      match: '*'\n      timezone: UTC\n      labels: host=mail\n"
	asProcessor = "      processors:\n        logs:\n          - name: zimbraloki\n            timezone: UTC\n            labels: host=mail\n"
)

// TestFluentBitFilter runs the filter in real Fluent Bits as they are built,
// whatever their allocator: as a filter, as a processor, with a threaded input,
// and with the output of the same shared object beside it. Every line comes out
// with the fields that the command line shows.
func TestFluentBitFilter(t *testing.T) {
	const lines = 20000
	programs := fluentBits(t)
	log := writeLog(t, lines)
	want := explained(t, log, "--timezone", "UTC", "-p", "labels=host=mail", "--path", log)
	so := filterFile(t)
	for _, fluentBit := range programs {
		f := func(way, input, rest string) {
			t.Run(version(t, fluentBit)+"/"+way, func(t *testing.T) {
				dir := t.TempDir()
				s := newSink(t)
				config := fmt.Sprintf(filterYAML, so, log, dir, input, rest)
				if way == "beside the output" {
					config = strings.Replace(config, "pipeline:", "  - "+plugin(t)+"\npipeline:", 1) +
						"    - name: zimbraloki\n      match: '*'\n      url: " + s.URL + "\n      tenant_id: one\n      dead_letter_path: " + filepath.Join(dir, "dead.jsonl") + "\n      workers: 1\n"
				}
				h := run(t, 0, fluentBit, "-q", "-c", write(t, dir, "fluent-bit.yaml", config))
				got := jsonLines(t, filepath.Join(dir, "out"))
				if strings.Contains(h.log.String(), "zimbraloki") {
					t.Errorf("the filter says something:\n%s", h.log.String())
				}
				wantSequence(t, got, lines)
				differ := 0
				for i := range min(len(got), len(want)) {
					m := maps.Clone(want[i])
					m["filename"] = log
					if at, _ := got[i]["time"].(string); len(at) > 23 && at[:23] == fmt.Sprint(m["time"])[:23] {
						got[i]["time"] = m["time"]
					}
					if !maps.EqualFunc(got[i], m, func(a, b any) bool { return a == b }) {
						if differ++; differ == 1 {
							t.Logf("record %d\n got %v\nwant %v", i, got[i], m)
						}
					}
				}
				// A read of 1 MB ends inside of an event now and then.
				if differ > 2*(len(want)/4000+1) {
					t.Errorf("%d of %d records differ", differ, len(want))
				}
				if way == "beside the output" {
					s.wantAll(t, "one", lines)
				}
			})
		}
		f("filter", "", asFilter)
		f("processor", "", asProcessor)
		f("threaded", "      threaded: on\n", asProcessor)
		f("threaded filter", "      threaded: on\n", asFilter)
		f("beside the output", "", asFilter)
	}
}

// jsonLines reads a file of JSON lines.
func jsonLines(t *testing.T, path string) (list []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		list = append(list, m)
	}
	return list
}
