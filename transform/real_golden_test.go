package transform

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// realRow tells of an entry what its line gave, in one row: time, format,
// labels that differ, metadata. The line itself is in the log beside it.
func realRow(b *bytes.Buffer, e *entry.Entry) {
	fmt.Fprintf(b, "%s %s", time.Unix(0, e.Time).UTC().Format("01-02T15:04:05.000000000"), e.Format)
	for _, name := range []string{"level", "log", "service_name", "host"} {
		b.WriteString(" " + e.Labels.Get(name))
	}
	if len(e.More) > 0 {
		fmt.Fprintf(b, " lines=%d", 1+len(e.More))
	}
	for _, p := range e.Meta {
		switch p.Name {
		case "detected_level", "program", "pid": // the level once more, and the line's own header
		default:
			fmt.Fprintf(b, " %s=%q", p.Name, p.Value)
		}
	}
	b.WriteByte('\n')
}

// TestRealGolden compares what the lines of real daemons parse to, without what
// other lines tell of their mails, with what was last looked at.
func TestRealGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/real/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lines of real daemons: %v", err)
	}
	arrival := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano()
	for _, file := range files {
		in, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".log")
		path := "/opt/zimbra/log/" + name + ".log"
		if strings.HasPrefix(name, "zimbra-") {
			path = "/var/log/zimbra.log"
		}
		var b chunk.Builder
		for line := range strings.Lines(string(in)) {
			b.Record(arrival, "log", strings.TrimSuffix(line, "\n"), "path", path)
		}
		var got bytes.Buffer
		tr := New(Options{Location: time.UTC, NoMails: true, Host: "here"})
		transformChunk(tr, "real", b.Bytes(), func(e *entry.Entry) {
			checkEntry(t, tr, e)
			realRow(&got, e)
			if e.Format == format.Unparsed.Name {
				t.Errorf("%s: unparsed: %q", file, e.Line)
			}
		})
		golden.Compare(t, strings.TrimSuffix(file, ".log")+".golden", got.Bytes())
	}
}
