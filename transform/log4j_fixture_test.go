package transform

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/testtime"
)

// log4jEvent is what the program that wrote a fixture (test/log4j) says of one
// event.
type log4jEvent struct {
	time            int64 // ns
	level           string
	logger, thread  string
	text            []string // its lines in the log
	exception, root string   // "-" for none
}

func readLog4jEvents(t *testing.T, name string) []log4jEvent {
	t.Helper()
	read := func(ext string) []string {
		text, err := os.ReadFile(filepath.Join("testdata", "log4j", name+ext))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	lines := read(".log")
	var events []log4jEvent
	for _, row := range read(".tsv") {
		f := strings.Split(row, "\t")
		millis, err := strconv.ParseInt(f[0], 10, 64)
		n, err2 := strconv.Atoi(f[4])
		if err != nil || err2 != nil || n > len(lines) {
			t.Fatalf("%q: %v %v", row, err, err2)
		}
		events = append(events, log4jEvent{millis * 1e6, strings.ToLower(f[1]), f[2], f[3], lines[:n], f[5], f[6]})
		lines = lines[n:]
	}
	if len(lines) > 0 {
		t.Fatalf("%d lines belong to no event", len(lines))
	}
	return events
}

// TestRealLog4j reads what log4j itself has written and compares with what was
// logged: one entry an event, its instant also in the hour that the end of
// summer time repeats, its exception and the last of its causes.
func TestRealLog4j(t *testing.T) {
	for _, name := range []string{"extended", "plain"} {
		events := readLog4jEvents(t, name)
		var b chunk.Builder
		for _, ev := range events {
			for _, line := range ev.text {
				b.Record(ev.time+int64(time.Second), "log", line, "path", mailboxPath)
			}
		}
		i := 0
		tr := New(Options{Location: testtime.Location(t, "Europe/Berlin")})
		transformChunk(tr, "tail", b.Bytes(), func(e *entry.Entry) {
			if i < len(events) {
				checkLog4jEvent(t, name, &events[i], e)
			}
			i++
		})
		if i != len(events) {
			t.Errorf("%s: %d entries of %d events", name, i, len(events))
		}
	}
}

func checkLog4jEvent(t *testing.T, name string, ev *log4jEvent, e *entry.Entry) {
	t.Helper()
	meta := metaOf(e)
	if got := e.Time - e.Time%1e6; got != ev.time {
		t.Errorf("%s: %s at %s, want %s", name, ev.text[0], testtime.UTC(got), testtime.UTC(ev.time))
	}
	thread, _, isURL := strings.Cut(ev.thread, ":http")
	if !isURL {
		thread = ev.thread
	}
	want := map[string]string{"detected_level": ev.level, "component": ev.logger, "thread": thread, "exception": ev.exception, "root_cause": ev.root}
	if strings.Contains(ev.text[0], "a circle") && !strings.Contains(ev.text[0], "suppressed") && name == "extended" {
		want["root_cause"] = ev.exception // log4j 2 names it a second time
	}
	for k, v := range want {
		if v == "-" {
			v = ""
		}
		if meta[k] != v {
			t.Errorf("%s: %s\n%s %q, want %q", name, strings.Join(ev.text, "\n"), k, meta[k], v)
		}
	}
	if got := string(e.AppendLine(nil)); got != strings.Join(ev.text, "\n") {
		t.Errorf("%s: line\n%s\nwant\n%s", name, got, strings.Join(ev.text, "\n"))
	}
}
