package host_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/entry/show"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// recorder is a filter for Fluent Bit that keeps the chunks that pass.
var recorder = builder("flb-filter_record.so", "record/record.c", "gcc", "-std=c11", "-O1", "-g", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")

// explainYAML reads small pieces of a folder of logs, so that there are many
// borders of chunks inside of events and of mails on their way.
const explainYAML = `
service:
  flush: 0.2
plugins:
  - %[1]s
  - %[2]s
pipeline:
  inputs:
    - name: tail
      path: %[3]s/*/*
      tag: zimbra
      path_key: filename
      read_from_head: true
      exit_on_eof: true
      buffer_chunk_size: 64K
      buffer_max_size: 1M
      mem_buf_limit: 200M
  filters:
    - name: record
      match: '*'
    - name: zimbraloki
      match: '*'
      timezone: UTC
      labels: host=mail
  outputs:
    - name: file
      match: '*'
      path: %[4]s
      file: out
      format: plain
      workers: 1
`

// TestFluentBitFilterEqualsExplain puts two hours of a mail system through the
// filter in real Fluent Bits, in some hundred chunks. What explain makes of the
// same chunks has the same fields, text and time in every record: so whatever
// differs from explain over whole files is what the borders of chunks cut.
func TestFluentBitFilterEqualsExplain(t *testing.T) {
	programs := fluentBits(t)
	dir := t.TempDir()
	files, err := samplelogs.Write(dir, samplelogs.Options{Start: time.Now().Add(-samplelogs.Period), Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, fluentBit := range programs {
		t.Run(version(t, fluentBit), func(t *testing.T) {
			out := t.TempDir()
			record := filepath.Join(out, "chunks")
			t.Setenv("RECORD_FILE", record)
			config := fmt.Sprintf(explainYAML, recorder(t), filterFile(t), dir, out)
			run(t, 0, fluentBit, "-q", "-c", write(t, out, "fluent-bit.yaml", config))
			chunks := recorded(t, record)
			if len(chunks) < 60 {
				t.Errorf("only %d chunks for %d files", len(chunks), len(files))
			}
			lines := 0
			for _, data := range chunks {
				lines += len(recordsOf(t, data))
			}
			if n := countLines(t, dir); lines != n {
				t.Errorf("%d lines came to the filter, %d are in the files", lines, n)
			}
			wantSame(t, jsonLines(t, filepath.Join(out, "out")), explainChunks(t, chunks))
		})
	}
}

// recorded reads what the recorder has written.
func recorded(t *testing.T, path string) (chunks [][]byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(text) > 0 {
		n := binary.NativeEndian.Uint64(text)
		chunks = append(chunks, text[8:8+n])
		text = text[8+n:]
	}
	return chunks
}

func countLines(t *testing.T, dir string) (n int) {
	t.Helper()
	paths, _ := filepath.Glob(dir + "/*/*")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n += strings.Count(string(text), "\n")
	}
	return n
}

// explainChunks is what explain prints of lines that come in these chunks, as
// the filter's fields.
func explainChunks(t *testing.T, chunks [][]byte) (list []map[string]any) {
	t.Helper()
	properties := map[string]string{"url": "http://127.0.0.1:3100", "timezone": "UTC", "labels": "host=mail"}
	c, err := config.ParseValues(func(key string) string { return properties[key] })
	if err != nil {
		t.Fatal(err)
	}
	all := logs.NewTransforms(c, slog.New(slog.DiscardHandler))
	for _, data := range chunks {
		var rd chunk.Reader
		var ev chunk.Event
		var paths []string // of the records
		for rd.Reset(data); rd.Next(&ev); {
			v, _ := ev.Body.Get("filename")
			path, _ := v.Str()
			paths = append(paths, strings.Clone(path))
		}
		b := logs.Block{Block: rotation.Block{Source: &rotation.Source{Host: "mail"}}, Tag: "zimbra", Data: data}
		if err := all.Block(&b, func(e *entry.Entry) {
			m := asFields(t, show.AppendJSON(nil, e))
			m["filename"] = paths[e.Record]
			list = append(list, m)
		}); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// asFields makes the filter's fields of an object that explain prints.
func asFields(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var e struct {
		Time, Line       string
		Labels, Metadata map[string]any
	}
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	m := map[string]any{"time": e.Time, "message": e.Line}
	for _, from := range []map[string]any{e.Labels, e.Metadata} {
		for name, v := range from {
			if _, taken := m[name]; taken {
				name += "_extracted"
			}
			m[name] = v
		}
	}
	return m
}

// wantSame wants the same records in the same order.
func wantSame(t *testing.T, got, want []map[string]any) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	wrong := 0
	for i := range min(len(got), len(want)) {
		if !maps.Equal(got[i], want[i]) {
			if wrong++; wrong <= 3 {
				t.Errorf("record %d\n got %v\nwant %v", i, got[i], want[i])
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%d of %d records differ", wrong, len(want))
	}
}
